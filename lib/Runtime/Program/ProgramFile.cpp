//===- ProgramFile.cpp - .tgp files -----------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Layout, little-endian:
//   0   magic "tgprogrm"
//   8   u64 format version
//   16  u64 size of the tables, which start at 64
//   24  u64 size of the data, which starts at the next multiple of 4096
//   32  u64 checksum of the tables and the zero bytes up to the data
//   40  u64 checksum of the data
//   48  u64 zero
//   56  u64 checksum of the bytes before
// Tables refer to constants and code by offset in the data, aligned to 64 bytes. Numbers in the
// tables are 64 bits wide; strings and lists have their length in front.
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "IO/File.h"

#include "tg/Runtime/Devices/Cpu/CpuFeatures.h"
#include "tg/Runtime/Hash.h"

#include <cstring>

namespace tg::rt {
namespace {

constexpr char magic[] = "tgprogrm";
/// 2: code modules state the processor's features. 4: ports have kinds, there are strings, and
/// binds state their place.
constexpr uint64_t formatVersion = 4;
constexpr uint64_t headerSize = 64;
constexpr uint64_t dataAlignment = 4096;
/// The format of code modules whose code the process itself holds.
constexpr char linkedFormat[] = "linked";

uint64_t roundUp(uint64_t value, uint64_t to) { return (value + to - 1) / to * to; }

/// Command kinds in the file: never renumbered.
enum class Tag : uint64_t { Launch, Copy, Fill, Bind, If, For, While, Check };

class Writer {
public:
  Status write(const Program &program) {
    string(program.name);
    list(program.vars, [&](const Var &var) {
      string(var.name);
      number(var.min);
      number(var.max);
    });
    list(program.buffers, [&](const Buffer &buffer) {
      number(unsigned(buffer.kind));
      expr(buffer.bytes);
      blob(buffer.constant);
      number(buffer.firstUse);
      number(buffer.lastUse);
    });
    for (const std::vector<Port> *ports : {&program.inputs, &program.outputs})
      list(*ports, [&](const Port &port) {
        string(port.name);
        string(std::string(dtypeName(port.dtype)));
        list(port.dims, [&](const SizeExpr &dim) { expr(dim); });
        number(port.buffer);
        number(port.tiedOutput);
        number(unsigned(port.kind));
        list(port.intKeys, [&](int64_t key) { number(key); });
        strings(port.stringKeys);
      });
    number(program.strings != nullptr);
    if (program.strings)
      strings(program.strings->strings());
    Status status;
    list(program.code, [&](const CodeModule &module) {
      if (!module.bytes.data && module.format != linkedFormat)
        status = error("program '" + program.name + "': its code exists only in memory");
      string(module.format);
      blob(module.bytes);
      strings(module.features);
    });
    list(program.kernels, [&](const Kernel &kernel) {
      string(kernel.name);
      string(kernel.symbol);
      number(kernel.code);
      string(kernel.device);
      for (const SizeExpr *size :
           {&kernel.range, &kernel.workspaceBytes, &kernel.flops, &kernel.bytes})
        expr(*size);
      string(kernel.location);
    });
    commands(program.commands);
    return status;
  }

