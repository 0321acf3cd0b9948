//===- ProgramBuilder.h - From bufferized IR to tables ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_COMPILER_PROGRAMBUILDER_H
#define TG_COMPILER_PROGRAMBUILDER_H

#include "tg/Dialect/UOp/UOp.h"
#include "tg/Runtime/Program/Program.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace tg {

/// A distinct kernel of a bufferized function and every launch of it.
struct OutlinedKernel {
  /// A module with the function `kernel`, marked `tg.kernel`, and the variables it uses.
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::string name;
  std::string location;
  llvm::SmallVector<uop::KernelOp> launches;
};

/// Takes the kernels of a bufferized function out into modules of their own. Equal kernels (but for
/// locations) are one.
std::vector<OutlinedKernel> outlineKernels(mlir::func::FuncOp function);

/// The names in a location that the user gave to nodes, in order, separated by commas.
std::string getNodeNames(mlir::LocationAttr loc);

/// `dim` over the program's variables.
rt::SizeExpr toSizeExpr(uop::DimAttr dim, llvm::function_ref<uint32_t(llvm::StringRef)> varId);

/// Sets what `port`, whose type is set, means to the caller, by the attributes of the argument or
/// result (`tg.string`, `tg.keys`). The message says what is wrong with these.
rt::Status readPortKind(mlir::DictionaryAttr attrs, bool isOutput, rt::Port &port);
/// The strings that a function knows (`tg.strings`).
rt::Result<std::shared_ptr<const rt::StringTable>> readStrings(mlir::func::FuncOp function);

/// Fills every table of the program but the code and the kernels' costs. Launches refer to kernels
/// by their index in `kernels`.
mlir::LogicalResult buildProgram(mlir::func::FuncOp function,
                                 llvm::ArrayRef<OutlinedKernel> kernels, rt::Program &program);

} // namespace tg

#endif // TG_COMPILER_PROGRAMBUILDER_H
