//===- Recurrent.cpp - ONNX RNN, GRU, LSTM ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The inputs' products are one contraction over all steps. The steps themselves are unrolled where
// they are few; else they are a loop, which carries the states and the outputs so far.
//
//===----------------------------------------------------------------------===//

#include "Quantization.h"

#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

/// Up to so many steps are unrolled: a loop is as fast from there on, and compiles faster.
static constexpr int64_t maxUnrolledSteps = 8;

namespace {
struct Activation {
  std::string name; ///< In lower case.
  double alpha, beta;
};

/// One direction of a recurrent network. Shapes: S steps, B sequences, H hidden.
class Recurrence {
public:
  Recurrence(OnnxNode &n, int64_t direction, int64_t numGates, ArrayRef<Activation> activations,
             bool isQuantized)
      : n(n), direction(direction), numGates(numGates), isQuantized(isQuantized),
        activations(activations) {}

  /// Slices the parameters and multiplies all inputs `x` [S, B, I] at once. False on failure.
  bool prepare(Value x, int64_t hiddenSize, Value lengths);
  /// Runs the steps from `states`, each [B, H]; `step` maps the gates' input products [B, gates *
  /// H] and the states to new states. Returns the first state after every step [S, B, H], in the
  /// order of time.
  template <typename Step> Value run(MutableArrayRef<Value> states, bool isReverse, Step step);

  /// Part `i` of the last axis, which is gates of size H.
  Value gate(Value x, int64_t i) const {
    return x ? n.slice(x, n.getRank(x) - 1, n.dim(i * hidden), n.dim(hidden)) : Value();
  }
  /// h times the transposed recurrent weights, [B, gates * H], without bias.
  Value recur(Value h) const { return multiply(h, recurrent, 10); }
  /// This direction's part of an optional input, without its first axis.
  Value select(unsigned input) const {
    Value x = n.getOptionalInput(input);
    return x ? n.squeeze(n.slice(x, 0, n.dim(direction), n.dim(1)), 0) : x;
  }
  /// Activation `i` of this direction.
  Value activate(Value x, unsigned i) const;

  Value recurrent;                ///< [gates * H, H], or transposed if it is quantized.
  Value inputBias, recurrentBias; ///< [gates * H] or null.

private:
  OnnxNode &n;
  /// The step at `time` from `states`, which become the new ones. Returns the output.
  template <typename Step> Value runStep(MutableArrayRef<Value> states, DimAttr time, Step step);

  /// x times the transposed weights. Those of ONNX Runtime's DynamicQuantizeLSTM are transposed
  /// already; their scale is input `scale`, and the next one their zero point.
  Value multiply(Value x, Value weights, unsigned scale) const {
    if (!isQuantized)
      return n.matmul(x, n.transpose(weights, 0, 1));
    return multiplyDynamically(n, x, weights, select(scale), select(scale + 1));
  }

  int64_t direction, numGates, hidden = 0;
  bool isQuantized;
  DimAttr numSteps;
  ArrayRef<Activation> activations; ///< Of this direction.
  Value products;                   ///< [S, B, gates * H]
  Value lengths;
};
} // namespace

bool Recurrence::prepare(Value x, int64_t hiddenSize, Value sequenceLengths) {
  hidden = hiddenSize;
  lengths = sequenceLengths;
  numSteps = n.getDim(x, 0);
  Value weights = select(1);
  recurrent = select(2);
  if (Value bias = select(3)) {
    DimAttr size = n.dim(numGates * hidden);
    inputBias = n.slice(bias, 0, n.dim(0), size);
    recurrentBias = n.slice(bias, 0, size, size);
  }
  if (!weights || !recurrent)
    return false;
  products = multiply(x, weights, 8);
  if (inputBias)
    products = n.add(products, inputBias);
  return products != nullptr;
}

template <typename Step>
Value Recurrence::runStep(MutableArrayRef<Value> states, DimAttr time, Step step) {
  SmallVector<Value> next = step(n.takeRow(products, 0, time), ArrayRef<Value>(states));
  Value output = next.front();
  if (lengths) {
    // A sequence that has ended keeps its state and gives zeros.
    Value at = n.cast(n.size(time), n.getElementType(lengths));
    Value runs = n.unsqueeze(n.lt(at, lengths), 1);
    for (auto [state, value] : llvm::zip_equal(states, next))
      value = n.where(runs, value, state);
    output = n.where(runs, output, n.splatLike(0, output));
  }
  llvm::copy(next, states.begin());
  return output;
}

