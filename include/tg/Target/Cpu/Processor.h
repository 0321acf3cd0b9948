//===- Processor.h - Machine code for processors ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_TARGET_CPU_PROCESSOR_H
#define TG_TARGET_CPU_PROCESSOR_H

#include "tg/Runtime/Program/Program.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <memory>
#include <string>
#include <vector>

namespace tg::cpu {

/// A processor to compile for.
struct Processor {
  std::string triple;
  std::string cpu;
  /// Every feature by name with + or -, sorted: LLVM takes some processors for others by their
  /// model number, CPUID does not lie.
  std::string features;

  /// This machine's processor; a name or features that are not empty replace what it has.
  static llvm::Expected<Processor> get(llvm::StringRef cpu = "", llvm::StringRef features = "");

  bool hasFeature(llvm::StringRef name) const;
  /// What a program for this target has to state: those of rt::knownCpuFeatures() that code may
  /// use, also when only the processor's name implies them.
  std::vector<std::string> requirements() const;
  /// The widest vector registers, in bits, and their number.
  unsigned vectorBits() const;
  unsigned vectorRegisters() const;
};

/// Translates a module in the LLVM dialect to a relocatable object. The result is a function of the
/// module, target and level alone. `optLevel` 0 only generates code, 1
/// tidies it, 2 also hoists and unrolls (the default of kernels), 3 is all that LLVM has.
llvm::Expected<std::string> emitObject(mlir::ModuleOp module, const Processor &target,
                                       unsigned optLevel);
/// The LLVM IR of which `emitObject` makes the object, as text.
llvm::Expected<std::string> emitLLVMIR(mlir::ModuleOp module, const Processor &target,
                                       unsigned optLevel);

/// Links objects into this process.
llvm::Expected<std::shared_ptr<const rt::LoadedCode>>
loadObjects(llvm::ArrayRef<llvm::StringRef> objects);

} // namespace tg::cpu

#endif // TG_TARGET_CPU_PROCESSOR_H
