//===- MergeObjects.h - Several objects as one ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_TARGET_CPU_MERGEOBJECTS_H
#define TG_TARGET_CPU_MERGEOBJECTS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace tg::cpu {

/// Bytes that a merged object holds read-only, under a symbol.
struct ObjectData {
  llvm::StringRef symbol;
  llvm::StringRef bytes;
  uint64_t alignment = 1;
};

/// Joins relocatable little-endian 64-bit ELF objects of one machine into one, as `ld -r` does:
/// equal sections are laid one after another, symbols that one object needs and another defines
/// become one, also of `data`. Symbols that `isExported` refuses become local. Fails when two
/// objects define one symbol, or hold what tg's code generation does not make (section groups,
/// common symbols).
llvm::Expected<std::string>
mergeObjects(llvm::ArrayRef<llvm::StringRef> objects,
             llvm::function_ref<bool(llvm::StringRef symbol)> isExported,
             llvm::ArrayRef<ObjectData> data = {});

} // namespace tg::cpu

#endif // TG_TARGET_CPU_MERGEOBJECTS_H
