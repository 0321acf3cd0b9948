//===- ElfObject.h - Loads relocatable objects ------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TG_LIB_RUNTIME_ELFOBJECT_H
#define TG_LIB_RUNTIME_ELFOBJECT_H

#include "tg/Runtime/Error.h"
#include "tg/Runtime/Program/Program.h"

namespace tg::rt {

/// Maps the object in `module` (x86-64 ELF, position-independent code as the compiler makes it),
/// applies its relocations and takes write access away again. What it does not define comes from
/// the process or the C math library. Fails when the object is malformed, is for another machine or
/// needs what is not there.
Result<std::shared_ptr<const LoadedCode>> loadElfObject(const CodeModule &module);

} // namespace tg::rt

#endif // TG_LIB_RUNTIME_ELFOBJECT_H
