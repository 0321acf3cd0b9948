//===- BuildId.cpp - Which build of the compiler this is ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BuildId.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Config/llvm-config.h"

#include <elf.h>
#include <link.h>

/// Reads the NT_GNU_BUILD_ID note of the loaded object that contains this function.
static int findNote(dl_phdr_info *info, size_t, void *result) {
  auto self = reinterpret_cast<uintptr_t>(&findNote);
  bool isHere = false;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr) &header = info->dlpi_phdr[i];
    uintptr_t begin = info->dlpi_addr + header.p_vaddr;
    isHere |= header.p_type == PT_LOAD && self >= begin && self < begin + header.p_memsz;
  }
  if (!isHere)
    return 0;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr) &header = info->dlpi_phdr[i];
    if (header.p_type != PT_NOTE)
      continue;
    const char *at = reinterpret_cast<const char *>(info->dlpi_addr + header.p_vaddr);
    const char *end = at + header.p_memsz;
    while (at + sizeof(ElfW(Nhdr)) <= end) {
      const auto *note = reinterpret_cast<const ElfW(Nhdr) *>(at);
      const char *name = at + sizeof(*note);
      const char *data = name + ((note->n_namesz + 3) & ~3u);
      if (note->n_type == NT_GNU_BUILD_ID &&
          llvm::StringRef(name, note->n_namesz) == llvm::StringRef("GNU\0", 4))
        *static_cast<std::string *>(result) =
            llvm::toHex(llvm::StringRef(data, note->n_descsz), /*LowerCase=*/true);
      at = data + ((note->n_descsz + 3) & ~3u);
    }
  }
  return 1;
}

const std::string &tg::buildId() {
  static const std::string id = [] {
    std::string result;
    dl_iterate_phdr(findNote, &result);
    return (result.empty() ? TG_VERSION : result) + "/" LLVM_VERSION_STRING;
  }();
  return id;
}