  std::string tables;
  /// What the data section holds, in order, each at a multiple of 64.
  std::vector<Blob> blobs;
  uint64_t dataSize = 0;

private:
  template <typename T> void number(T value) { appendLittle(tables, uint64_t(int64_t(value))); }
  void string(const std::string &text) {
    number(text.size());
    tables += text;
  }
  template <typename T, typename Each> void list(const std::vector<T> &items, Each &&each) {
    number(items.size());
    for (const T &item : items)
      each(item);
  }
  void strings(const std::vector<std::string> &texts) {
    list(texts, [&](const std::string &text) { string(text); });
  }
  void expr(const SizeExpr &expr) {
    list(expr.instructions(), [&](const SizeExpr::Instr &instr) {
      number(unsigned(instr.op));
      number(instr.value);
    });
  }
  void blob(const Blob &blob) {
    number(dataSize);
    number(blob.size);
    if (blob.size) {
      blobs.push_back(blob);
      dataSize = roundUp(dataSize + blob.size, bufferAlignment);
    }
  }
  void buffers(const std::vector<BufferId> &ids) {
    list(ids, [&](BufferId id) { number(id); });
  }
  void commands(const std::vector<Command> &items) {
    list(items, [&](const Command &item) {
      number(item.op.index());
      std::visit(Overload{[&](const Launch &launch) {
                            number(launch.kernel);
                            buffers(launch.buffers);
                          },
                          [&](const Copy &copy) {
                            number(copy.source);
                            number(copy.destination);
                            expr(copy.bytes);
                            expr(copy.sourceOffset);
                            expr(copy.destinationOffset);
                          },
                          [&](const Fill &fill) {
                            number(fill.destination);
                            expr(fill.bytes);
                            expr(fill.offset);
                            number(fill.value);
                          },
                          [&](const Bind &bind) {
                            number(bind.var);
                            number(bind.source);
                            string(bind.place);
                          },
                          [&](const If &branch) {
                            number(branch.condition);
                            commands(branch.thenBody);
                            commands(branch.elseBody);
                          },
                          [&](const For &loop) {
                            for (BufferId id : {loop.lower, loop.upper, loop.step, loop.induction})
                              number(id);
                            commands(loop.body);
                          },
                          [&](const While &loop) {
                            number(loop.condition);
                            commands(loop.before);
                            commands(loop.after);
                          },
                          [&](const Check &check) {
                            list(check.notNegative, [&](const SizeExpr &size) { expr(size); });
                            string(check.message);
                          }},
                 item.op);
    });
  }
};

/// Reads tables whose checksum was right; still trusts no length or index. After a failure every
/// read gives 0.
class Reader {
public:
  Reader(std::string_view tables, Blob data, std::shared_ptr<const LoadedCode> linked,
         const std::string &place)
      : tables(tables), data(std::move(data)), linked(std::move(linked)), place(place) {}

  Status read(Program &program) {
    program.name = string();
    list(program.vars, 3, [&](Var &var) {
      var.name = string();
      var.min = int64_t(number());
      var.max = int64_t(number());
    });
    list(program.buffers, 5, [&](Buffer &buffer) {
      buffer.kind = BufferKind(narrow<uint8_t>());
      buffer.bytes = expr();
      buffer.constant = blob();
      buffer.firstUse = narrow<uint32_t>();
      buffer.lastUse = narrow<uint32_t>();
    });
    for (std::vector<Port> *ports : {&program.inputs, &program.outputs})
      list(*ports, 8, [&](Port &port) {
        port.name = string();
        std::string type = string();
        std::optional<DType> dtype = parseDType(type);
        if (!dtype)
          fail("unknown element type '" + type + "'");
        port.dtype = dtype.value_or(DType::F32);
        list(port.dims, 1, [&](SizeExpr &dim) { dim = expr(); });
        port.buffer = narrow<uint32_t>();
        port.tiedOutput = int32_t(int64_t(number()));
        port.kind = PortKind(narrow<uint8_t>());
        list(port.intKeys, 1, [&](int64_t &key) { key = int64_t(number()); });
        strings(port.stringKeys);
      });
    if (number()) {
      std::vector<std::string> known;
      strings(known);
      program.strings = std::make_shared<StringTable>(std::move(known));
    }
    list(program.code, 4, [&](CodeModule &module) {
      module.format = string();
      module.bytes = blob();
      strings(module.features);
      if (module.format == linkedFormat)
        module.loaded = linked;
    });
    list(program.kernels, 9, [&](Kernel &kernel) {
      kernel.name = string();
      kernel.symbol = string();
      kernel.code = narrow<uint32_t>();
      kernel.device = string();
      for (SizeExpr *size : {&kernel.range, &kernel.workspaceBytes, &kernel.flops, &kernel.bytes})
        *size = expr();
      kernel.location = string();
    });
    commands(program.commands, 0);
    if (failure.ok() && at != tables.size())
      fail("bytes are left over after the tables");
    return failure;
  }

private:
  void fail(const std::string &what) {
    if (failure.ok())
      failure = errorAt(place, headerSize + at, what);
  }
  uint64_t number() {
    if (!failure.ok())
      return 0;
    if (tables.size() - at < 8) {
      fail("the tables end too early");
      return 0;
    }
    uint64_t value = readLittle<uint64_t>(tables.data() + at);
    at += 8;
    return value;
  }
  template <typename T> T narrow() {
    uint64_t value = number();
    if (value != uint64_t(T(value)))
      fail(std::to_string(value) + " is out of range");
    return T(value);
  }
  /// A length of items of at least `least` bytes each.
  uint64_t length(uint64_t least) {
    uint64_t value = number();
    if (value > (tables.size() - at) / least) {
      fail("a length of " + std::to_string(value) + " reaches past the tables");
      return 0;
    }
    return value;
  }
  std::string string() {
    uint64_t size = length(1);
    std::string text(tables.substr(at, size));
    at += size;
    return text;
  }
  /// Items of at least `numbers` numbers each.
  template <typename T, typename Each>
  void list(std::vector<T> &items, uint64_t numbers, Each &&each) {
    uint64_t count = length(8 * numbers);
    for (uint64_t i = 0; i < count && failure.ok(); ++i)
      each(items.emplace_back());
  }
  void strings(std::vector<std::string> &texts) {
    list(texts, 1, [&](std::string &text) { text = string(); });
  }
  SizeExpr expr() {
    std::vector<SizeExpr::Instr> code;
    list(code, 2, [&](SizeExpr::Instr &instr) {
      instr.op = SizeExpr::Op(narrow<uint8_t>());
      instr.value = int64_t(number());
    });
    return SizeExpr::fromCode(std::move(code));
  }
  Blob blob() {
    uint64_t offset = number(), size = number();
    if (offset % bufferAlignment || offset > data.size || size > data.size - offset) {
      fail("data at " + std::to_string(offset) + " of " + std::to_string(size) +
           " bytes is out of place");
      return {};
    }
    if (size == 0)
      return {};
    const char *start = static_cast<const char *>(data.data.get()) + offset;
    return {std::shared_ptr<const void>(data.data, start), size};
  }
  void buffers(std::vector<BufferId> &ids) {
    list(ids, 1, [&](BufferId &id) { id = narrow<uint32_t>(); });
  }
  void commands(std::vector<Command> &items, unsigned depth) {
    if (depth > maxCommandDepth + 1)
      return fail("commands are nested deeper than " + std::to_string(maxCommandDepth));
    list(items, 1, [&](Command &item) { command(item, depth); });
  }
  void command(Command &item, unsigned depth);

