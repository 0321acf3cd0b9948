//===- Fourier.cpp - ONNX DFT, STFT, MelWeightMatrix ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A transform of N = N1 * N2 points is N2 transforms of N1 points, a product with powers of the
// root of unity, and N1 transforms of N2 points (Cooley and Tukey, 1965), down to short or prime
// lengths, which are products with a matrix.
//
//===----------------------------------------------------------------------===//

#include "Families.h"

#include <cmath>

using namespace mlir;
using namespace tg;
using namespace tg::uop;

namespace {
/// Real and imaginary part; `im` is null where it is 0.
struct Complex {
  Value re, im;
};

class Fourier {
public:
  Fourier(OnnxNode &n, Type type, bool isInverse) : n(n), type(type), sign(isInverse ? 1 : -1) {}

  /// Transforms the last axis, which is of length `size`, without scaling.
  Complex transform(Complex x, int64_t size);

private:
  /// exp(sign * 2 pi i * row * column / period), a [rows, columns] matrix.
  Complex makeRoots(int64_t rows, int64_t columns, int64_t period);
  Complex multiply(Complex x, Complex y);
  Complex multiplyMatrix(Complex x, Complex matrix);
  Complex apply(Complex x, function_ref<Value(Value)> function) {
    return {function(x.re), x.im ? function(x.im) : Value()};
  }

  OnnxNode &n;
  Type type;
  double sign;
};
} // namespace

Complex Fourier::makeRoots(int64_t rows, int64_t columns, int64_t period) {
  SmallVector<double> re, im;
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t k = 0; k < columns; ++k) {
      double angle = 2 * M_PI * static_cast<double>(i * k % period) / static_cast<double>(period);
      re.push_back(std::cos(angle));
      im.push_back(sign * std::sin(angle));
    }
  }
  auto f64 = RankedTensorType::get({rows, columns}, n.getBuilder().getF64Type());
  auto make = [&](ArrayRef<double> values) {
    return n.cast(n.constant(DenseElementsAttr::get(f64, values)), type);
  };
  return {make(re), make(im)};
}

Complex Fourier::multiply(Complex x, Complex y) {
  if (!x.im)
    return {n.mul(x.re, y.re), n.mul(x.re, y.im)};
  return {n.sub(n.mul(x.re, y.re), n.mul(x.im, y.im)), n.add(n.mul(x.re, y.im), n.mul(x.im, y.re))};
}

/// x [..., columns] times the transposed matrix [rows, columns].
Complex Fourier::multiplyMatrix(Complex x, Complex matrix) {
  auto product = [&](Value vector, Value rows) {
    int64_t rank = vector ? n.getRank(vector) : 0;
    return n.contract(n.unsqueeze(vector, rank - 1), rows, {rank});
  };
  if (!x.re || n.hasFailed())
    return {};
  if (n.getRank(x.re) == 0)
    return {n.fail("expected a rank of 1 or more"), {}};
  auto real = [&](Value a) { return product(a, matrix.re); };
  auto imaginary = [&](Value a) { return product(a, matrix.im); };
  if (!x.im)
    return {real(x.re), imaginary(x.re)};
  return {n.sub(real(x.re), imaginary(x.im)), n.add(imaginary(x.re), real(x.im))};
}

Complex Fourier::transform(Complex x, int64_t size) {
  if (!x.re || n.hasFailed())
    return {};
  constexpr int64_t maxDirect = 32;
  // The divisor nearest to the root.
  int64_t outer = 1;
  if (size > maxDirect)
    for (int64_t divisor = 2; divisor * divisor <= size; ++divisor)
      if (size % divisor == 0)
        outer = divisor;
  if (outer == 1) {
    constexpr int64_t maxPrime = 2048;
    if (size > maxPrime)
      return {n.fail("transforms of " + Twine(size) +
                     " points are not supported: a prime factor is above " + Twine(maxPrime)),
              {}};
    return multiplyMatrix(x, makeRoots(size, size, size));
  }
  // Element inner * a + b stands at [a, b]; frequency p + outer * q ends up at [q, p].
  int64_t inner = size / outer, rank = n.getRank(x.re);
  SmallVector<DimAttr> dims = n.getDims(x.re), split(ArrayRef(dims).drop_back());
  split.append({n.dim(outer), n.dim(inner)});
  auto swap = [&](Value v) { return n.transpose(v, rank - 1, rank); };
  x = apply(x, [&](Value v) { return swap(n.reshape(v, split)); });
  x = apply(transform(x, outer), swap);
  x = transform(multiply(x, makeRoots(outer, inner, size)), inner);
  return apply(x, [&](Value v) { return n.reshape(swap(v), dims); });
}

