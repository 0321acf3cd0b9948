//===- RandomBuilder.h - Random types and operands --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_LIB_TESTING_RANDOMBUILDER_H
#define TG_LIB_TESTING_RANDOMBUILDER_H

#include "tg/Dialect/UOp/UOp.h"
#include "tg/Testing/RandomProgram.h"

#include <random>

namespace tg::testing {

/// A function that grows, the values in scope, and operands of any wanted type.
class RandomBuilder {
public:
  RandomBuilder(mlir::ModuleOp module, mlir::func::FuncOp function, uint64_t seed,
                const RandomOptions &options);

  /// Returns every value that nothing uses.
  void finish();
  const std::map<std::string, int64_t> &getVars() const { return vars; }

protected:
  /// Values made inside are out of scope after it.
  struct Scope {
    explicit Scope(RandomBuilder &builder) : builder(builder), size(builder.values.size()) {
      ++builder.depth;
    }
    ~Scope() {
      builder.values.resize(size);
      --builder.depth;
    }
    RandomBuilder &builder;
    size_t size;
  };

  uint64_t pick(uint64_t count) { return count ? random() % count : 0; }
  int64_t pickSize();
  mlir::Type pickComputeType();
  mlir::Type pickStorageType();
  mlir::RankedTensorType pickType();
  llvm::ArrayRef<mlir::Type> elementTypes() const { return computeTypes; }

  static mlir::RankedTensorType typeOf(mlir::Value value) {
    return llvm::cast<mlir::RankedTensorType>(value.getType());
  }
  static mlir::Type elementOf(mlir::Value value) { return typeOf(value).getElementType(); }

  /// A value in scope, or a new one, with an element type that `accepts` takes.
  mlir::Value pickValue(llvm::function_ref<bool(mlir::Type)> accepts);
  /// A value of exactly this type: one in scope, an input, a constant, or something that was moved
  /// and cast.
  mlir::Value valueOf(mlir::RankedTensorType type);
  mlir::Value splat(mlir::RankedTensorType type, int64_t value);
  /// One movement operation of `x`.
  mlir::Value moveOnce(mlir::Value x);
  void add(mlir::Value value) { values.push_back(value); }
  bool isNested() const { return depth > 0; }
  /// A variable that the program binds itself.
  std::string declareBoundVar(int64_t max);

  mlir::OpBuilder builder;
  mlir::Location loc;
  RandomOptions options;

private:
  mlir::Value addInput(mlir::RankedTensorType type);
  mlir::Value reshapeRandomly(mlir::Value x);
  mlir::Value scalar(mlir::Type element, int64_t value);
  bool fits(llvm::ArrayRef<int64_t> shape) const;

  mlir::ModuleOp module;
  mlir::func::FuncOp function;
  std::mt19937_64 random;
  llvm::SmallVector<mlir::Type> computeTypes, storageTypes;
  std::vector<mlir::Value> values;
  std::map<std::string, int64_t> vars;
  unsigned depth = 0;
  unsigned boundVars = 0;
};

} // namespace tg::testing

#endif // TG_LIB_TESTING_RANDOMBUILDER_H
