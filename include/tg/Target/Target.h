//===- Target.h - A kind of device as the compiler sees it -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Everything that the compiler has to know of one kind of device, found by its name in a registry
// and resolved once per compilation. A target is a folder of lib/Target with an implementation of
// this interface and a line in lib/Target/Target.cpp; a plug-in registers its own.
//
//===----------------------------------------------------------------------===//

#ifndef TG_TARGET_TARGET_H
#define TG_TARGET_TARGET_H

#include "tg/Dialect/UOp/UOp.h"
#include "tg/Machine/Machine.h"
#include "tg/Runtime/Program/Program.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/Error.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tg {

/// What a target is to compile for and how, as the user says it.
struct TargetOptions {
  /// The processor by LLVM's name (empty: this machine's), and features as "+avx2,-fma" that are
  /// added to or taken from it.
  std::string processor, features;
  /// 0: scalar loops; 1: the default schedule.
  unsigned optLevel = 1;
  /// An index of gather or scatter out of range stores TG_KERNEL_INDEX_OUT_OF_RANGE to the worker's
  /// error slot.
  bool checkIndices = false;
};

/// One kind of device, for one set of options. Used by several threads at once once it is made.
class Target {
public:
  virtual ~Target();

  /// The name of devices that run its code, in programs and options: "cpu".
  virtual llvm::StringRef getName() const = 0;
  /// How fast it is, for what is decided before code is generated.
  virtual const Machine &getMachine() const = 0;
  /// Whether it computes the function on floats with instructions or a library of its own. What it
  /// has not is decomposed before kernels are formed.
  virtual bool has(uop::ElementwiseKind function) const = 0;
  /// The passes from a kernel (a function `tg.kernel` of uop operations on tensors, in a module of
  /// its own) to what `emit` takes. They set the attributes that getKernelCosts() reads.
  virtual void buildCodegen(mlir::OpPassManager &pm) const = 0;
  /// The code of a module that went through those passes. A function of the module and of
  /// getCacheKey() alone.
  virtual llvm::Expected<std::string> emit(mlir::ModuleOp module) const = 0;
  /// The same, or the last stage before it, as text to read: LLVM IR, assembly or source.
  virtual llvm::Expected<std::string> emitText(mlir::ModuleOp module) const = 0;
  /// The code of all kernels of a program as one module that the device loads.
  virtual llvm::Expected<rt::CodeModule> link(llvm::ArrayRef<llvm::StringRef> kernels) const = 0;
  /// An object for the system's linker: a module in the LLVM dialect beside the code of kernels and
  /// bytes under a symbol; symbols but `exported` become local. Fails for targets whose code does
  /// not run in the host's process.
  virtual llvm::Expected<std::string> linkObject(mlir::ModuleOp module,
                                                 llvm::ArrayRef<llvm::StringRef> kernels,
                                                 llvm::StringRef bytesSymbol, llvm::StringRef bytes,
                                                 llvm::StringRef exported) const;
  /// All that code depends on beside the kernel, the options and the build of the compiler: of the
  /// machine, where the options name none.
  virtual std::string getCacheKey() const = 0;
  /// Names of the instruction set's features that the code may use.
  virtual std::vector<std::string> getRequirements() const = 0;
};

/// Fails with a message for the user on options that do not fit.
using TargetFactory =
    std::function<llvm::Expected<std::unique_ptr<Target>>(const TargetOptions &options)>;

/// Makes a target known by its name, as registering a pass does. The last one of a name counts.
/// Thread safe.
void registerTarget(llvm::StringRef name, TargetFactory factory);
/// The message of an unknown name lists those that there are; an empty name is the default.
llvm::Expected<std::unique_ptr<Target>> createTarget(llvm::StringRef name,
                                                     const TargetOptions &options);
/// All names, sorted.
std::vector<std::string> getTargetNames();
/// The target where no device is named.
llvm::StringRef getDefaultTargetName();
/// Registers the passes and pipelines of the targets that come with tg.
void registerTargetPasses();
/// What to say of a device that there is no target for; empty where there is one.
std::string checkTargetName(llvm::StringRef name);

} // namespace tg

#endif // TG_TARGET_TARGET_H
