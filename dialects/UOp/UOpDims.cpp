//===- UOpDims.cpp - Dimension expressions and accesses ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Dialect/UOp/UOp.h"

#include "mlir/IR/DialectImplementation.h"
#include "tg/Support/ShapeExpr.h"
#include "llvm/ADT/SmallBitVector.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

#define GET_ATTRDEF_CLASSES
#include "tg/Dialect/UOp/UOpAttrs.cpp.inc"

namespace tg::uop {

void UOpDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "tg/Dialect/UOp/UOpAttrs.cpp.inc"
      >();
}

/// A bound on the sum of the magnitudes of the coefficients that `expr` can be rewritten to have.
/// AffineExpr itself simplifies with wrapping arithmetic, so a dimension has to stay below it.
static double magnitude(AffineExpr expr) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return std::abs(double(constant.getValue()));
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return 1;
  double lhs = magnitude(binary.getLHS()), rhs = magnitude(binary.getRHS());
  return expr.getKind() == AffineExprKind::Mul ? lhs * rhs : lhs + rhs;
}

/// `lhs kind rhs`, or null where constants may overflow.
static AffineExpr combineExprs(AffineExpr lhs, AffineExpr rhs, AffineExprKind kind) {
  if (!lhs || !rhs)
    return {};
  auto a = dyn_cast<AffineConstantExpr>(lhs), b = dyn_cast<AffineConstantExpr>(rhs);
  int64_t value;
  if (a && b && kind == AffineExprKind::Add)
    return llvm::AddOverflow(a.getValue(), b.getValue(), value)
               ? AffineExpr()
               : getAffineConstantExpr(value, lhs.getContext());
  if (a && b && kind == AffineExprKind::Mul)
    return llvm::MulOverflow(a.getValue(), b.getValue(), value)
               ? AffineExpr()
               : getAffineConstantExpr(value, lhs.getContext());
  constexpr double limit = 9.2e18;
  double left = magnitude(lhs), right = magnitude(rhs);
  if ((kind == AffineExprKind::Mul ? left * right : left + right) >= limit)
    return {};
  return getAffineBinaryOpExpr(kind, lhs, rhs);
}

//===----------------------------------------------------------------------===//
// DimAttr
//===----------------------------------------------------------------------===//

DimAttr DimAttr::get(MLIRContext *context, int64_t value) {
  return Base::get(context, ArrayRef<StringAttr>(), getAffineConstantExpr(value, context));
}

DimAttr DimAttr::get(MLIRContext *context, StringRef var) {
  return Base::get(context, ArrayRef<StringAttr>(StringAttr::get(context, var)),
                   getAffineSymbolExpr(0, context));
}

/// Sorts the variables, drops those that do not occur, and makes the expression canonical.
DimAttr DimAttr::get(MLIRContext *context, ArrayRef<StringAttr> vars, AffineExpr expr) {
  if (!expr)
    return {};
  // The canonical form depends on the numbering: number the variables by name first.
  SmallVector<StringAttr> sorted(vars);
  llvm::sort(sorted, [](StringAttr a, StringAttr b) { return a.getValue() < b.getValue(); });
  sorted.erase(llvm::unique(sorted), sorted.end());
  auto renumber = [&](AffineExpr e, ArrayRef<StringAttr> from, ArrayRef<StringAttr> to) {
    SmallVector<AffineExpr> symbols;
    for (StringAttr var : from) {
      const auto *it = llvm::find(to, var);
      symbols.push_back(it == to.end() ? getAffineConstantExpr(0, context)
                                       : getAffineSymbolExpr(it - to.begin(), context));
    }
    return e.replaceSymbols(symbols);
  };
  expr = canonicalizeShapeExpr(renumber(expr, vars, sorted));
  llvm::SmallBitVector used(sorted.size());
  expr.walk([&](AffineExpr e) {
    if (auto symbol = dyn_cast<AffineSymbolExpr>(e))
      used.set(symbol.getPosition());
  });
  if (used.all())
    return Base::get(context, sorted, expr);
  SmallVector<StringAttr> kept;
  for (unsigned i : used.set_bits())
    kept.push_back(sorted[i]);
  return Base::get(context, kept, canonicalizeShapeExpr(renumber(expr, sorted, kept)));
}

