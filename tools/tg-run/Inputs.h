//===- Inputs.h - Tensors in and out of tg-run ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_TOOLS_TG_RUN_INPUTS_H
#define TG_TOOLS_TG_RUN_INPUTS_H

#include "Options.h"

#include "tg/Runtime/Tensor.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace tg::run {

/// The name and type of an argument or result of the model's function.
struct Port {
  std::string name;
  mlir::RankedTensorType type;
};

/// Six significant digits: 1.5, 3.2e-07, nan.
std::string showNumber(double value);

std::vector<Port> getInputs(mlir::func::FuncOp function);
std::vector<Port> getOutputs(mlir::func::FuncOp function);

/// Whether the interpreter and the compiler can take ports of these types. `kind` is "input" or
/// "output", for messages.
rt::Status checkPorts(mlir::func::FuncOp function, const std::vector<Port> &ports,
                      const std::string &kind);

/// A tensor per input: from the files, values or the seed of `options`, in the shapes that they and
/// `--dim` give.
rt::Result<std::vector<rt::Tensor>> makeInputs(mlir::func::FuncOp function, const Options &options);

/// Writes the outputs to a folder (one .npy each) or an .npz file.
rt::Status writeOutputs(const std::vector<Port> &ports, const std::vector<rt::Tensor> &outputs,
                        const std::string &where);

/// Compares the outputs that `--expect` names; the message names the first element that is off.
rt::Status checkExpected(const std::vector<Port> &ports, const std::vector<rt::Tensor> &outputs,
                         const Options &options);

} // namespace tg::run

#endif // TG_TOOLS_TG_RUN_INPUTS_H
