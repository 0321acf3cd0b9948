//===- tg-program-fuzzer.cpp - Any bytes as a compiled program ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// No program file may crash the runtime: it is refused with a message, or what it says is carried
// out within its buffers. An input is a .tgp file, or its tables alone: the header with its
// checksums, which no mutation would get right, is put in front of them then.
//
// Kernels do nothing here; commands, loops and sizes are the runtime's. `--write-seeds=FOLDER`
// writes programs to start from.
//
//===----------------------------------------------------------------------===//

#include "../Unit/Runtime/TestUtils.h"

#include "tg/Runtime/Hash.h"

#include <cstdio>
#include <cstring>
#include <fstream>

using namespace tg;
using namespace tg::rt;
using namespace tg::rt::test;

namespace {

constexpr size_t headerSize = 64, dataAlignment = 4096, dataSize = 256;
constexpr uint64_t maxAllocation = 1 << 20;
constexpr unsigned maxSteps = 1000;

void appendNumber(std::string &out, uint64_t value) {
  for (unsigned i = 0; i < 8; ++i)
    out.push_back(char(value >> (8 * i)));
}

/// What this runtime reads.
uint64_t formatVersion() {
  static const std::string file = *serializeProgram(Program());
  uint64_t version = 0;
  std::memcpy(&version, file.data() + 8, sizeof version);
  return version;
}

/// The file that holds these tables (lib/Runtime/Program/ProgramFile.cpp), and some data.
std::string withHeader(std::string tables) {
  uint64_t tablesSize = tables.size();
  tables.resize((headerSize + tablesSize + dataAlignment - 1) / dataAlignment * dataAlignment -
                headerSize);
  std::string data(dataSize, '\1');
  std::string header = "tgprogrm";
  for (uint64_t value :
       {formatVersion(), tablesSize, uint64_t(dataSize), checksum64(tables.data(), tables.size()),
        checksum64(data.data(), data.size()), uint64_t(0)})
    appendNumber(header, value);
  appendNumber(header, checksum64(header.data(), header.size()));
  return header + tables + data;
}

/// Memory is short: sizes are whatever the input says.
class SmallAllocator : public Allocator {
public:
  void *allocate(size_t bytes, size_t alignment) override {
    return bytes > maxAllocation ? nullptr : heap->allocate(bytes, alignment);
  }
  void deallocate(void *memory, size_t bytes, size_t alignment) override {
    heap->deallocate(memory, bytes, alignment);
  }

private:
  std::shared_ptr<Allocator> heap = createHeapAllocator();
};

/// Runs at once, for a bounded number of steps.
class StepQueue : public Queue {
public:
  StepQueue() : Queue(/*owner=*/nullptr) {}
  uint64_t workspaceBytes() const override { return 0; }

private:
  Status doLaunch(const KernelLaunch &) override { return step(); }
  Status doCopy(const BufferRef &destination, const BufferRef &source) override {
    std::memcpy(destination.host(), source.host(), source.bytes);
    return step();
  }
  Status doUpload(const BufferRef &destination, const void *source) override {
    std::memcpy(destination.host(), source, destination.bytes);
    return step();
  }
  Status doDownload(void *destination, const BufferRef &source) override {
    std::memcpy(destination, source.host(), source.bytes);
    return step();
  }
  Status doFill(const BufferRef &destination, uint8_t value) override {
    std::memset(destination.host(), value, destination.bytes);
    return step();
  }
  Status doWait(const std::shared_ptr<Event> &) override { return Status::error("no events"); }
  Result<std::shared_ptr<Event>> doRecord() override { return Status::error("no events"); }
  Result<KernelReport> doSynchronize() override { return KernelReport(); }