/// Binding strength: sums, products, atoms.
static void printDim(raw_ostream &os, ArrayRef<StringAttr> vars, AffineExpr expr, int strength) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr)) {
    os << constant.getValue();
    return;
  }
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr)) {
    os << vars[symbol.getPosition()].getValue();
    return;
  }
  auto binary = cast<AffineBinaryOpExpr>(expr);
  bool isSum = expr.getKind() == AffineExprKind::Add;
  bool parens = strength > (isSum ? 0 : 1);
  if (parens)
    os << '(';
  printDim(os, vars, binary.getLHS(), isSum ? 0 : 1);
  switch (expr.getKind()) {
  case AffineExprKind::Add:
    os << " + ";
    break;
  case AffineExprKind::Mul:
    os << " * ";
    break;
  case AffineExprKind::FloorDiv:
    os << " floordiv ";
    break;
  case AffineExprKind::CeilDiv:
    os << " ceildiv ";
    break;
  default:
    os << " mod ";
    break;
  }
  printDim(os, vars, binary.getRHS(), isSum ? 1 : 2);
  if (parens)
    os << ')';
}

void DimAttr::printExpr(raw_ostream &os) const { printDim(os, getVars(), getExpr(), 0); }

namespace {
/// Recursive descent over `expr := term (('+'|'-') term)*`, `term := factor (op factor)*`.
class DimParser {
public:
  explicit DimParser(AsmParser &parser) : parser(parser) {}

  FailureOr<DimAttr> parse() {
    AffineExpr expr;
    SMLoc loc = parser.getCurrentLocation();
    if (parseSum(expr, 0))
      return failure();
    DimAttr dim = DimAttr::get(parser.getContext(), vars, expr);
    if (!dim)
      return parser.emitError(loc, "dimension expression overflows 64 bits"), failure();
    return dim;
  }

private:
  static constexpr unsigned maxDepth = 64, maxFactors = 1000;

  ParseResult parseSum(AffineExpr &expr, unsigned depth) {
    if (depth > maxDepth)
      return parser.emitError(parser.getCurrentLocation(), "dimension expression nests too deeply");
    if (parseTerm(expr, depth))
      return failure();
    while (true) {
      AffineExpr rhs;
      if (succeeded(parser.parseOptionalPlus())) {
        if (parseTerm(rhs, depth) || combine(expr, rhs, AffineExprKind::Add))
          return failure();
      } else if (succeeded(parser.parseOptionalMinus())) {
        AffineExpr minusOne = getAffineConstantExpr(-1, parser.getContext());
        if (parseTerm(rhs, depth) || combine(rhs, minusOne, AffineExprKind::Mul) ||
            combine(expr, rhs, AffineExprKind::Add))
          return failure();
      } else {
        return success();
      }
    }
  }

  ParseResult parseTerm(AffineExpr &expr, unsigned depth) {
    if (parseFactor(expr, depth))
      return failure();
    while (true) {
      AffineExprKind kind;
      SMLoc loc = parser.getCurrentLocation();
      if (succeeded(parser.parseOptionalStar()))
        kind = AffineExprKind::Mul;
      else if (succeeded(parser.parseOptionalKeyword("floordiv")))
        kind = AffineExprKind::FloorDiv;
      else if (succeeded(parser.parseOptionalKeyword("ceildiv")))
        kind = AffineExprKind::CeilDiv;
      else if (succeeded(parser.parseOptionalKeyword("mod")))
        kind = AffineExprKind::Mod;
      else
        return success();
      AffineExpr rhs;
      if (parseFactor(rhs, depth))
        return failure();
      auto constant = dyn_cast<AffineConstantExpr>(rhs);
      if (kind != AffineExprKind::Mul && constant && constant.getValue() <= 0)
        return parser.emitError(loc, "divisor in a dimension expression must be positive");
      if (combine(expr, rhs, kind))
        return failure();
    }
  }

