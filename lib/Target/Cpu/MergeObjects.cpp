//===- MergeObjects.cpp - Several objects as one ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Kernels are compiled one by one and kept in a cache, so a program's object is put together from
// theirs. That takes no linker: contents are copied, and the indices in symbols and relocations
// are renumbered.
//
//===----------------------------------------------------------------------===//

#include "tg/Target/Cpu/MergeObjects.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Object/ELF.h"
#include "llvm/Support/MathExtras.h"

#include <map>

using namespace llvm;
using namespace llvm::object;
using tg::cpu::ObjectData;

namespace {

using File = ELFFile<ELF64LE>;
using Elf = ELF64LE;

Error makeError(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message);
}

struct Section {
  std::string name;
  uint32_t type = 0;
  uint64_t flags = 0;
  uint64_t entrySize = 0;
  uint64_t alignment = 1;
  uint64_t size = 0; ///< As `contents`, but for sections without contents.
  std::string contents;
  std::vector<Elf::Rela> relocations;
};

struct Symbol {
  std::string name;
  Elf::Sym entry = {};
};

class Merger {
public:
  explicit Merger(function_ref<bool(StringRef)> isExported) : isExported(isExported) {}

  Error add(StringRef object);
  Error add(const ObjectData &data);
  Expected<std::string> write();

private:
  /// Where a section of the object at hand went.
  struct Place {
    uint32_t section = 0;
    uint64_t offset = 0;
  };

  Error placeSections(const File &file);
  Error addGlobal(Symbol symbol);
  Error addSymbols(const File &file, const Elf::Shdr &table);
  Error addRelocations(const File &file, const Elf::Shdr &table);
  uint32_t sectionFor(StringRef name, const Elf::Shdr &header);
  std::vector<uint32_t> orderSymbols();

  function_ref<bool(StringRef)> isExported;
  uint16_t machine = 0;
  uint32_t fileFlags = 0;
  std::map<std::tuple<std::string, uint32_t, uint64_t, uint64_t>, uint32_t> sectionIds;
  /// Section i + 1 of the result.
  std::vector<Section> sections;
  std::vector<Symbol> symbols = std::vector<Symbol>(1);
  StringMap<uint32_t> globals;

  // Of the object at hand.
  std::vector<Place> places;
  std::vector<uint32_t> symbolIds;
};

/// What is made anew, and hints for linkers that name symbols by index.
bool isDropped(const Elf::Shdr &header) {
  switch (header.sh_type) {
  case ELF::SHT_NULL:
  case ELF::SHT_SYMTAB:
  case ELF::SHT_STRTAB:
  case ELF::SHT_RELA:
  case ELF::SHT_LLVM_ADDRSIG:
    return true;
  default:
    return false;
  }
}

uint32_t Merger::sectionFor(StringRef name, const Elf::Shdr &header) {
  // Linkers would reorder the entries of mergeable sections, between which there are now gaps.
  uint64_t flags = header.sh_flags & ~uint64_t(ELF::SHF_MERGE | ELF::SHF_STRINGS);
  uint64_t entrySize = flags == header.sh_flags ? uint64_t(header.sh_entsize) : 0;
  auto key = std::make_tuple(name.str(), uint32_t(header.sh_type), flags, entrySize);
  auto [entry, isNew] = sectionIds.try_emplace(key, uint32_t(sections.size()));
  if (isNew) {
    Section section;
    section.name = name.str();
    section.type = header.sh_type;
    section.flags = flags;
    section.entrySize = entrySize;
    sections.push_back(std::move(section));
  }
  return entry->second;
}

Error Merger::placeSections(const File &file) {
  Expected<Elf::ShdrRange> headers = file.sections();
  if (!headers)
    return headers.takeError();
  places.clear();
  for (const Elf::Shdr &header : *headers) {
    Place &place = places.emplace_back();
    if (header.sh_type == ELF::SHT_GROUP || header.sh_type == ELF::SHT_REL)
      return makeError("section groups and relocations without addends are not supported");
    if (isDropped(header))
      continue;
    Expected<StringRef> name = file.getSectionName(header);
    if (!name)
      return name.takeError();
    place.section = sectionFor(*name, header) + 1;
    Section &section = sections[place.section - 1];
    uint64_t alignment = std::max<uint64_t>(header.sh_addralign, 1);
    section.alignment = std::max(section.alignment, alignment);
    place.offset = alignTo(section.size, alignment);
    section.size = place.offset + header.sh_size;
    if (header.sh_type == ELF::SHT_NOBITS)
      continue;
    Expected<ArrayRef<uint8_t>> bytes = file.getSectionContents(header);
    if (!bytes)
      return bytes.takeError();
    section.contents.resize(place.offset);
    section.contents.append(reinterpret_cast<const char *>(bytes->data()), bytes->size());
  }
  return Error::success();
}

