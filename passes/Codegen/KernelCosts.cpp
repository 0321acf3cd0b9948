//===- KernelCosts.cpp - What code generation says of a kernel ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Codegen/Passes.h"

using namespace mlir;

tg::KernelCosts tg::getKernelCosts(ModuleOp module, StringRef name) {
  KernelCosts costs;
  Operation *kernel = SymbolTable::lookupSymbolIn(module, name);
  if (!kernel)
    return costs;
  costs.range = kernel->getAttrOfType<uop::DimAttr>(attrs::range);
  costs.workspace = kernel->getAttrOfType<uop::DimAttr>(attrs::workspace);
  costs.flops = kernel->getAttrOfType<uop::DimAttr>(attrs::flops);
  costs.bytes = kernel->getAttrOfType<uop::DimAttr>(attrs::bytes);
  return costs;
}