  ParseResult parseFactor(AffineExpr &expr, unsigned depth) {
    if (++factors > maxFactors)
      return parser.emitError(parser.getCurrentLocation(), "dimension expression is too long");
    if (succeeded(parser.parseOptionalLParen()))
      return failure(parseSum(expr, depth + 1) || parser.parseRParen());
    int64_t value;
    OptionalParseResult integer = parser.parseOptionalInteger(value);
    if (integer.has_value()) {
      expr = getAffineConstantExpr(value, parser.getContext());
      return *integer;
    }
    StringRef name;
    if (parser.parseOptionalKeyword(&name))
      return parser.emitError(parser.getCurrentLocation(),
                              "expected a variable, an integer or '(' in a dimension expression");
    StringAttr var = StringAttr::get(parser.getContext(), name);
    auto *it = llvm::find(vars, var);
    expr = getAffineSymbolExpr(it - vars.begin(), parser.getContext());
    if (it == vars.end())
      vars.push_back(var);
    return success();
  }

  ParseResult combine(AffineExpr &lhs, AffineExpr rhs, AffineExprKind kind) {
    lhs = combineExprs(lhs, rhs, kind);
    if (!lhs)
      return parser.emitError(parser.getCurrentLocation(),
                              "dimension expression overflows 64 bits");
    return success();
  }

  AsmParser &parser;
  SmallVector<StringAttr> vars;
  unsigned factors = 0;
};
} // namespace

Attribute DimAttr::parse(AsmParser &parser, Type) {
  if (parser.parseLess())
    return {};
  FailureOr<DimAttr> dim = DimParser(parser).parse();
  if (failed(dim) || parser.parseGreater())
    return {};
  return *dim;
}

void DimAttr::print(AsmPrinter &printer) const {
  printer << '<';
  printExpr(printer.getStream());
  printer << '>';
}

//===----------------------------------------------------------------------===//
// DimsAttr
//===----------------------------------------------------------------------===//

DimsAttr DimsAttr::get(MLIRContext *context, ArrayRef<int64_t> values) {
  return get(context, llvm::map_to_vector(
                          values, [&](int64_t value) { return DimAttr::get(context, value); }));
}

bool DimsAttr::isConstant() const {
  return llvm::all_of(getDims(), [](DimAttr dim) { return dim.isConstant(); });
}

static ParseResult parseDimList(AsmParser &parser, AsmParser::Delimiter delimiter, DimsAttr &dims) {
  SmallVector<DimAttr> values;
  if (parser.parseCommaSeparatedList(delimiter, [&]() -> ParseResult {
        FailureOr<DimAttr> dim = DimParser(parser).parse();
        if (succeeded(dim))
          values.push_back(*dim);
        return failure(failed(dim));
      }))
    return failure();
  dims = DimsAttr::get(parser.getContext(), values);
  return success();
}

Attribute DimsAttr::parse(AsmParser &parser, Type) {
  DimsAttr dims;
  if (parseDimList(parser, AsmParser::Delimiter::LessGreater, dims))
    return {};
  return dims;
}

void DimsAttr::print(AsmPrinter &printer) const {
  printer << '<';
  llvm::interleaveComma(getDims(), printer.getStream(),
                        [&](DimAttr dim) { dim.printExpr(printer.getStream()); });
  printer << '>';
}