template <typename Step>
Value Recurrence::run(MutableArrayRef<Value> states, bool isReverse, Step step) {
  DimAttr last = subDims(numSteps, n.dim(1));
  auto timeOf = [&](DimAttr i) { return isReverse ? subDims(last, i) : i; };
  if (numSteps.isConstant() && numSteps.getConstant() > 0 &&
      numSteps.getConstant() <= maxUnrolledSteps) {
    SmallVector<Value> outputs(numSteps.getConstant());
    for (size_t i = 0; i < outputs.size() && !n.hasFailed(); ++i) {
      DimAttr time = timeOf(n.dim(i));
      outputs[time.getConstant()] = n.unsqueeze(runStep(states, time, step), 0);
    }
    return n.hasFailed() ? Value() : n.concat(outputs, 0);
  }
  if (llvm::is_contained(states, Value()))
    return {};
  SmallVector<DimAttr> dims = n.getDims(states.front());
  dims.insert(dims.begin(), numSteps);
  SmallVector<Value> carried(states.begin(), states.end());
  carried.push_back(n.broadcastTo(n.scalar(0, n.getElementType(products)), dims));
  auto results = n.forLoop(numSteps, carried, [&](DimAttr i, ValueRange values) {
    SmallVector<Value> next(values);
    DimAttr time = timeOf(i);
    Value output = runStep(MutableArrayRef(next).drop_back(), time, step);
    next.back() = n.assignRow(next.back(), output, 0, time);
    return next;
  });
  if (!results)
    return {};
  std::copy_n(results->begin(), states.size(), states.begin());
  return results->back();
}

/// Whether an activation has a scale (alpha) and an offset or inner scale (beta), and their values
/// where the node gives none: those of the operator of the same name, as the specification says.
struct ActivationParameters {
  std::optional<double> alpha, beta;
  bool takesAlpha = false, takesBeta = false;
};

static ActivationParameters getParameters(StringRef name) {
  return llvm::StringSwitch<ActivationParameters>(name)
      .Case("affine", {1, 0, true, true})
      .Case("elu", {1, {}, true, false})
      .Case("hardsigmoid", {0.2, 0.5, true, true})
      .Case("leakyrelu", {0.01, {}, true, false})
      .Case("scaledtanh", {{}, {}, true, true})
      .Case("thresholdedrelu", {1, {}, true, false})
      .Default({});
}

/// The activations of all directions. Each value of `activation_alpha` and `activation_beta` goes
/// to the next activation that has such a parameter.
static std::optional<SmallVector<Activation>> readActivations(OnnxNode &n, int64_t numDirections,
                                                              ArrayRef<StringRef> standard) {
  SmallVector<Activation> result;
  SmallVector<std::string> names = n.getStrings("activations");
  size_t count = numDirections * standard.size();
  if (!names.empty() && names.size() != count)
    return n.fail("attribute 'activations' must have " + Twine(count) + " values, has " +
                  Twine(names.size())),
           std::nullopt;
  SmallVector<double> alphas = n.getFloats("activation_alpha"),
                      betas = n.getFloats("activation_beta");
  size_t nextAlpha = 0, nextBeta = 0;
  for (size_t i = 0; i < count; ++i) {
    StringRef name = names.empty() ? standard[i % standard.size()] : StringRef(names[i]);
    Activation activation{name.lower(), 0, 0};
    ActivationParameters parameters = getParameters(activation.name);
    auto take = [&](bool takes, ArrayRef<double> values, size_t &next,
                    std::optional<double> defaultValue, StringRef attribute) {
      if (takes && next < values.size())
        return values[next++];
      if (takes && !defaultValue)
        n.fail("activation '" + name + "' needs attribute '" + attribute + "'");
      return defaultValue.value_or(0);
    };
    activation.alpha =
        take(parameters.takesAlpha, alphas, nextAlpha, parameters.alpha, "activation_alpha");
    activation.beta =
        take(parameters.takesBeta, betas, nextBeta, parameters.beta, "activation_beta");
    result.push_back(std::move(activation));
  }
  return result;
}

