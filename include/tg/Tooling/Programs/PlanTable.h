//===- Table.h - Buffers with lives, as CSV ---------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The format of MiniMalloc's problems: one buffer a row, columns `id,lower,upper,size` in any order
// (a buffer lives in [lower, upper)), of which a solution adds `offset`. Other columns are kept.
//===----------------------------------------------------------------------===//
#ifndef TG_TOOLING_PROGRAMS_PLANTABLE_H
#define TG_TOOLING_PROGRAMS_PLANTABLE_H

#include "tg/Runtime/Memory/MemoryPlan.h"

#include <string>
#include <vector>

namespace tg::plan_memory {

struct Table {
  /// Without `offset`; one per row.
  std::string header;
  std::vector<std::string> rows;
  /// By row. Times are ranks: only their order matters to a plan.
  std::vector<rt::LiveBlock> blocks;
};

/// Errors name the file, the line and what was expected there.
rt::Result<Table> readTable(const std::string &path, uint64_t alignment);

/// The table with a column `offset`.
rt::Status writeTable(const Table &table, const std::vector<uint64_t> &offsets,
                      const std::string &path);

} // namespace tg::plan_memory

#endif // TG_TOOLING_PROGRAMS_PLANTABLE_H
