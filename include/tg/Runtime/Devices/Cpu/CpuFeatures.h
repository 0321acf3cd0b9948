//===- CpuFeatures.h - What machine code may need ---------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TG_RUNTIME_DEVICES_CPU_CPUFEATURES_H
#define TG_RUNTIME_DEVICES_CPU_CPUFEATURES_H

#include "tg/Runtime/Error.h"

#include <string>
#include <vector>

namespace tg::rt {

/// The instruction sets beyond the base of the architecture that compiled programs name, by LLVM's
/// names: "avx2", "fma", "avx512f". The same on every machine of the architecture.
std::vector<std::string> knownCpuFeatures();

/// Fails when this processor lacks some of `features`, or this runtime does not know them: their
/// instructions would end the process.
Status checkCpuFeatures(const std::vector<std::string> &features);

} // namespace tg::rt

#endif // TG_RUNTIME_DEVICES_CPU_CPUFEATURES_H
