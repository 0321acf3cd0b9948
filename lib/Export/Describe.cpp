//===- Describe.cpp - A compiled program as JSON ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Export/Page.h"

#include "tg/Engine/Fusion.h"
#include "tg/Machine/Machine.h"
#include "tg/Runtime/Program/Layout.h"

#include "mlir/IR/Remarks.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

#include <map>
#include <mutex>
#include <set>

using namespace mlir;
using namespace tg;
using llvm::json::Array;
using llvm::json::Object;
using llvm::json::Value;

namespace {

//===----------------------------------------------------------------------===//
// Decisions
//===----------------------------------------------------------------------===//

/// A remark of the engine, kept.
struct Decision {
  std::string category, name, kind;
  Location place;
  std::vector<std::pair<std::string, std::string>> arguments;
};

struct Decisions {
  std::mutex mutex;
  std::vector<Decision> list;
};

class DecisionKeeper : public remark::detail::MLIRRemarkStreamerBase {
public:
  explicit DecisionKeeper(std::shared_ptr<Decisions> decisions) : decisions(std::move(decisions)) {}

  void streamOptimizationRemark(const remark::detail::Remark &remark) override {
    Decision decision{remark.getCategoryName().str(),
                      remark.getRemarkName().str(),
                      remark.getRemarkTypeString().lower(),
                      remark.getLocation(),
                      {}};
    for (const remark::detail::Remark::Arg &arg : remark.getArgs())
      decision.arguments.push_back({arg.key, arg.val});
    std::lock_guard<std::mutex> lock(decisions->mutex); // Functions compile in parallel.
    decisions->list.push_back(std::move(decision));
  }

private:
  std::shared_ptr<Decisions> decisions;
};

/// The single places that a location is made of.
void collectPlaces(Location loc, llvm::SetVector<Attribute> &places) {
  if (auto fused = dyn_cast<FusedLoc>(loc)) {
    for (Location part : fused.getLocations())
      collectPlaces(part, places);
  } else if (!isa<UnknownLoc>(loc)) {
    places.insert(loc);
  }
}

/// Names of nodes, or file and line where there are none.
std::string describePlace(Location loc) {
  llvm::SetVector<StringRef> names;
  std::string file;
  cast<LocationAttr>(loc).walk([&](Attribute attr) {
    if (auto name = dyn_cast<NameLoc>(attr))
      names.insert(name.getName().getValue());
    if (auto line = dyn_cast<FileLineColLoc>(attr); line && file.empty())
      file = (line.getFilename().getValue() + ":" + Twine(line.getLine()) + ":" +
              Twine(line.getColumn()))
                 .str();
    return WalkResult::advance();
  });
  return names.empty() ? file : llvm::join(names, ", ");
}

//===----------------------------------------------------------------------===//
// Commands
//===----------------------------------------------------------------------===//

struct CommandEntry {
  unsigned index = 0, last = 0, depth = 0;
  /// The command whose body this one is in.
  std::optional<unsigned> parent;
  std::string kind;
  std::optional<uint32_t> kernel;
  std::vector<rt::BufferId> reads, writes;
  /// Who wrote what it reads.
  std::vector<std::pair<unsigned, rt::BufferId>> inputsFrom;
  /// Who must be done before, for any reason.
  std::set<unsigned> after;
  double microseconds = 0;
  unsigned level = 0;
};

/// The command tree as a list, in the order of execution, and what waits for what.
class CommandList {
public:
  CommandList(const Compilation &compilation, const rt::ProgramLayout &layout)
      : compilation(compilation), layout(layout), access(layout.buffers.size()) {
    add(compilation.program->commands, 0, std::nullopt);
  }

  /// Who may have written what the buffer holds in the end.
  const std::set<unsigned> &lastWriters(rt::BufferId id) const { return access[id].writers; }

