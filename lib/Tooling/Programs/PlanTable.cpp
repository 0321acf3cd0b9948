//===- PlanTable.cpp - Buffers with lives, as CSV -------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tg/Tooling/Programs/PlanTable.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <map>

using namespace tg;
using namespace tg::plan_memory;

namespace {

using Fields = std::vector<std::string>;

struct FileCloser {
  void operator()(std::FILE *file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, FileCloser>;

rt::Result<std::string> readText(const std::string &path) {
  File file(std::fopen(path.c_str(), "rb"));
  std::string text;
  char buffer[1 << 16];
  while (file)
    if (size_t count = std::fread(buffer, 1, sizeof(buffer), file.get()))
      text.append(buffer, count);
    else
      break;
  if (!file || std::ferror(file.get()))
    return rt::error(path + ": cannot read: " + std::strerror(errno));
  return text;
}

/// Without the line ends; blank lines are empty.
std::vector<std::string> linesOf(const std::string &text) {
  std::vector<std::string> lines;
  // Spreadsheets start UTF-8 with a byte order mark.
  size_t start = text.compare(0, 3, "\xEF\xBB\xBF") == 0 ? 3 : 0;
  for (size_t begin = start; begin < text.size();) {
    size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    if (!lines.back().empty() && lines.back().back() == '\r')
      lines.back().pop_back();
    begin = end + 1;
  }
  return lines;
}

Fields split(const std::string &line) {
  Fields fields;
  for (size_t begin = 0;;) {
    size_t end = std::min(line.find(',', begin), line.size());
    size_t first = std::min(line.find_first_not_of(" \t", begin), end);
    size_t last = end;
    while (last > first && (line[last - 1] == ' ' || line[last - 1] == '\t'))
      --last;
    fields.push_back(line.substr(first, last - first));
    if (end == line.size())
      return fields;
    begin = end + 1;
  }
}

std::string join(Fields fields, size_t without) {
  std::string line;
  for (size_t i = 0; i < fields.size(); ++i)
    if (i != without)
      line += (line.empty() ? "" : ",") + fields[i];
  return line;
}

/// Where a field is, for messages.
struct Place {
  const std::string &path;
  size_t line;
  std::string text() const { return path + ":" + std::to_string(line); }
  rt::Status error(const std::string &message) const { return rt::error(message).in(text()); }
};

rt::Status parse(const std::string &field, const char *column, const Place &place,
                 int64_t &result) {
  auto [end, code] = std::from_chars(field.data(), field.data() + field.size(), result);
  if (code == std::errc::result_out_of_range)
    return place.error(std::string(column) + ": " + field + " does not fit 64 bits");
  if (code != std::errc() || end != field.data() + field.size())
    return place.error(std::string(column) + ": expected a whole number, got '" + field + "'");
  if (result < 0)
    return place.error(std::string(column) + ": expected at least 0, got " + field);
  return {};
}

/// The columns that have a meaning here; -1: not there.
struct Columns {
  size_t count = 0;
  int id = -1, lower = -1, upper = -1, size = -1, offset = -1, alignment = -1;
};

rt::Result<Columns> columnsOf(const Fields &names, const Place &place) {
  Columns columns;
  columns.count = names.size();
  const std::pair<const char *, int *> known[] = {
      {"id", &columns.id},     {"lower", &columns.lower},   {"upper", &columns.upper},
      {"size", &columns.size}, {"offset", &columns.offset}, {"alignment", &columns.alignment}};
  for (const auto &[name, column] : known)
    for (size_t i = 0; i < names.size(); ++i) {
      if (names[i] != name)
        continue;
      if (*column >= 0)
        return place.error(std::string("column '") + name + "' is there twice");
      *column = int(i);
    }
  for (const auto &[name, column] : known)
    if (*column < 0 && column != &columns.offset && column != &columns.alignment)
      return place.error(std::string("no column '") + name +
                         "'; expected a first line such as id,lower,upper,size");
  return columns;
}

struct Life {
  int64_t lower, upper;
};

} // namespace

rt::Result<Table> plan_memory::readTable(const std::string &path, uint64_t alignment) {
  rt::Result<std::string> text = readText(path);
  if (!text)
    return text.status();
  std::vector<std::string> lines = linesOf(*text);
  if (lines.empty())
    return rt::error(path + ": the file is empty; expected a first line id,lower,upper,size");
  Fields names = split(lines[0]);
  rt::Result<Columns> columns = columnsOf(names, {path, 1});
  if (!columns)
    return columns.status();

  Table table;
  table.header = join(names, columns->offset);
  std::vector<Life> lives;
  std::map<std::string, size_t> lineOf;
  for (size_t i = 1; i < lines.size(); ++i) {
    Place place{path, i + 1};
    if (lines[i].empty())
      continue;
    Fields fields = split(lines[i]);
    if (fields.size() != columns->count)
      return place.error("expected " + std::to_string(columns->count) + " fields, got " +
                         std::to_string(fields.size()));
    const std::string &id = fields[columns->id];
    if (id.empty())
      return place.error("id: expected a name");
    if (auto [found, isNew] = lineOf.emplace(id, i + 1); !isNew)
      return place.error("id: '" + id + "' is the name of line " + std::to_string(found->second) +
                         " already");
    int64_t lower = 0, upper = 0, size = 0, ownAlignment = 0;
    rt::Status status = parse(fields[columns->lower], "lower", place, lower);
    if (status)
      status = parse(fields[columns->upper], "upper", place, upper);
    if (status)
      status = parse(fields[columns->size], "size", place, size);
    if (status && columns->alignment >= 0)
      status = parse(fields[columns->alignment], "alignment", place, ownAlignment);
    if (!status)
      return status;
    if (upper <= lower)
      return place.error("upper: expected more than lower, which is " + std::to_string(lower) +
                         ", got " + std::to_string(upper));
    if (ownAlignment > 1 && alignment % uint64_t(ownAlignment) != 0)
      return place.error("alignment: " + std::to_string(ownAlignment) + " does not divide " +
                         std::to_string(alignment) + ", to which all are aligned (--alignment)");
    lives.push_back({lower, upper});
    table.rows.push_back(join(fields, columns->offset));
    table.blocks.push_back({uint64_t(size), 0, 0});
  }

  std::vector<int64_t> times;
  for (const Life &life : lives) {
    times.push_back(life.lower);
    times.push_back(life.upper);
  }
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
  auto rank = [&](int64_t time) {
    return uint32_t(std::lower_bound(times.begin(), times.end(), time) - times.begin());
  };
  for (size_t i = 0; i < lives.size(); ++i) {
    table.blocks[i].first = rank(lives[i].lower);
    table.blocks[i].last = rank(lives[i].upper) - 1;
  }
  return table;
}

rt::Status plan_memory::writeTable(const Table &table, const std::vector<uint64_t> &offsets,
                                   const std::string &path) {
  std::string text = table.header + ",offset\n";
  for (size_t i = 0; i < table.rows.size(); ++i)
    text += table.rows[i] + "," + std::to_string(offsets[i]) + "\n";
  std::FILE *file = std::fopen(path.c_str(), "wb");
  bool written = file && std::fwrite(text.data(), 1, text.size(), file) == text.size();
  // Closing may fail too: it writes what is buffered.
  if (file && std::fclose(file) != 0)
    written = false;
  return written ? rt::Status() : rt::error(path + ": cannot write: " + std::strerror(errno));
}