LogicalResult DimsAttr::verifyEncoding(ArrayRef<int64_t> shape, Type elementType,
                                       function_ref<InFlightDiagnostic()> emitError) const {
  if (shape.size() != size())
    return emitError() << "#uop.dims lists " << size() << " dimensions, the type has "
                       << shape.size();
  for (auto [axis, size, dim] : llvm::enumerate(shape, getDims())) {
    if (dim.getSize() == size)
      continue;
    InFlightDiagnostic diag = emitError() << "#uop.dims gives dimension " << axis << " as ";
    std::string text;
    llvm::raw_string_ostream os(text);
    dim.printExpr(os);
    diag << text << ", the type as ";
    if (ShapedType::isDynamic(size))
      return diag << "?";
    return diag << size;
  }
  if (isConstant())
    return emitError() << "#uop.dims on a static shape; leave it out";
  return success();
}

/// `custom<Dim>` of the assembly formats: `N * 2`.
ParseResult parseDim(OpAsmParser &parser, DimAttr &dim) {
  FailureOr<DimAttr> parsed = DimParser(parser).parse();
  if (succeeded(parsed))
    dim = *parsed;
  return failure(failed(parsed));
}

void printDim(OpAsmPrinter &printer, Operation *, DimAttr dim) {
  dim.printExpr(printer.getStream());
}

/// `custom<Dims>` of the assembly formats: `[0, N]`.
ParseResult parseDims(OpAsmParser &parser, DimsAttr &dims) {
  return parseDimList(parser, AsmParser::Delimiter::Square, dims);
}

void printDims(OpAsmPrinter &printer, Operation *, DimsAttr dims) {
  printer << '[';
  if (dims)
    llvm::interleaveComma(dims.getDims(), printer.getStream(),
                          [&](DimAttr dim) { dim.printExpr(printer.getStream()); });
  printer << ']';
}

//===----------------------------------------------------------------------===//
// Dimensions of types, arithmetic
//===----------------------------------------------------------------------===//

bool hasKnownDims(RankedTensorType type) {
  return type.hasStaticShape() ? !type.getEncoding()
                               : isa_and_nonnull<DimsAttr>(type.getEncoding());
}

SmallVector<DimAttr> getDims(RankedTensorType type) {
  if (auto dims = dyn_cast_or_null<DimsAttr>(type.getEncoding()))
    return SmallVector<DimAttr>(dims.getDims());
  return llvm::map_to_vector(type.getShape(),
                             [&](int64_t size) { return DimAttr::get(type.getContext(), size); });
}

DimAttr getDim(RankedTensorType type, unsigned axis) {
  if (auto dims = dyn_cast_or_null<DimsAttr>(type.getEncoding()))
    return dims[axis];
  return DimAttr::get(type.getContext(), type.getDimSize(axis));
}

RankedTensorType getTensorType(ArrayRef<DimAttr> dims, Type elementType) {
  SmallVector<int64_t> shape;
  for (DimAttr dim : dims)
    shape.push_back(dim.getSize());
  Attribute encoding;
  if (llvm::is_contained(shape, ShapedType::kDynamic))
    encoding = DimsAttr::get(elementType.getContext(), dims);
  return RankedTensorType::get(shape, elementType, encoding);
}

static DimAttr combineDims(DimAttr lhs, DimAttr rhs, AffineExprKind kind) {
  if (!lhs || !rhs)
    return {};
  VarScope scope(lhs.getContext());
  AffineExpr left = scope.getExpr(lhs), right = scope.getExpr(rhs);
  return scope.getDim(combineExprs(left, right, kind));
}

DimAttr addDims(DimAttr lhs, DimAttr rhs) { return combineDims(lhs, rhs, AffineExprKind::Add); }
DimAttr mulDims(DimAttr lhs, DimAttr rhs) { return combineDims(lhs, rhs, AffineExprKind::Mul); }
DimAttr modDims(DimAttr lhs, DimAttr rhs) { return combineDims(lhs, rhs, AffineExprKind::Mod); }
DimAttr floorDivDims(DimAttr lhs, DimAttr rhs) {
  return combineDims(lhs, rhs, AffineExprKind::FloorDiv);
}
DimAttr ceilDivDims(DimAttr lhs, DimAttr rhs) {
  return combineDims(lhs, rhs, AffineExprKind::CeilDiv);
}
DimAttr subDims(DimAttr lhs, DimAttr rhs) {
  return rhs ? addDims(lhs, mulDims(rhs, DimAttr::get(rhs.getContext(), -1))) : DimAttr();
}

