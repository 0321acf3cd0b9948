//===- CpuTarget.h - Processors as a target ---------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_TARGET_CPU_CPUTARGET_H
#define TG_TARGET_CPU_CPUTARGET_H

#include "tg/Target/Target.h"

namespace tg {

/// The target `cpu`: kernels as relocatable objects for a processor that LLVM has, linked into this
/// process. Fails on a processor or feature that LLVM does not know.
llvm::Expected<std::unique_ptr<Target>> makeCpuTarget(const TargetOptions &options);

} // namespace tg

#endif // TG_TARGET_CPU_CPUTARGET_H
