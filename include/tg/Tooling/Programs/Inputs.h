//===- Inputs.h - Tensors in and out of tg-run ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_TOOLING_PROGRAMS_INPUTS_H
#define TG_TOOLING_PROGRAMS_INPUTS_H

#include "tg/Tooling/Programs/Options.h"

#include "tg/Runtime/Program/Program.h"
#include "tg/Runtime/Tensor.h"

namespace tg::run {

/// What goes into a model and out of it; the ports' sizes are over `vars`. `strings` has the ids of
/// those in the model and in the inputs.
struct Signature {
  std::vector<std::string> vars;
  std::vector<rt::Port> inputs, outputs;
  std::shared_ptr<rt::StringIds> strings;
};
Signature signatureOf(const rt::Program &program);

/// Six significant digits: 1.5, 3.2e-07, nan.
std::string showNumber(double value);
/// An output as a line shows it: its type, and the first elements.
std::string preview(const Signature &signature, size_t output, const rt::Tensor &tensor);
bool endsWith(const std::string &text, const std::string &ending);

/// Numbers such as 0.5,1.2; nothing if the text is something else.
std::optional<std::vector<double>> parseNumbers(const std::string &text);

/// A tensor per input: from the files, values or the seed of `options`, in the shapes that they and
/// `--dim` give.
rt::Result<std::vector<rt::Tensor>> makeInputs(const Signature &signature, const Options &options);

/// Fails where writeOutputs would write two outputs to one file.
rt::Status checkOutputFiles(const std::vector<rt::Port> &ports, const std::string &where);
/// Writes the outputs to a folder (one .npy each) or an .npz file.
rt::Status writeOutputs(const Signature &signature, const std::vector<rt::Tensor> &outputs,
                        const std::string &where);

/// Compares the outputs that `--expect` names; the message names the first element that is off.
rt::Status checkExpected(const Signature &signature, const std::vector<rt::Tensor> &outputs,
                         const Options &options);

} // namespace tg::run

#endif // TG_TOOLING_PROGRAMS_INPUTS_H
