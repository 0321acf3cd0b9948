//===- TapeBuilder.cpp - Nodes to straight-line code ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Tape.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace tg;
using namespace tg::interp;

/// Values with more elements than this stay unmaterialized unless they must be.
static constexpr int64_t largeValue = int64_t(1) << 27;

static llvm::SmallVector<IndexRange> rangesOf(llvm::ArrayRef<int64_t> extents) {
  return llvm::map_to_vector(extents, [](int64_t size) { return IndexRange::ofExtent(size); });
}

TapeBuilder::TapeBuilder(MLIRContext *context, llvm::ArrayRef<int64_t> extents, bool bounded)
    : context(context), domainSize(countElements(extents)),
      simplifier(context, rangesOf(extents), {}) {
  tape.extents.assign(extents.begin(), extents.end());
  tape.bounded = bounded;
}

AffineExpr TapeBuilder::simplify(AffineExpr expr) {
  if (isa<AffineConstantExpr, AffineDimExpr>(expr))
    return expr;
  AffineExpr &result = simplified[expr];
  if (!result)
    result = simplifier.simplify(expr);
  return result;
}

//===----------------------------------------------------------------------===//
// Indices
//===----------------------------------------------------------------------===//

/// Adds `scale * expr` to `linear` if it is a linear function of dims.
static bool addLinear(AffineExpr expr, int64_t scale, IndexInstr &linear) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr)) {
    linear.constant += scale * constant.getValue();
    return true;
  }
  if (auto dim = dyn_cast<AffineDimExpr>(expr)) {
    linear.coefficients[dim.getPosition()] += scale;
    return true;
  }
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return false;
  if (expr.getKind() == AffineExprKind::Add)
    return addLinear(binary.getLHS(), scale, linear) && addLinear(binary.getRHS(), scale, linear);
  auto factor = dyn_cast<AffineConstantExpr>(binary.getRHS());
  return expr.getKind() == AffineExprKind::Mul && factor &&
         addLinear(binary.getLHS(), scale * factor.getValue(), linear);
}

static bool isLinear(AffineExpr expr) {
  bool result = true;
  expr.walk([&](AffineExpr e) {
    AffineExprKind kind = e.getKind();
    result &= kind != AffineExprKind::FloorDiv && kind != AffineExprKind::CeilDiv &&
              kind != AffineExprKind::Mod;
  });
  return result;
}

