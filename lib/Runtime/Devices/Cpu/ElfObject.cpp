//===- ElfObject.cpp - Loads relocatable objects ----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A loader of relocatable objects, so that a saved program needs no linker where it runs. Memory is
// one mapping in three parts, each of whole pages:
//   code   executable sections, then a stub (jmp *slot) for each external function
//   data   read-only sections, constant pointers (.data.rel.ro), then a slot for each symbol whose
//          address is read from memory
//   state  sections that stay writable
// Relocations are those of the System V ABI for x86-64 that position-independent code has.
//===----------------------------------------------------------------------===//

#include "Devices/Cpu/ElfObject.h"

#include <cerrno>
#include <cstring>
#include <dlfcn.h>
#include <elf.h>
#include <map>
#include <sys/mman.h>
#include <unistd.h>

namespace tg::rt {
namespace {

enum Part { Code, Data, State, numParts };

constexpr uint64_t stubSize = 8;

uint64_t roundUp(uint64_t value, uint64_t to) { return (value + to - 1) / to * to; }

class Mapping : public LoadedCode {
public:
  ~Mapping() override {
    if (base)
      ::munmap(base, size);
  }
  void *lookup(const std::string &symbol) const override {
    auto found = symbols.find(symbol);
    return found == symbols.end() ? nullptr : found->second;
  }

  char *base = nullptr;
  size_t size = 0;
  std::map<std::string, void *> symbols;
};

class Loader {
public:
  explicit Loader(const Blob &bytes)
      : file(static_cast<const char *>(bytes.data.get())), size(bytes.size) {}

  Result<std::shared_ptr<const LoadedCode>> load() {
    for (Status (Loader::*step)() : {&Loader::readHeaders, &Loader::readSymbols, &Loader::place,
                                     &Loader::resolve, &Loader::relocate, &Loader::protect})
      if (Status status = (this->*step)(); !status)
        return status.in("cannot load code");
    return std::shared_ptr<const LoadedCode>(std::move(mapping));
  }

private:
  Status readHeaders();
  Status readSymbols();
  Status place();
  Status resolve();
  Status relocate();
  Status relocate(const Elf64_Shdr &target, char *where, const Elf64_Rela &relocation);
  Status protect();

  bool inFile(uint64_t offset, uint64_t bytes) const {
    return offset <= size && bytes <= size - offset;
  }
  /// A copy: the file's structures may lie at any address.
  template <typename T> T at(uint64_t offset, uint64_t index) const {
    T value;
    std::memcpy(&value, file + offset + index * sizeof(T), sizeof(T));
    return value;
  }
  std::string stringAt(const Elf64_Shdr &table, uint64_t offset) const {
    if (offset >= table.sh_size)
      return {};
    const char *start = file + table.sh_offset + offset;
    return std::string(start, ::strnlen(start, table.sh_size - offset));
  }
  Part partOf(const Elf64_Shdr &section) const {
    if (section.sh_flags & SHF_EXECINSTR)
      return Code;
    bool isConstant = !(section.sh_flags & SHF_WRITE) ||
                      stringAt(sectionNames, section.sh_name).rfind(".data.rel.ro", 0) == 0;
    return isConstant ? Data : State;
  }
  /// Unwind tables name code that nothing unwinds through.
  bool isLoaded(const Elf64_Shdr &section) const {
    return (section.sh_flags & SHF_ALLOC) && section.sh_type != SHT_X86_64_UNWIND &&
           stringAt(sectionNames, section.sh_name) != ".eh_frame";
  }
  static Status malformed(const std::string &what) {
    return error("the object is malformed: " + what);
  }

  struct Symbol {
    Elf64_Sym entry;
    std::string name;
    uint64_t address = 0;
    /// Offsets from the base of the mapping; 0 when there is none.
    uint64_t slot = 0;
    uint64_t stub = 0;
  };