Value Recurrence::activate(Value x, unsigned i) const {
  const Activation &activation = activations[i];
  StringRef name = activation.name;
  double clip = n.getFloat("clip", 0);
  if (clip > 0)
    x = n.min(n.max(x, n.splatLike(-clip, x)), n.splatLike(clip, x));
  if (!x)
    return {};
  auto number = [&](double value) { return n.splatLike(value, x); };
  double alpha = activation.alpha, beta = activation.beta;
  if (name == "sigmoid")
    return n.sigmoid(x);
  if (name == "tanh")
    return n.unary<TanhOp>(x);
  if (name == "relu")
    return n.relu(x);
  if (name == "affine")
    return n.add(n.mul(number(alpha), x), number(beta));
  if (name == "elu") {
    Value negative = n.mul(number(alpha), n.sub(n.unary<ExpOp>(x), number(1)));
    return n.where(n.lt(x, number(0)), negative, x);
  }
  if (name == "leakyrelu")
    return n.where(n.lt(x, number(0)), n.mul(number(alpha), x), x);
  if (name == "thresholdedrelu")
    return n.where(n.lt(number(alpha), x), x, number(0));
  if (name == "scaledtanh")
    return n.mul(number(alpha), n.unary<TanhOp>(n.mul(number(beta), x)));
  if (name == "hardsigmoid")
    return n.min(n.max(n.add(n.mul(number(alpha), x), number(beta)), number(0)), number(1));
  if (name == "softsign")
    return n.div(x, n.add(number(1), n.abs(x)));
  if (name == "softplus")
    return n.softplus(x);
  return n.fail("activation '" + name + "' is not supported");
}

/// Runs every direction. `makeStep` gives the step of one; `numStates` is 1, or 2 for the LSTM;
/// `standard` are the activations of a direction where the node names none.
template <typename MakeStep>
static void runDirections(OnnxNode &n, int64_t numGates, unsigned numStates,
                          ArrayRef<StringRef> standard, MakeStep makeStep,
                          bool isQuantized = false) {
  Value x = n.getInput(0), weights = n.getInput(2);
  StringRef direction = n.getString("direction", "forward");
  if (!x || !weights)
    return;
  if (n.getRank(x) != 3 || n.getRank(weights) != 3)
    return (void)n.fail("expected inputs and weights of rank 3");
  if (direction != "forward" && direction != "reverse" && direction != "bidirectional")
    return (void)n.fail("attribute 'direction' is '" + direction + "'");
  int64_t numDirections = direction == "bidirectional" ? 2 : 1;
  bool batchFirst = n.getInt("layout", 0);
  if (batchFirst)
    x = n.permute(x, {1, 0, 2});
  DimAttr hidden = n.getDim(weights, isQuantized ? 1 : 2);
  if (!n.getDim(weights, 0).isConstant(numDirections) || !hidden.isConstant())
    return (void)n.fail("the weights do not fit the direction");
  auto activations = readActivations(n, numDirections, standard);
  if (!activations)
    return;
  SmallVector<DimAttr> stateDims{n.getDim(x, 1), hidden};
  Value lengths = n.getOptionalInput(4);

  SmallVector<Value> outputs;
  SmallVector<SmallVector<Value>> finals(numStates);
  for (int64_t i = 0; i < numDirections; ++i) {
    Recurrence recurrence(n, i, numGates,
                          ArrayRef(*activations).slice(i * standard.size(), standard.size()),
                          isQuantized);
    if (!recurrence.prepare(x, hidden.getConstant(), lengths))
      return;
    SmallVector<Value> states;
    for (unsigned state = 0; state < numStates; ++state) {
      Value initial;
      if (batchFirst && n.hasInput(5 + state)) {
        initial = n.slice(n.getInput(5 + state), 1, n.dim(i), n.dim(1));
        initial = n.squeeze(initial, 1);
      } else {
        initial = recurrence.select(5 + state);
      }
      Type type = n.getElementType(x);
      states.push_back(initial ? initial : n.broadcastTo(n.scalar(0, type), stateDims));
    }
    bool isReverse = direction == "reverse" || i == 1;
    outputs.push_back(n.unsqueeze(recurrence.run(states, isReverse, makeStep(recurrence)), 1));
    if (n.hasFailed())
      return;
    for (unsigned state = 0; state < numStates; ++state)
      finals[state].push_back(n.unsqueeze(states[state], 0));
  }
  // [S, D, B, H], or batch first [B, S, D, H].
  Value all = n.concat(outputs, 1);
  n.setOutput(0, batchFirst ? n.permute(all, {2, 0, 1, 3}) : all);
  for (unsigned state = 0; state < numStates; ++state) {
    Value last = n.concat(finals[state], 0);
    n.setOutput(1 + state, batchFirst ? n.permute(last, {1, 0, 2}) : last);
  }
}

