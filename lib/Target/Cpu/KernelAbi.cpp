//===- KernelAbi.cpp - The C interface of kernels ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   func.func @k(%a: memref<?xf32>, %N: index {tg.var = "N"},
//                %begin: index {tg.begin}, %end: index {tg.end})
//
// becomes
//
//   func.func @k(%args: !llvm.ptr, %workspace: !llvm.ptr, %begin: i64, %end: i64) {
//     %buffers = the pointer at tg_kernel_args::buffers
//     %a = the first of them, as a memref descriptor
//     %vars = the pointer at tg_kernel_args::vars
//     %N = the one of them that `tg.vars` says
//
// Tested by test/Target/Cpu/kernel-abi.mlir.
//
//===----------------------------------------------------------------------===//

#include "tg/Runtime/KernelABI.h"
#include "tg/Dialect/UOp/UOp.h"
#include "tg/Target/Cpu/Passes.h"

#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

#include <cstddef>

namespace tg {
#define GEN_PASS_DEF_KERNELABI
#include "tg/Target/Cpu/Passes.h.inc"
} // namespace tg

using namespace mlir;
using namespace tg;

namespace {

class KernelInterface {
public:
  KernelInterface(func::FuncOp function, ArrayRef<StringRef> vars)
      : function(function), vars(vars), b(function.getLoc(), function.getContext()),
        converter(function.getContext()) {}

  LogicalResult run();

private:
  Type pointer() { return LLVM::LLVMPointerType::get(b.getContext()); }
  /// The value of `type` at `offset` bytes from `base`.
  Value loadAt(Value base, int64_t offset, Type type, unsigned alignment);
  Value makeBuffer(Value address, MemRefType type);
  Value replacementOf(unsigned index, Value &buffers, Value &table, unsigned &numBuffers);

  func::FuncOp function;
  ArrayRef<StringRef> vars;
  ImplicitLocOpBuilder b;
  LLVMTypeConverter converter;
  Value args, workspace, begin, end;
};

struct KernelAbiPass : tg::impl::KernelAbiBase<KernelAbiPass> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    SmallVector<StringRef> vars;
    if (auto names = module->getAttrOfType<ArrayAttr>(attrs::vars)) {
      for (auto name : names.getAsRange<StringAttr>())
        vars.push_back(name.getValue());
    } else {
      for (auto var : module.getOps<tg::uop::VarOp>())
        vars.push_back(var.getSymName());
    }
    for (auto function : module.getOps<func::FuncOp>())
      if (function->hasAttr(attrs::kernel) && failed(KernelInterface(function, vars).run()))
        return signalPassFailure();
    for (auto var : llvm::make_early_inc_range(module.getOps<tg::uop::VarOp>()))
      var.erase();
  }
};

} // namespace

Value KernelInterface::loadAt(Value base, int64_t offset, Type type, unsigned alignment) {
  Value address = base;
  if (offset > 0)
    address = LLVM::GEPOp::create(b, pointer(), b.getI8Type(), base,
                                  ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(offset)});
  auto load = LLVM::LoadOp::create(b, type, address, alignment);
  // What the arguments point at does not change while the kernel runs.
  load.setInvariant(true);
  return load;
}

Value KernelInterface::makeBuffer(Value address, MemRefType type) {
  Location loc = b.getLoc();
  auto descriptor = MemRefDescriptor::poison(b, loc, converter.convertType(type));
  descriptor.setAllocatedPtr(b, loc, address);
  descriptor.setAlignedPtr(b, loc, address);
  descriptor.setConstantOffset(b, loc, 0);
  // Accesses are in bounds by construction; nothing asks for the size.
  descriptor.setConstantSize(b, loc, 0, 0);
  descriptor.setConstantStride(b, loc, 0, 1);
  return UnrealizedConversionCastOp::create(b, type, Value(descriptor)).getResult(0);
}

Value KernelInterface::replacementOf(unsigned index, Value &buffers, Value &table,
                                     unsigned &numBuffers) {
  auto toIndex = [&](Value value) {
    return arith::IndexCastOp::create(b, b.getIndexType(), value).getResult();
  };
  if (auto type = dyn_cast<MemRefType>(function.getArgument(index).getType())) {
    if (function.getArgAttr(index, attrs::workspace))
      return makeBuffer(workspace, type);
    if (function.getArgAttr(index, attrs::error))
      return makeBuffer(loadAt(args, offsetof(tg_kernel_args, error), pointer(), alignof(void *)),
                        type);
    if (!buffers)
      buffers = loadAt(args, offsetof(tg_kernel_args, buffers), pointer(), alignof(void *));
    return makeBuffer(loadAt(buffers, sizeof(void *) * numBuffers++, pointer(), alignof(void *)),
                      type);
  }
  if (function.getArgAttr(index, attrs::begin))
    return toIndex(begin);
  if (function.getArgAttr(index, attrs::end))
    return toIndex(end);
  auto name = function.getArgAttrOfType<StringAttr>(index, attrs::var);
  const auto *it = name ? llvm::find(vars, name.getValue()) : vars.end();
  if (it == vars.end()) {
    function.emitOpError("argument ") << index << " is no buffer and no variable of the module";
    return {};
  }
  if (!table)
    table = loadAt(args, offsetof(tg_kernel_args, vars), pointer(), alignof(void *));
  return toIndex(
      loadAt(table, sizeof(int64_t) * (it - vars.begin()), b.getI64Type(), alignof(int64_t)));
}

LogicalResult KernelInterface::run() {
  Block &entry = function.front();
  Location loc = function.getLoc();
  unsigned numOld = entry.getNumArguments();
  args = entry.addArgument(pointer(), loc);
  workspace = entry.addArgument(pointer(), loc);
  begin = entry.addArgument(b.getI64Type(), loc);
  end = entry.addArgument(b.getI64Type(), loc);
  b.setInsertionPointToStart(&entry);
  Value buffers, table;
  unsigned numBuffers = 0;
  for (unsigned i = 0; i < numOld; ++i) {
    Value replacement = replacementOf(i, buffers, table, numBuffers);
    if (!replacement)
      return failure();
    entry.getArgument(i).replaceAllUsesWith(replacement);
  }
  entry.eraseArguments(0, numOld);
  function.setFunctionType(b.getFunctionType(entry.getArgumentTypes(), {}));
  function.setAllArgAttrs(
      ArrayRef<DictionaryAttr>(SmallVector<DictionaryAttr>(4, b.getDictionaryAttr({}))));
  return success();
}