  std::vector<CommandEntry> entries;

private:
  /// Who wrote a buffer last, more than one after branches, and who read it since.
  struct Access {
    std::set<unsigned> writers, readers;
  };

  void add(const std::vector<rt::Command> &commands, unsigned depth,
           std::optional<unsigned> parent) {
    for (const rt::Command &command : commands) {
      unsigned index = entries.size();
      CommandEntry entry;
      entry.index = index;
      entry.depth = depth;
      entry.parent = parent;
      std::visit([&](const auto &op) { fill(op, entry); }, command.op);
      wait(entry);
      entries.push_back(std::move(entry));
      std::visit([&](const auto &op) { addBodies(op, depth + 1, index); }, command.op);
      entries[index].last = entries.size() - 1;
    }
  }

  void fill(const rt::Launch &op, CommandEntry &entry) {
    entry.kind = "launch";
    entry.kernel = op.kernel;
    size_t numInputs = compilation.kernels[op.kernel].inputs.size();
    entry.reads.assign(op.buffers.begin(), op.buffers.begin() + numInputs);
    entry.writes.assign(op.buffers.begin() + numInputs, op.buffers.end());
    const rt::KernelLayout &cost = layout.kernels[op.kernel];
    entry.microseconds = estimate(double(cost.flops.value_or(0)), double(cost.bytes.value_or(0)));
  }
  void fill(const rt::Copy &op, CommandEntry &entry) {
    entry.kind = "copy";
    entry.reads = {op.source};
    entry.writes = {op.destination};
    entry.microseconds =
        estimate(0, 2.0 * double(layout.buffers[op.destination].bytes.value_or(0)));
  }
  void fill(const rt::Fill &op, CommandEntry &entry) {
    entry.kind = "fill";
    entry.writes = {op.destination};
    entry.microseconds = estimate(0, double(layout.buffers[op.destination].bytes.value_or(0)));
  }
  void fill(const rt::Check &, CommandEntry &entry) { entry.kind = "check"; }
  void fill(const rt::Bind &op, CommandEntry &entry) {
    entry.kind = "bind";
    entry.reads = {op.source};
  }
  void fill(const rt::If &op, CommandEntry &entry) {
    entry.kind = "if";
    entry.reads = {op.condition};
  }
  void fill(const rt::For &op, CommandEntry &entry) {
    entry.kind = "for";
    entry.reads = {op.lower, op.upper, op.step};
    entry.writes = {op.induction};
  }
  void fill(const rt::While &op, CommandEntry &entry) {
    entry.kind = "while";
    entry.reads = {op.condition};
  }

  template <typename Op> void addBodies(const Op &, unsigned, unsigned) {}
  void addBodies(const rt::If &op, unsigned depth, unsigned parent) {
    // Neither branch sees the other; what follows may get its values from either.
    std::vector<Access> before = access;
    add(op.thenBody, depth, parent);
    std::swap(access, before);
    add(op.elseBody, depth, parent);
    for (auto [here, other] : llvm::zip_equal(access, before)) {
      here.writers.insert(other.writers.begin(), other.writers.end());
      here.readers.insert(other.readers.begin(), other.readers.end());
    }
  }
  void addBodies(const rt::For &op, unsigned depth, unsigned parent) {
    add(op.body, depth, parent);
  }
  void addBodies(const rt::While &op, unsigned depth, unsigned parent) {
    add(op.before, depth, parent);
    add(op.after, depth, parent);
  }

  /// Microseconds on one core of a machine that nothing more is known of.
  static double estimate(double flops, double bytes) {
    return estimateNs({flops, bytes}, Machine()) / 1000;
  }