static void rnn(OnnxNode &n) {
  runDirections(n, 1, 1, {"Tanh"}, [&](Recurrence &r) {
    return [&](Value input, ArrayRef<Value> states) -> SmallVector<Value> {
      Value sum = n.add(input, r.recur(states[0]));
      if (r.recurrentBias)
        sum = n.add(sum, r.recurrentBias);
      return {r.activate(sum, 0)};
    };
  });
}

/// Gates z, r, h: h' = (1 - z) * tanh(x + r * recurrent h) + z * h
static void gru(OnnxNode &n) {
  bool linearBeforeReset = n.getInt("linear_before_reset", 0);
  runDirections(n, 3, 1, {"Sigmoid", "Tanh"}, [&n, linearBeforeReset](Recurrence &r) {
    return [&n, &r, linearBeforeReset](Value input, ArrayRef<Value> states) -> SmallVector<Value> {
      Value h = states[0], recurrence = r.recur(h);
      auto withBias = [&](Value x, int64_t gate) {
        return r.recurrentBias ? n.add(x, r.gate(r.recurrentBias, gate)) : x;
      };
      auto activateGate = [&](int64_t gate) {
        Value sum = n.add(r.gate(input, gate), withBias(r.gate(recurrence, gate), gate));
        return r.activate(sum, 0);
      };
      Value update = activateGate(0), reset = activateGate(1), candidate;
      if (linearBeforeReset) {
        candidate = n.mul(reset, withBias(r.gate(recurrence, 2), 2));
      } else {
        candidate = withBias(r.gate(r.recur(n.mul(reset, h)), 2), 2);
      }
      candidate = r.activate(n.add(r.gate(input, 2), candidate), 1);
      Value rest = n.sub(n.splatLike(1, update), update);
      return {n.add(n.mul(rest, candidate), n.mul(update, h))};
    };
  });
}

/// Gates i, o, f, c, with optional peepholes from the cell state.
static void lstm(OnnxNode &n, bool isQuantized) {
  bool couples = n.getInt("input_forget", 0);
  auto makeStep = [&n, couples](Recurrence &r) {
    return [&n, &r, couples](Value input, ArrayRef<Value> states) -> SmallVector<Value> {
      Value h = states[0], cell = states[1];
      Value sum = n.add(input, r.recur(h));
      if (r.recurrentBias)
        sum = n.add(sum, r.recurrentBias);
      Value peepholes = r.select(7);
      auto activateGate = [&](int64_t gate, int64_t peephole, Value from) {
        Value x = r.gate(sum, gate);
        if (peepholes)
          x = n.add(x, n.mul(r.gate(peepholes, peephole), from));
        return r.activate(x, 0);
      };
      Value inputGate = activateGate(0, 0, cell);
      Value forgetGate =
          couples ? n.sub(n.splatLike(1, inputGate), inputGate) : activateGate(2, 2, cell);
      Value candidate = r.activate(r.gate(sum, 3), 1);
      Value newCell = n.add(n.mul(forgetGate, cell), n.mul(inputGate, candidate));
      Value outputGate = activateGate(1, 1, newCell);
      return {n.mul(outputGate, r.activate(newCell, 2)), newCell};
    };
  };
  runDirections(n, 4, 2, {"Sigmoid", "Tanh", "Tanh"}, makeStep, isQuantized);
}

void tg::registerOnnxRecurrent(OnnxOpRegistry &r) {
  r.add("GRU", 7, gru);
  r.add("LSTM", 7, [](OnnxNode &n) { lstm(n, /*isQuantized=*/false); });
  auto buildQuantized = [](OnnxNode &n) { lstm(n, /*isQuantized=*/true); };
  r.add("DynamicQuantizeLSTM", 1, buildQuantized, "com.microsoft");
  r.add("RNN", 7, rnn);
}
