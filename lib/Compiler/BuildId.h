//===- BuildId.h - Which build of the compiler this is ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_LIB_COMPILER_BUILDID_H
#define TG_LIB_COMPILER_BUILDID_H

#include <string>

namespace tg {

/// The linker's build id of the binary that holds the compiler, in hexadecimal: any change of the
/// compiler changes it. The version where the linker left none.
const std::string &buildId();

} // namespace tg

#endif // TG_LIB_COMPILER_BUILDID_H