  void wait(CommandEntry &entry) {
    if (entry.parent)
      entry.after.insert(*entry.parent);
    for (rt::BufferId id : entry.reads)
      for (unsigned writer : access[id].writers) {
        entry.inputsFrom.push_back({writer, id});
        entry.after.insert(writer);
      }
    for (rt::BufferId id : entry.writes) {
      entry.after.insert(access[id].writers.begin(), access[id].writers.end());
      entry.after.insert(access[id].readers.begin(), access[id].readers.end());
    }
    for (rt::BufferId id : entry.writes)
      access[id] = {{entry.index}, {}};
    for (rt::BufferId id : entry.reads)
      if (!llvm::is_contained(entry.writes, id))
        access[id].readers.insert(entry.index);
    entry.after.erase(entry.index);
    for (unsigned earlier : entry.after)
      entry.level = std::max(entry.level, entries[earlier].level + 1);
  }

  const Compilation &compilation;
  const rt::ProgramLayout &layout;
  std::vector<Access> access; ///< By buffer.
};

/// The chain of commands that takes longest, each waiting for the one before.
std::vector<unsigned> criticalPath(ArrayRef<CommandEntry> entries) {
  std::vector<double> finish;
  std::vector<std::optional<unsigned>> before;
  std::optional<unsigned> last;
  for (const CommandEntry &entry : entries) {
    double start = 0;
    before.emplace_back();
    for (unsigned earlier : entry.after)
      if (!before.back() || finish[earlier] > start) {
        start = finish[earlier];
        before.back() = earlier;
      }
    finish.push_back(start + entry.microseconds);
    if (!last || finish.back() > finish[*last])
      last = entry.index;
  }
  std::vector<unsigned> path;
  for (std::optional<unsigned> at = last; at; at = before[*at])
    path.push_back(*at);
  std::reverse(path.begin(), path.end());
  return path;
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

class Describer {
public:
  Describer(const Compilation &compilation, const rt::ProgramLayout &layout)
      : compilation(compilation), program(*compilation.program), layout(layout),
        commands(compilation, layout) {
    for (auto [i, kernel] : llvm::enumerate(compilation.kernels))
      for (Location place : kernel.places) {
        kernelsByPlace[place].insert(i);
        llvm::SetVector<Attribute> parts;
        collectPlaces(place, parts);
        for (Attribute part : parts)
          kernelsByPart[part].insert(i);
      }
  }

  Object describe(ArrayRef<Decision> decisions, StringRef planner) {
    double flops = 0, bytes = 0, microseconds = 0;
    unsigned levels = 0;
    for (const CommandEntry &entry : commands.entries) {
      levels = std::max(levels, entry.level + 1);
      microseconds += entry.microseconds;
      if (entry.kernel) {
        flops += double(layout.kernels[*entry.kernel].flops.value_or(0));
        bytes += double(layout.kernels[*entry.kernel].bytes.value_or(0));
      }
    }
    std::vector<unsigned> path = criticalPath(commands.entries);
    double onPath = 0;
    for (unsigned index : path)
      onPath += commands.entries[index].microseconds;
    return Object{{"name", program.name},
                  {"flops", flops},
                  {"bytes_moved", bytes},
                  {"estimated_us", microseconds},
                  {"variables", variables()},
                  {"memory", memory(planner)},
                  {"buffers", buffers()},
                  {"kernels", kernels()},
                  {"order", Object{{"commands", commandTable()},
                                   {"levels", levels},
                                   {"critical_path", Array(path)},
                                   {"critical_path_us", onPath}}},
                  {"decisions", decisionTable(decisions)}};
  }

private:
  Array variables() const {
    Array result;
    for (auto [var, value] : llvm::zip_equal(program.vars, layout.vars))
      result.push_back(
          Object{{"name", var.name}, {"min", var.min}, {"max", var.max}, {"value", value}});
    return result;
  }

  static StringRef kindName(rt::BufferKind kind) {
    constexpr StringRef names[] = {"input", "output", "constant", "temp"};
    return names[unsigned(kind)];
  }

  Object memory(StringRef planner) const {
    int64_t sums[4] = {};
    for (auto [buffer, place] : llvm::zip_equal(program.buffers, layout.buffers))
      sums[unsigned(buffer.kind)] += place.bytes.value_or(0);
    return Object{{"planner", planner.str()},
                  {"arena_bytes", int64_t(layout.arenaBytes)},
                  {"arena_lower_bound_bytes", int64_t(layout.arenaLowerBound)},
                  {"unshared_bytes", sums[unsigned(rt::BufferKind::Temp)]},
                  {"input_bytes", sums[unsigned(rt::BufferKind::Input)]},
                  {"output_bytes", sums[unsigned(rt::BufferKind::Output)]},
                  {"constant_bytes", sums[unsigned(rt::BufferKind::Constant)]}};
  }

  Array buffers() const {
    std::vector<std::string> names(program.buffers.size()), results(program.buffers.size());
    for (const rt::Port &port : program.inputs)
      names[port.buffer] = port.name;
    // An output may lie where an input did.
    for (const rt::Port &port : program.outputs)
      (program.buffers[port.buffer].kind == rt::BufferKind::Output ? names : results)[port.buffer] =
          port.name;
    std::vector<std::optional<unsigned>> first(names.size()), last(names.size());
    for (const CommandEntry &entry : commands.entries)
      for (const auto *ids : {&entry.reads, &entry.writes})
        for (rt::BufferId id : *ids) {
          first[id] = first[id].value_or(entry.index);
          last[id] = entry.index;
        }
    Array result;
    for (auto [id, buffer] : llvm::enumerate(program.buffers)) {
      if (buffer.kind == rt::BufferKind::Temp && first[id]) {
        first[id] = buffer.firstUse;
        last[id] = buffer.lastUse;
      }
      result.push_back(Object{{"id", int64_t(id)},
                              {"kind", kindName(buffer.kind)},
                              {"name", names[id]},
                              {"becomes", results[id]},
                              {"bytes", layout.buffers[id].bytes},
                              {"offset", layout.buffers[id].offset},
                              {"first", first[id]},
                              {"last", last[id]},
                              {"written_by", Array(commands.lastWriters(id))}});
    }
    return result;
  }

  Array kernels() const {
    Array result;
    for (auto [kernel, cost] : llvm::zip_equal(compilation.kernels, layout.kernels))
      result.push_back(Object{{"name", kernel.name},
                              {"location", kernel.location},
                              {"shape", kernel.shape},
                              {"operations", Array(kernel.operations)},
                              {"inputs", Array(kernel.inputs)},
                              {"outputs", Array(kernel.outputs)},
                              {"launches", kernel.launches},
                              {"flops", cost.flops},
                              {"bytes", cost.bytes},
                              {"work_units", cost.range},
                              {"workspace_bytes", cost.workspaceBytes}});
    return result;
  }

  Array commandTable() const {
    Array result;
    for (const CommandEntry &entry : commands.entries) {
      Array inputsFrom, inPlace;
      for (rt::BufferId id : entry.writes)
        if (llvm::is_contained(entry.reads, id))
          inPlace.push_back(int64_t(id));
      for (auto [command, buffer] : entry.inputsFrom)
        inputsFrom.push_back(Object{{"command", command}, {"buffer", int64_t(buffer)}});
      result.push_back(Object{{"index", entry.index},
                              {"last", entry.last},
                              {"depth", entry.depth},
                              {"kind", entry.kind},
                              {"kernel", entry.kernel},
                              {"reads", Array(entry.reads)},
                              {"writes", Array(entry.writes)},
                              {"in_place", std::move(inPlace)},
                              {"inputs_from", std::move(inputsFrom)},
                              {"after", Array(entry.after)},
                              {"level", entry.level},
                              {"estimated_us", entry.microseconds}});
    }
    return result;
  }

  /// The kernels that a place of the model went into.
  std::vector<unsigned> kernelsAt(Location loc) const {
    std::set<unsigned> found;
    if (auto it = kernelsByPlace.find(loc); it != kernelsByPlace.end()) {
      found = it->second;
    } else {
      llvm::SetVector<Attribute> places;
      collectPlaces(loc, places);
      for (Attribute place : places)
        if (auto it = kernelsByPart.find(place); it != kernelsByPart.end())
          found.insert(it->second.begin(), it->second.end());
    }
    return {found.begin(), found.end()};
  }

  /// The places of `more` that are not there yet.
  static void addPlaces(Object &entry, StringRef more) {
    std::string known = entry.getString("place")->str();
    llvm::SmallVector<StringRef> names;
    StringRef(known).split(names, ", ");
    llvm::SetVector<StringRef> all(names.begin(), names.end());
    llvm::SmallVector<StringRef> others;
    more.split(others, ", ", -1, /*KeepEmpty=*/false);
    all.insert(others.begin(), others.end());
    all.remove("");
    entry["place"] = llvm::join(all, ", ");
  }

  Array decisionTable(ArrayRef<Decision> decisions) const {
    Array result;
    // A merge is tried again as kernels grow: one entry for each refusal, with all of its places
    // and the numbers of the first.
    std::map<std::string, size_t> refusals;
    for (const Decision &decision : decisions) {
      Object numbers;
      std::string reason;
      for (const auto &[key, value] : decision.arguments) {
        int64_t number;
        if (key == "Reason" || key == "Remark")
          reason += (reason.empty() ? "" : "; ") + value;
        else if (!StringRef(value).getAsInteger(10, number))
          numbers[key] = number;
        else
          numbers[key] = value;
      }
      std::string refused = decision.name + ": " + reason;
      if (auto from = numbers.getString("from"))
        refused += " from " + from->str();
      Object entry{{"category", decision.category}, {"name", decision.name},
                   {"kind", decision.kind},         {"reason", std::move(reason)},
                   {"numbers", std::move(numbers)}, {"kernels", Array(kernelsAt(decision.place))}};
      std::string place = describePlace(decision.place);
      if (decision.kind == "missed") {
        refused += llvm::formatv(" in {0}", *entry.get("kernels"));
        auto [it, isNew] = refusals.insert({refused, result.size()});
        if (!isNew) {
          addPlaces(*result[it->second].getAsObject(), place);
          continue;
        }
      }
      entry["place"] = place;
      result.push_back(std::move(entry));
    }
    return result;
  }

  const Compilation &compilation;
  const rt::Program &program;
  const rt::ProgramLayout &layout;
  CommandList commands;
  /// Kernels by their whole location, and by each place that is a part of it.
  llvm::DenseMap<Attribute, std::set<unsigned>> kernelsByPlace, kernelsByPart;
};

} // namespace

FailureOr<Object> tg::describeProgram(ModuleOp module, CompileOptions options,
                                      const DescribeOptions &describe) {
  auto planner = rt::MemoryPlannerRegistry().get(describe.memoryPlanner);
  if (!planner.ok())
    return emitError(UnknownLoc::get(module.getContext())) << planner.message();
  auto decisions = std::make_shared<Decisions>();
  remark::RemarkCategories categories;
  categories.passed = categories.missed = categories.analysis = categories.failed =
      "tg-(fusion|order|memory)";
  if (failed(remark::enableOptimizationRemarks(
          *module.getContext(), std::make_unique<DecisionKeeper>(decisions),
          std::make_unique<remark::RemarkEmittingPolicyAll>(), categories)))
    return failure();
  FailureOr<Compilation> compilation = compile(module, options);
  if (failed(compilation))
    return failure();
  rt::Result<rt::ProgramLayout> layout =
      rt::layoutProgram(*compilation->program, describe.vars, **planner);
  if (!layout.ok())
    return emitError(UnknownLoc::get(module.getContext())) << layout.message();
  return Describer(*compilation, *layout).describe(decisions->list, describe.memoryPlanner);
}
