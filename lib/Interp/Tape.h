//===- Tape.h - Straight-line code for a block of elements ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// To evaluate nodes at every index of a domain, they are compiled to a tape once and the tape runs
// for one block of consecutive row-major positions after the other. Movement disappears at compile
// time: index maps are composed and simplified by the extents of the domain, and what is left are
// offsets of loads and masks.
//
//===----------------------------------------------------------------------===//

#ifndef TG_LIB_INTERP_TAPE_H
#define TG_LIB_INTERP_TAPE_H

#include "Node.h"

#include "mlir/IR/AffineExpr.h"
#include "tg/Support/RangeSimplify.h"
#include "llvm/ADT/DenseMap.h"

#include <map>
#include <vector>

namespace tg::interp {

/// Elements of a block.
constexpr size_t blockSize = 512;

/// An int64 per element: a linear function of the domain's indices, or an operation on others.
struct IndexInstr {
  enum class Kind { Linear, Add, Mul, FloorDiv, Mod };
  Kind kind = Kind::Linear;
  int lhs = -1, rhs = -1;
  /// Linear: the constant and a coefficient per dim.
  int64_t constant = 0;
  llvm::SmallVector<int64_t, 6> coefficients;
};

struct TapeInstr {
  enum class Kind { Load, Elementwise, Select, Mask, Iota, Zero };
  Kind kind = Kind::Zero;
  /// The type of the result as the program has it.
  DType dtype = DType::F32;
  /// Elementwise and select (mask, value, other): registers.
  llvm::SmallVector<int, 3> operands;
  /// Load, iota: the index register that gives the offset or value.
  int index = -1;
  /// Load: the register of the mask under which it may read, or -1. Mask: the outer mask.
  int mask = -1;
  /// Load: the elements.
  NodePtr source;
  uop::ElementwiseKind function = uop::ElementwiseKind::Add;
  DType operandType = DType::F32;
  /// Mask: index registers that must be >= 0 or, where set, == 0.
  llvm::SmallVector<std::pair<int, bool>, 4> constraints;
};

struct Tape {
  llvm::SmallVector<int64_t, 8> extents;
  std::vector<IndexInstr> indices;
  std::vector<TapeInstr> code;
  /// The instruction that computes each of the compiled nodes.
  llvm::SmallVector<int, 2> outputs;
  /// Where instruction i leaves its result; registers are reused.
  std::vector<unsigned> registers;
  unsigned numRegisters = 0;
  bool bounded = false;

  int64_t domainSize() const { return countElements(extents); }
  /// The load's offset as a linear function, or null.
  const IndexInstr *getLinearOffset(const TapeInstr &load) const {
    const IndexInstr &offset = indices[load.index];
    return offset.kind == IndexInstr::Kind::Linear ? &offset : nullptr;
  }
};

/// How many indices of the domain's last `numReduced` axes read one element through `offset`.
inline double getSharing(const Tape &tape, const IndexInstr &offset, unsigned numReduced) {
  double sharing = 1;
  for (size_t axis = tape.extents.size() - numReduced; axis < tape.extents.size(); ++axis)
    if (offset.coefficients[axis] == 0)
      sharing *= double(tape.extents[axis]);
  return sharing;
}

/// Compiles nodes over one domain.
class TapeBuilder {
public:
  TapeBuilder(mlir::MLIRContext *context, llvm::ArrayRef<int64_t> extents, bool bounded);

  /// Adds `node` at `index`, expressions over the domain's dims, as the next output. `isRoot`: it
  /// is being materialized, so it is no candidate for that.
  void addOutput(const NodePtr &node, llvm::ArrayRef<mlir::AffineExpr> index, bool isRoot = false);
  /// Nodes that should be materialized before compiling again: they would be computed more often
  /// than they have elements. The tape is good only if this is empty.
  llvm::ArrayRef<NodePtr> getCostly() const { return costly; }
  /// Counts the evaluations that the tape will do.
  Tape finish();

private:
  using Indices = llvm::SmallVector<mlir::AffineExpr, 6>;
  using Key = std::tuple<const Node *, int, std::vector<const void *>>;

  int compile(const NodePtr &node, llvm::ArrayRef<mlir::AffineExpr> index, int mask);
  int compileLoad(const NodePtr &node, llvm::ArrayRef<mlir::AffineExpr> index, int mask);
  int compileMove(const NodePtr &node, llvm::ArrayRef<mlir::AffineExpr> index, int mask);
  int compileMask(llvm::ArrayRef<uop::Access::Constraint> constraints,
                  llvm::ArrayRef<mlir::AffineExpr> index, int outer, bool &isEmpty);
  int compileIndex(mlir::AffineExpr expr);
  int compileZero(DType dtype);
  /// Whether `node` is better materialized first; notes it if so.
  bool isCostly(const NodePtr &node, const Key &key);
  void allocateRegisters();
  int emit(TapeInstr instr);
  mlir::AffineExpr simplify(mlir::AffineExpr expr);

  mlir::MLIRContext *context;
  Tape tape;
  int64_t domainSize;
  RangeSimplifier simplifier;
  std::map<Key, int> compiled;
  llvm::DenseMap<const Node *, Key> firstKeys;
  llvm::DenseMap<mlir::AffineExpr, int> indexRegisters;
  llvm::DenseMap<mlir::AffineExpr, mlir::AffineExpr> simplified;
  llvm::SmallVector<NodePtr> costly;
  llvm::SmallVector<Node *> computed;
  const Node *root = nullptr;
};

/// Registers and index vectors for running tapes; one per thread.
class TapeRunner {
public:
  explicit TapeRunner(const Tape &tape);
  ~TapeRunner();

  /// Runs for positions [first, first + count) of the domain, count <= blockSize.
  void run(int64_t first, size_t count);
  /// The elements of output `i` after `run`; with tolerances floats are f64.
  const void *getData(unsigned output) const { return dataOf(tape.outputs[output]); }
  /// Their bounds; only with tolerances.
  const double *getBounds(unsigned output) const { return boundsOf(tape.outputs[output]); }

private:
  /// Consecutive positions that differ in the last index only.
  struct Run {
    size_t first, count;
    llvm::SmallVector<int64_t, 8> index;
  };

  void findRuns(int64_t first, size_t count);
  void computeIndex(size_t i);
  void load(const TapeInstr &instr, void *data, double *bounds);
  template <typename T> void loadElements(const TapeInstr &instr, const T *source, T *target) const;
  void computeMask(const TapeInstr &instr, uint8_t *data);
  void elementwise(const TapeInstr &instr, void *data, double *bounds);
  void iota(const TapeInstr &instr, void *data, double *bounds);
  void select(const TapeInstr &instr, void *data, double *bounds);

  char *dataOf(int instr) const { return data.get() + tape.registers[instr] * stride; }
  double *boundsOf(int instr) const {
    return reinterpret_cast<double *>(dataOf(instr) + blockSize * sizeof(double));
  }
  int64_t *indexOf(int i) const { return index.get() + i * blockSize; }

  const Tape &tape;
  size_t stride;
  size_t count = 0;
  std::unique_ptr<char[]> data;
  std::unique_ptr<int64_t[]> index;
  llvm::SmallVector<Run, 8> runs;
  /// Which index registers something reads as a vector.
  std::vector<bool> isVector;
};

} // namespace tg::interp

#endif // TG_LIB_INTERP_TAPE_H
