#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Judges the interpreter by NumPy on random operations and inputs.

Every program is one function of many independent cases: an operation or a chain of movements, on
random shapes (empty and rank 0 among them), element types and values (NaN, infinities, signed
zeros, denormals, extreme integers). `tg-run --device=interp` computes it, and each result is
compared with what NumPy, ml_dtypes and Python's integers and fractions give: bit for bit where the
operation is exact or correctly rounded, within an ulp for transcendental functions, within n * u *
sum |x| for float sums.

  numpy_judge.py --tg-run=build/release/bin/tg-run --seed=1 --programs=10

Seeds are printed; a mismatch prints the case and ends with status 1.
"""

import argparse
import fractions
import math
import os
import subprocess
import sys
import tempfile

import ml_dtypes
import numpy as np

np.seterr(all="ignore")

FLOATS = {"f16": np.float16, "bf16": ml_dtypes.bfloat16, "f32": np.float32, "f64": np.float64,
          "f8E4M3FN": ml_dtypes.float8_e4m3fn, "f8E5M2": ml_dtypes.float8_e5m2}
SIGNED = {"i8": np.int8, "i16": np.int16, "i32": np.int32, "i64": np.int64}
UNSIGNED = {"ui8": np.uint8, "ui16": np.uint16, "ui32": np.uint32, "ui64": np.uint64}
INTEGERS = {**SIGNED, **UNSIGNED}
COMPUTE = {**FLOATS, **INTEGERS, "i1": np.bool_}
NUMBERS = [t for t in COMPUTE if t != "i1"]
# Cast, bitcast and movement only.
STORED_FLOATS = {"f4E2M1FN": ml_dtypes.float4_e2m1fn, "f8E4M3FNUZ": ml_dtypes.float8_e4m3fnuz,
                 "f8E5M2FNUZ": ml_dtypes.float8_e5m2fnuz}
STORED_INTEGERS = {"i4": ml_dtypes.int4, "ui4": ml_dtypes.uint4, "i2": ml_dtypes.int2,
                   "ui2": ml_dtypes.uint2}
STORED = {**STORED_FLOATS, **STORED_INTEGERS}
TYPES = {**COMPUTE, **STORED}
NARROW_BITS = {"f4E2M1FN": 4, "i4": 4, "ui4": 4, "i2": 2, "ui2": 2, "i1": 1}


def bits_of(dtype):
    return NARROW_BITS.get(dtype, np.dtype(TYPES[dtype]).itemsize * 8)


def is_float(dtype):
    return dtype in FLOATS or dtype in STORED_FLOATS


def is_signed(dtype):
    return dtype in SIGNED or dtype in ("i4", "i2")


def finfo(dtype):
    return ml_dtypes.finfo(TYPES[dtype])


def tensor_type(shape, dtype):
    return "tensor<" + "".join(f"{n}x" for n in shape) + dtype + ">"


# Values -----------------------------------------------------------------------------------------


def random_shape(rng, rank=None, largest=5):
    rank = int(rng.integers(0, 5)) if rank is None else rank
    return tuple(int(n) for n in rng.integers(0 if rng.random() < 0.1 else 1, largest + 1, rank))


def random_array(rng, shape, dtype, special=True):
    kind = TYPES[dtype]
    if dtype == "i1":
        return rng.integers(0, 2, shape).astype(np.bool_)
    if dtype in STORED:
        bits = rng.integers(0, 1 << bits_of(dtype), shape).astype(np.uint8)
        values = bits.astype(np.int64)
        if is_signed(dtype):
            values = np.where(values >> (bits_of(dtype) - 1), values - (1 << bits_of(dtype)), values)
        return (bits.view(kind) if is_float(dtype) else values.astype(kind)).reshape(shape)
    if dtype in INTEGERS:
        info = np.iinfo(kind)
        if rng.random() < 0.5 or not special:
            array = rng.integers(0 if dtype in UNSIGNED else -9, 10, shape).astype(kind)
        else:
            array = rng.integers(info.min, info.max, shape, dtype=kind, endpoint=True)
        extremes = [info.min, info.max, 0, 1] + ([-1] if dtype in SIGNED else [])
    else:
        scale = float(rng.choice([0.1, 1, 4, 30])) if special else 1
        array = np.asarray(rng.normal(size=shape) * scale).astype(kind)
        info = finfo(dtype)
        extremes = [0.0, -0.0, 1, -1, 0.5, np.nan, np.inf, -np.inf, float(info.max),
                    float(info.smallest_subnormal), -float(info.smallest_normal)]
    array = np.array(array, dtype=kind).reshape(shape)
    if special and array.size:
        flat = array.reshape(-1)
        for i in range(flat.size):
            if rng.random() < 0.15:
                flat[i] = np.array(extremes[rng.integers(len(extremes))]).astype(kind)
    return array


# Scalars ----------------------------------------------------------------------------------------


def wrap(value, dtype):
    bits = bits_of(dtype)
    value &= (1 << bits) - 1
    if is_signed(dtype) and value >> (bits - 1):
        value -= 1 << bits
    return value


def int_div(a, b):
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def int_pow(a, b, bits):
    if b >= 0:
        return pow(a, b, 1 << bits)
    return {1: 1, -1: 1 if b % 2 == 0 else -1}.get(a, 0)


def threefry(counter, key):
    mask = 0xFFFFFFFF
    x, y = counter & mask, counter >> 32
    keys = [key & mask, key >> 32]
    keys.append(keys[0] ^ keys[1] ^ 0x1BD11BDA)
    x, y = (x + keys[0]) & mask, (y + keys[1]) & mask
    rotations = [13, 15, 26, 6, 17, 29, 16, 24]
    for i in range(20):
        x = (x + y) & mask
        r = rotations[i % 8]
        y = ((y << r | y >> (32 - r)) & mask) ^ x
        if i % 4 == 3:
            j = i // 4 + 1
            x, y = (x + keys[j % 3]) & mask, (y + keys[(j + 1) % 3] + j) & mask
    return y << 32 | x


INT_OPS = {
    "add": lambda a, b, w: a + b,
    "sub": lambda a, b, w: a - b,
    "mul": lambda a, b, w: a * b,
    "floordiv": lambda a, b, w: a // b if b else 0,
    "floormod": lambda a, b, w: a % b if b else a,
    "cdiv": lambda a, b, w: int_div(a, b) if b else 0,
    "cmod": lambda a, b, w: a - b * int_div(a, b) if b else a,
    "pow": lambda a, b, w: int_pow(a, b, w),
    "max": lambda a, b, w: max(a, b),
    "min": lambda a, b, w: min(a, b),
    "shl": lambda a, b, w: a << b if 0 <= b < w else 0,
    "shr": lambda a, b, w: a >> b if 0 <= b < w else (-1 if a < 0 else 0),
    "and": lambda a, b, w: a & b,
    "or": lambda a, b, w: a | b,
    "xor": lambda a, b, w: a ^ b,
}


def int_binary(op, a, b, dtype):
    width = bits_of(dtype)
    values = [wrap(INT_OPS[op](int(x), int(y), width), dtype)
              for x, y in zip(a.reshape(-1), b.reshape(-1))]
    return np.array(values, dtype=TYPES[dtype]).reshape(a.shape)


def round_fraction(value, dtype):
    """The nearest number of the type, ties to even; value is a non-zero fraction."""
    info = finfo(dtype)
    exponent = value.numerator.bit_length() - value.denominator.bit_length()
    if abs(value) < fractions.Fraction(2) ** exponent:
        exponent -= 1
    unit = fractions.Fraction(2) ** max(exponent - info.nmant, info.minexp - info.nmant)
    rounded = round(value / unit) * unit
    if abs(rounded) > fractions.Fraction(float(info.max)):
        overflow = np.nan if dtype == "f8E4M3FN" else math.inf
        return -overflow if value < 0 else overflow
    return float(rounded) if rounded else (-0.0 if value < 0 else 0.0)


def fma(a, b, c, dtype):
    result = []
    for x, y, z in zip(a.reshape(-1), b.reshape(-1), c.reshape(-1)):
        x, y, z = float(x), float(y), float(z)
        if not all(map(math.isfinite, (x, y, z))):
            product = np.float64(x) * np.float64(y)
            # A finite product may overflow f64 only on paper.
            product = product if not (math.isfinite(x) and math.isfinite(y)) else 0.0
            result.append(float(product + np.float64(z)))
            continue
        exact = fractions.Fraction(x) * fractions.Fraction(y) + fractions.Fraction(z)
        if exact:
            result.append(round_fraction(exact, dtype))
        else:
            sign = math.copysign(1, x) * math.copysign(1, y)
            is_zero = x == 0 or y == 0
            product = math.copysign(0.0, sign) if is_zero else 0.0
            result.append(product + z if is_zero else 0.0)
    return np.array(result, dtype=np.float64).astype(TYPES[dtype]).reshape(a.shape)


def round_to(values, dtype):
    return np.asarray(values).astype(TYPES[dtype])


def float_binary(op, a, b, dtype):
    # f64 is more than twice as precise as the narrower types: one rounding is the right one.
    wide_a, wide_b = a.astype(np.float64), b.astype(np.float64)
    if op in ("add", "sub", "mul", "fdiv"):
        function = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "fdiv": np.divide}[op]
        return round_to(function(wide_a, wide_b), dtype)
    if op == "cmod":
        return round_to(np.fmod(wide_a, wide_b), dtype)
    if op == "floormod":
        remainder = np.fmod(wide_a, wide_b)
        differs = np.signbit(remainder) != np.signbit(wide_b)
        result = np.where(differs & (remainder != 0), remainder + wide_b, remainder)
        return round_to(np.where(remainder == 0, np.copysign(0, wide_b), result), dtype)
    nan = np.isnan(wide_a) | np.isnan(wide_b)
    # Zeros of different sign count as ordered.
    a_less = (wide_a < wide_b) | ((wide_a == wide_b) & np.signbit(wide_a))
    takes_a = a_less if op == "min" else ~a_less
    return round_to(np.where(nan, np.nan, np.where(takes_a, wide_a, wide_b)), dtype)


UNARY = {
    "exp2": np.exp2, "log2": np.log2, "sin": np.sin, "exp": np.exp, "log": np.log, "cos": np.cos,
    "tan": np.tan, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan, "sinh": np.sinh,
    "cosh": np.cosh, "tanh": np.tanh, "asinh": np.arcsinh, "acosh": np.arccosh,
    "atanh": np.arctanh, "erf": np.vectorize(math.erf, otypes=[np.float64]),
}
EXACT_UNARY = {"sqrt": np.sqrt, "reciprocal": np.reciprocal, "neg": np.negative, "trunc": np.trunc,
               "floor": np.floor, "ceil": np.ceil, "round": np.rint}


def saturating_cast(array, source, to):
    """As uop.cast, from any type."""
    if to == "i1":
        return array.astype(np.float64) != 0 if source in STORED else array != 0
    if is_float(to):
        if is_float(source):
            wide = array.astype(np.float64)
            if to == "f4E2M1FN":
                wide = np.where(np.isnan(wide), -0.0, wide)  # it has no NaN
            return wide.astype(TYPES[to])
        if to in STORED:
            values = np.array([float(int(x)) for x in array.reshape(-1)], dtype=np.float64)
            return values.astype(TYPES[to]).reshape(array.shape)
        values = [round_fraction(fractions.Fraction(int(x)), to) if x else 0.0
                  for x in array.reshape(-1)]
        return np.array(values, dtype=np.float64).astype(TYPES[to]).reshape(array.shape)
    bits = bits_of(to)
    low, high = (-1 << (bits - 1), (1 << (bits - 1)) - 1) if is_signed(to) else (0, (1 << bits) - 1)

    def convert(x):
        if not is_float(source):
            return wrap(int(x), to)
        x = float(x)
        if math.isnan(x):
            return 0
        return int(min(max(x if math.isinf(x) else int(x), low), high))

    return np.array([convert(x) for x in array.reshape(-1)],
                    dtype=TYPES[to]).reshape(array.shape)


# Cases ------------------------------------------------------------------------------------------


class Program:
    """One function of many cases."""

    def __init__(self, rng):
        self.rng = rng
        self.inputs, self.lines, self.results = [], [], []
        self.counter = 0

    def input(self, array, dtype):
        self.inputs.append((array, dtype))
        return f"%arg{len(self.inputs) - 1}"

    def emit(self, text):
        self.counter += 1
        self.lines.append(f"  %v{self.counter} = {text}")
        return f"%v{self.counter}"

    def expect(self, value, array, dtype, tolerance=None):
        """tolerance: None (exact), "ulp", or an array of absolute tolerances."""
        self.results.append((value, array, dtype, tolerance, self.lines[-1].strip()))

    def random(self, dtype, shape=None, special=True):
        shape = random_shape(self.rng) if shape is None else shape
        array = random_array(self.rng, shape, dtype, special)
        return self.input(array, dtype), array

    def text(self):
        arguments = ", ".join(f"%arg{i}: {tensor_type(array.shape, dtype)}"
                              for i, (array, dtype) in enumerate(self.inputs))
        types = ", ".join(tensor_type(array.shape, dtype)
                          for _, array, dtype, _, _ in self.results)
        values = ", ".join(value for value, *_ in self.results)
        return (f"func.func @main({arguments}) -> ({types}) {{\n" + "\n".join(self.lines) +
                f"\n  return {values} : {types}\n}}\n")


def pick(rng, choices):
    choices = list(choices)
    return choices[rng.integers(len(choices))]


def case_unary(p):
    dtype = pick(p.rng, FLOATS)
    op = pick(p.rng, list(UNARY) + list(EXACT_UNARY))
    name, x = p.random(dtype)
    value = p.emit(f"uop.{op} {name} : {tensor_type(x.shape, dtype)}")
    wide = x.astype(np.float64)
    if op in UNARY:
        result = UNARY[op](wide) if x.size else wide
        p.expect(value, round_to(result, dtype), dtype, "ulp")
    else:
        p.expect(value, round_to(EXACT_UNARY[op](wide), dtype), dtype)


def case_int_unary(p):
    dtype = pick(p.rng, list(INTEGERS) + ["i1"])
    op = "not" if dtype == "i1" else pick(p.rng, ["not", "neg"])
    name, x = p.random(dtype)
    value = p.emit(f"uop.{op} {name} : {tensor_type(x.shape, dtype)}")
    p.expect(value, ~x if op == "not" else (~x + np.array(1, x.dtype)).astype(x.dtype), dtype)


def case_binary(p):
    dtype = pick(p.rng, NUMBERS)
    name, x = p.random(dtype)
    other, y = p.random(dtype, x.shape)
    op = pick(p.rng, ["add", "sub", "mul", "fdiv", "cmod", "floormod", "max", "min"]
              if is_float(dtype) else INT_OPS)
    value = p.emit(f"uop.{op} {name}, {other} : {tensor_type(x.shape, dtype)}")
    function = float_binary if is_float(dtype) else int_binary
    p.expect(value, function(op, x, y, dtype), dtype)


def case_pow(p):
    dtype = pick(p.rng, FLOATS)
    name, x = p.random(dtype)
    other, y = p.random(dtype, x.shape)
    value = p.emit(f"uop.pow {name}, {other} : {tensor_type(x.shape, dtype)}")
    p.expect(value, round_to(np.power(x.astype(np.float64), y.astype(np.float64)), dtype), dtype,
             "ulp")


def case_floordiv(p):
    dtype = pick(p.rng, FLOATS)
    name, x = p.random(dtype)
    other, y = p.random(dtype, x.shape)
    value = p.emit(f"uop.floordiv {name}, {other} : {tensor_type(x.shape, dtype)}")

    def divide(a, b):
        a, b = float(a), float(b)
        if not math.isfinite(a) or not math.isfinite(b) or b == 0:
            if b == 0 or not math.isinf(b) or not math.isfinite(a):
                return float(np.divide(a, b)) if b == 0 else math.nan
            negative = a != 0 and (a < 0) != (b < 0)
            sign = math.copysign(1, a) * math.copysign(1, b)
            return -1.0 if negative else math.copysign(0.0, sign)
        quotient = fractions.Fraction(a) / fractions.Fraction(b)
        floor = math.floor(quotient)
        if floor == 0:
            return math.copysign(0.0, math.copysign(1, a) * math.copysign(1, b))
        return round_fraction(fractions.Fraction(floor), dtype)

    result = [divide(a, b) for a, b in zip(x.reshape(-1), y.reshape(-1))]
    # Quotients beyond the type's integers may be off by a rounding.
    p.expect(value, round_to(np.array(result, np.float64).reshape(x.shape), dtype), dtype, "ulp")


def case_compare(p):
    dtype = pick(p.rng, COMPUTE)
    op = pick(p.rng, ["cmplt", "cmple", "cmpne", "cmpeq"])
    name, x = p.random(dtype)
    other, y = p.random(dtype, x.shape)
    value = p.emit(f"uop.{op} {name}, {other} : {tensor_type(x.shape, dtype)}")
    if dtype in FLOATS:
        x, y = x.astype(np.float64), y.astype(np.float64)
    function = {"cmplt": np.less, "cmple": np.less_equal, "cmpne": np.not_equal,
                "cmpeq": np.equal}[op]
    p.expect(value, np.asarray(function(x, y)), "i1")


def case_where(p):
    dtype = pick(p.rng, COMPUTE)
    condition, c = p.random("i1")
    name, x = p.random(dtype, c.shape)
    other, y = p.random(dtype, c.shape)
    value = p.emit(f"uop.where {condition}, {name}, {other} : {tensor_type(x.shape, dtype)}")
    p.expect(value, np.where(c, x, y).astype(x.dtype), dtype)


def case_bool(p):
    op = pick(p.rng, ["and", "or", "xor", "max", "min"])
    name, x = p.random("i1")
    other, y = p.random("i1", x.shape)
    value = p.emit(f"uop.{op} {name}, {other} : {tensor_type(x.shape, 'i1')}")
    function = {"and": np.logical_and, "or": np.logical_or, "xor": np.logical_xor,
                "max": np.logical_or, "min": np.logical_and}[op]
    p.expect(value, np.asarray(function(x, y)), "i1")


def case_fma(p):
    dtype = pick(p.rng, FLOATS)
    shape = random_shape(p.rng)
    (a, x), (b, y), (c, z) = (p.random(dtype, shape) for _ in range(3))
    value = p.emit(f"uop.fma {a}, {b}, {c} : {tensor_type(shape, dtype)}")
    p.expect(value, fma(x, y, z, dtype), dtype)


def case_threefry(p):
    name, x = p.random("ui64")
    other, y = p.random("ui64", x.shape)
    value = p.emit(f"uop.threefry {name}, {other} : {tensor_type(x.shape, 'ui64')}")
    result = [threefry(int(a), int(b)) for a, b in zip(x.reshape(-1), y.reshape(-1))]
    p.expect(value, np.array(result, dtype=np.uint64).reshape(x.shape), "ui64")


def case_cast(p):
    source, target = pick(p.rng, TYPES), pick(p.rng, TYPES)
    name, x = p.random(source)
    value = p.emit(f"uop.cast {name} : {tensor_type(x.shape, source)} -> "
                   f"{tensor_type(x.shape, target)}")
    p.expect(value, x if source == target else saturating_cast(x, source, target), target)


def case_bitcast(p):
    source = pick(p.rng, [t for t in TYPES if t != "i1"])
    target = pick(p.rng, [t for t in TYPES if t != "i1" and bits_of(t) == bits_of(source)])
    name, x = p.random(source)
    value = p.emit(f"uop.bitcast {name} : {tensor_type(x.shape, source)} -> "
                   f"{tensor_type(x.shape, target)}")
    p.expect(value, x.view(TYPES[target]), target)


def factorize(rng, count):
    """A random shape of `count` elements."""
    shape = []
    while count > 1 and len(shape) < 4:
        divisor = pick(rng, [d for d in range(1, count + 1) if count % d == 0])
        shape.append(divisor)
        count //= divisor
    return tuple(shape + [count])


def move(p, value, x, dtype):
    """One random movement of `value`."""
    rng, rank, old = p.rng, x.ndim, tensor_type(x.shape, dtype)
    kinds = ["reshape"] + (["permute", "flip", "pad", "shrink", "window", "concat"] if rank else [])
    kind = pick(rng, kinds + (["expand"] if 1 in x.shape else []))
    if kind == "reshape":
        result = x.reshape(factorize(rng, x.size) if x.size else (0, 3))
        text = f"{value} : {old}"
    elif kind == "permute":
        order = [int(i) for i in rng.permutation(rank)]
        result, text = x.transpose(order), f"{value} {order} : {old}"
    elif kind == "flip":
        axes = sorted(int(i) for i in rng.permutation(rank)[:rng.integers(0, rank + 1)])
        result, text = np.flip(x, axes), f"{value} {axes} : {old}"
    elif kind == "expand":
        shape = tuple(int(rng.integers(0, 4)) if n == 1 and rng.random() < 0.7 else n
                      for n in x.shape)
        result, text = np.broadcast_to(x, shape), f"{value} : {old}"
    elif kind == "pad":
        fill, f = p.random(dtype, ())
        low, high, gap = ([int(n) for n in rng.integers(0, 3, rank)] for _ in range(3))
        shape = [a + b + (n + (n - 1) * g if n else 0)
                 for n, a, b, g in zip(x.shape, low, high, gap)]
        result = np.full(shape, f[()], dtype=x.dtype)
        result[tuple(slice(a, a + (n - 1) * (g + 1) + 1 if n else a, g + 1)
                     for n, a, g in zip(x.shape, low, gap))] = x
        text = f"{value}, {fill} low {low} high {high} interior {gap} : {old}"
    elif kind == "shrink":
        offsets = [int(rng.integers(0, n + 1)) for n in x.shape]
        strides = [int(rng.integers(1, 3)) for _ in x.shape]
        sizes = [int(rng.integers(0, (n - o + s - 1) // s + 1))
                 for n, o, s in zip(x.shape, offsets, strides)]
        result = x[tuple(slice(o, o + s * k, s) for o, s, k in zip(offsets, strides, sizes))]
        text = f"{value} offsets {offsets} sizes {sizes} strides {strides} : {old}"
    elif kind == "window":
        axes = sorted(int(i) for i in rng.permutation(rank)[:min(2, rank)])
        sizes = [int(rng.integers(1, 4)) for _ in axes]
        strides = [int(rng.integers(1, 3)) for _ in axes]
        dilations = [int(rng.integers(1, 3)) for _ in axes]
        result = x
        for axis, size, stride, dilation in zip(axes, sizes, strides, dilations):
            span = (size - 1) * dilation + 1
            positions = max(0, (x.shape[axis] - span) // stride + 1)
            taps = [np.take(result, [o * stride + k * dilation for o in range(positions)], axis)
                    for k in range(size)]
            result = np.stack(taps, -1)
        text = (f"{value} axes {axes} sizes {sizes} strides {strides} dilations {dilations} : "
                f"{old}")
    else:
        axis = int(rng.integers(rank))
        parts, names = [x], [value]
        for _ in range(rng.integers(0, 6)):
            shape = list(x.shape)
            shape[axis] = int(rng.integers(0, 4))
            name, array = p.random(dtype, tuple(shape))
            names.append(name)
            parts.append(array)
        order = rng.permutation(len(parts))
        parts, names = [parts[i] for i in order], [names[i] for i in order]
        result = np.concatenate(parts, axis)
        types = ", ".join(tensor_type(part.shape, dtype) for part in parts)
        text = f"{', '.join(names)} axis {axis} : {types}"
    if result.size > 20000 or result.ndim > 7:
        return value, x
    return p.emit(f"uop.{kind} {text} -> {tensor_type(result.shape, dtype)}"), result


def case_movement(p):
    dtype = pick(p.rng, TYPES)
    value, x = p.random(dtype)
    for _ in range(p.rng.integers(1, 6)):
        value, x = move(p, value, x, dtype)
    value = p.emit(f"uop.contiguous {value} : {tensor_type(x.shape, dtype)}")
    p.expect(value, x, dtype)


def case_unwindow(p):
    dtype = pick(p.rng, SIGNED)
    rng = p.rng
    size, stride, dilation = (int(rng.integers(1, 4)) for _ in range(3))
    outer, length = int(rng.integers(1, 4)), int(rng.integers(0, 9))
    positions = max(0, (length - (size - 1) * dilation - 1) // stride + 1)
    name, x = p.random(dtype, (outer, positions, size))
    result = np.zeros((outer, length), x.dtype)
    for o in range(positions):
        for k in range(size):
            result[:, o * stride + k * dilation] += x[:, o, k]
    value = p.emit(f"uop.unwindow {name} axes [1] strides [{stride}] dilations [{dilation}] : "
                   f"{tensor_type(x.shape, dtype)} -> {tensor_type(result.shape, dtype)}")
    p.expect(value, result, dtype)


def sum_tolerance(x, dtype, axes):
    count = math.prod(x.shape[a] for a in axes)
    unit = float(finfo(dtype).eps) / 2
    wide = np.abs(x.astype(np.float64))
    return (2 * count * unit * wide.sum(axes) + count * float(finfo(dtype).smallest_subnormal))


def case_reduce(p):
    kind = pick(p.rng, ["add", "mul", "max", "min"])
    dtype = pick(p.rng, NUMBERS if kind in ("add", "mul") else COMPUTE)
    shape = random_shape(p.rng, int(p.rng.integers(1, 4)), pick(p.rng, [4, 30]))
    name, x = p.random(dtype, shape, special=kind not in ("add", "mul") or dtype in INTEGERS)
    axes = tuple(sorted(int(i) for i in p.rng.permutation(x.ndim)[:p.rng.integers(1, x.ndim + 1)]))
    wide = x.astype(np.float64) if dtype in FLOATS else x
    tolerance = None
    if kind == "add" and dtype in FLOATS:
        result, tolerance = wide.sum(axes), sum_tolerance(x, dtype, axes)
        if math.prod(shape) == 0:
            tolerance = None
    elif kind == "mul" and dtype in FLOATS:
        result = wide.prod(axes)
        count = math.prod(x.shape[a] for a in axes)
        tolerance = (np.abs(result) * min(1e30, math.expm1(min(60.0, count * float(finfo(dtype).eps)))) +
                     2 * count * float(finfo(dtype).smallest_subnormal))
        # Partial products may leave the type where the product does not.
        if np.any(np.abs(result) > 1e-2 * float(finfo(dtype).max)) or bits_of(dtype) == 8:
            return
    elif kind in ("add", "mul"):
        function = np.sum if kind == "add" else np.prod
        result = function(wide, axis=axes, dtype=x.dtype)
    else:
        identity = {"max": False, "min": True}[kind] if dtype == "i1" else (
            {"max": np.iinfo(x.dtype).min, "min": np.iinfo(x.dtype).max}[kind]
            if dtype in INTEGERS else
            math.copysign(float(finfo(dtype).max) if dtype == "f8E4M3FN" else math.inf,
                          -1 if kind == "max" else 1))
        function = np.max if kind == "max" else np.min
        result = function(wide, axis=axes, initial=identity)
        # NumPy takes either of -0 and +0.
        tolerance = np.zeros(np.shape(result)) if dtype in FLOATS else None
    result = np.asarray(result)
    if kind in ("add", "mul") and tolerance is not None and np.any(
            np.abs(result) + tolerance > float(finfo(dtype).max)):
        return
    value = p.emit(f"uop.reduce {kind} {name} axes {list(axes)} : "
                   f"({tensor_type(x.shape, dtype)}) -> {tensor_type(result.shape, dtype)}")
    p.expect(value, round_to(result, dtype), dtype, tolerance)


def case_scan(p):
    kind = pick(p.rng, ["add", "mul", "max", "min"])
    dtype = pick(p.rng, INTEGERS)
    name, x = p.random(dtype, random_shape(p.rng, int(p.rng.integers(1, 4)), 9))
    axis = int(p.rng.integers(x.ndim))
    exclusive, reverse = (bool(n) for n in p.rng.integers(0, 2, 2))
    info = np.iinfo(x.dtype)
    identity = {"add": 0, "mul": 1, "max": info.min, "min": info.max}[kind]
    function = {"add": np.add, "mul": np.multiply, "max": np.maximum, "min": np.minimum}[kind]
    y = np.flip(x, axis) if reverse else x
    result = function.accumulate(y, axis=axis, dtype=x.dtype)
    if exclusive and x.shape[axis]:
        first = np.full_like(np.take(x, [0], axis), identity)
        kept = np.take(result, range(x.shape[axis] - 1), axis)
        result = np.concatenate([first, kept], axis)
    result = np.flip(result, axis) if reverse else result
    flags = (" exclusive" if exclusive else "") + (" reverse" if reverse else "")
    value = p.emit(f"uop.scan {kind} {name} axis {axis}{flags} : "
                   f"({tensor_type(x.shape, dtype)}) -> {tensor_type(x.shape, dtype)}")
    p.expect(value, result, dtype)


def case_sort(p):
    dtype = pick(p.rng, COMPUTE)
    name, x = p.random(dtype, random_shape(p.rng, int(p.rng.integers(1, 4)), 9))
    axis, descending = int(p.rng.integers(x.ndim)), p.rng.random() < 0.5
    other, y = p.random("i32", x.shape)
    keys = x.astype(np.float64) if dtype in FLOATS else x
    if descending:
        # A stable sort of the reversed row, reversed, is stable the other way round.
        order = np.flip(np.argsort(np.flip(keys, axis), axis=axis, kind="stable"), axis)
        order = x.shape[axis] - 1 - order
    else:
        order = np.argsort(keys, axis=axis, kind="stable")
    types = f"{tensor_type(x.shape, dtype)}, {tensor_type(x.shape, 'i32')}"
    p.counter += 1
    p.lines.append(f"  %v{p.counter}:2 = uop.sort {name}, {other} axis {axis}"
                   f"{' descending' if descending else ''} : ({types}) -> ({types})")
    p.expect(f"%v{p.counter}#0", np.take_along_axis(x, order, axis), dtype)
    p.expect(f"%v{p.counter}#1", np.take_along_axis(y, order, axis), "i32")


def random_indices(p, shape, size):
    return p.rng.integers(-1, size + 1, shape).astype(np.int64)


def case_gather(p):
    dtype = pick(p.rng, COMPUTE)
    name, x = p.random(dtype, random_shape(p.rng, int(p.rng.integers(1, 4))))
    axis = int(p.rng.integers(x.ndim))
    indices = random_indices(p, random_shape(p.rng, int(p.rng.integers(0, 3))), x.shape[axis])
    inside = (indices >= 0) & (indices < x.shape[axis])
    padded = np.concatenate([x, np.zeros_like(x, shape=x.shape[:axis] + (1,) + x.shape[axis + 1:])],
                            axis)
    result = np.take(padded, np.where(inside, indices, x.shape[axis]), axis)
    other = p.input(indices, "i64")
    value = p.emit(f"uop.gather {name}, {other} axis {axis} : ({tensor_type(x.shape, dtype)}, "
                   f"{tensor_type(indices.shape, 'i64')}) -> {tensor_type(result.shape, dtype)}")
    p.expect(value, result, dtype)


def case_scatter(p):
    dtype, kind = pick(p.rng, INTEGERS), pick(p.rng, ["add", "mul", "max", "min", "set"])
    name, x = p.random(dtype, random_shape(p.rng, int(p.rng.integers(1, 4))))
    axis = int(p.rng.integers(x.ndim))
    indices = random_indices(p, random_shape(p.rng, 1), x.shape[axis])
    updates_name, updates = p.random(dtype, x.shape[:axis] + indices.shape + x.shape[axis + 1:])
    result = np.moveaxis(x.copy(), axis, 0)
    for i, update in zip(indices, np.moveaxis(updates, axis, 0)):
        if not 0 <= i < x.shape[axis]:
            continue
        old = result[i]
        result[i] = {"add": lambda: old + update, "mul": lambda: old * update,
                     "max": lambda: np.maximum(old, update),
                     "min": lambda: np.minimum(old, update), "set": lambda: update}[kind]()
    other = p.input(indices, "i64")
    types = (f"{tensor_type(x.shape, dtype)}, {tensor_type(indices.shape, 'i64')}, "
             f"{tensor_type(updates.shape, dtype)}")
    value = p.emit(f"uop.scatter {kind} {name}, {other}, {updates_name} axis {axis} : "
                   f"({types}) -> {tensor_type(x.shape, dtype)}")
    p.expect(value, np.moveaxis(result, 0, axis), dtype)


def case_compact(p):
    name, x = p.random("i1", (int(p.rng.integers(0, 20)),))
    found = np.nonzero(x)[0]
    indices = np.full(x.shape, -1, np.int64)
    indices[:len(found)] = found
    p.counter += 1
    p.lines.append(f"  %v{p.counter}:2 = uop.compact {name} : {tensor_type(x.shape, 'i1')} -> "
                   f"{tensor_type(x.shape, 'i64')}, tensor<i64>")
    p.expect(f"%v{p.counter}#0", indices, "i64")
    p.expect(f"%v{p.counter}#1", np.array(len(found), np.int64), "i64")


def case_assign(p):
    dtype = pick(p.rng, COMPUTE)
    name, x = p.random(dtype, random_shape(p.rng, int(p.rng.integers(1, 4))))
    sizes = tuple(int(p.rng.integers(0, n + 1)) for n in x.shape)
    offsets = [int(p.rng.integers(0, n - k + 1)) for n, k in zip(x.shape, sizes)]
    other, y = p.random(dtype, sizes)
    result = x.copy()
    result[tuple(slice(o, o + k) for o, k in zip(offsets, sizes))] = y
    value = p.emit(f"uop.assign {name}, {other} offsets {offsets} : "
                   f"{tensor_type(x.shape, dtype)}, {tensor_type(sizes, dtype)}")
    p.expect(value, result, dtype)


def case_iota(p):
    dtype = pick(p.rng, NUMBERS)
    shape = random_shape(p.rng, int(p.rng.integers(1, 4)), 300 if p.rng.random() < 0.1 else 5)
    if math.prod(shape) > 20000:
        return
    axis = int(p.rng.integers(len(shape)))
    index = np.arange(shape[axis], dtype=np.int64)
    index = index.reshape([-1 if i == axis else 1 for i in range(len(shape))])
    value = p.emit(f"uop.iota axis {axis} : {tensor_type(shape, dtype)}")
    p.expect(value, saturating_cast(np.broadcast_to(index, shape), "i64", dtype), dtype)


def case_contraction(p):
    dtype = pick(p.rng, ["f32", "f64", "bf16", "i32", "i8"])
    b, m, n, k = (int(s) for s in p.rng.integers(1, 9, 4))
    left, x = p.random(dtype, (b, m, k), special=dtype in INTEGERS)
    right, y = p.random(dtype, (b, k, n), special=dtype in INTEGERS)
    full = tensor_type((b, m, n, k), dtype)
    u = p.emit(f"uop.reshape {left} : {tensor_type(x.shape, dtype)} -> "
               f"{tensor_type((b, m, 1, k), dtype)}")
    u = p.emit(f"uop.expand {u} : {tensor_type((b, m, 1, k), dtype)} -> {full}")
    v = p.emit(f"uop.permute {right} [0, 2, 1] : {tensor_type(y.shape, dtype)} -> "
               f"{tensor_type((b, n, k), dtype)}")
    v = p.emit(f"uop.reshape {v} : {tensor_type((b, n, k), dtype)} -> "
               f"{tensor_type((b, 1, n, k), dtype)}")
    v = p.emit(f"uop.expand {v} : {tensor_type((b, 1, n, k), dtype)} -> {full}")
    product = p.emit(f"uop.mul {u}, {v} : {full}")
    value = p.emit(f"uop.reduce add {product} axes [3] : ({full}) -> "
                   f"{tensor_type((b, m, n), dtype)}")
    if dtype in INTEGERS:
        p.expect(value, np.einsum("bmk,bkn->bmn", x, y, dtype=x.dtype), dtype)
        return
    wide_x, wide_y = x.astype(np.float64), y.astype(np.float64)
    unit = float(finfo(dtype).eps) / 2
    tolerance = 2 * (k + 1) * unit * np.einsum("bmk,bkn->bmn", np.abs(wide_x), np.abs(wide_y))
    p.expect(value, round_to(np.einsum("bmk,bkn->bmn", wide_x, wide_y), dtype), dtype, tolerance)


KINDS = [case for name, case in sorted(globals().items()) if name.startswith("case_")]
# These stand for many operations each.
CASES = KINDS + 4 * [case_binary, case_unary, case_movement, case_cast]


# Comparison -------------------------------------------------------------------------------------


def ordinal(array):
    """Floats as integers in their order, so that neighbors differ by 1."""
    width = array.dtype.itemsize
    bits = array.view({1: np.uint8, 2: np.uint16, 4: np.uint32, 8: np.uint64}[width])
    bits = bits.astype(object)
    half = 1 << (width * 8 - 1)
    return np.where(bits >= half, half - bits, bits)


def wrong_elements(actual, expected, dtype, tolerance):
    """Positions that differ more than they may."""
    actual, expected = np.ascontiguousarray(actual), np.ascontiguousarray(expected)
    if not is_float(dtype):
        return np.flatnonzero(actual != expected)
    a, e = actual.astype(np.float64), expected.astype(np.float64)
    both_nan = np.isnan(a) & np.isnan(e)
    if tolerance is None:
        same = (a == e) & (np.signbit(a) == np.signbit(e))
    elif isinstance(tolerance, str):
        near = np.abs(ordinal(actual) - ordinal(expected)) <= 1
        same = np.where(np.isnan(a) | np.isnan(e), False, near)
    else:
        same = (a == e) | (np.abs(a - e) <= tolerance + float(finfo(dtype).eps) * np.abs(e))
    return np.flatnonzero(~(same | both_nan))


def check(program, seed, tg_run, folder, keep):
    path = os.path.join(folder, f"seed{seed}.mlir")
    with open(path, "w", encoding="utf-8") as file:
        file.write(program.text())
    command = [tg_run, path, "--device=interp", f"--output={folder}/out.npz"]
    for i, (array, _) in enumerate(program.inputs):
        np.save(os.path.join(folder, f"arg{i}.npy"), array)
        command.append(f"--input=arg{i}={folder}/arg{i}.npy")
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        print(f"seed {seed}: tg-run failed\n{run.stderr}")
        if not keep:
            print(program.text())
        return 1
    failures = 0
    with np.load(os.path.join(folder, "out.npz"), allow_pickle=False) as outputs:
        for i, (_, expected, dtype, tolerance, text) in enumerate(program.results):
            actual = outputs[f"out{i}"]
            if actual.dtype != np.dtype(TYPES[dtype]):
                actual = actual.view(TYPES[dtype])
            if actual.shape != expected.shape:
                print(f"seed {seed}: shape {actual.shape}, expected {expected.shape}: {text}")
                failures += 1
                continue
            wrong = wrong_elements(actual, expected, dtype, tolerance)
            if not wrong.size:
                continue
            failures += 1
            at = wrong[0]
            print(f"seed {seed}: {text}\n  {wrong.size} of {actual.size} elements differ; element "
                  f"{at} is {actual.reshape(-1)[at]!r}, expected {expected.reshape(-1)[at]!r}")
            for name in [word.strip(",") for word in text.split() if word.startswith("%arg")]:
                array = program.inputs[int(name[4:])][0]
                if array.shape == expected.shape:
                    print(f"  {name}: {array.reshape(-1)[at]!r}")
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--tg-run", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--programs", type=int, default=10)
    parser.add_argument("--cases", type=int, default=250, help="per program")
    parser.add_argument("--keep", help="a folder for the programs and their data")
    options = parser.parse_args()
    failures = results = 0
    seeds = range(options.seed, options.seed + options.programs)
    for seed in seeds:
        program = Program(np.random.default_rng(seed))
        for i in range(options.cases):
            CASES[i % len(CASES)](program)
        results += len(program.results)
        with tempfile.TemporaryDirectory() as temporary:
            folder = options.keep or temporary
            os.makedirs(folder, exist_ok=True)
            failures += check(program, seed, options.tg_run, folder, options.keep)
    print(f"{results} results of {len(KINDS)} kinds of cases, seeds {seeds[0]} to {seeds[-1]}: "
          f"{failures} wrong")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
