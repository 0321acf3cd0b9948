#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Derives the coefficients of include/tg/Graph/Decompose/Coefficients.h.

Usage: minimax.py | clang-format > include/tg/Graph/Decompose/Coefficients.h   (needs mpmath)

Each polynomial is the weighted minimax fit of a smooth function on an interval, found by Remez
exchange in 60-digit arithmetic. Coefficients are rounded to the element type from the lowest
power up; after each rounding the remaining ones are fitted anew, so they absorb its error.
The weight is chosen so that the fitted error is the relative error of the final result.
"""
import math
import struct
import sys

import mpmath as mp

mp.mp.dps = 60


def to_f32(v):
    """Rounds to nearest even by way of integers: float(mpf) first would round twice."""
    if v == 0:
        return 0.0
    _, e = mp.frexp(v)
    step = mp.mpf(2) ** (int(e) - 24)
    return float(mp.nint(v / step) * step)


def solve_reference(fit, basis, weight, nodes):
    """Coefficients and signed level such that weight * (fit - sum c x^p) alternates on nodes."""
    n = len(basis)
    a = mp.matrix(n + 1, n + 1)
    rhs = mp.matrix(n + 1, 1)
    for row, x in enumerate(nodes):
        for col, power in enumerate(basis):
            a[row, col] = x**power
        a[row, n] = (-1) ** row / weight(x)
        rhs[row] = fit(x)
    solution = mp.lu_solve(a, rhs)
    return [solution[i] for i in range(n)]


def remez(fit, basis, weight, lo, hi, rounds=40):
    n = len(basis)
    count = max(40 * (n + 1), 300)
    grid = [
        (lo + hi) / 2 - (hi - lo) / 2 * mp.cos(mp.pi * (2 * i + 1) / (2 * count))
        for i in range(count)
    ]
    values = [fit(x) for x in grid]
    weights = [weight(x) for x in grid]
    memo = dict(zip(grid, values))
    memo_w = dict(zip(grid, weights))
    nodes = [grid[int((2 * i + 1) * count / (2 * (n + 1)))] for i in range(n + 1)]
    best, best_coefficients = mp.inf, None
    for _ in range(rounds):
        coefficients = solve_reference(
            lambda x: memo[x], basis, lambda x: memo_w[x], nodes
        )
        errors = [
            w * (v - sum(c * x**p for c, p in zip(coefficients, basis)))
            for x, v, w in zip(grid, values, weights)
        ]
        # One extremum per run of equal sign.
        extrema = []
        for i, e in enumerate(errors):
            if extrema and (errors[extrema[-1]] > 0) == (e > 0):
                if abs(e) > abs(errors[extrema[-1]]):
                    extrema[-1] = i
            else:
                extrema.append(i)
        while len(extrema) > n + 1:
            if abs(errors[extrema[0]]) < abs(errors[extrema[-1]]):
                extrema.pop(0)
            else:
                extrema.pop()
        worst = max(abs(e) for e in errors)
        least = min(abs(errors[i]) for i in extrema)
        if worst < best:
            best, best_coefficients = worst, coefficients
        if len(extrema) < n + 1 or worst - least < worst * mp.mpf("1e-2"):
            break
        nodes = [grid[i] for i in extrema]
    return best_coefficients


def fit_rounded(fit, terms, weight, lo, hi, rounding):
    """Rounds the fitted coefficients: all at once, or, if that is better, from the lowest power up,
    fitting the rest again each time. (Without the constant the powers are no Chebyshev system on
    an interval around zero, so that is tried on one side of zero only.)
    """
    lo, hi = mp.mpf(lo), mp.mpf(hi)
    points = [lo + (hi - lo) * (2 * i + 1) / 2000 for i in range(1000)]
    values = [fit(x) for x in points]

    def error(coefficients):
        return max(
            abs(weight(x) * (v - mp.polyval(coefficients[::-1], x))) for x, v in zip(points, values)
        )

    best = [mp.mpf(rounding(c)) for c in remez(fit, list(range(terms)), weight, lo, hi)]
    if lo >= 0:
        fixed = []
        for i in range(terms):
            rest = lambda x: fit(x) - sum(c * x**p for p, c in enumerate(fixed))
            c = remez(rest, list(range(i, terms)), weight, lo, hi)[0]
            fixed.append(mp.mpf(rounding(c)))
        best = min(best, fixed, key=error)
    return [float(c) for c in best], error(best)


def guard(direct):
    """Evaluates with doubled precision: enough digits survive the cancellation near zero."""

    def evaluate(x):
        with mp.workdps(140):
            return direct(x)

    return evaluate


TINY = mp.mpf(2) ** -40
LN2 = mp.log(2)
SQRT = mp.sqrt


# name, what is fitted, fit(x), weight(x), lo, hi, terms f32, terms f64
def tables():
    log_lo, log_hi = SQRT(mp.mpf("0.5")) - 1, SQRT(mp.mpf(2)) - 1
    half = mp.mpf("0.5")
    near = lambda x: x if x != 0 else TINY
    exp_fit = guard(lambda x: (mp.exp(near(x)) - 1 - near(x)) / near(x) ** 2)
    yield (
        "Exp", "e^r = 1 + r + r^2 P(r), |r| <= ln2/2", exp_fit,
        lambda x: x**2 + mp.mpf("0.003"), -LN2 / 2 * mp.mpf("1.001"), LN2 / 2 * mp.mpf("1.001"), 5, 10,
    )
    yield (
        "Expm1", "e^r - 1 = r + r^2 P(r) to relative accuracy, |r| <= ln2/2", exp_fit,
        lambda x: abs(x) + mp.mpf("0.03"), -LN2 / 2 * mp.mpf("1.001"), LN2 / 2 * mp.mpf("1.001"), 6, 11,
    )
    yield (
        "Exp2", "2^r = 1 + r P(r), |r| <= 1/2",
        guard(lambda x: (mp.mpf(2) ** near(x) - 1) / near(x)),
        lambda x: abs(x) + mp.mpf("0.03"), -half * mp.mpf("1.001"), half * mp.mpf("1.001"), 6, 11,
    )
    yield (
        "Log", "log(1 + f) = f + f^2 (-1/2 + f P(f)), 1 + f in [sqrt(1/2), sqrt(2)]",
        guard(lambda x: (mp.log1p(near(x)) - near(x) + near(x) ** 2 / 2) / near(x) ** 3),
        lambda x: x**2 + mp.mpf("0.003"), log_lo, log_hi, 8, 20,
    )
    yield (
        "Log2", "log2(1 + f) = f log2(e) + f^2 P(f), 1 + f in [sqrt(1/2), sqrt(2)]",
        guard(lambda x: (mp.log1p(near(x)) - near(x)) / near(x) ** 2 / mp.log(2)),
        lambda x: abs(x) + mp.mpf("0.03"), log_lo, log_hi, 10, 22,
    )
    pow_hi = ((SQRT(mp.mpf(2)) - 1) / (SQRT(mp.mpf(2)) + 1)) ** 2
    yield (
        "PowLog2",
        "log2((1 + s)/(1 - s)) = s (C0 + z (C1 + z P(z))), z = s^2, C0 = 2 log2(e), C1 = C0/3",
        guard(
            lambda z: (
                (mp.log((1 + SQRT(near(z))) / (1 - SQRT(near(z)))) / SQRT(near(z))) / mp.log(2)
                - 2 / mp.log(2) - 2 / mp.log(2) / 3 * near(z)
            ) / near(z) ** 2
        ),
        lambda z: mp.mpf(1), mp.mpf(0), pow_hi, 3, 9,
    )
    trig = (mp.pi / 4) ** 2 * mp.mpf("1.001")
    yield (
        "Sin", "sin(r) = r + r z P(z), z = r^2, |r| <= pi/4",
        guard(lambda z: (mp.sin(SQRT(near(z))) / SQRT(near(z)) - 1) / near(z)),
        lambda z: near(z) + mp.mpf("0.001"), mp.mpf(0), trig, 4, 7,
    )
    yield (
        "Cos", "cos(r) = 1 - z/2 + z^2 P(z), z = r^2, |r| <= pi/4",
        guard(lambda z: (mp.cos(SQRT(near(z))) - 1 + near(z) / 2) / near(z) ** 2),
        lambda z: near(z) ** 2 + mp.mpf("0.001"), mp.mpf(0), trig, 3, 6,
    )
    yield (
        "Atan", "atan(t) = t + t z P(z), z = t^2, |t| <= tan(pi/8)",
        guard(lambda z: (mp.atan(SQRT(near(z))) / SQRT(near(z)) - 1) / near(z)),
        lambda z: near(z) + mp.mpf("0.001"), mp.mpf(0), (SQRT(mp.mpf(2)) - 1) ** 2 * mp.mpf("1.001"), 5, 12,
    )
    yield (
        "Asin", "asin(t) = t + t z P(z), z = t^2, |t| <= 1/2",
        guard(lambda z: (mp.asin(SQRT(near(z))) / SQRT(near(z)) - 1) / near(z)),
        lambda z: near(z) + mp.mpf("0.001"), mp.mpf(0), mp.mpf("0.25"), 5, 13,
    )
    yield (
        "ErfSmall", "erf(x) = x + x P(z), z = x^2, |x| <= 1",
        guard(lambda z: mp.erf(SQRT(near(z))) / SQRT(near(z)) - 1),
        lambda z: mp.mpf(1), mp.mpf(0), mp.mpf(1), 7, 14,
    )
    for bits, end in ((32, 4), (64, 6)):
        center = mp.mpf(1)
        yield (
            "ErfTail",
            f"erf(x) = 1 - exp(P(x - {float(center)})), 1 <= x <= {end}",
            guard(lambda t, c=center: mp.log(mp.erfc(t + c))),
            lambda t, c=center: mp.erfc(t + c) + mp.mpf("1e-7"),
            1 - center, end - center,
            8 if bits == 32 else 0, 0 if bits == 32 else 21,
        )


def c_array(values, single):
    literal = lambda v: v.hex().replace("0000000p", "p") if single else v.hex()
    suffix = "f" if single else ""
    return ",\n      ".join(literal(v) + suffix for v in values)


def main():
    wanted = sys.argv[1:]
    results = {}
    notes = {}
    for name, note, fit, weight, lo, hi, n32, n64 in tables():
        if wanted and name not in wanted:
            continue
        for type_name, terms, rounding in (("float", n32, to_f32), ("double", n64, float)):
            if not terms:
                continue
            values, worst = fit_rounded(fit, terms, weight, lo, hi, rounding)
            results[name, type_name] = values
            notes[name, type_name] = f"{note}; fit error 2^{float(mp.log(worst, 2)):.1f}"
            print(name, type_name, terms, mp.nstr(mp.log(worst, 2), 5), file=sys.stderr, flush=True)

    out = []
    out.append(HEADER)
    for type_name in ("float", "double"):
        out.append(f"template <> struct Coefficients<{type_name}> {{")
        for (name, t), values in results.items():
            if t != type_name:
                continue
            single = t == "float"
            out.append(f"  /// {notes[name, t]}.")
            out.append(f"  static constexpr {t} {name}[] = {{\n      {c_array(values, single)}}};")
        out.append("};\n")
    for bits, pad, words in (("float", 26, 4), ("double", 55, 19)):
        with mp.workdps(500):
            total = 64 * words
            value = int(mp.floor(2 / mp.pi * mp.mpf(2) ** (total - pad)))
        parts = [(value >> (64 * (words - 1 - i))) & (2**64 - 1) for i in range(words)]
        out.append(f"/// The binary digits of 2/pi behind {pad} zeros, 64 a word.")
        body = ",\n    ".join(f"0x{p:016x}" for p in parts)
        out.append(
            f"template <> inline constexpr uint64_t TwoOverPi<{bits}>[{words}] = {{\n    {body}}};\n"
        )
    out.append(FOOTER)
    print("\n".join(out))


HEADER = """//===- Coefficients.h - Minimax polynomials and 2/pi ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// Made by benchmarks/ulp/minimax.py; do not edit. Coefficients stand lowest power first.
///
//===----------------------------------------------------------------------===//

#ifndef TG_GRAPH_DECOMPOSE_COEFFICIENTS_H
#define TG_GRAPH_DECOMPOSE_COEFFICIENTS_H

#include <cstdint>

namespace tg::math {

template <class T> struct Coefficients;
template <class T> inline constexpr uint64_t TwoOverPi[1] = {0};
"""

FOOTER = """} // namespace tg::math

#endif // TG_GRAPH_DECOMPOSE_COEFFICIENTS_H
"""

if __name__ == "__main__":
    main()
