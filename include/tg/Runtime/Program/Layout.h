//===- Layout.h - Sizes and places of a program's buffers -------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a context decides before it runs a program, for reports and charts.
//===----------------------------------------------------------------------===//
#ifndef TG_RUNTIME_PROGRAM_LAYOUT_H
#define TG_RUNTIME_PROGRAM_LAYOUT_H

#include "tg/Runtime/Memory/MemoryPlan.h"
#include "tg/Runtime/Program/Program.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tg::rt {

struct BufferLayout {
  /// Nothing where the size depends on a variable that the program itself binds.
  std::optional<int64_t> bytes;
  /// The place in the arena; Temp buffers of known size only.
  std::optional<uint64_t> offset;
};

/// Per launch; nothing where it depends on a variable that the program itself binds.
struct KernelLayout {
  std::optional<int64_t> range, workspaceBytes, flops, bytes;
};

/// A program under given values of its variables.
struct ProgramLayout {
  /// By variable; nothing for those that the program itself binds.
  std::vector<std::optional<int64_t>> vars;
  std::vector<BufferLayout> buffers;
  std::vector<KernelLayout> kernels;
  uint64_t arenaBytes = 0;
  /// No arena could be smaller.
  uint64_t arenaLowerBound = 0;
};

/// Places the buffers as a context with this planner does. A variable that `vars` does not give
/// takes the least value of at least 1 that its bounds allow. Fails for a variable that does not
/// exist, values out of bounds, and sizes that overflow.
Result<ProgramLayout> layoutProgram(const Program &program,
                                    const std::map<std::string, int64_t> &vars,
                                    const MemoryPlanner &planner);

/// One line per buffer: kind, name, bytes, place, the commands between which it lives.
std::string printLayout(const Program &program, const ProgramLayout &layout);

} // namespace tg::rt

#endif // TG_RUNTIME_PROGRAM_LAYOUT_H
