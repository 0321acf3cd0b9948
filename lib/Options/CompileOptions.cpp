//===- CompileOptions.cpp - The options of compiling, once ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Options/CompileOptions.h"

#include <algorithm>

using namespace tg;

const std::vector<CompileOption> &tg::getCompileOptions() {
  using S = CompileSettings;
  constexpr bool yes = true, no = false;
  static const std::vector<CompileOption> table = {
      // name, field, value, most, help, without, of pipelines, of code
      {"entry", &S::entry, "NAME", 0, "the function to compile (main, or the only public one)",
       nullptr, no, no},
      {"device", &S::device, "NAME", 0, "what runs the kernels (cpu)", nullptr, yes, no},
      {"fusion", &S::fusion, "NAME", 0,
       "how kernels are formed: none, conservative, default, aggressive", nullptr, yes, no},
      {"order", &S::order, "NAME", 0, "the order of kernels: memory, program", nullptr, yes, no},
      {"donate", &S::donated, "NAME", 0, "an input that a run may overwrite with a result", nullptr,
       no, no},
      {"in-place", &S::inPlace, nullptr, 0, "results take over the buffers of inputs that die",
       "every result gets a buffer of its own", yes, no},
      {"opt-level", &S::optLevel, "0|1", 1, "0: scalar loops, 1: the default schedule", nullptr, no,
       yes},
      {"fast-math", &S::fastMath, nullptr, 0, "rewrites that change float results by rounding",
       nullptr, yes, no},
      {"simplify", &S::simplify, nullptr, 0, "rewrite the graph, besides decompositions",
       "leave the graph as it is but for decompositions", no, no},
      {"check-indices", &S::checkIndices, nullptr, 0, "an index out of range is an error", nullptr,
       no, yes},
      {"target-cpu", &S::targetCpu, "NAME", 0, "the processor to compile for (this one)", nullptr,
       no, yes},
      {"target-features", &S::targetFeatures, "LIST", 0, "its features, +avx2,-fma", nullptr, no,
       yes},
      {"cache", &S::cacheDirectory, "DIR|none", 0, "where compiled kernels are kept", nullptr, no,
       no},
  };
  return table;
}

std::string CompileOption::set(CompileSettings &settings, const std::string &text) const {
  if (auto *flag = std::get_if<bool CompileSettings::*>(&field)) {
    if (text != "true" && text != "false")
      return "expected true or false, got '" + text + "'";
    settings.**flag = text == "true";
  } else if (auto *number = std::get_if<unsigned CompileSettings::*>(&field)) {
    bool isNumber =
        !text.empty() && text.size() < 6 &&
        std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!isNumber || std::stoul(text) > most)
      return "expected an integer from 0 to " + std::to_string(most) + ", got '" + text + "'";
    settings.**number = std::stoul(text);
  } else if (auto *list = std::get_if<std::vector<std::string> CompileSettings::*>(&field)) {
    (settings.**list).push_back(text);
  } else {
    settings.*std::get<std::string CompileSettings::*>(field) = text;
  }
  return "";
}

std::string CompileOption::get(const CompileSettings &settings) const {
  if (auto *flag = std::get_if<bool CompileSettings::*>(&field))
    return settings.**flag ? "true" : "false";
  if (auto *number = std::get_if<unsigned CompileSettings::*>(&field))
    return std::to_string(settings.**number);
  if (auto *text = std::get_if<std::string CompileSettings::*>(&field))
    return settings.**text;
  std::string joined;
  for (const std::string &item :
       settings.*std::get<std::vector<std::string> CompileSettings::*>(field))
    joined += (joined.empty() ? "" : ",") + item;
  return joined;
}

const CompileOption *tg::findCompileOption(const std::string &name) {
  for (const CompileOption &option : getCompileOptions())
    if (name == option.name)
      return &option;
  return nullptr;
}

std::string tg::setCompileOption(CompileSettings &settings, const std::string &name,
                                 const std::string &text) {
  if (const CompileOption *option = findCompileOption(name)) {
    std::string message = option->set(settings, text);
    return message.empty() ? "" : name + ": " + message;
  }
  std::string names;
  for (const CompileOption &option : getCompileOptions())
    names += (names.empty() ? "" : ", ") + std::string(option.name);
  return "there is no option '" + name + "'; there are: " + names;
}

std::string tg::describeCompileOptions() {
  std::string text = "| option | value | default | what it says |\n| --- | --- | --- | --- |\n";
  auto code = [](const std::string &word) { return word.empty() ? "" : "`" + word + "`"; };
  for (const CompileOption &option : getCompileOptions()) {
    std::string value = option.isFlag() ? "true\\|false" : option.value, quoted;
    for (char c : value) // A bar ends a cell.
      quoted += c == '|' && (quoted.empty() || quoted.back() != '\\') ? "\\|" : std::string(1, c);
    text += "| `" + std::string(option.name) + "` | " + quoted +
            (option.isList() ? ", may be repeated" : "") + " | " +
            code(option.get(CompileSettings())) + " | " + option.help + " |\n";
  }
  return text;
}