DimAttr getByteSize(DimAttr count, Type elementType) {
  if (!count)
    return {};
  unsigned packed = getElementsPerByte(elementType);
  if (packed > 1)
    return ceilDivDims(count, DimAttr::get(count.getContext(), packed));
  unsigned bytes = llvm::divideCeil(elementType.getIntOrFloatBitWidth(), 8);
  return mulDims(count, DimAttr::get(count.getContext(), bytes));
}

DimAttr productOf(MLIRContext *context, ArrayRef<DimAttr> dims) {
  DimAttr product = DimAttr::get(context, 1);
  for (DimAttr dim : dims)
    product = mulDims(product, dim);
  return product;
}

DimAttr getNumElements(RankedTensorType type) {
  return productOf(type.getContext(), getDims(type));
}

double estimateElements(ArrayRef<DimAttr> dims) {
  return estimateElements(dims, [](StringRef) { return 64; });
}

double estimateElements(ArrayRef<DimAttr> dims, function_ref<int64_t(StringRef)> values) {
  constexpr double most = 0x1p48;
  double count = 1;
  for (DimAttr dim : dims) {
    auto extent = evaluate(dim, [&](StringRef var) { return std::optional(values(var)); });
    // What overflows is large.
    count = std::clamp(count * extent.value_or(most), 0.0, most);
  }
  return count;
}

double estimateBytes(RankedTensorType type) {
  return estimateElements(getDims(type)) * getBytesPerElement(type.getElementType());
}

DimAttr substitute(DimAttr dim, function_ref<std::optional<int64_t>(StringRef)> values) {
  MLIRContext *context = dim.getContext();
  SmallVector<AffineExpr> symbols;
  for (auto [i, var] : llvm::enumerate(dim.getVars())) {
    std::optional<int64_t> value = values(var.getValue());
    symbols.push_back(value ? getAffineConstantExpr(*value, context)
                            : getAffineSymbolExpr(i, context));
  }
  return DimAttr::get(context, dim.getVars(), dim.getExpr().replaceSymbols(symbols));
}

std::optional<int64_t> evaluate(DimAttr dim,
                                function_ref<std::optional<int64_t>(StringRef)> values) {
  SmallVector<int64_t> symbols;
  for (StringAttr var : dim.getVars()) {
    std::optional<int64_t> value = values(var.getValue());
    if (!value)
      return std::nullopt;
    symbols.push_back(*value);
  }
  return evalShapeExpr(dim.getExpr(), {}, symbols);
}

//===----------------------------------------------------------------------===//
// VarScope and Access
//===----------------------------------------------------------------------===//

AffineExpr VarScope::getSymbol(StringAttr var) {
  auto *it = llvm::find(vars, var);
  unsigned position = it - vars.begin();
  if (it == vars.end())
    vars.push_back(var);
  return getAffineSymbolExpr(position, context);
}

AffineExpr VarScope::getExpr(DimAttr dim) {
  if (dim.isConstant())
    return dim.getExpr();
  SmallVector<AffineExpr> symbols;
  for (StringAttr var : dim.getVars())
    symbols.push_back(getSymbol(var));
  return dim.getExpr().replaceSymbols(symbols);
}

Access Access::identity(MLIRContext *context, unsigned rank) {
  Access access;
  for (unsigned i = 0; i < rank; ++i)
    access.indices.push_back(getAffineDimExpr(i, context));
  return access;
}

Access Access::compose(const Access &inner) const {
  Access result;
  for (AffineExpr expr : inner.indices)
    result.indices.push_back(expr.replaceDims(indices));
  result.constraints = constraints;
  for (Constraint constraint : inner.constraints)
    result.constraints.push_back({constraint.expr.replaceDims(indices), constraint.isZero});
  return result;
}

} // namespace tg::uop