/// Longer transforms are taken for a mistake.
static constexpr int64_t maxSize = 1 << 24;

/// The axis cut or padded with zeros to `size`.
static Value resizeAxis(OnnxNode &n, Value x, int64_t axis, int64_t size) {
  if (!x)
    return {};
  SmallVector<DimAttr> low(n.getRank(x), n.dim(0)), high(low);
  high[axis] = subDims(n.dim(size), n.getDim(x, axis));
  return n.pad(x, low, high);
}

/// Splits x [..., 1 or 2] into its parts.
static Complex readComplex(OnnxNode &n, Value x) {
  int64_t last = n.getRank(x) - 1;
  auto part = [&](int64_t i) { return n.squeeze(n.slice(x, last, n.dim(i), n.dim(1)), last); };
  if (n.getDim(x, last).isConstant(1))
    return {part(0), {}};
  if (n.getDim(x, last).isConstant(2))
    return {part(0), part(1)};
  return {n.fail("the last axis must have size 1 (real) or 2 (complex)"), {}};
}

static Value joinComplex(OnnxNode &n, Complex x) {
  if (!x.re || !x.im)
    return {};
  int64_t rank = n.getRank(x.re);
  return n.concat({n.unsqueeze(x.re, rank), n.unsqueeze(x.im, rank)}, rank);
}

/// Appends the conjugate mirror image of the last axis, whose first half is given, up to `size`.
static Complex completeSpectrum(OnnxNode &n, Complex x, int64_t size) {
  if (!x.re || !x.im)
    return {n.fail("expected complex numbers"), {}};
  int64_t axis = n.getRank(x.re) - 1, half = size / 2 + 1, rest = size - half;
  auto complete = [&](Value v, bool isNegated) {
    v = resizeAxis(n, v, axis, half);
    if (rest == 0)
      return v;
    Value mirrored = n.flip(n.slice(v, axis, n.dim(1), n.dim(rest)), {axis});
    return n.concat({v, isNegated ? n.unary<NegOp>(mirrored) : mirrored}, axis);
  };
  return {complete(x.re, false), complete(x.im, true)};
}

static void dft(OnnxNode &n) {
  Value x = n.getInput(0);
  if (!x || n.getRank(x) < 2)
    return (void)n.fail("expected an input of rank 2 or more");
  int64_t rank = n.getRank(x), axis = n.getOpset() < 20 ? n.getInt("axis", 1) : -2;
  if (n.hasInput(2)) {
    SmallVector<int64_t> given = n.getIntsInput(2);
    axis = given.size() == 1 ? given.front() : rank;
  }
  axis = n.normalizeAxis(axis, rank);
  bool isInverse = n.getInt("inverse", 0), isOneSided = n.getInt("onesided", 0);
  if (n.hasFailed() || axis == rank - 1)
    return (void)n.fail("the axis of the transform must be before the last one");
  int64_t size = 0;
  bool fromHalf = isInverse && isOneSided;
  if (n.hasInput(1)) {
    SmallVector<int64_t> given = n.getIntsInput(1);
    size = given.size() == 1 ? given.front() : 0;
  } else if (DimAttr length = n.getDim(x, axis); length.isConstant()) {
    size = fromHalf ? 2 * (length.getConstant() - 1) : length.getConstant();
  }
  if (n.hasFailed() || size < 1 || size > maxSize)
    return (void)n.failSymbolic("the length of the transform must be known, between 1 and " +
                                    Twine(maxSize),
                                n.getDim(x, axis));
  Type type = n.getElementType(x), compute = TensorBuilder::getAccumulatorType(type);
  Complex signal = readComplex(n, n.transpose(n.cast(x, compute), axis, rank - 2));
  if (fromHalf) {
    signal = completeSpectrum(n, signal, size);
  } else {
    signal.re = resizeAxis(n, signal.re, rank - 2, size);
    signal.im = resizeAxis(n, signal.im, rank - 2, size);
  }
  Complex result = Fourier(n, compute, isInverse).transform(signal, size);
  if (isInverse && result.re) {
    Value scale = n.scalar(1.0 / static_cast<double>(size), compute);
    result = {n.mul(result.re, scale), n.mul(result.im, scale)};
  }
  Value joined = fromHalf ? n.unsqueeze(result.re, rank - 1) : joinComplex(n, result);
  if (isOneSided && !isInverse && joined)
    joined = n.slice(joined, rank - 2, n.dim(0), n.dim(size / 2 + 1));
  n.setOutput(0, n.cast(n.transpose(joined, axis, rank - 2), type));
}

