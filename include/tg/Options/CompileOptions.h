//===- CompileOptions.h - The options of compiling, once ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one table of compile options. tg-run, the pipelines of tg-opt, the C API, Python, the page
// docs/reference/options.md and the keys of the kernel cache take names, types, defaults and words
// from it: a new option is a field here and a line in lib/Options/CompileOptions.cpp.
//
//===----------------------------------------------------------------------===//

#ifndef TG_OPTIONS_COMPILEOPTIONS_H
#define TG_OPTIONS_COMPILEOPTIONS_H

#include <string>
#include <variant>
#include <vector>

namespace tg {

/// What to compile for and how. The table says what each is.
struct CompileSettings {
  std::string entry;
  /// A target's name (tg/Target/Target.h); empty: the one that comes with tg.
  std::string device;
  std::string fusion = "default";
  std::string order = "memory";
  /// The memory of these inputs may become an output's (rt::Port::tiedOutput). A run that does not
  /// donate one (rt::RunInput::donated) copies it.
  std::vector<std::string> donated;
  bool inPlace = true;
  bool fastMath = false;
  bool simplify = true;
  unsigned optLevel = 1;
  bool checkIndices = false;
  std::string targetCpu;
  std::string targetFeatures;
  std::string cacheDirectory;
};

/// One of them, as front ends offer it.
struct CompileOption {
  /// Words of the name are joined by `-`; in Python by `_`.
  const char *name;
  std::variant<bool CompileSettings::*, unsigned CompileSettings::*, std::string CompileSettings::*,
               std::vector<std::string> CompileSettings::*>
      field;
  /// What the value is, for help: `NAME`; null for flags. A number goes from 0 to `most`.
  const char *value;
  unsigned most;
  /// What it says, and of a flag that is on by default, what happens without.
  const char *help, *offHelp;
  /// Whether the pipelines of tg-opt have it, and whether the code of a kernel depends on it: then
  /// it is part of the cache's key.
  bool isOfPipelines, isOfCode;

  bool isFlag() const { return std::holds_alternative<bool CompileSettings::*>(field); }
  bool isList() const {
    return std::holds_alternative<std::vector<std::string> CompileSettings::*>(field);
  }
  /// Sets the field, or adds to it if that is a list. What is wrong with the text; empty if nothing
  /// is.
  std::string set(CompileSettings &settings, const std::string &text) const;
  /// The value as text; of a list separated by commas.
  std::string get(const CompileSettings &settings) const;
};

/// All of them, in the order of help texts.
const std::vector<CompileOption> &getCompileOptions();
/// Null if there is none of that name.
const CompileOption *findCompileOption(const std::string &name);
/// Sets an option by its name. What is wrong, for the user; empty if nothing is.
std::string setCompileOption(CompileSettings &settings, const std::string &name,
                             const std::string &text);
/// The table in Markdown.
std::string describeCompileOptions();

} // namespace tg

#endif // TG_OPTIONS_COMPILEOPTIONS_H
