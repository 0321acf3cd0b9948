//===- KernelCompiler.cpp - Objects of kernels, from the cache or made ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelCompiler.h"

#include "BuildId.h"

#include "tg/Codegen/Passes.h"
#include "tg/Compiler/Pipeline.h"
#include "tg/Runtime/Hash.h"

#include "mlir/AsmParser/AsmParser.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

/// Part of every key: raise it when the meaning of a kernel's text or object changes.
static constexpr llvm::StringLiteral formatVersion = "tg-kernel-1";

KernelCompiler::KernelCompiler(MLIRContext *context, const CompileOptions &options,
                               const Target &target, KernelStore *store)
    : context(context), options(options), target(target),
      store(options.cacheDirectory == "none" ? nullptr : store) {
  // Kernels compile in parallel in one context, where loading a dialect is a race: load all now.
  PassManager pm(context, ModuleOp::getOperationName());
  buildCodegenStage(pm, options, target);
  DialectRegistry dialects;
  pm.getDependentDialects(dialects);
  context->appendDialectRegistry(dialects);
  for (StringRef name : dialects.getDialectNames())
    context->getOrLoadDialect(name);
  if (options.cacheDirectory == "none")
    return;
  rt::DiskCacheOptions cacheOptions;
  if (!options.cacheDirectory.empty())
    cacheOptions.directory = options.cacheDirectory;
  if (!cacheOptions.directory.empty())
    cache = std::make_unique<rt::DiskCache>(cacheOptions);
}

/// What the object depends on: the kernel's text without locations, the target, the options, and
/// the compiler, told apart by its build.
std::string KernelCompiler::keyOf(ModuleOp module) const {
  std::string text;
  llvm::raw_string_ostream os(text);
  module.print(os, OpPrintingFlags().useLocalScope());
  os << formatVersion << '\n'
     << buildId() << '\n'
     << target.getName() << '\n'
     << target.getCacheKey() << '\n';
  for (const CompileOption &option : getCompileOptions())
    if (option.isOfCode)
      os << option.name << '=' << option.get(options) << '\n';
  return rt::sha256Hex(text.data(), text.size());
}

//===----------------------------------------------------------------------===//
// Cache entries: the costs, one to a line, then the object
//===----------------------------------------------------------------------===//

static std::string pack(const CompiledKernel &kernel) {
  std::string text;
  llvm::raw_string_ostream os(text);
  for (DimAttr dim : {kernel.range, kernel.workspace, kernel.flops, kernel.bytes})
    os << Attribute(dim) << '\n';
  return text + kernel.object;
}

static std::optional<CompiledKernel> unpack(MLIRContext *context, StringRef bytes) {
  CompiledKernel kernel;
  // Damage was ruled out by the cache's checksum; a parse error would only mean another version.
  ScopedDiagnosticHandler quiet(context, [](Diagnostic &) { return success(); });
  for (DimAttr *dim : {&kernel.range, &kernel.workspace, &kernel.flops, &kernel.bytes}) {
    auto [line, rest] = bytes.split('\n');
    *dim = dyn_cast_or_null<DimAttr>(parseAttribute(line, context));
    if (!*dim)
      return std::nullopt;
    bytes = rest;
  }
  kernel.object = bytes.str();
  kernel.fromCache = true;
  return kernel;
}

FailureOr<CompiledKernel> KernelCompiler::compile(ModuleOp module) {
  std::string key = keyOf(module);
  std::string symbol = "tg_" + key.substr(0, 24);
  auto fromCache = [&]() -> std::optional<std::string> {
    if (store)
      if (std::optional<std::string> bytes = store->get(key))
        return bytes;
    std::optional<std::string> bytes = cache ? cache->get(key) : std::nullopt;
    if (bytes && store)
      store->put(key, *bytes);
    return bytes;
  };
  if (std::optional<std::string> bytes = fromCache())
    if (std::optional<CompiledKernel> kernel = unpack(context, *bytes)) {
      kernel->symbol = symbol;
      return *kernel;
    }

  auto function = *module.getOps<func::FuncOp>().begin();
  function.setSymName(symbol);
  PassManager pm(context, ModuleOp::getOperationName());
  pm.enableVerifier(false);
  buildCodegenStage(pm, options, target);
  if (failed(pm.run(module)))
    return failure();
  if (options.onStage)
    options.onStage("codegen", module);

  CompiledKernel kernel;
  kernel.symbol = symbol;
  KernelCosts costs = getKernelCosts(module, symbol);
  if (!costs.range || !costs.workspace || !costs.flops || !costs.bytes)
    return module.emitError("internal error: code generation left no kernel function");
  kernel.range = costs.range;
  kernel.workspace = costs.workspace;
  kernel.flops = costs.flops;
  kernel.bytes = costs.bytes;
  llvm::Expected<std::string> object = target.emit(module);
  if (!object)
    return module.emitError() << llvm::toString(object.takeError());
  kernel.object = std::move(*object);
  if (store || cache) {
    std::string entry = pack(kernel);
    if (cache)
      cache->put(key, entry);
    if (store)
      store->put(key, std::move(entry));
  }
  return kernel;
}
