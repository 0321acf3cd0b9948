//===- UOpSchedule.cpp - Actions and schedules as text ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Dialect/UOp/UOp.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace tg::uop {

/// How many axes an action has, and whether a number follows them.
static std::pair<unsigned, unsigned> getAxisCounts(ActionKind kind) {
  constexpr unsigned many = std::numeric_limits<unsigned>::max();
  switch (kind) {
  case ActionKind::Fuse:
    return {2, 2};
  case ActionKind::Reorder:
    return {2, many};
  case ActionKind::Stage:
    // The operand, the loop, and at least one axis of the copy.
    return {3, many};
  default:
    return {1, 1};
  }
}
static bool hasNumber(ActionKind kind) {
  return getAxisCounts(kind).second == 1 && kind != ActionKind::Bind && kind != ActionKind::Pad;
}

/// As NestPlan and the actions make them: `d0`, `n1.r0.i`, `d0_d1`.
static bool isAxisName(StringRef name) {
  return !name.empty() && llvm::isAlpha(name.front()) &&
         llvm::all_of(name, [](char c) { return llvm::isAlnum(c) || c == '.' || c == '_'; });
}

ActionAttr ActionAttr::get(MLIRContext *context, ActionKind kind, ArrayRef<StringRef> axes,
                           int64_t amount) {
  SmallVector<StringAttr> names;
  for (StringRef axis : axes)
    names.push_back(StringAttr::get(context, axis));
  return get(context, kind, ArrayRef<StringAttr>(names), amount);
}

LogicalResult ActionAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                                 ActionKind kind, ArrayRef<StringAttr> axes, int64_t amount) {
  StringRef name = stringifyActionKind(kind);
  auto [least, most] = getAxisCounts(kind);
  if (kind == ActionKind::Stage && axes.size() < least)
    return emitError() << name << ": expected an operand, the axis in which it is copied and the "
                       << "axes of the copy, got " << axes.size() << " names";
  if (axes.size() < least || axes.size() > most)
    return emitError() << name << ": expected " << (least == most ? "" : "at least ") << least
                       << (least == 1 ? " axis" : " axes") << ", got " << axes.size();
  for (auto [i, axis] : llvm::enumerate(axes)) {
    if (!isAxisName(axis.getValue()))
      return emitError() << name << ": " << axis << " is no name of an axis";
    if (llvm::is_contained(axes.take_front(i), axis))
      return emitError() << name << ": " << axis.getValue() << " occurs twice";
  }
  if (hasNumber(kind) && amount < 1)
    return emitError() << name << ": expected a number of at least 1, got " << amount;
  if (!hasNumber(kind) && kind != ActionKind::Bind && amount != 0)
    return emitError() << name << ": expected no number, got " << amount;
  if (kind == ActionKind::Bind && !symbolizeBindTarget(static_cast<uint32_t>(amount)))
    return emitError() << name << ": there is no target " << amount;
  return success();
}

void ActionAttr::printAction(llvm::raw_ostream &os) const {
  os << stringifyActionKind(getKind()) << "(";
  llvm::interleaveComma(getAxes(), os, [&](StringAttr axis) { os << axis.getValue(); });
  if (hasNumber(getKind()))
    os << ", " << getAmount();
  if (getKind() == ActionKind::Bind)
    os << ", " << stringifyBindTarget(getTarget());
  os << ")";
}

static FailureOr<ActionAttr> parseAction(AsmParser &parser) {
  SMLoc loc = parser.getCurrentLocation();
  StringRef word;
  if (parser.parseKeyword(&word))
    return failure();
  std::optional<ActionKind> kind = symbolizeActionKind(word);
  if (!kind)
    return parser.emitError(loc, "unknown action '")
           << word
           << "'; there are: split, fuse, reorder, unroll, vectorize, accumulate, bind, stage, pad";
  SmallVector<StringAttr> axes;
  int64_t amount = 0;
  bool hasAmount = false;
  auto parseArgument = [&]() -> ParseResult {
    SMLoc place = parser.getCurrentLocation();
    if (hasAmount)
      return parser.emitError(place, word) << ": expected ')'";
    OptionalParseResult number = parser.parseOptionalInteger(amount);
    if (number.has_value()) {
      if (failed(*number))
        return failure();
      hasAmount = true;
      return hasNumber(*kind) && !axes.empty()
                 ? success()
                 : parser.emitError(place, word) << ": expected an axis, got a number";
    }
    StringRef name;
    if (parser.parseKeyword(&name))
      return failure();
    if (*kind != ActionKind::Bind || axes.empty()) {
      axes.push_back(StringAttr::get(parser.getContext(), name));
      return success();
    }
    std::optional<BindTarget> target = symbolizeBindTarget(name);
    if (!target)
      return parser.emitError(place, "expected unit, block, thread or subgroup, got '")
             << name << "'";
    amount = static_cast<int64_t>(*target);
    hasAmount = true;
    return success();
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Paren, parseArgument))
    return failure();
  if (*kind == ActionKind::Bind && !hasAmount)
    return parser.emitError(loc, "bind: expected unit, block, thread or subgroup behind the axis");
  auto report = [&] { return parser.emitError(loc); };
  if (failed(ActionAttr::verify(report, *kind, axes, amount)))
    return failure();
  return ActionAttr::get(parser.getContext(), *kind, ArrayRef<StringAttr>(axes), amount);
}

void ActionAttr::print(AsmPrinter &printer) const {
  printer << "<";
  printAction(printer.getStream());
  printer << ">";
}

Attribute ActionAttr::parse(AsmParser &parser, Type) {
  if (parser.parseLess())
    return {};
  FailureOr<ActionAttr> action = parseAction(parser);
  return failed(action) || parser.parseGreater() ? ActionAttr() : *action;
}

void ScheduleAttr::print(AsmPrinter &printer) const {
  printer << "<[";
  llvm::interleaveComma(getActions(), printer.getStream(),
                        [&](ActionAttr action) { action.printAction(printer.getStream()); });
  printer << "]>";
}

Attribute ScheduleAttr::parse(AsmParser &parser, Type) {
  SmallVector<ActionAttr> actions;
  auto parseOne = [&]() -> ParseResult {
    FailureOr<ActionAttr> action = parseAction(parser);
    if (failed(action))
      return failure();
    actions.push_back(*action);
    return success();
  };
  if (parser.parseLess() ||
      parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseOne) ||
      parser.parseGreater())
    return {};
  return ScheduleAttr::get(parser.getContext(), actions);
}

} // namespace tg::uop