Error Merger::addSymbols(const File &file, const Elf::Shdr &table) {
  Expected<Elf::SymRange> entries = file.symbols(&table);
  if (!entries)
    return entries.takeError();
  Expected<StringRef> names = file.getStringTableForSymtab(table);
  if (!names)
    return names.takeError();
  symbolIds.assign(1, 0);
  for (const Elf::Sym &entry : entries->drop_front()) {
    Expected<StringRef> name = entry.getName(*names);
    if (!name)
      return name.takeError();
    Symbol symbol{name->str(), entry};
    uint16_t index = entry.st_shndx;
    if (index == ELF::SHN_COMMON || index == ELF::SHN_XINDEX)
      return makeError("symbol '" + *name + "' has an unsupported section");
    bool isDefined = index != ELF::SHN_UNDEF;
    if (isDefined && index < ELF::SHN_LORESERVE) {
      if (index >= places.size())
        return makeError("symbol '" + *name + "' has no section");
      symbol.entry.st_shndx = places[index].section;
      symbol.entry.st_value = entry.st_value + places[index].offset;
      // A section's symbol stands for its start, which is now within a larger one.
      if (entry.getType() == ELF::STT_SECTION)
        symbol.entry.setType(ELF::STT_NOTYPE);
    }
    if (entry.getBinding() == ELF::STB_LOCAL) {
      symbolIds.push_back(symbols.size());
      symbols.push_back(std::move(symbol));
      continue;
    }
    if (Error error = addGlobal(std::move(symbol)))
      return error;
    symbolIds.push_back(globals.lookup(*name));
  }
  return Error::success();
}

/// A definition replaces what was only used so far.
Error Merger::addGlobal(Symbol symbol) {
  auto [known, isNew] = globals.try_emplace(symbol.name, uint32_t(symbols.size()));
  if (isNew) {
    symbols.push_back(std::move(symbol));
    return Error::success();
  }
  Symbol &first = symbols[known->second];
  if (symbol.entry.st_shndx == ELF::SHN_UNDEF)
    return Error::success();
  if (first.entry.st_shndx != ELF::SHN_UNDEF)
    return makeError("symbol '" + symbol.name + "' is defined twice");
  first = std::move(symbol);
  return Error::success();
}

Error Merger::add(const ObjectData &data) {
  Elf::Shdr header;
  std::memset(&header, 0, sizeof header);
  header.sh_type = ELF::SHT_PROGBITS;
  header.sh_flags = ELF::SHF_ALLOC;
  uint32_t index = sectionFor(".rodata", header);
  Section &section = sections[index];
  section.alignment = std::max(section.alignment, data.alignment);
  section.contents.resize(alignTo(section.size, data.alignment));
  Symbol symbol;
  symbol.name = data.symbol.str();
  std::memset(&symbol.entry, 0, sizeof symbol.entry);
  symbol.entry.st_value = section.contents.size();
  symbol.entry.st_size = data.bytes.size();
  symbol.entry.st_shndx = index + 1;
  symbol.entry.setBindingAndType(ELF::STB_GLOBAL, ELF::STT_OBJECT);
  section.contents += data.bytes;
  section.size = section.contents.size();
  return addGlobal(std::move(symbol));
}

Error Merger::addRelocations(const File &file, const Elf::Shdr &table) {
  Expected<Elf::RelaRange> entries = file.relas(table);
  if (!entries)
    return entries.takeError();
  if (table.sh_info >= places.size())
    return makeError("relocations of no section");
  const Place &place = places[table.sh_info];
  if (place.section == 0)
    return Error::success();
  for (Elf::Rela entry : *entries) {
    uint32_t symbol = entry.getSymbol(/*isMips64EL=*/false);
    if (symbol >= symbolIds.size())
      return makeError("a relocation names no symbol");
    entry.r_offset = entry.r_offset + place.offset;
    entry.setSymbolAndType(symbolIds[symbol], entry.getType(false), false);
    sections[place.section - 1].relocations.push_back(entry);
  }
  return Error::success();
}

Error Merger::add(StringRef object) {
  Expected<File> file = File::create(object);
  if (!file)
    return file.takeError();
  const Elf::Ehdr &header = file->getHeader();
  if (header.e_type != ELF::ET_REL || (machine && header.e_machine != machine))
    return makeError("expected relocatable objects of one machine");
  machine = header.e_machine;
  fileFlags = header.e_flags;
  if (Error error = placeSections(*file))
    return error;
  symbolIds.assign(1, 0);
  Expected<Elf::ShdrRange> headers = file->sections();
  if (!headers)
    return headers.takeError();
  for (const Elf::Shdr &section : *headers)
    if (section.sh_type == ELF::SHT_SYMTAB)
      if (Error error = addSymbols(*file, section))
        return error;
  for (const Elf::Shdr &section : *headers)
    if (section.sh_type == ELF::SHT_RELA)
      if (Error error = addRelocations(*file, section))
        return error;
  return Error::success();
}

/// Decides what is local, and gives the new order (local symbols come first) as old indices.
std::vector<uint32_t> Merger::orderSymbols() {
  for (Symbol &symbol : MutableArrayRef(symbols).drop_front())
    if (symbol.entry.st_shndx != ELF::SHN_UNDEF && !isExported(symbol.name))
      symbol.entry.setBinding(ELF::STB_LOCAL);
  std::vector<uint32_t> order;
  for (bool local : {true, false})
    for (uint32_t i = 0; i < symbols.size(); ++i)
      if ((symbols[i].entry.getBinding() == ELF::STB_LOCAL) == local)
        order.push_back(i);
  return order;
}

