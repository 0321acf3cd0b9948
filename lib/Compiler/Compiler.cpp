//===- Compiler.cpp - From a module to a program ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Compiler/Compiler.h"

#include "KernelCompiler.h"
#include "tg/Compiler/Pipeline.h"
#include "tg/Dialect/UOp/UOpVars.h"
#include "tg/Engine/Fusion.h"
#include "tg/Engine/KernelOrder.h"

#include "mlir/IR/Threading.h"
#include "llvm/ADT/StringSet.h"

#include <chrono>

using namespace mlir;
using namespace tg;
using namespace tg::uop;

/// Of an unknown strategy.
static std::string checkNamesIn(const CompileOptions &options) {
  for (std::string message : {checkTargetName(options.device), checkFusionStrategy(options.fusion),
                              checkOrderStrategy(options.order)})
    if (!message.empty())
      return message;
  return "";
}

std::string tg::checkOptions(const CompileOptions &options) {
  if (std::string message = checkNamesIn(options); !message.empty())
    return message;
  if (auto target = createTarget(options); !target)
    return llvm::toString(target.takeError());
  return "";
}

namespace {

class Compiler {
public:
  Compiler(ModuleOp module, const CompileOptions &options, const Target &target,
           KernelStore *kernels)
      : module(module), context(module.getContext()), options(options), target(target),
        store(kernels) {}

  FailureOr<Compilation> run() {
    // The place of the model says nothing of the options.
    Location noPlace = UnknownLoc::get(context);
    if (std::string message = checkNamesIn(options); !message.empty())
      return emitError(noPlace, message);
    context->getOrLoadDialect<UOpDialect>(); // A module without its operations has not loaded it.
    if (failed(checkNames()) || failed(markDonated()) || failed(checkTypes()) ||
        failed(verifyVars(module)))
      return failure();
    if (options.onStage)
      options.onStage("import", module);
    if (failed(runStage("graph", buildGraphStage)) ||
        failed(runStage("fusion", buildFusionStage)) ||
        failed(runStage("order", buildOrderStage)) || failed(runStage("memory", buildMemoryStage)))
      return failure();
    FailureOr<func::FuncOp> entry = findEntry();
    // Inlining a function twice binds its variables twice.
    if (failed(entry) || failed(verifyVars(module)))
      return failure();
    std::vector<OutlinedKernel> kernels = outlineKernels(*entry);
    auto program = std::make_shared<rt::Program>();
    if (failed(timed("program", [&] { return buildProgram(*entry, kernels, *program); })))
      return failure();
    describe(kernels);
    if (failed(timed("codegen", [&] { return compileKernels(kernels, *program); })))
      return failure();
    if (rt::Status status = program->verify(); !status.ok())
      return module.emitError("internal error: the program is not well formed: ")
             << status.message();
    result.program = std::move(program);
    return std::move(result);
  }

private:
  /// Passes count elements and rely on 64 bits, and on an expression for every dynamic dimension.
  static LogicalResult checkType(Type type, llvm::function_ref<InFlightDiagnostic()> emitError) {
    auto tensor = dyn_cast<TensorType>(type);
    if (!tensor)
      return success();
    auto ranked = dyn_cast<RankedTensorType>(type);
    if (!ranked || !hasKnownDims(ranked))
      return emitError() << "the size of " << type << " is not known; write it as #uop.dims";
    if (!isElementType(ranked.getElementType()))
      return emitError() << "element type " << ranked.getElementType() << " is not supported";
    if (!getNumElements(ranked))
      return emitError() << "the number of elements of " << type << " does not fit 64 bits";
    return success();
  }

  /// Programs hold so many commands within each other.
  static constexpr unsigned maxControlNesting = 64;

  /// Of the control flow around an operation.
  static bool nestsTooDeeply(Operation *op) {
    unsigned depth = 0;
    for (; op && depth <= maxControlNesting; op = op->getParentOp())
      depth += op->getName().getDialectNamespace() == "scf";
    return depth > maxControlNesting;
  }

