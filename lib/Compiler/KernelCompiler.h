//===- KernelCompiler.h - Objects of kernels, from the cache or made ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_LIB_COMPILER_KERNELCOMPILER_H
#define TG_LIB_COMPILER_KERNELCOMPILER_H

#include "KernelStore.h"

#include "tg/Compiler/Compiler.h"
#include "tg/Compiler/ProgramBuilder.h"
#include "tg/Target/Target.h"

#include "tg/Runtime/IO/DiskCache.h"

namespace tg {

/// What code generation makes of a kernel.
struct CompiledKernel {
  std::string symbol;
  std::string object;
  /// Over the program's variables: work units, scratch bytes a worker, and the kernel's cost.
  uop::DimAttr range, workspace, flops, bytes;
  bool fromCache = false;
};

/// Compiles outlined kernels; thread-safe. An entry of the cache that does not fit is a miss.
class KernelCompiler {
public:
  KernelCompiler(mlir::MLIRContext *context, const CompileOptions &options, const Target &target,
                 KernelStore *store);

  /// `module` is rewritten. Fails after a diagnostic.
  mlir::FailureOr<CompiledKernel> compile(mlir::ModuleOp module);

private:
  std::string keyOf(mlir::ModuleOp module) const;

  mlir::MLIRContext *context;
  const CompileOptions &options;
  const Target &target;
  /// Null without a cache.
  KernelStore *store;
  std::unique_ptr<rt::DiskCache> cache;
};

} // namespace tg

#endif // TG_LIB_COMPILER_KERNELCOMPILER_H
