//===- OutputErrors.h - Output that cannot be written -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_TOOLING_OUTPUTERRORS_H
#define TG_TOOLING_OUTPUTERRORS_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

#include <cstring>
#include <string>

namespace tg {

/// For tools whose main function is MLIR's, which leaves it to the streams' destructors to notice
/// that a disk is full: says so as other errors are said, and leaves no half of a file. The process
/// then ends with status 1. `tool` and `argv` must stay.
inline void reportOutputErrors(const char *tool, char **argv) {
  struct Names {
    const char *tool;
    char **argv;
  };
  static Names names; // Outlives the streams: it has no destructor.
  names = {tool, argv};
  auto report = [](void *, const char *reason, bool) {
    llvm::StringRef text(reason);
    llvm::errs().clear_error();
    if (!text.consume_front("IO failure on output stream: ")) {
      llvm::errs() << "LLVM ERROR: " << text << "\n";
      return;
    }
    std::string file;
    for (char **at = names.argv + 1; *at; ++at) {
      llvm::StringRef argument = llvm::StringRef(*at).ltrim('-');
      if (argument.size() == std::strlen(*at))
        continue;
      if (argument == "o" && at[1])
        file = at[1];
      else if (argument.consume_front("o="))
        file = argument.str();
    }
    if (file == "-")
      file.clear();
    llvm::errs() << names.tool << ": error: cannot write "
                 << (file.empty() ? "to standard output" : file) << ": " << text << "\n";
    if (!file.empty() && llvm::sys::fs::is_regular_file(file))
      llvm::sys::fs::remove(file);
  };
  llvm::install_fatal_error_handler(report);
}

} // namespace tg

#endif // TG_TOOLING_OUTPUTERRORS_H
