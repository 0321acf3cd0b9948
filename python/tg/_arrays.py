# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Between tg's arrays and those of other libraries."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from . import _runtime
from ._errors import Error

_NUMPY = {
    "i1": "bool", "i8": "int8", "i16": "int16", "i32": "int32", "i64": "int64",
    "ui8": "uint8", "ui16": "uint16", "ui32": "uint32", "ui64": "uint64",
    "f16": "float16", "f32": "float32", "f64": "float64",
}
_ML_DTYPES = {
    "bf16": "bfloat16", "f8E4M3FN": "float8_e4m3fn", "f8E5M2": "float8_e5m2",
    "f8E4M3FNUZ": "float8_e4m3fnuz", "f8E5M2FNUZ": "float8_e5m2fnuz",
    "f8E8M0FNU": "float8_e8m0fnu", "f4E2M1FN": "float4_e2m1fn",
    "i2": "int2", "i4": "int4", "ui2": "uint2", "ui4": "uint4",
}
_NAMES = {numpy: name for name, numpy in (_NUMPY | _ML_DTYPES).items()}


@functools.cache
def numpy_dtype(name: str) -> np.dtype[Any]:
    """NumPy's type for an element type of tg; one of ml_dtypes where NumPy has none."""
    if name in _NUMPY:
        return np.dtype(_NUMPY[name])
    if name in _ML_DTYPES:
        import ml_dtypes

        dtype: np.dtype[Any] = np.dtype(getattr(ml_dtypes, _ML_DTYPES[name]))
        return dtype
    raise Error(f"there is no element type '{name}'")


def dtype_name(dtype: np.dtype[Any]) -> str:
    """tg's name of NumPy's or ml_dtypes' element type."""
    if dtype.name not in _NAMES:
        raise Error(f"arrays of the NumPy type {dtype} are not supported")
    return _NAMES[dtype.name]


def to_array(value: Any, dtype: str | None = None, writable: bool = False) -> _runtime.Array:
    """`value` as tg's array: the same memory where it is dense, row-major and aligned, else a copy.

    `value` is an Array, a NumPy array, what supports DLPack, or what NumPy makes an array of; such
    lists and numbers get the element type `dtype`. With `writable`, never a copy."""
    if isinstance(value, _runtime.Array):
        return value
    make = _runtime.shared_array if writable else _runtime.array
    name = None
    if not isinstance(value, np.ndarray) and not hasattr(value, "__dlpack__"):
        if writable:
            raise Error(f"cannot write to a {type(value).__name__}; give an array")
        try:
            value = np.asarray(value, None if dtype is None else numpy_dtype(dtype))
        except (TypeError, ValueError, OverflowError) as failure:
            raise Error(f"cannot make an array of a {type(value).__name__}: {failure}") from None
    if isinstance(value, (np.ndarray, np.generic)):
        value = np.asarray(value)
        name = dtype_name(value.dtype)
        if not value.dtype.isnative:
            if writable:
                raise Error("cannot write to an array of foreign byte order")
            value = value.astype(value.dtype.newbyteorder("="))
        if name in _ML_DTYPES:
            value = value.view(f"u{value.dtype.itemsize}")
    try:
        return make(value, name)
    except (TypeError, BufferError, RuntimeError) as failure:
        what = "write to" if writable else "use"
        reason = str(failure).splitlines()[0] if isinstance(failure, BufferError) else \
            "it must be in host memory, of numbers" + (", and writable" if writable else "")
        raise Error(f"cannot {what} this {type(value).__name__}: {reason}") from None


class Texts:
    """Strings, of whatever NumPy makes an array of. The numbers that stand for them are a
    program's."""

    dtype = "string"

    def __init__(self, value: Any) -> None:
        try:
            array = np.asarray(value)
        except ValueError as failure:
            raise Error(f"cannot make an array of a {type(value).__name__}: {failure}") from None
        if array.dtype.kind not in "OSTU" and array.size:
            raise Error(f"expected strings, got an array of {array.dtype}")
        # Of one alone NumPy would cut zeros at the end.
        self._texts = [value] if isinstance(value, str | bytes) else array.ravel().tolist()
        self.shape = tuple(array.shape)

    @staticmethod
    def are(value: Any) -> bool:
        """Whether NumPy makes strings of it."""
        return isinstance(value, str | bytes) or np.asarray(value).dtype.kind in "STU"

    def encode(self, strings: _runtime.Strings) -> _runtime.Array:
        return strings.encode(self._texts, self.shape)


def decode_strings(array: _runtime.Array, strings: _runtime.Strings) -> np.ndarray[Any, Any]:
    """The strings that numbers stand for, as an array of str objects."""
    result = np.empty(len(texts := strings.decode(array)), dtype=object)
    result[:] = texts
    return result.reshape(array.shape)


def to_maps(array: _runtime.Array, keys: list[int] | list[str]) -> Any:
    """A dict for each row of the last axis."""
    def convert(rows: Any, depth: int) -> Any:
        if depth == 1:
            return dict(zip(keys, rows))
        return [convert(row, depth - 1) for row in rows]

    return convert(to_numpy(array).tolist(), len(array.shape))


def to_numpy(array: _runtime.Array, dtype: Any = None,
             copy: bool | None = None) -> np.ndarray[Any, Any]:
    """An Array's memory as a NumPy array."""
    bits = _runtime.bits(array)
    wanted = numpy_dtype(array.dtype)
    result = bits if bits.dtype == wanted else bits.view(wanted)
    if dtype is not None and np.dtype(dtype) != result.dtype:
        if copy is False:
            raise ValueError(f"an array of {result.dtype} is no array of {dtype} without a copy")
        return result.astype(dtype)
    return result.copy() if copy else result
