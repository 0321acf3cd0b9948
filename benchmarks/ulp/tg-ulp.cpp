//===- tg-ulp.cpp - Measures the error of the expansions --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// Runs the expansions of include/tg/Graph/Decompose on the host and compares them with the C
/// library in the next wider format (f32 against double, f64 against long double).
///
///   tg-ulp --exhaustive --type=f32 exp log    every f32 there is; minutes per function
///   tg-ulp --samples=100000000 --type=f64     random inputs over all exponents
///   tg-ulp --check=docs/numerics.md           fails where a sample exceeds the documented error
///
/// The output is one row of that document's table for each function. --seed=N changes the samples.
///
/// An ulp is the spacing of the format at the exact result; the spacing of denormals below the
/// smallest normal number. A wrong NaN, infinity or sign of zero counts as an infinite error.
///
//===----------------------------------------------------------------------===//

#include "tg/Graph/Decompose/Erf.h"
#include "tg/Graph/Decompose/ExpLog.h"
#include "tg/Graph/Decompose/HostLane.h"
#include "tg/Graph/Decompose/Hyperbolic.h"
#include "tg/Graph/Decompose/InverseTrig.h"
#include "tg/Graph/Decompose/Pow.h"
#include "tg/Graph/Decompose/Rounding.h"
#include "tg/Graph/Decompose/Trig.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <vector>

using namespace tg::math;