  LogicalResult checkTypes() {
    WalkResult result = module.walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (op->getNumRegions() > 0 && nestsTooDeeply(op))
        return op->emitOpError("control flow nests deeper than ") << maxControlNesting,
               WalkResult::interrupt();
      if (auto function = dyn_cast<func::FuncOp>(op)) {
        if (function.isPublic())
          for (Type type : function.getArgumentTypes())
            if (failed(checkType(type, [&] { return function.emitOpError("argument: "); })))
              return WalkResult::interrupt();
      } else if (auto call = dyn_cast<func::CallOp>(op)) {
        auto callee = module.lookupSymbol<func::FuncOp>(call.getCallee());
        if (callee && callee.isExternal())
          return call.emitOpError("calls a function without a body"), WalkResult::interrupt();
      } else if (auto custom = dyn_cast<CustomOp>(op)) {
        auto callee = module.lookupSymbol<func::FuncOp>(custom.getReferenceAttr());
        if (callee && callee.isExternal())
          return custom.emitOpError("calls a function without a body"), WalkResult::interrupt();
      } else if (isa_and_nonnull<UOpDialect>(op->getDialect())) {
        if (auto copy = dyn_cast<CopyOp>(op); copy)
          if (std::string message = checkTargetName(copy.getDevice()); !message.empty())
            return copy.emitOpError(message), WalkResult::interrupt();
        for (Type type : op->getResultTypes())
          if (failed(checkType(type, [&] { return op->emitOpError(); })))
            return WalkResult::interrupt();
      }
      return WalkResult::advance();
    });
    return failure(result.wasInterrupted());
  }

  /// Callers tell inputs, and outputs, apart by their names.
  LogicalResult checkNames() {
    FailureOr<func::FuncOp> entry = findEntry();
    if (failed(entry))
      return failure();
    for (bool isInput : {true, false}) {
      const char *kind = isInput ? "input" : "output";
      llvm::StringSet<> names;
      for (unsigned i = 0; i < (isInput ? entry->getNumArguments() : entry->getNumResults()); ++i) {
        auto known = isInput ? entry->getArgAttrOfType<StringAttr>(i, attrs::name)
                             : entry->getResultAttrOfType<StringAttr>(i, attrs::name);
        std::string name = known ? known.str() : (isInput ? "arg" : "out") + std::to_string(i);
        if (name.empty())
          return entry->emitError()
                 << kind << " " << i << " has the name \"\"; give it another tg.name";
        if (!names.insert(name).second)
          return entry->emitError() << "two " << kind << "s are named '" << name << "'";
      }
    }
    return success();
  }

  LogicalResult markDonated() {
    FailureOr<func::FuncOp> entry = findEntry();
    if (failed(entry))
      return failure();
    for (const std::string &name : options.donated) {
      bool isFound = false;
      for (unsigned i = 0; i < entry->getNumArguments(); ++i) {
        auto known = entry->getArgAttrOfType<StringAttr>(i, attrs::name);
        if ((known ? known.str() : "arg" + std::to_string(i)) != name)
          continue;
        entry->setArgAttr(i, attrs::donated, UnitAttr::get(context));
        isFound = true;
      }
      if (!isFound)
        return entry->emitError("there is no input '") << name << "' to donate";
    }
    return success();
  }

  LogicalResult timed(StringRef stage, llvm::function_ref<LogicalResult()> body) {
    auto start = std::chrono::steady_clock::now();
    LogicalResult status = body();
    std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - start;
    result.stages.push_back({stage.str(), elapsed.count()});
    return status;
  }

  LogicalResult runStage(StringRef name,
                         void (*build)(OpPassManager &, const CompileOptions &, const Target &)) {
    PassManager pm(context, ModuleOp::getOperationName());
    build(pm, options, target);
    if (failed(timed(name, [&] { return pm.run(module); })))
      return failure();
    if (options.onStage)
      options.onStage(name, module);
    return success();
  }

  FailureOr<func::FuncOp> findEntry() {
    // As the interpreter: `main`, or the only public function.
    if (options.entry.empty())
      if (auto main = module.lookupSymbol<func::FuncOp>("main"); main && !main.isPrivate())
        return main;
    func::FuncOp found;
    for (auto function : module.getOps<func::FuncOp>()) {
      if (!options.entry.empty() ? function.getSymName() != options.entry : function.isPrivate())
        continue;
      if (found)
        return function.emitError("expected one public function or 'main', found '")
               << found.getSymName() << "' and '" << function.getSymName() << "'";
      found = function;
    }
    if (!found)
      return module.emitError(options.entry.empty() ? "the module has no public function"
                                                    : "no function '" + options.entry + "'");
    return found;
  }

  static std::vector<std::string> typesOf(TypeRange types) {
    std::vector<std::string> names;
    for (Type type : types)
      llvm::raw_string_ostream(names.emplace_back()) << type;
    return names;
  }

  static std::string shapeOf(Type type) {
    auto tensor = cast<RankedTensorType>(type);
    std::string text;
    llvm::raw_string_ostream os(text);
    for (DimAttr dim : getDims(tensor)) {
      bool isSum = isa<AffineBinaryOpExpr>(dim.getExpr());
      os << (isSum ? "(" : "");
      dim.printExpr(os);
      os << (isSum ? ")x" : "x");
    }
    os << tensor.getElementType();
    return text;
  }

  void describe(std::vector<OutlinedKernel> &kernels) {
    for (OutlinedKernel &kernel : kernels) {
      auto function = *kernel.module->getOps<func::FuncOp>().begin();
      KernelInfo info;
      info.name = kernel.name;
      info.location = kernel.location;
      for (Operation &op : function.getBody().front().without_terminator())
        info.operations.push_back(op.getName().stripDialect().str());
      info.inputs = typesOf(function.getArgumentTypes());
      info.shape = shapeOf(function.getResultTypes().front());
      info.outputs = typesOf(function.getResultTypes());
      info.launches = kernel.launches.size();
      for (KernelOp launch : kernel.launches)
        info.places.push_back(launch.getLoc());
      result.kernels.push_back(std::move(info));
    }
  }

  LogicalResult compileKernels(std::vector<OutlinedKernel> &kernels, rt::Program &program) {
    KernelCompiler compiler(context, options, target, store);
    std::vector<FailureOr<CompiledKernel>> compiled(kernels.size(), failure());
    // A stage hook sees one kernel at a time.
    auto compileOne = [&](size_t i) {
      compiled[i] = compiler.compile(*kernels[i].module);
      return success(succeeded(compiled[i]));
    };
    if (options.onStage) {
      for (size_t i = 0; i < kernels.size(); ++i)
        if (failed(compileOne(i)))
          return failure();
    } else if (failed(failableParallelForEachN(context, 0, kernels.size(), compileOne))) {
      return failure();
    }
    if (kernels.empty())
      return success();
    std::vector<StringRef> objects;
    auto varId = [&](StringRef name) -> uint32_t {
      for (auto [i, var] : llvm::enumerate(program.vars))
        if (var.name == name)
          return i;
      llvm_unreachable("buildProgram checked every variable");
    };
    for (auto [i, kernel] : llvm::enumerate(kernels)) {
      const CompiledKernel &code = *compiled[i];
      rt::Kernel entry;
      entry.name = kernel.name;
      entry.device = target.getName().str();
      entry.symbol = code.symbol;
      entry.location = kernel.location;
      entry.range = toSizeExpr(code.range, varId);
      entry.workspaceBytes = toSizeExpr(code.workspace, varId);
      entry.flops = toSizeExpr(code.flops, varId);
      entry.bytes = toSizeExpr(code.bytes, varId);
      program.kernels.push_back(std::move(entry));
      objects.push_back(code.object);
      result.kernels[i].fromCache = code.fromCache;
    }
    auto code = target.link(objects);
    if (!code)
      return module.emitError() << llvm::toString(code.takeError());
    program.code.push_back(std::move(*code));
    return success();
  }

  ModuleOp module;
  MLIRContext *context;
  const CompileOptions &options;
  const Target &target;
  KernelStore *store;
  Compilation result;
};

} // namespace

FailureOr<Compilation> tg::compile(ModuleOp module, const CompileOptions &options) {
  auto target = createTarget(options);
  // The place of the model says nothing of the options.
  if (!target)
    return emitError(UnknownLoc::get(module.getContext()), llvm::toString(target.takeError()));
  return compile(module, options, **target, nullptr);
}

FailureOr<Compilation> tg::compile(ModuleOp module, const CompileOptions &options,
                                   const Target &target, KernelStore *kernels) {
  return Compiler(module, options, target, kernels).run();
}
