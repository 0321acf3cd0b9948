//===- Passes.h - Graph passes ----------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Passes from uop to uop on tensors, before kernels are formed.
//
//===----------------------------------------------------------------------===//

#ifndef TG_GRAPH_PASSES_H
#define TG_GRAPH_PASSES_H

#include "tg/Dialect/UOp/UOp.h"

#include "mlir/Pass/Pass.h"

#include <memory>
#include <string>

namespace tg {

#define GEN_PASS_DECL
#include "tg/Graph/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "tg/Graph/Passes.h.inc"

} // namespace tg

#endif // TG_GRAPH_PASSES_H
