//===- Translate.cpp - Runs the translations of a command line ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Takes the options of mlir-translate, and means the same by them. But modules go from one
// translation to the next with their locations: so a page, a graph or an error tells the node of
// the model, or the place in the file that the first translation read.
// test/Tools/tg-translate.test shows it.
//
//===----------------------------------------------------------------------===//

#include "tg/Tooling/Translate.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Support/Timing.h"
#include "mlir/Support/ToolUtilities.h"
#include "mlir/Tools/mlir-translate/Translation.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/ToolOutputFile.h"

using namespace mlir;
namespace cl = llvm::cl;

namespace {

using VerifyLevel = SourceMgrDiagnosticVerifierHandler::Level;

/// The options of the command line; at most one object of it may live.
struct Options {
  cl::opt<std::string> input{cl::Positional, cl::desc("<input file>"), cl::init("-")};
  cl::opt<std::string> output{"o", cl::desc("Output file"), cl::value_desc("filename"),
                              cl::init("-")};
  cl::opt<bool> allowUnregistered{"allow-unregistered-dialect",
                                  cl::desc("Allow operations of dialects that are not registered")};
  cl::opt<std::string> split{"split-input-file", cl::ValueOptional,
                             cl::desc("Translate each part of the input by itself; parts end with "
                                      "this marker, '// -----' by default")};
  cl::opt<std::string> outputMarker{"output-split-marker",
                                    cl::desc("What stands between the outputs of parts")};
  cl::opt<VerifyLevel> verify{"verify-diagnostics", cl::ValueOptional,
                              cl::desc("Check that diagnostics are those of expected-* lines"),
                              cl::values(clEnumValN(VerifyLevel::All, "all", "all of them"),
                                         clEnumValN(VerifyLevel::All, "", "all of them"),
                                         clEnumValN(VerifyLevel::OnlyExpected, "only-expected",
                                                    "unexpected ones as well"))};
  cl::opt<bool> errorsOnly{"error-diagnostics-only", cl::desc("No warnings, remarks and notes")};
  cl::list<const Translation *, bool, TranslationParser> translations{
      "", cl::desc("Translations to perform"), cl::Required};
};

/// While it lives, modules are printed with locations.
class PrintLocations {
public:
  PrintLocations() : option(cl::getRegisteredOptions().lookup("mlir-print-debuginfo")) {
    // What the user says about it holds for all that is printed.
    if (option && option->getNumOccurrences() > 0)
      option = nullptr;
    if (option)
      option->addOccurrence(0, option->ArgStr, "true");
  }
  ~PrintLocations() {
    if (option)
      option->reset();
  }
  PrintLocations(const PrintLocations &) = delete;
  PrintLocations &operator=(const PrintLocations &) = delete;

private:
  cl::Option *option;
};

class Driver {
public:
  Driver(Options &options, TimingScope &timing) : options(options), timing(timing) {}

  /// All translations, the first one of `input`; the last one writes to `os`.
  LogicalResult run(std::unique_ptr<llvm::MemoryBuffer> input, llvm::raw_ostream &os);

private:
  LogicalResult translate(const Translation &translation, const llvm::MemoryBuffer &input,
                          llvm::raw_ostream &os);

  Options &options;
  TimingScope &timing;
};

} // namespace

LogicalResult Driver::translate(const Translation &translation, const llvm::MemoryBuffer &input,
                                llvm::raw_ostream &os) {
  TimingScope scope = timing.nest(translation.getDescription());
  bool verifies = options.verify.getNumOccurrences() > 0;
  MLIRContext context;
  context.allowUnregisteredDialects(options.allowUnregistered);
  context.printOpOnDiagnostic(!verifies);
  auto sources = std::make_shared<llvm::SourceMgr>();
  // The text stays with its owner, so that a model is not copied.
  sources->AddNewSourceBuffer(llvm::MemoryBuffer::getMemBuffer(input.getMemBufferRef(),
                                                               /*RequiresNullTerminator=*/false),
                              llvm::SMLoc());
  if (verifies) {
    SourceMgrDiagnosticVerifierHandler handler(*sources, &context, options.verify);
    (void)translation(sources, os, &context);
    return handler.verify();
  }
  SourceMgrDiagnosticHandler handler(*sources, &context);
  if (options.errorsOnly)
    context.getDiagEngine().registerHandler([](Diagnostic &diagnostic) {
      return success(diagnostic.getSeverity() != DiagnosticSeverity::Error);
    });
  return translation(sources, os, &context);
}

LogicalResult Driver::run(std::unique_ptr<llvm::MemoryBuffer> input, llvm::raw_ostream &os) {
  ArrayRef<const Translation *> translations(options.translations);
  std::string name = input->getBufferIdentifier().str();
  for (const Translation *translation : translations.drop_back()) {
    PrintLocations printLocations;
    SmallVector<char, 0> text;
    llvm::raw_svector_ostream stream(text);
    if (failed(translate(*translation, *input, stream)))
      return failure();
    input =
        std::make_unique<llvm::SmallVectorMemoryBuffer>(std::move(text), name + " (translated)");
  }
  return translate(*translations.back(), *input, os);
}

static std::unique_ptr<llvm::MemoryBuffer> open(const std::string &path, const Translation &reader,
                                                std::string &error) {
  if (std::optional<llvm::Align> alignment = reader.getInputAlignment())
    return openInputFile(path, *alignment, &error);
  return openInputFile(path, &error);
}

LogicalResult tg::translateMain(int argc, char **argv, llvm::StringRef overview) {
  llvm::InitLLVM init(argc, argv);
  Options options;
  options.split.setCallback([&](const std::string &marker) {
    if (marker.empty())
      options.split.setValue(kDefaultSplitMarker);
  });
  registerAsmPrinterCLOptions();
  registerMLIRContextCLOptions();
  registerTranslationCLOptions();
  registerDefaultTimingManagerCLOptions();
  cl::ParseCommandLineOptions(argc, argv, overview);

  DefaultTimingManager timingManager;
  applyDefaultTimingManagerCLOptions(timingManager);
  TimingScope timing = timingManager.getRootScope();
  std::string error;
  std::unique_ptr<llvm::MemoryBuffer> input =
      open(options.input, *options.translations.front(), error);
  std::unique_ptr<llvm::ToolOutputFile> output =
      input ? openOutputFile(options.output, &error) : nullptr;
  if (!output) {
    llvm::errs() << error << "\n";
    return failure();
  }
  Driver driver(options, timing);
  auto process = [&](std::unique_ptr<llvm::MemoryBuffer> part, llvm::raw_ostream &os) {
    return driver.run(std::move(part), os);
  };
  if (failed(splitAndProcessBuffer(std::move(input), process, output->os(), options.split,
                                   options.outputMarker)))
    return failure();
  output->keep();
  return success();
}