  Status step() { return ++steps > maxSteps ? Status::error("too many steps") : Status(); }
  unsigned steps = 0;
};

class StepDevice : public Device {
public:
  std::string name() const override { return "cpu"; }
  DeviceProperties properties() const override {
    DeviceProperties properties;
    properties.sharesHostMemory = true;
    return properties;
  }
  Result<std::shared_ptr<Memory>> allocate(uint64_t bytes, MemoryKind) override {
    return allocateHostMemory(memory, bytes);
  }
  Result<std::shared_ptr<const LoadedCode>> load(const CodeModule &) override { return code; }
  void addCodeLoader(const std::string &, CodeLoader) override {}
  Result<std::unique_ptr<Queue>> createQueue(const QueueOptions &) override {
    return std::unique_ptr<Queue>(new StepQueue());
  }

private:
  /// Any symbol; the queue calls none.
  struct AnyCode : LoadedCode {
    void *lookup(const std::string &) const override { return const_cast<AnyCode *>(this); }
  };
  std::shared_ptr<Allocator> memory = std::make_shared<SmallAllocator>();
  std::shared_ptr<const LoadedCode> code = std::make_shared<AnyCode>();
};

bool launches(const std::vector<Command> &commands) {
  for (const Command &command : commands)
    if (std::holds_alternative<Launch>(command.op))
      return true;
  return false;
}

/// Whether every iteration of every loop is a step at least.
bool isBounded(const std::vector<Command> &commands) {
  for (const Command &command : commands) {
    if (auto *loop = std::get_if<For>(&command.op))
      if (!launches(loop->body) || !isBounded(loop->body))
        return false;
    if (auto *loop = std::get_if<While>(&command.op))
      if (!launches(loop->before) || !isBounded(loop->before) || !isBounded(loop->after))
        return false;
    if (auto *branch = std::get_if<If>(&command.op))
      if (!isBounded(branch->thenBody) || !isBounded(branch->elseBody))
        return false;
  }
  return true;
}

void run(const std::shared_ptr<const Program> &program) {
  static const auto device = std::make_shared<StepDevice>();
  ContextOptions options;
  options.runtime = std::make_shared<Runtime>();
  options.runtime->devices.add(device);
  options.threadPool = createThreadPool(1);
  options.log = createNullLog();
  auto context = Context::create(program, options);
  if (!context)
    return;
  RunRequest request;
  std::vector<int64_t> vars;
  std::vector<bool> isComputed = program->varsBoundByProgram();
  for (size_t i = 0; i < program->vars.size(); ++i) {
    const Var &var = program->vars[i];
    vars.push_back(std::min(std::max<int64_t>(var.min, 2), var.max));
    if (!isComputed[i])
      request.vars[var.name] = vars.back();
  }
  for (const Port &port : program->inputs) {
    std::vector<int64_t> shape;
    for (const SizeExpr &dim : port.dims) {
      Result<int64_t> extent = dim.evaluate(vars);
      if (!extent)
        return;
      shape.push_back(*extent);
    }
    Result<int64_t> bytes = tensorBytes(port.dtype, shape);
    if (!bytes || uint64_t(*bytes) > maxAllocation)
      return;
    Result<Tensor> tensor = Tensor::zeros(port.dtype, shape);
    if (!tensor)
      return;
    request.inputs.emplace_back(*tensor, port.name, /*donated=*/true);
  }
  Result<std::vector<Tensor>> outputs = (*context)->run(request);
  StringIds ids(program->strings);
  for (size_t i = 0; outputs && i < program->outputs.size(); ++i)
    if (program->outputs[i].kind == PortKind::Strings)
      (void)ids.decode((*outputs)[i]);
}

/// A sum over a computed range and a loop: every kind of command.
Program commandsProgram() {
  Program program;
  program.name = "commands";
  program.vars = {{"N", 1, 8}, {"K", 0, 16}};
  SizeExpr n = SizeExpr::var(0), k = SizeExpr::var(1);
  program.buffers = {bufferOf(BufferKind::Input, n * 4),
                     constantOf(std::vector<int64_t>{0, 3, 1}),
                     bufferOf(BufferKind::Temp, 8, 0, 13),
                     bufferOf(BufferKind::Temp, SizeExpr::max(k * 4, n), 1, 13),
                     bufferOf(BufferKind::Output, SizeExpr::ceilDiv(n * 8, 2)),
                     constantOf(std::vector<int64_t>{3}),
                     constantOf(std::vector<int64_t>{1})};
  program.inputs = {portOf("x", DType::F32, {n}, 0)};
  program.outputs = {portOf("y", DType::I32, {n}, 4)};
  CodeModule code;
  code.format = "elf-object";
  code.bytes = Blob::copyOf("code", 4);
  program.code = {code};
  program.kernels = {kernelOf("f", n)};
  program.kernels[0].workspaceBytes = n * 64;
  For loop{1, 5, 6, 2, {command(Launch{0, {0, 3}}), command(Copy{0, 4, n, 0, 0})}};
  While repeat{{command(Launch{0, {2}})}, 2, {command(Fill{2, 8, 0, 0})}};
  If branch{2, {command(Copy{0, 4, 4, 0, 0})}, {command(Fill{4, n * 4, 0, 7})}};
  program.commands = {command(Fill{2, 8, 0, 0}), command(Bind{1, 5}), command(loop),
                      command(repeat), command(branch)};
  return program;
}

/// The input is updated in place and given back.
Program stateProgram() {
  Program program;
  program.name = "state";
  program.buffers = {bufferOf(BufferKind::Input, 16)};
  program.inputs = {portOf("s", DType::BF16, {2, 4}, 0)};
  program.inputs[0].tiedOutput = 0;
  program.outputs = {portOf("t", DType::BF16, {2, 4}, 0)};
  program.commands = {command(Fill{0, 8, 8, 0})};
  return program;
}

/// Strings, and maps with both kinds of keys.
Program stringsProgram() {
  Program program;
  program.name = "strings";
  program.buffers = {bufferOf(BufferKind::Input, 16), bufferOf(BufferKind::Output, 16),
                     bufferOf(BufferKind::Output, 8), bufferOf(BufferKind::Output, 8)};
  program.inputs = {portOf("s", DType::I64, {2}, 0)};
  program.outputs = {portOf("t", DType::I64, {2}, 1), portOf("m", DType::F32, {1, 2}, 2),
                     portOf("k", DType::F32, {2}, 3)};
  program.inputs[0].kind = program.outputs[0].kind = PortKind::Strings;
  program.outputs[1].kind = program.outputs[2].kind = PortKind::Maps;
  program.outputs[1].stringKeys = {"no", "yes"};
  program.outputs[2].intKeys = {-1, 1};
  program.strings = std::make_shared<StringTable>(std::vector<std::string>{"", "cat"});
  program.commands = {command(Copy{0, 1, 16, 0, 0})};
  return program;
}

int writeSeeds(const std::string &folder) {
  Program add = addProgram();
  add.code[0].bytes = Blob::copyOf("code", 4);
  unsigned count = 0;
  for (const Program &program :
       {add, commandsProgram(), stateProgram(), stringsProgram(), Program()}) {
    Result<std::string> file = serializeProgram(program);
    if (!file) {
      std::fprintf(stderr, "%s\n", file.message().c_str());
      return 1;
    }
    uint64_t tables = 0;
    std::memcpy(&tables, file->data() + 16, sizeof tables);
    std::ofstream(folder + "/program" + std::to_string(count), std::ios::binary) << *file;
    std::ofstream(folder + "/tables" + std::to_string(count++), std::ios::binary)
        << file->substr(headerSize, tables);
  }
  return 0;
}

} // namespace

extern "C" int LLVMFuzzerInitialize(int *argc, char ***argv) {
  for (int i = 1; i < *argc; ++i) {
    std::string option = (*argv)[i], name = "--write-seeds=";
    if (option.compare(0, name.size(), name) == 0)
      std::exit(writeSeeds(option.substr(name.size())));
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string file(reinterpret_cast<const char *>(data), size);
  if (file.compare(0, 8, "tgprogrm") != 0)
    file = withHeader(std::move(file));
  auto program = deserializeProgram(file.data(), file.size(), "input.tgp");
  if (!program)
    return 0;
  (void)(*program)->print();
  // What was read is what would be written.
  Result<std::string> again = serializeProgram(**program);
  if (!again || !deserializeProgram(again->data(), again->size(), "again.tgp"))
    std::abort();
  if (isBounded((*program)->commands))
    run(*program);
  return 0;
}