namespace {

constexpr size_t blockSize = 4096;

template <class T> struct Wider;
template <> struct Wider<float> {
  using Type = double;
};
template <> struct Wider<double> {
  using Type = long double;
};
template <class T> using WiderOf = typename Wider<T>::Type;

template <class T> struct Function {
  const char *name;
  bool binary;
  /// Inputs x (and y), results out, all blockSize long.
  void (*ours)(const T *x, const T *y, T *out);
  WiderOf<T> (*exact)(WiderOf<T> x, WiderOf<T> y);
  /// Of unary functions also the expansion in f64, which is fast and good to some 1e-8 ulp of f32.
  void (*estimate)(const T *x, double *out);
};

/// Everything inlined, else the loops over blocks are not vectorized.
#define TG_FLATTEN __attribute__((flatten))

#define TG_UNARY(NAME, EXACT)                                                                      \
  Function<T> {                                                                                    \
    #NAME, false,                                                                                  \
        [](const T *x, const T *, T *out) TG_FLATTEN {                                             \
          for (size_t i = 0; i < blockSize; ++i)                                                   \
            out[i] = NAME(HostLane<T>(x[i])).get();                                                \
        },                                                                                         \
        [](WiderOf<T> x, WiderOf<T>) -> WiderOf<T> { return EXACT(x); },                           \
        [](const T *x, double *out) TG_FLATTEN {                                                   \
          for (size_t i = 0; i < blockSize; ++i)                                                   \
            out[i] = NAME(HostLane<double>(double(x[i]))).get();                                   \
        }                                                                                          \
  }

template <class T> std::vector<Function<T>> functions() {
  return {TG_UNARY(exp, std::exp),
          TG_UNARY(exp2, std::exp2),
          TG_UNARY(log, std::log),
          TG_UNARY(log2, std::log2),
          TG_UNARY(sin, std::sin),
          TG_UNARY(cos, std::cos),
          TG_UNARY(tan, std::tan),
          TG_UNARY(asin, std::asin),
          TG_UNARY(acos, std::acos),
          TG_UNARY(atan, std::atan),
          TG_UNARY(sinh, std::sinh),
          TG_UNARY(cosh, std::cosh),
          TG_UNARY(tanh, std::tanh),
          TG_UNARY(asinh, std::asinh),
          TG_UNARY(acosh, std::acosh),
          TG_UNARY(atanh, std::atanh),
          TG_UNARY(erf, std::erf),
          TG_UNARY(floor, std::floor),
          TG_UNARY(ceil, std::ceil),
          TG_UNARY(round, std::nearbyint),
          Function<T>{"pow", true,
                      [](const T *x, const T *y, T *out) TG_FLATTEN {
                        for (size_t i = 0; i < blockSize; ++i)
                          out[i] = pow(HostLane<T>(x[i]), HostLane<T>(y[i])).get();
                      },
                      [](WiderOf<T> x, WiderOf<T> y) -> WiderOf<T> { return std::pow(x, y); },
                      nullptr}};
}

/// The distance of `got` from `exact` in units of the last place of T at `exact`.
template <class T> double errorInUlp(T got, WiderOf<T> exact) {
  using W = WiderOf<T>;
  constexpr double wrong = std::numeric_limits<double>::infinity();
  if (std::isnan(exact) || std::isnan(got))
    return std::isnan(exact) && std::isnan(got) ? 0 : wrong;
  T rounded = T(exact);
  if (got == rounded && std::signbit(got) != std::signbit(rounded))
    return wrong;
  if (std::isinf(exact))
    return got == rounded ? 0 : wrong;
  if (std::isinf(rounded) && std::isinf(got))
    return got == rounded ? 0 : wrong;
  // Beyond the largest number the scale goes on.
  constexpr int top = std::numeric_limits<T>::max_exponent;
  W limit = std::ldexp(W(1), top);
  W value = std::isinf(got) ? std::copysign(limit, W(got)) : W(got);
  W target = std::clamp(exact, -limit, limit);
  if (target == 0)
    return value == 0 ? 0 : double(std::fabs(value) / std::numeric_limits<T>::denorm_min());
  int exponent = std::max(std::ilogb(target), std::numeric_limits<T>::min_exponent - 1);
  exponent = std::min(exponent, top - 1);
  return double(std::fabs(value - target) *
                std::ldexp(W(1), std::numeric_limits<T>::digits - 1 - exponent));
}

template <class T> struct Worst {
  double ulp = 0;
  T x = 0, y = 0, got = 0;
};

template <class T> T fromBits(uint64_t bits) {
  using U = typename Format<T>::Unsigned;
  U narrow = U(bits);
  T value;
  std::memcpy(&value, &narrow, sizeof(T));
  return value;
}

uint64_t toBits(double value) {
  uint64_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

template <class T> void measureElement(const Function<T> &f, T x, T y, T got, Worst<T> &worst) {
  WiderOf<T> exact = f.exact(x, y);
  // Rounded correctly: no more than half an ulp.
  if (worst.ulp >= 0.5 && got == T(exact) && got != 0)
    return;
  double ulp = errorInUlp<T>(got, exact);
  if (ulp > worst.ulp)
    worst = {ulp, x, y, got};
}

template <class T>
void measureBlock(const Function<T> &f, const T *x, const T *y, Worst<T> &worst) {
  alignas(64) T out[blockSize];
  f.ours(x, y, out);
  for (size_t i = 0; i < blockSize; ++i)
    measureElement(f, x[i], y[i], out[i], worst);
}

/// As measureBlock, but asks the C library only where the estimate leaves it open whether the
/// element is worse than the worst so far, and at every 64th element.
void measureBlockFast(const Function<float> &f, const float *x, Worst<float> &worst) {
  alignas(64) float out[blockSize];
  alignas(64) double estimate[blockSize];
  f.ours(x, nullptr, out);
  f.estimate(x, estimate);
  alignas(64) uint32_t open[blockSize];
  // Half an ulp is no news once the worst is more.
  double known = std::fmax(worst.ulp - 1e-4, 0);
  bool half = worst.ulp > 0.51;
  for (size_t i = 0; i < blockSize; ++i) {
    double distance = std::fabs(double(out[i]) - estimate[i]);
    // The power of two below the estimate gives the ulp.
    double power = fromBits<double>(toBits(estimate[i]) & 0x7ff0000000000000);
    double ulp = power < 0x1p-126 ? 0x1p-149 : power * 0x1p-23;
    bool near = (half & (out[i] == float(estimate[i]))) | (distance <= ulp * known);
    bool sameSign = (toBits(double(out[i])) ^ toBits(estimate[i])) >> 63 == 0;
    bool bothNaN = (out[i] != out[i]) & (estimate[i] != estimate[i]);
    open[i] = !((near & sameSign) | bothNaN) | (i % 64 == 0);
  }
  for (size_t i = 0; i < blockSize; ++i)
    if (open[i])
      measureElement(f, x[i], 0.0f, out[i], worst);
}

/// Random inputs: all bit patterns; moderate exponents, where most functions do something; and the
/// neighbourhood of 1, of small integers and of multiples of pi/2.
template <class T> T sample(std::mt19937_64 &random) {
  uint64_t bits = random();
  T unit = std::ldexp(T(bits >> 40), -24);
  switch (random() % 4) {
  case 0:
    return fromBits<T>(bits);
  case 1: {
    T mantissa = 1 + std::ldexp(T(bits >> 12), -52);
    int exponent = int(bits % 22) - 11;
    return std::ldexp(bits & 2048 ? mantissa : -mantissa, exponent);
  }
  case 2: {
    T offset = std::ldexp(unit, -int(bits % (Format<T>::MantissaBits + 1)));
    return (bits & 2048 ? T(1) : T(-1)) * (1 + (bits & 4096 ? offset : -offset));
  }
  default: {
    T center = bits & 2048 ? T(int(bits % 64) - 32) : T(int(bits % 4096)) * Format<T>::HalfPi;
    T offset = std::ldexp(unit, -int((bits >> 13) % 40));
    return center + (bits & 4096 ? offset : -offset);
  }
  }
}

template <class T> T special(size_t i) {
  using L = std::numeric_limits<T>;
  static const T values[] = {T(0),
                             T(1),
                             T(2),
                             T(3),
                             T(0.5),
                             T(1.5),
                             T(2.5),
                             L::max(),
                             L::min(),
                             T(4),
                             T(1e-5),
                             L::denorm_min(),
                             L::infinity(),
                             T(1e5),
                             T(88.8),
                             T(33),
                             T(709.9),
                             1 + L::epsilon(),
                             1 - L::epsilon(),
                             T(1025),
                             T(129),
                             T(127)};
  constexpr size_t count = sizeof(values) / sizeof(T);
  i %= 2 * count + 1;
  if (i == 2 * count)
    return L::quiet_NaN();
  return i < count ? values[i] : -values[i - count];
}

template <class T> Worst<T> measureSamples(const Function<T> &f, uint64_t samples, uint64_t seed) {
  std::mt19937_64 random(seed);
  Worst<T> worst;
  alignas(64) T x[blockSize], y[blockSize];
  for (uint64_t done = 0; done < samples; done += blockSize) {
    for (size_t i = 0; i < blockSize; ++i) {
      // The first block holds every pair of special values.
      bool first = done == 0;
      x[i] = first ? special<T>(i) : sample<T>(random);
      y[i] = !f.binary ? T(0) : first ? special<T>(i / 45) : sample<T>(random);
      // For most x only few powers are finite: those are to be met as well.
      if (f.binary && !first && random() % 4) {
        x[i] = random() % 8 ? std::fabs(x[i]) : x[i];
        T reach = Format<T>::Exp2Max / std::log2(std::fabs(x[i]));
        T part = std::ldexp(T(random() >> 40), -23) - 1;
        y[i] = random() % 8 ? reach * part : std::trunc(reach * part);
      }
    }
    measureBlock(f, x, y, worst);
  }
  return worst;
}

Worst<float> measureAll(const Function<float> &f) {
  Worst<float> worst;
  alignas(64) float x[blockSize];
  for (uint64_t start = 0; start < (uint64_t(1) << 32); start += blockSize) {
    for (size_t i = 0; i < blockSize; ++i)
      x[i] = fromBits<float>(start + i);
    measureBlockFast(f, x, worst);
  }
  return worst;
}

struct Options {
  bool exhaustive = false;
  uint64_t samples = 2000000, seed = 1;
  std::string type, document;
  std::vector<std::string> names;
};

/// The documented errors: "op type" to ulp, from table rows that start with "| `op` | type | ulp
/// |".
std::map<std::string, double> readBounds(const std::string &path) {
  std::map<std::string, double> bounds;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::replace(line.begin(), line.end(), '|', ' ');
    std::istringstream words(line);
    std::string op, type;
    double ulp;
    if (words >> op >> type >> ulp && op.size() > 2 && op.front() == '`')
      bounds[op.substr(1, op.size() - 2) + " " + type] = ulp;
  }
  return bounds;
}

/// Prints a row per function; the number of those that exceed their bound.
template <class T>
int run(const char *type, const Options &options, const std::map<std::string, double> &bounds) {
  int failures = 0;
  for (const Function<T> &f : functions<T>()) {
    const std::vector<std::string> &names = options.names;
    if ((!options.type.empty() && options.type != type) ||
        (!names.empty() && std::find(names.begin(), names.end(), f.name) == names.end()))
      continue;
    bool all = options.exhaustive && !f.binary && sizeof(T) == 4;
    Worst<T> worst;
    if constexpr (std::is_same_v<T, float>)
      worst = all ? measureAll(f) : measureSamples(f, options.samples, options.seed);
    else
      worst = measureSamples(f, options.samples, options.seed);

    std::printf("| `%s` | %s | %.3f | %a", f.name, type, worst.ulp, double(worst.x));
    if (f.binary)
      std::printf(", %a", double(worst.y));
    std::printf(" | %s |\n", all ? "all" : (std::to_string(options.samples) + " samples").c_str());
    std::fflush(stdout);
    if (options.document.empty())
      continue;
    auto bound = bounds.find(std::string(f.name) + " " + type);
    // The table rounds to three digits.
    if (bound != bounds.end() && worst.ulp <= bound->second + 0.0005)
      continue;
    ++failures;
    std::fprintf(stderr, "tg-ulp: %s of %s at %a gives %a, %.3f ulp off; %s states %s\n", f.name,
                 type, double(worst.x), double(worst.got), worst.ulp, options.document.c_str(),
                 bound == bounds.end() ? "nothing" : std::to_string(bound->second).c_str());
  }
  return failures;
}

bool hasFunction(const std::string &name) {
  for (const Function<float> &f : functions<float>())
    if (name == f.name)
      return true;
  return false;
}

bool parse(int argc, char **argv, Options &options) {
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    size_t equals = argument.find('=');
    std::string key = argument.substr(0, equals);
    std::string value = equals == std::string::npos ? "" : argument.substr(equals + 1);
    if (key == "--exhaustive")
      options.exhaustive = true;
    else if (key == "--samples")
      options.samples = std::strtoull(value.c_str(), nullptr, 10);
    else if (key == "--seed")
      options.seed = std::strtoull(value.c_str(), nullptr, 10);
    else if (key == "--type" && (value == "f32" || value == "f64"))
      options.type = value;
    else if (key == "--check" && !value.empty())
      options.document = value;
    else if (hasFunction(argument))
      options.names.push_back(argument);
    else
      return false;
  }
  return options.samples > 0;
}

} // namespace

int main(int argc, char **argv) {
  Options options;
  if (!parse(argc, argv, options)) {
    std::fprintf(stderr, "usage: tg-ulp [--exhaustive | --samples=N] [--seed=N] [--type=f32|f64] "
                         "[--check=DOCUMENT] [FUNCTION...]\n");
    return 1;
  }
  std::map<std::string, double> bounds;
  if (!options.document.empty() && (bounds = readBounds(options.document)).empty()) {
    std::fprintf(stderr, "tg-ulp: no error table in '%s'\n", options.document.c_str());
    return 1;
  }
  int failures = run<float>("f32", options, bounds) + run<double>("f64", options, bounds);
  return failures ? 1 : 0;
}
