//===- RandomControl.h - Random control flow and host scalars ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_LIB_TESTING_RANDOMCONTROL_H
#define TG_LIB_TESTING_RANDOMCONTROL_H

#include "RandomBuilder.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

namespace tg::testing {

/// Branches and loops within each other, on tensors and on host scalars: bounds that are induction
/// variables or computed from them, values that cross the edge of a region in every position, once
/// or several times, and sizes that may have no value.
class RandomControl : public RandomBuilder {
public:
  using RandomBuilder::RandomBuilder;

protected:
  /// Adds an operation to the block, control flow among them if it is allowed.
  virtual void addOne(bool allowControlFlow) = 0;
  virtual ~RandomControl() = default;

  void addIf();
  void addLoop();
  /// A size as a value: quotients by variables that may be 0, products that may overflow.
  void addSize();

private:
  /// Builds a block of control flow: its own values and scalars are gone after it.
  void inside(mlir::Block *block, llvm::function_ref<void()> body);
  void addFor(llvm::ArrayRef<mlir::Value> inits);
  void addWhile(llvm::ArrayRef<mlir::Value> inits);
  mlir::Value addWhileStep(mlir::Value counter);
  void addSome();

  mlir::Value constant(mlir::Type type, int64_t value);
  mlir::Value truth();
  mlir::Value index();
  mlir::Value clampIndex(mlir::Value value, int64_t low, int64_t high);
  mlir::Value scalarOf(mlir::Type type);
  /// A tensor or a scalar of exactly this type.
  mlir::Value anyOf(mlir::Type type);
  /// Makes it known to what follows in the block.
  void know(mlir::Value value);

  llvm::SmallVector<mlir::Value> scalars;
  unsigned nesting = 0;
};

} // namespace tg::testing

#endif // TG_LIB_TESTING_RANDOMCONTROL_H
