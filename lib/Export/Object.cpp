//===- Object.cpp - Programs as objects ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The object holds
//   .text     the kernels, under local names: two programs may share some
//   .rodata   the program file's bytes without code
//   table     {version, name, bytes, size, {kernel's symbol, kernel} ...}
//
//===----------------------------------------------------------------------===//

#include "tg/Export/Object.h"

#include "Options.h"

#include "tg/Compiler/Pipeline.h"
#include "tg/InitAll.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Tools/mlir-translate/Translation.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"

#include <set>

using namespace mlir;
using namespace tg;

/// Of tg_linked_program; the runtime takes no other.
static constexpr int64_t linkedProgramVersion = 1;
/// What the table calls the program's bytes.
static constexpr llvm::StringLiteral bytesSymbol = "tg_program_bytes";

namespace {

/// The table as a module in the LLVM dialect.
class TableBuilder {
public:
  TableBuilder(Location loc, StringRef name)
      : name(name), b(loc, loc.getContext()), module(ModuleOp::create(loc)) {
    b.setInsertionPointToEnd(module->getBody());
  }

  OwningOpRef<ModuleOp> build(const rt::Program &program, int64_t size) {
    addGlobal(bytesSymbol, LLVM::LLVMArrayType::get(b.getI8Type(), size), LLVM::Linkage::External);
    std::set<std::string> symbols;
    for (const rt::Kernel &kernel : program.kernels)
      symbols.insert(kernel.symbol);
    auto kernelType = LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(b.getContext()), {});
    for (const std::string &symbol : symbols)
      LLVM::LLVMFuncOp::create(b, symbol, kernelType);

    auto entry = LLVM::LLVMStructType::getLiteral(b.getContext(), {pointer(), pointer()});
    auto entries = LLVM::LLVMArrayType::get(entry, symbols.size());
    unsigned index = 0;
    for (const std::string &symbol : symbols)
      addString("symbol" + std::to_string(index++), symbol);
    addString("name", name);
    fill(addGlobal("kernels", entries, LLVM::Linkage::Internal), [&](Value table) {
      int64_t at = 0;
      for (const std::string &symbol : symbols) {
        table = LLVM::InsertValueOp::create(b, table, addressOf("symbol" + std::to_string(at)),
                                            ArrayRef<int64_t>{at, 0});
        table = LLVM::InsertValueOp::create(b, table, addressOf(symbol), ArrayRef<int64_t>{at, 1});
        ++at;
      }
      return table;
    });

    auto word = b.getI64Type();
    auto type = LLVM::LLVMStructType::getLiteral(
        b.getContext(), {word, pointer(), pointer(), word, pointer(), word});
    fill(addGlobal((name + "_program").str(), type, LLVM::Linkage::External), [&](Value table) {
      Value fields[] = {number(linkedProgramVersion), addressOf("name"),
                        addressOf(bytesSymbol),       number(size),
                        addressOf("kernels"),         number(symbols.size())};
      for (auto [i, field] : llvm::enumerate(fields))
        table = LLVM::InsertValueOp::create(b, table, field, ArrayRef<int64_t>{int64_t(i)});
      return table;
    });
    return std::move(module);
  }

private:
  Type pointer() { return LLVM::LLVMPointerType::get(b.getContext()); }
  Value number(int64_t value) {
    return LLVM::ConstantOp::create(b, b.getI64Type(), b.getI64IntegerAttr(value));
  }
  Value addressOf(StringRef symbol) { return LLVM::AddressOfOp::create(b, pointer(), symbol); }
  LLVM::GlobalOp addGlobal(StringRef symbol, Type type, LLVM::Linkage linkage,
                           Attribute value = Attribute()) {
    return LLVM::GlobalOp::create(b, type, /*isConstant=*/true, linkage, symbol, value);
  }
  void addString(StringRef symbol, StringRef text) {
    std::string bytes = (text + Twine('\0')).str();
    addGlobal(symbol, LLVM::LLVMArrayType::get(b.getI8Type(), bytes.size()),
              LLVM::Linkage::Internal, b.getStringAttr(bytes));
  }
  /// Makes the initial value of `global` from an undefined one.
  void fill(LLVM::GlobalOp global, llvm::function_ref<Value(Value)> makeValue) {
    OpBuilder::InsertionGuard guard(b);
    b.createBlock(&global.getInitializerRegion());
    Value value = makeValue(LLVM::UndefOp::create(b, global.getType()));
    LLVM::ReturnOp::create(b, value);
  }

  StringRef name;
  ImplicitLocOpBuilder b;
  OwningOpRef<ModuleOp> module;
};

} // namespace

LogicalResult tg::exportObject(ModuleOp module, StringRef name, const CompileOptions &options,
                               llvm::raw_ostream &os) {
  Location loc = module.getLoc();
  FailureOr<Compilation> compilation = compile(module, options);
  if (failed(compilation))
    return failure();
  rt::Program program = *compilation->program;
  std::vector<StringRef> objects;
  for (rt::CodeModule &code : program.code) {
    objects.emplace_back(static_cast<const char *>(code.bytes.data.get()), code.bytes.size);
    code.format = "linked";
    code.bytes = {};
  }
  rt::Result<std::string> bytes = rt::serializeProgram(program);
  if (!bytes.ok())
    return emitError(loc) << bytes.message();
  auto target = createTarget(options);
  if (!target)
    return emitError(loc) << llvm::toString(target.takeError());

  OwningOpRef<ModuleOp> table = TableBuilder(loc, name).build(program, bytes->size());
  llvm::Expected<std::string> merged =
      (*target)->linkObject(*table, objects, bytesSymbol, *bytes, (name + "_program").str());
  // The kernels' bytes are still those of `compilation`.
  if (!merged)
    return emitError(loc) << llvm::toString(merged.takeError());
  os << *merged;
  return success();
}

static LogicalResult checkName(ModuleOp module, StringRef name) {
  bool isIdentifier = !name.empty() && !llvm::isDigit(name.front()) &&
                      llvm::all_of(name, [](char c) { return llvm::isAlnum(c) || c == '_'; });
  if (isIdentifier)
    return success();
  return emitError(UnknownLoc::get(module.getContext()))
         << "--uop-object-name: expected a C identifier, got '" << name << "'";
}

void tg::registerObjectTranslations() {
  registerTargetOptions();
  static llvm::cl::opt<std::string> name(
      "uop-object-name", llvm::cl::init("model"),
      llvm::cl::desc("What names in the object and the header start with"));
  static TranslateFromMLIRRegistration object(
      "uop-to-object", "compile a module to an object for the C runtime",
      [](ModuleOp module, llvm::raw_ostream &os) {
        module.getContext()->printOpOnDiagnostic(false); // The place says enough.
        if (failed(checkName(module, name)))
          return failure();
        return exportObject(module, name, targetOptions(), os);
      },
      registerAllDialects);
  static TranslateFromMLIRRegistration header(
      "uop-to-header", "write the C header of the object that --uop-to-object makes",
      [](ModuleOp module, llvm::raw_ostream &os) {
        module.getContext()->printOpOnDiagnostic(false); // The place says enough.
        if (failed(checkName(module, name)))
          return failure();
        return exportHeader(module, name, targetOptions(), os);
      },
      registerAllDialects);
}