int TapeBuilder::compileIndex(AffineExpr expr) {
  auto [it, isNew] = indexRegisters.try_emplace(expr, -1);
  if (!isNew)
    return it->second;
  IndexInstr instr;
  instr.coefficients.assign(tape.extents.size(), 0);
  if (!addLinear(expr, 1, instr)) {
    auto binary = cast<AffineBinaryOpExpr>(expr);
    instr = {};
    AffineExpr lhs = binary.getLHS();
    switch (expr.getKind()) {
    case AffineExprKind::Add:
      instr.kind = IndexInstr::Kind::Add;
      break;
    case AffineExprKind::Mul:
      instr.kind = IndexInstr::Kind::Mul;
      break;
    case AffineExprKind::Mod:
      instr.kind = IndexInstr::Kind::Mod;
      break;
    case AffineExprKind::CeilDiv:
      lhs = lhs + binary.getRHS() - 1;
      [[fallthrough]];
    default:
      instr.kind = IndexInstr::Kind::FloorDiv;
      break;
    }
    instr.lhs = compileIndex(lhs);
    instr.rhs = compileIndex(binary.getRHS());
  }
  tape.indices.push_back(instr);
  return indexRegisters[expr] = tape.indices.size() - 1;
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

int TapeBuilder::emit(TapeInstr instr) {
  tape.code.push_back(std::move(instr));
  return tape.code.size() - 1;
}

int TapeBuilder::compileZero(DType dtype) {
  TapeInstr instr;
  instr.dtype = dtype;
  return emit(instr);
}

bool TapeBuilder::isCostly(const NodePtr &node, const Key &key) {
  if (node.get() == root)
    return false;
  if (llvm::is_contained(costly, node))
    return true;
  auto [first, isNew] = firstKeys.try_emplace(node.get(), key);
  bool isSecondPlace = !isNew && first->second != key;
  // Computed more than twice per element, counting earlier domains: worth its memory.
  bool isOften = node->numElements < largeValue &&
                 node->evaluations + domainSize > 2 * std::max<int64_t>(node->numElements, 1);
  if (!isSecondPlace && !isOften) {
    computed.push_back(node.get());
    return false;
  }
  costly.push_back(node);
  return true;
}

int TapeBuilder::compile(const NodePtr &node, llvm::ArrayRef<AffineExpr> index, int mask) {
  Key key{node.get(), mask, {}};
  for (AffineExpr expr : index)
    std::get<2>(key).push_back(expr.getAsOpaquePointer());
  auto it = compiled.find(key);
  if (it != compiled.end())
    return it->second;

  int result = -1;
  switch (node->kind) {
  case Node::Kind::Materialized:
    result = compileLoad(node, index, mask);
    break;
  case Node::Kind::Iota: {
    TapeInstr instr;
    instr.kind = TapeInstr::Kind::Iota;
    instr.dtype = node->dtype;
    instr.index = compileIndex(index[node->axis]);
    result = emit(instr);
    break;
  }
  case Node::Kind::Elementwise: {
    if (isCostly(node, key))
      return compileZero(node->dtype);
    TapeInstr instr;
    instr.kind = TapeInstr::Kind::Elementwise;
    instr.dtype = node->dtype;
    instr.function = node->function;
    instr.operandType = node->sources.back().node->dtype;
    for (const Node::Source &source : node->sources)
      instr.operands.push_back(compile(source.node, index, mask));
    result = emit(instr);
    break;
  }
  case Node::Kind::Move:
    if (node->sources.size() > 1 && isCostly(node, key))
      return compileZero(node->dtype);
    result = compileMove(node, index, mask);
    break;
  }
  compiled[key] = result;
  return result;
}

int TapeBuilder::compileLoad(const NodePtr &node, llvm::ArrayRef<AffineExpr> index, int mask) {
  if (node->numElements == 0)
    return compileZero(node->dtype);
  AffineExpr offset = getAffineConstantExpr(0, context);
  for (auto [size, expr] : llvm::zip_equal(node->shape, index))
    offset = offset * size + expr;
  TapeInstr instr;
  instr.kind = TapeInstr::Kind::Load;
  instr.dtype = node->dtype;
  instr.source = node;
  instr.index = compileIndex(simplify(offset));
  instr.mask = mask;
  return emit(instr);
}

/// The mask of `constraints` inside `outer`: `outer` itself if they always hold.
int TapeBuilder::compileMask(llvm::ArrayRef<uop::Access::Constraint> constraints,
                             llvm::ArrayRef<AffineExpr> index, int outer, bool &isEmpty) {
  TapeInstr instr;
  instr.kind = TapeInstr::Kind::Mask;
  instr.dtype = DType::I1;
  instr.mask = outer;
  AffineExpr zero = getAffineConstantExpr(0, context);
  isEmpty = false;
  for (const uop::Access::Constraint &constraint : constraints) {
    AffineExpr expr = simplify(constraint.expr.replaceDims(index));
    if (auto constant = dyn_cast<AffineConstantExpr>(expr)) {
      bool holds = constraint.isZero ? constant.getValue() == 0 : constant.getValue() >= 0;
      isEmpty |= !holds;
      continue;
    }
    if (!constraint.isZero && simplifier.provablyLessEqual(zero, expr) == true)
      continue;
    instr.constraints.push_back({compileIndex(expr), constraint.isZero});
  }
  return isEmpty || instr.constraints.empty() ? outer : emit(instr);
}

int TapeBuilder::compileMove(const NodePtr &node, llvm::ArrayRef<AffineExpr> index, int mask) {
  // Masks first to last until one always holds; then the selects from the last backwards.
  llvm::SmallVector<std::pair<int, int>, 2> choices;
  bool isTotal = false;
  for (const Node::Source &source : node->sources) {
    bool isEmpty = false;
    int inner = compileMask(source.access.constraints, index, mask, isEmpty);
    // Nothing of an empty operand can show.
    if (isEmpty || source.node->numElements == 0)
      continue;
    Indices operandIndex;
    bool wasLinear = llvm::all_of(index, isLinear), isNowLinear = true;
    for (AffineExpr expr : source.access.indices) {
      operandIndex.push_back(simplify(expr.replaceDims(index)));
      isNowLinear &= isLinear(operandIndex.back());
    }
    // Division per element, many times over: the moved elements are cheaper in memory.
    if (wasLinear && !isNowLinear && domainSize > 2 * node->numElements &&
        node->numElements < largeValue && node.get() != root && !llvm::is_contained(costly, node))
      costly.push_back(node);
    choices.push_back({inner, compile(source.node, operandIndex, inner)});
    if (inner == mask) {
      isTotal = true;
      break;
    }
  }
  int result = -1;
  if (isTotal)
    result = choices.pop_back_val().second;
  else
    result = compileZero(node->dtype);
  for (auto [inner, value] : llvm::reverse(choices)) {
    TapeInstr instr;
    instr.kind = TapeInstr::Kind::Select;
    instr.dtype = node->dtype;
    instr.operands = {inner, value, result};
    result = emit(instr);
  }
  return result;
}

void TapeBuilder::addOutput(const NodePtr &node, llvm::ArrayRef<AffineExpr> index, bool isRoot) {
  root = isRoot ? node.get() : nullptr;
  tape.outputs.push_back(compile(node, index, -1));
}

void TapeBuilder::allocateRegisters() {
  std::vector<int> lastUse(tape.code.size(), -1);
  auto use = [&](int instr, size_t user) {
    if (instr >= 0)
      lastUse[instr] = std::max<int>(lastUse[instr], user);
  };
  for (auto [i, instr] : llvm::enumerate(tape.code)) {
    for (int operand : instr.operands)
      use(operand, i);
    use(instr.mask, i);
  }
  for (int output : tape.outputs)
    use(output, tape.code.size());
  std::vector<unsigned> unused;
  std::vector<llvm::SmallVector<int, 2>> deaths(tape.code.size() + 1);
  for (size_t i = 0; i < tape.code.size(); ++i) {
    if (unused.empty())
      unused.push_back(tape.numRegisters++);
    tape.registers.push_back(unused.back());
    unused.pop_back();
    deaths[lastUse[i] < 0 ? i : lastUse[i]].push_back(i);
    for (int dead : deaths[i])
      unused.push_back(tape.registers[dead]);
  }
}

Tape TapeBuilder::finish() {
  for (Node *node : computed)
    node->evaluations += domainSize;
  allocateRegisters();
  return std::move(tape);
}
