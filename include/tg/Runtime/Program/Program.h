//===- Program.h - A compiled model as plain tables -------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the compiler makes and the runtime walks. All references are indices into the tables. A
// Program is filled once, checked with verify(), then shared as std::shared_ptr<const Program> and
// never changed: any number of contexts on any threads may run it at once.
//===----------------------------------------------------------------------===//
#ifndef TG_RUNTIME_PROGRAM_PROGRAM_H
#define TG_RUNTIME_PROGRAM_PROGRAM_H

#include "tg/Runtime/DType.h"
#include "tg/Runtime/Error.h"
#include "tg/Runtime/Program/SizeExpr.h"
#include "tg/Runtime/Strings.h"

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace tg::rt {

using BufferId = uint32_t;
using VarId = uint32_t;

/// Bytes that are shared and never written.
struct Blob {
  std::shared_ptr<const void> data;
  uint64_t size = 0;
  /// A copy, 64-byte aligned; no data when memory is short.
  static Blob copyOf(const void *data, uint64_t size);
};

/// A named integer with inclusive bounds. Its value comes with each run (given by the caller or
/// read off the inputs' shapes) or, when some Bind command sets it, from the program itself.
struct Var {
  std::string name;
  int64_t min = 0;
  int64_t max = INT64_MAX;
};

enum class BufferKind : uint8_t { Input, Output, Constant, Temp };

/// Flat memory. Bytes of Temp and Output buffers may depend on vars that are bound at run time.
/// Such a buffer exists once all its vars are bound; binding one of them again leaves its contents
/// undefined.
struct Buffer {
  BufferKind kind = BufferKind::Temp;
  SizeExpr bytes;
  /// Constants only: `bytes` bytes, 64-byte aligned.
  Blob constant;
  /// Temps only: the first and last command (numbered in preorder over the command tree, from 0)
  /// between which the contents live, both inclusive. What lives across a loop's iterations spans
  /// the loop: from the loop command to the last command of its body. Temps whose ranges are
  /// disjoint may share memory.
  uint32_t firstUse = 0;
  uint32_t lastUse = 0;
};

/// What the elements of a port mean to the caller.
enum class PortKind : uint8_t {
  Numbers,
  /// Ids (i64) of strings (Strings.h).
  Strings,
  /// Values of maps, one map for each row of the last axis. Outputs only.
  Maps,
};

/// An argument or a result of the program.
struct Port {
  std::string name;
  DType dtype = DType::F32;
  /// Inputs: over vars of the caller. Outputs: over all vars.
  std::vector<SizeExpr> dims;
  BufferId buffer = 0;
  /// Inputs only: the output that takes over the input's buffer (state updated in place), or -1.
  /// That output names the same buffer.
  int32_t tiedOutput = -1;
  PortKind kind = PortKind::Numbers;
  /// Of maps: the keys, one for each element of the last axis, either integers or strings.
  std::vector<int64_t> intKeys;
  std::vector<std::string> stringKeys;
};

/// Code in memory, made by a JIT or loaded from a blob. Thread-safe.
class LoadedCode {
public:
  virtual ~LoadedCode() = default;
  /// The kernel's entry (on the CPU a tg_kernel_fn), or null.
  virtual void *lookup(const std::string &symbol) const = 0;
};

/// The code of some kernels: in memory, as bytes that a device loads when a context is made, or
/// both.
struct CodeModule {
  /// What `bytes` are: "elf-object" (x86-64 ELF relocatable object), "elf-shared" (shared object),
  /// or as a device names it. "linked": none, the process itself holds the code (linkProgram).
  std::string format;
  Blob bytes;
  std::shared_ptr<const LoadedCode> loaded;
  /// What the processor must have beyond the architecture's base (CpuFeatures.h).
  std::vector<std::string> features;
};

struct Kernel {
  /// For people: profiles, messages.
  std::string name;
  std::string symbol;
  /// Index into Program::code.
  uint32_t code = 0;
  std::string device = "cpu";
  /// Work units; they are independent and are split over threads in any way.
  SizeExpr range = 1;
  /// Scratch bytes for each worker.
  SizeExpr workspaceBytes;
  /// Per launch, for profiles and for the choice of the number of threads.
  SizeExpr flops;
  SizeExpr bytes;
  /// The names of the nodes of the user's model that the kernel computes.
  std::string location;
};

struct Command;

/// Runs a kernel over its whole range.
struct Launch {
  uint32_t kernel = 0;
  std::vector<BufferId> buffers;
};
/// Copies bytes between buffers; the ranges do not overlap.
struct Copy {
  BufferId source = 0;
  BufferId destination = 0;
  SizeExpr bytes;
  SizeExpr sourceOffset;
  SizeExpr destinationOffset;
};
/// Sets bytes to `value`.
struct Fill {
  BufferId destination = 0;
  SizeExpr bytes;
  SizeExpr offset;
  uint8_t value = 0;
};
/// Sets a var to the i64 at the start of `source`; an error when outside the var's bounds.
struct Bind {
  VarId var = 0;
  BufferId source = 0;
  /// For messages: the node of the user's model and ": ", or nothing.
  std::string place = {};
};
/// `condition` starts with an i1 (one byte).
struct If {
  BufferId condition = 0;
  std::vector<Command> thenBody;
  std::vector<Command> elseBody;
};
/// for (i = lower; i < upper; i += step), all i64 at the start of buffers, read once before the
/// loop. Before each iteration i is stored to `induction`. step must be positive.
struct For {
  BufferId lower = 0;
  BufferId upper = 0;
  BufferId step = 0;
  BufferId induction = 0;
  std::vector<Command> body;
};
/// loop { before; if (!condition) break; after }.
struct While {
  std::vector<Command> before;
  BufferId condition = 0;
  std::vector<Command> after;
};

/// Ends the run with `message` where an expression is negative or overflows.
struct Check {
  std::vector<SizeExpr> notNegative;
  std::string message;
};

struct Command {
  std::variant<Launch, Copy, Fill, Bind, If, For, While, Check> op;
};

struct Program {
  std::string name;
  std::vector<Var> vars;
  std::vector<Buffer> buffers;
  std::vector<Port> inputs;
  std::vector<Port> outputs;
  std::vector<CodeModule> code;
  std::vector<Kernel> kernels;
  std::vector<Command> commands;
  /// Null if the program has nothing to do with strings.
  std::shared_ptr<const StringTable> strings;

  /// Every index, kind, lifetime and expression; what the runtime relies on. The message names the
  /// table entry.
  Status verify() const;
  /// The number of commands in the tree.
  uint32_t numCommands() const;
  /// Vars that some Bind command sets, by id.
  std::vector<bool> varsBoundByProgram() const;
  std::vector<std::string> varNames() const;
  /// One line per table entry, for --debug.
  std::string print() const;
};

/// The bytes of a .tgp file. Fails when a code module has no bytes.
Result<std::string> serializeProgram(const Program &program);
/// Checks magic, version, checksums and verify() before use. Constants are copied.
Result<std::shared_ptr<const Program>> deserializeProgram(const void *data, size_t size,
                                                          const std::string &place);
/// Uses `data`, which must stay and be aligned to 64 bytes, in place; "linked" code modules become
/// `code`. For programs that lie in an object with their kernels beside them.
Result<std::shared_ptr<const Program>> linkProgram(const void *data, size_t size,
                                                   std::shared_ptr<const LoadedCode> code,
                                                   const std::string &place);
/// Written to a temporary file, then renamed.
Status saveProgram(const Program &program, const std::string &path);
/// Maps the file; constants stay in the mapping.
Result<std::shared_ptr<const Program>> loadProgram(const std::string &path);

} // namespace tg::rt

#endif // TG_RUNTIME_PROGRAM_PROGRAM_H