  std::string_view tables;
  Blob data;
  std::shared_ptr<const LoadedCode> linked;
  const std::string &place;
  size_t at = 0;
  Status failure;
};

void Reader::command(Command &item, unsigned depth) {
  uint64_t tag = number();
  switch (Tag(tag)) {
  case Tag::Launch: {
    Launch launch;
    launch.kernel = narrow<uint32_t>();
    buffers(launch.buffers);
    item.op = std::move(launch);
    return;
  }
  case Tag::Copy: {
    Copy copy;
    copy.source = narrow<uint32_t>();
    copy.destination = narrow<uint32_t>();
    copy.bytes = expr();
    copy.sourceOffset = expr();
    copy.destinationOffset = expr();
    item.op = std::move(copy);
    return;
  }
  case Tag::Fill: {
    Fill fill;
    fill.destination = narrow<uint32_t>();
    fill.bytes = expr();
    fill.offset = expr();
    fill.value = narrow<uint8_t>();
    item.op = std::move(fill);
    return;
  }
  case Tag::Bind: {
    Bind bind;
    bind.var = narrow<uint32_t>();
    bind.source = narrow<uint32_t>();
    bind.place = string();
    item.op = std::move(bind);
    return;
  }
  case Tag::If: {
    If branch;
    branch.condition = narrow<uint32_t>();
    commands(branch.thenBody, depth + 1);
    commands(branch.elseBody, depth + 1);
    item.op = std::move(branch);
    return;
  }
  case Tag::For: {
    For loop;
    for (BufferId *id : {&loop.lower, &loop.upper, &loop.step, &loop.induction})
      *id = narrow<uint32_t>();
    commands(loop.body, depth + 1);
    item.op = std::move(loop);
    return;
  }
  case Tag::While: {
    While loop;
    loop.condition = narrow<uint32_t>();
    commands(loop.before, depth + 1);
    commands(loop.after, depth + 1);
    item.op = std::move(loop);
    return;
  }
  case Tag::Check: {
    Check check;
    list(check.notNegative, 1, [&](SizeExpr &size) { size = expr(); });
    check.message = string();
    item.op = std::move(check);
    return;
  }
  }
  fail("unknown command " + std::to_string(tag));
}

Result<std::shared_ptr<const Program>>
parse(const Blob &file, const std::string &place,
      const std::shared_ptr<const LoadedCode> &linked = nullptr) {
  const char *bytes = static_cast<const char *>(file.data.get());
  if (file.size < headerSize || std::memcmp(bytes, magic, 8) != 0)
    return errorAt(place, 0, "not a tg program");
  uint64_t version = readLittle<uint64_t>(bytes + 8);
  if (version != formatVersion)
    return errorAt(
        place, 8,
        "program format version " + std::to_string(version) + ", this runtime reads " +
            std::to_string(formatVersion) + "; " +
            (version < formatVersion ? "compile the model again" : "it needs a newer runtime"));
  if (checksum64(bytes, 56) != readLittle<uint64_t>(bytes + 56))
    return errorAt(place, 0, "the header is damaged (its checksum does not match)");
  uint64_t tablesSize = readLittle<uint64_t>(bytes + 16);
  uint64_t dataSize = readLittle<uint64_t>(bytes + 24);
  if (tablesSize > file.size - headerSize)
    return errorAt(place, file.size, "the file is truncated");
  uint64_t dataStart = roundUp(headerSize + tablesSize, dataAlignment);
  if (dataStart > file.size || dataSize > file.size - dataStart)
    return errorAt(place, file.size, "the file is truncated");
  if (dataStart + dataSize != file.size)
    return errorAt(place, dataStart + dataSize, "bytes are left over after the data");
  if (checksum64(bytes + headerSize, dataStart - headerSize) != readLittle<uint64_t>(bytes + 32))
    return errorAt(place, headerSize, "the tables are damaged (their checksum does not match)");
  if (checksum64(bytes + dataStart, dataSize) != readLittle<uint64_t>(bytes + 40))
    return errorAt(place, dataStart, "the data is damaged (its checksum does not match)");

  auto program = std::make_shared<Program>();
  Blob data{std::shared_ptr<const void>(file.data, bytes + dataStart), dataSize};
  Reader reader(std::string_view(bytes + headerSize, tablesSize), data, linked, place);
  if (Status status = reader.read(*program); !status)
    return status;
  if (Status status = program->verify(); !status)
    return status.in(place);
  return std::shared_ptr<const Program>(std::move(program));
}

} // namespace

Result<std::string> serializeProgram(const Program &program) {
  if (Status status = program.verify(); !status)
    return status;
  Writer writer;
  if (Status status = writer.write(program); !status)
    return status;
  std::string out(headerSize, '\0');
  out += writer.tables;
  uint64_t dataStart = roundUp(out.size(), dataAlignment);
  out.resize(dataStart);
  for (const Blob &blob : writer.blobs) {
    out.append(static_cast<const char *>(blob.data.get()), blob.size);
    out.resize(dataStart + roundUp(out.size() - dataStart, bufferAlignment));
  }
  std::string header(magic, 8);
  appendLittle(header, formatVersion);
  appendLittle(header, uint64_t(writer.tables.size()));
  appendLittle(header, writer.dataSize);
  appendLittle(header, checksum64(out.data() + headerSize, dataStart - headerSize));
  appendLittle(header, checksum64(out.data() + dataStart, writer.dataSize));
  appendLittle(header, uint64_t(0));
  appendLittle(header, checksum64(header.data(), header.size()));
  out.replace(0, headerSize, header);
  return out;
}

Result<std::shared_ptr<const Program>> deserializeProgram(const void *data, size_t size,
                                                          const std::string &place) {
  Blob copy = Blob::copyOf(data, size);
  if (!copy.data)
    return error(place + ": out of memory");
  // The data section starts at a multiple of 4096, so the copy's alignment carries over.
  return parse(copy, place);
}

Result<std::shared_ptr<const Program>> linkProgram(const void *data, size_t size,
                                                   std::shared_ptr<const LoadedCode> code,
                                                   const std::string &place) {
  Blob inPlace{std::shared_ptr<const void>(std::shared_ptr<const void>(), data), size};
  Result<std::shared_ptr<const Program>> program = parse(inPlace, place, code);
  if (program)
    for (const CodeModule &module : (*program)->code)
      if (Status status = checkCpuFeatures(module.features); !status)
        return status.in(place);
  return program;
}

Status saveProgram(const Program &program, const std::string &path) {
  Result<std::string> bytes = serializeProgram(program);
  if (!bytes)
    return bytes.status().in(path);
  return writeFile(path, {{bytes->data(), bytes->size()}});
}

Result<std::shared_ptr<const Program>> loadProgram(const std::string &path) {
  Result<Blob> file = mapFile(path);
  if (!file)
    return file.status();
  return parse(*file, path);
}

} // namespace tg::rt