template <typename T> void append(std::string &out, const T &value) {
  out.append(reinterpret_cast<const char *>(&value), sizeof(T));
}

Expected<std::string> Merger::write() {
  std::vector<uint32_t> order = orderSymbols();
  std::vector<uint32_t> newIds(symbols.size());
  for (auto [newId, oldId] : enumerate(order))
    newIds[oldId] = newId;

  std::string out(sizeof(Elf::Ehdr), '\0'), names(1, '\0');
  std::vector<Elf::Shdr> headers(1);
  std::memset(&headers[0], 0, sizeof(Elf::Shdr));
  auto addHeader = [&](const std::string &name, uint32_t type, uint64_t flags, uint64_t alignment,
                       uint64_t entrySize) -> Elf::Shdr & {
    Elf::Shdr header;
    std::memset(&header, 0, sizeof header);
    header.sh_name = names.size();
    names += name;
    names += '\0';
    header.sh_type = type;
    header.sh_flags = flags;
    header.sh_addralign = alignment;
    header.sh_entsize = entrySize;
    out.resize(alignTo(out.size(), alignment));
    header.sh_offset = out.size();
    return headers.emplace_back(header);
  };

  for (const Section &section : sections) {
    addHeader(section.name, section.type, section.flags, section.alignment, section.entrySize)
        .sh_size = section.size;
    out += section.contents;
  }
  uint32_t numRelocated =
      count_if(sections, [](const Section &s) { return !s.relocations.empty(); });
  uint32_t symbolTable = sections.size() + numRelocated + 1;
  for (auto [i, section] : enumerate(sections)) {
    if (section.relocations.empty())
      continue;
    Elf::Shdr &header =
        addHeader(".rela" + section.name, ELF::SHT_RELA, ELF::SHF_INFO_LINK, 8, sizeof(Elf::Rela));
    header.sh_link = symbolTable;
    header.sh_info = i + 1;
    header.sh_size = section.relocations.size() * sizeof(Elf::Rela);
    for (Elf::Rela entry : section.relocations) {
      entry.setSymbolAndType(newIds[entry.getSymbol(false)], entry.getType(false), false);
      append(out, entry);
    }
  }
  std::string strings(1, '\0');
  Elf::Shdr &table = addHeader(".symtab", ELF::SHT_SYMTAB, 0, 8, sizeof(Elf::Sym));
  table.sh_link = symbolTable + 1;
  table.sh_size = symbols.size() * sizeof(Elf::Sym);
  for (uint32_t id : order) {
    Symbol &symbol = symbols[id];
    if (symbol.entry.getBinding() == ELF::STB_LOCAL)
      table.sh_info = table.sh_info + 1;
    symbol.entry.st_name = symbol.name.empty() ? 0 : strings.size();
    if (!symbol.name.empty())
      strings += symbol.name + '\0';
    append(out, symbol.entry);
  }
  addHeader(".strtab", ELF::SHT_STRTAB, 0, 1, 0).sh_size = strings.size();
  out += strings;
  Elf::Shdr &nameTable = addHeader(".shstrtab", ELF::SHT_STRTAB, 0, 1, 0);
  nameTable.sh_size = names.size();
  out += names;
  if (headers.size() >= ELF::SHN_LORESERVE)
    return makeError("too many sections");

  out.resize(alignTo(out.size(), 8));
  Elf::Ehdr header;
  std::memset(&header, 0, sizeof header);
  std::memcpy(header.e_ident, ELF::ElfMagic, 4);
  header.e_ident[ELF::EI_CLASS] = ELF::ELFCLASS64;
  header.e_ident[ELF::EI_DATA] = ELF::ELFDATA2LSB;
  header.e_ident[ELF::EI_VERSION] = ELF::EV_CURRENT;
  header.e_type = ELF::ET_REL;
  header.e_machine = machine;
  header.e_version = ELF::EV_CURRENT;
  header.e_shoff = out.size();
  header.e_flags = fileFlags;
  header.e_ehsize = sizeof(Elf::Ehdr);
  header.e_shentsize = sizeof(Elf::Shdr);
  header.e_shnum = headers.size();
  header.e_shstrndx = headers.size() - 1;
  for (const Elf::Shdr &section : headers)
    append(out, section);
  std::memcpy(out.data(), &header, sizeof header);
  return out;
}

} // namespace

Expected<std::string> tg::cpu::mergeObjects(ArrayRef<StringRef> objects,
                                            function_ref<bool(StringRef)> isExported,
                                            ArrayRef<ObjectData> data) {
  Merger merger(isExported);
  for (const ObjectData &item : data)
    if (Error error = merger.add(item))
      return std::move(error);
  for (StringRef object : objects)
    if (Error error = merger.add(object))
      return std::move(error);
  return merger.write();
}