/// Transforms of windows of signal [batch, length, 1 or 2]: [batch, frames, frequencies, 2]. A real
/// one may lack the last axis, as PyTorch exports it.
static void stft(OnnxNode &n) {
  Value x = n.getInput(0), window = n.getOptionalInput(2);
  if (x && n.getRank(x) == 2)
    x = n.unsqueeze(x, 2);
  SmallVector<int64_t> step = n.getIntsInput(1);
  if (!x || n.hasFailed())
    return;
  int64_t size = 0;
  if (n.hasInput(3)) {
    SmallVector<int64_t> given = n.getIntsInput(3);
    size = given.size() == 1 ? given.front() : 0;
  } else if (window && n.getRank(window) == 1 && n.getDim(window, 0).isConstant()) {
    size = n.getDim(window, 0).getConstant();
  }
  if (n.hasFailed() || size < 1 || size > maxSize || step.size() != 1 || step.front() < 1 ||
      n.getRank(x) != 3)
    return (void)n.fail(
        "expected a signal of rank 2 or 3, and a frame length and step of 1 or more");
  Type type = n.getElementType(x), compute = TensorBuilder::getAccumulatorType(type);
  Complex signal = readComplex(n, n.cast(x, compute));
  auto frames = [&](Value v) -> Value {
    if (!v)
      return {};
    // [batch, frames, size]
    v = n.window(v, {1}, {size}, {step.front()}, {1});
    return window ? n.mul(v, n.cast(window, compute)) : v;
  };
  signal = {frames(signal.re), frames(signal.im)};
  bool isOneSided = n.getInt("onesided", 1);
  if (isOneSided && signal.im)
    return (void)n.fail("attribute 'onesided' needs a real signal");
  Value result = joinComplex(n, Fourier(n, compute, /*isInverse=*/false).transform(signal, size));
  if (isOneSided && result)
    result = n.slice(result, 2, n.dim(0), n.dim(size / 2 + 1));
  n.setOutput(0, n.cast(result, type));
}

/// Triangular filters, equally wide on the mel scale, over the bins of a spectrum: [bins, filters].
static void melWeightMatrix(OnnxNode &n) {
  SmallVector<double> arguments;
  for (unsigned i = 0; i < 5; ++i)
    arguments.append(n.getFloatsInput(i));
  Type type = n.getDataType(n.getInt("output_datatype", 1));
  if (n.hasFailed())
    return;
  constexpr double maxBins = 1 << 16;
  if (arguments.size() != 5 || !(arguments[0] >= 0 && arguments[0] <= maxBins) ||
      !(arguments[1] >= 0 && arguments[1] <= maxBins) || !(arguments[2] > 0))
    return (void)n.fail("expected five scalars: filters, length of the transform, rate, two edges");
  auto filters = static_cast<int64_t>(arguments[0]), length = static_cast<int64_t>(arguments[1]);
  auto toMel = [](double hertz) { return 2595 * std::log10(1 + hertz / 700); };
  double low = toMel(arguments[3]);
  double step = (toMel(arguments[4]) - low) / static_cast<double>(filters + 2);
  int64_t bins = length / 2 + 1;
  if (filters * bins > (1 << 22))
    return (void)n.fail("the matrix is too large");
  SmallVector<int64_t> edges;
  for (int64_t i = 0; i < filters + 2; ++i) {
    double hertz = 700 * (std::pow(10, (static_cast<double>(i) * step + low) / 2595) - 1);
    double bin = std::floor(static_cast<double>(length + 1) * hertz / arguments[2]);
    if (!(bin >= 0 && bin < static_cast<double>(bins)))
      return (void)n.fail("an edge is outside of the spectrum");
    edges.push_back(static_cast<int64_t>(bin));
  }
  SmallVector<double> values(bins * filters, 0);
  for (int64_t i = 0; i < filters; ++i) {
    int64_t left = edges[i], center = edges[i + 1], right = edges[i + 2];
    auto at = [&](int64_t bin) -> double & { return values[bin * filters + i]; };
    if (left == center)
      at(center) = 1;
    for (int64_t bin = left; left < center && bin <= center; ++bin)
      at(bin) = static_cast<double>(bin - left) / static_cast<double>(center - left);
    for (int64_t bin = center; bin < right; ++bin)
      at(bin) = static_cast<double>(right - bin) / static_cast<double>(right - center);
  }
  auto f64 = RankedTensorType::get({bins, filters}, n.getBuilder().getF64Type());
  n.setOutput(0, n.cast(n.constant(DenseElementsAttr::get(f64, ArrayRef(values))), type));
}

void tg::registerOnnxFourier(OnnxOpRegistry &r) {
  r.add("DFT", 17, dft);
  r.add("MelWeightMatrix", 17, melWeightMatrix);
  r.add("STFT", 17, stft);
}