  const char *file;
  uint64_t size;
  std::vector<Elf64_Shdr> sections;
  Elf64_Shdr sectionNames = {};
  std::vector<Symbol> symbols;
  /// By section: the offset in the mapping; -1 for those that are not loaded.
  std::vector<int64_t> offsets;
  uint64_t partStart[numParts + 1] = {};
  std::shared_ptr<Mapping> mapping = std::make_shared<Mapping>();
};

Status Loader::readHeaders() {
  if (!inFile(0, sizeof(Elf64_Ehdr)) || std::memcmp(file, ELFMAG, SELFMAG) != 0)
    return error("it is not an ELF file");
  auto header = at<Elf64_Ehdr>(0, 0);
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
      header.e_type != ET_REL)
    return error("it is not a relocatable 64-bit object");
#if defined(__x86_64__)
  bool isHost = header.e_machine == EM_X86_64;
#else
  bool isHost = false;
#endif
  if (!isHost)
    return error("it is for another machine (ELF machine " + std::to_string(header.e_machine) +
                 ")");
  if (header.e_shentsize != sizeof(Elf64_Shdr) ||
      !inFile(header.e_shoff, uint64_t(header.e_shnum) * sizeof(Elf64_Shdr)) ||
      header.e_shstrndx >= header.e_shnum)
    return malformed("its section table");
  for (unsigned i = 0; i < header.e_shnum; ++i) {
    sections.push_back(at<Elf64_Shdr>(header.e_shoff, i));
    const Elf64_Shdr &section = sections.back();
    uint64_t align = section.sh_addralign;
    if (section.sh_type != SHT_NOBITS && !inFile(section.sh_offset, section.sh_size))
      return malformed("section " + std::to_string(i) + " reaches past the end");
    if (section.sh_size > (uint64_t(1) << 40) || (align & (align - 1)) || align > 4096)
      return malformed("the size or alignment of section " + std::to_string(i));
  }
  sectionNames = sections[header.e_shstrndx];
  return sectionNames.sh_type == SHT_STRTAB ? Status() : malformed("its section names");
}

Status Loader::readSymbols() {
  for (const Elf64_Shdr &section : sections) {
    if (section.sh_type != SHT_SYMTAB)
      continue;
    if (!symbols.empty() || section.sh_link >= sections.size() ||
        sections[section.sh_link].sh_type != SHT_STRTAB)
      return malformed("its symbol table");
    for (uint64_t i = 0; i < section.sh_size / sizeof(Elf64_Sym); ++i) {
      Symbol symbol;
      symbol.entry = at<Elf64_Sym>(section.sh_offset, i);
      symbol.name = stringAt(sections[section.sh_link], symbol.entry.st_name);
      symbols.push_back(std::move(symbol));
    }
  }
  return {};
}

Status Loader::place() {
  const uint64_t page = uint64_t(::sysconf(_SC_PAGESIZE));
  // Every symbol that is referenced may need a slot or a stub; few enough to reserve all.
  uint64_t extra = symbols.size() * stubSize;
  offsets.assign(sections.size(), -1);
  uint64_t end = 0;
  for (int part = 0; part < numParts; ++part) {
    partStart[part] = end;
    for (size_t i = 0; i < sections.size(); ++i) {
      const Elf64_Shdr &section = sections[i];
      if (!isLoaded(section) || partOf(section) != part)
        continue;
      end = roundUp(end, std::max<uint64_t>(section.sh_addralign, 1));
      offsets[i] = int64_t(end);
      end += section.sh_size;
    }
    if (part != State) {
      end = roundUp(end, stubSize);
      for (Symbol &symbol : symbols)
        (part == Code ? symbol.stub : symbol.slot) = end + stubSize * size_t(&symbol - &symbols[0]);
      end += extra;
    }
    end = roundUp(end, page);
  }
  partStart[numParts] = end;
  void *memory = ::mmap(nullptr, std::max(end, page), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    return error(std::strerror(errno));
  mapping->base = static_cast<char *>(memory);
  mapping->size = std::max(end, page);
  for (size_t i = 0; i < sections.size(); ++i)
    if (offsets[i] >= 0 && sections[i].sh_type != SHT_NOBITS && sections[i].sh_size)
      std::memcpy(mapping->base + offsets[i], file + sections[i].sh_offset, sections[i].sh_size);
  return {};
}

/// An address in the process, or in the math library where the process does not link it.
void *findInProcess(const std::string &name) {
  if (void *address = ::dlsym(RTLD_DEFAULT, name.c_str()))
    return address;
  // Stays open: one handle more on a library that stays loaded.
  void *math = ::dlopen("libm.so.6", RTLD_NOW | RTLD_LOCAL);
  return math ? ::dlsym(math, name.c_str()) : nullptr;
}

Status Loader::resolve() {
  auto base = reinterpret_cast<uint64_t>(mapping->base);
  for (size_t i = 1; i < symbols.size(); ++i) {
    Symbol &symbol = symbols[i];
    uint16_t index = symbol.entry.st_shndx;
    if (index == SHN_UNDEF) {
      symbol.address = reinterpret_cast<uint64_t>(findInProcess(symbol.name));
      if (!symbol.address && ELF64_ST_BIND(symbol.entry.st_info) != STB_WEAK)
        return error("it needs '" + symbol.name + "', which this process does not have");
      const unsigned char jump[] = {0xff, 0x25}; // jmp *[rip + slot]
      auto distance = int32_t(symbol.slot - (symbol.stub + 6));
      std::memcpy(mapping->base + symbol.stub, jump, sizeof(jump));
      std::memcpy(mapping->base + symbol.stub + 2, &distance, sizeof(distance));
    } else if (index == SHN_ABS) {
      symbol.address = symbol.entry.st_value;
    } else if (index < sections.size()) {
      if (symbol.entry.st_value > sections[index].sh_size)
        return malformed("symbol '" + symbol.name + "' lies outside of its section");
      if (offsets[index] < 0)
        continue;
      symbol.address = base + uint64_t(offsets[index]) + symbol.entry.st_value;
      if (ELF64_ST_BIND(symbol.entry.st_info) != STB_LOCAL)
        mapping->symbols[symbol.name] = reinterpret_cast<void *>(symbol.address);
    } else {
      return malformed("symbol '" + symbol.name + "' has no section");
    }
    std::memcpy(mapping->base + symbol.slot, &symbol.address, sizeof(symbol.address));
  }
  return {};
}

Status Loader::relocate() {
  for (const Elf64_Shdr &section : sections) {
    if (section.sh_type == SHT_REL)
      return malformed("relocations without addends");
    if (section.sh_type != SHT_RELA)
      continue;
    if (section.sh_info >= sections.size())
      return malformed("relocations of no section");
    if (offsets[section.sh_info] < 0)
      continue;
    const Elf64_Shdr &target = sections[section.sh_info];
    char *where = mapping->base + offsets[section.sh_info];
    for (uint64_t i = 0; i < section.sh_size / sizeof(Elf64_Rela); ++i)
      if (Status status = relocate(target, where, at<Elf64_Rela>(section.sh_offset, i)); !status)
        return status;
  }
  return {};
}

Status Loader::relocate(const Elf64_Shdr &target, char *where, const Elf64_Rela &relocation) {
  uint64_t type = ELF64_R_TYPE(relocation.r_info), index = ELF64_R_SYM(relocation.r_info);
  unsigned bytes = type == R_X86_64_64 || type == R_X86_64_PC64 ? 8 : 4;
  if (index >= symbols.size() || target.sh_size < bytes ||
      relocation.r_offset > target.sh_size - bytes)
    return malformed("a relocation lies outside of its section or its symbols");
  where += relocation.r_offset;
  const Symbol &symbol = symbols[index];
  auto base = reinterpret_cast<uint64_t>(mapping->base);
  auto place = reinterpret_cast<uint64_t>(where);
  uint64_t address = symbol.address;
  switch (type) {
  case R_X86_64_NONE:
    return {};
  case R_X86_64_64:
  case R_X86_64_PC64: {
    uint64_t value = address + uint64_t(relocation.r_addend) - (type == R_X86_64_PC64 ? place : 0);
    std::memcpy(where, &value, sizeof(value));
    return {};
  }
  case R_X86_64_PLT32:
  case R_X86_64_PC32:
    // The C library may lie further away than a call reaches.
    if (symbol.entry.st_shndx == SHN_UNDEF && index != 0)
      address = base + symbol.stub;
    break;
  case R_X86_64_GOTPCREL:
  case R_X86_64_GOTPCRELX:
  case R_X86_64_REX_GOTPCRELX:
    address = base + symbol.slot;
    break;
  default:
    return error("relocation type " + std::to_string(type) + " at '" + symbol.name +
                 "' is not supported");
  }
  auto value = int64_t(address + uint64_t(relocation.r_addend) - place);
  if (value != int32_t(value))
    return error("'" + symbol.name + "' is out of reach");
  auto narrow = int32_t(value);
  std::memcpy(where, &narrow, sizeof(narrow));
  return {};
}

Status Loader::protect() {
  constexpr int access[numParts] = {PROT_READ | PROT_EXEC, PROT_READ, PROT_READ | PROT_WRITE};
  for (int part = 0; part < numParts; ++part)
    if (uint64_t bytes = partStart[part + 1] - partStart[part])
      if (::mprotect(mapping->base + partStart[part], bytes, access[part]) != 0)
        return error(std::string("the system refuses executable memory: ") + std::strerror(errno));
  return {};
}

} // namespace

Result<std::shared_ptr<const LoadedCode>> loadElfObject(const CodeModule &module) {
  return Loader(module.bytes).load();
}

} // namespace tg::rt
