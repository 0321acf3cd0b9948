# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Arrays in and out: which are copied, every element type, DLPack."""

import gc
import weakref

import ml_dtypes
import numpy as np
import pytest

import tg
from conftest import unary

X = np.arange(6, dtype=np.float32).reshape(2, 3)


class DLPackOnly:
    """A tensor of another library: nothing but DLPack."""

    def __init__(self, array):
        self._array = array

    def __dlpack__(self, **kwargs):
        return self._array.__dlpack__(**kwargs)

    def __dlpack_device__(self):
        return self._array.__dlpack_device__()


def unaligned(array):
    memory = np.zeros(array.nbytes + 1, np.uint8)
    view = memory[1:].view(array.dtype).reshape(array.shape)
    view[...] = array
    return view


IN_PLACE = {"array": X, "read only": np.broadcast_to(np.float32(1), (1, 1)),
            "slice of rows": np.arange(12, dtype=np.float32).reshape(4, 3)[1:3],
            "dlpack": DLPackOnly(X), "no elements": np.zeros((0, 3), np.float32),
            "no axes": np.array(1.0, np.float32), "bf16": X.astype(ml_dtypes.bfloat16)}
COPIED = {"columns": X[:, 1:], "transposed": X.T, "reversed": X[::-1], "unaligned": unaligned(X),
          "big endian": X.astype(">f4"), "dlpack columns": DLPackOnly(X[:, ::2]),
          "bf16 columns": X.astype(ml_dtypes.bfloat16)[:, 1:]}


@pytest.mark.parametrize("value", IN_PLACE.values(), ids=IN_PLACE)
def test_used_in_place(value):
    array = tg.array(value)
    source = value._array if isinstance(value, DLPackOnly) else value
    assert array.address == source.ctypes.data or source.size == 0
    assert array.shape == source.shape and (array.numpy() == source).all()


@pytest.mark.parametrize("value", COPIED.values(), ids=COPIED)
def test_copied(value):
    array = tg.array(value)
    source = value._array if isinstance(value, DLPackOnly) else value
    assert array.address != source.ctypes.data
    assert array.shape == source.shape and (array.numpy() == source).all()


def test_lifetime():
    """An Array keeps what it shares memory with, both ways, and no longer."""
    source = np.ones(8, np.float32)
    gone = weakref.ref(source)
    array = tg.array(source)
    del source
    gc.collect()
    assert gone() is not None
    view = array.numpy()
    del array
    gc.collect()
    assert gone() is not None and (view == 1).all()
    del view
    gc.collect()
    assert gone() is None


def test_inputs_are_let_go(twice):
    source = np.ones((2, 3), np.float32)
    gone = weakref.ref(source)
    result = twice(source)
    del source
    gc.collect()
    assert gone() is None and (result == 2).all()


DTYPES = {
    "i1": (np.bool_, "not"), "i8": (np.int8, "neg"), "i16": (np.int16, "neg"),
    "i32": (np.int32, "neg"), "i64": (np.int64, "neg"), "ui8": (np.uint8, "not"),
    "ui16": (np.uint16, "not"), "ui32": (np.uint32, "not"), "ui64": (np.uint64, "not"),
    "f16": (np.float16, "neg"), "f32": (np.float32, "neg"), "f64": (np.float64, "neg"),
    "bf16": (ml_dtypes.bfloat16, "neg"), "f8E4M3FN": (ml_dtypes.float8_e4m3fn, "neg"),
    "f8E5M2": (ml_dtypes.float8_e5m2, "neg"),
}


@pytest.mark.parametrize("name", DTYPES)
def test_computed_types(name):
    dtype, op = DTYPES[name]
    x = np.array([0, 1, 1, 0] if name == "i1" else [0, 1, 2, 5]).astype(dtype)
    result = tg.compile(unary(op, name))(x)
    assert result.dtype == dtype
    expected = ~x if op == "not" else -x
    assert (result.view(np.uint8) == expected.view(np.uint8)).all()


STORED = {"i2": (ml_dtypes.int2, [-2, -1, 0, 1, 1]), "i4": (ml_dtypes.int4, [-8, -1, 0, 3, 7]),
          "ui2": (ml_dtypes.uint2, [0, 1, 2, 3, 3]), "ui4": (ml_dtypes.uint4, [0, 1, 7, 8, 15]),
          "f4E2M1FN": (ml_dtypes.float4_e2m1fn, [-6, -0.5, 0, 1.5, 6]),
          "f8E4M3FNUZ": (ml_dtypes.float8_e4m3fnuz, [-8, -0.5, 0, 1.5, 6]),
          "f8E5M2FNUZ": (ml_dtypes.float8_e5m2fnuz, [-8, -0.5, 0, 1.5, 6]),
          "f8E8M0FNU": (ml_dtypes.float8_e8m0fnu, [0.25, 0.5, 1, 2, 4])}


@pytest.mark.parametrize("name", STORED)
def test_stored_types(name):
    """Types that are moved and cast but not computed with; narrow ones are packed and unpacked."""
    dtype, values = STORED[name]
    x = np.array(values).astype(dtype)
    array = tg.array(x)
    assert array.dtype == name and array.numpy().dtype == dtype
    assert (array.numpy().astype(np.float32) == x.astype(np.float32)).all()
    wide = "f32" if name.startswith("f") else "i32"
    cast = tg.compile(f"""func.func @main(%x: tensor<5x{name}>) -> tensor<5x{wide}> {{
      %0 = uop.cast %x : tensor<5x{name}> -> tensor<5x{wide}>
      return %0 : tensor<5x{wide}>
    }}""")
    assert (cast(x) == values).all()


def test_lists_and_numbers(twice):
    """They get the input's type; arrays keep theirs."""
    assert (twice([[1, 2, 3]]) == [[2, 4, 6]]).all()
    with pytest.raises(tg.Error, match="expected tensor<Nx3xf32>, got tensor<2x3xf64>"):
        twice(X.astype(np.float64))


def test_dlpack_out(twice):
    [result] = twice.run([X], arrays=True)
    assert isinstance(result, tg.Array) and repr(result) == "tg.Array(tensor<2x3xf32>)"
    view = np.from_dlpack(result)
    assert view.ctypes.data == result.address and (view == 2 * X).all()
    assert np.asarray(result).ctypes.data == result.address
    [bf16] = tg.compile(unary("neg", "bf16")).run([np.ones(4, ml_dtypes.bfloat16)], arrays=True)
    assert "dltensor" in repr(bf16.__dlpack__())


def test_outputs(twice):
    """Results are written to the memory given for them."""
    place = np.zeros((2, 3), np.float32)
    for outputs in ([place], {"y": place}, [DLPackOnly(place)]):
        place[...] = 0
        [result] = twice.run([X], outputs=outputs)
        assert result is (outputs["y"] if isinstance(outputs, dict) else outputs[0])
        assert (place == 2 * X).all()


def test_donate():
    """Donated state is updated where it is; without, the caller keeps it."""
    model = tg.compile("""
        func.func @main(%s: tensor<4xf32> {tg.name = "s"}, %g: tensor<4xf32> {tg.name = "g"})
            -> (tensor<4xf32> {tg.name = "t"}) {
          %0 = uop.sub %s, %g : tensor<4xf32>
          return %0 : tensor<4xf32>
        }""", donate=["s"])
    state, step = np.arange(4, dtype=np.float32), np.ones(4, np.float32)
    [kept] = model.run([state, step])
    assert (kept == state - 1).all() and state[3] == 3
    [moved] = model.run([state, step], donate=["s"])
    assert moved.ctypes.data == state.ctypes.data and state[3] == 2
    with pytest.raises(tg.Error, match="no input 'x' to donate"):
        model.run([state, step], donate=["x"])
    with pytest.raises(tg.Error, match="writable"):
        model.run([frozen(), step], donate=["s"])
    with pytest.raises(tg.Error, match="no input 'x' to donate"):
        tg.compile("func.func @main(%s: tensor<4xf32>) -> tensor<4xf32> { return %s : tensor<4xf32> }",
                   donate=["x"])


def frozen():
    array = np.zeros((2, 3), np.float32)
    array.flags.writeable = False
    return array


@pytest.mark.parametrize("place, part", [
    (np.zeros((2, 6), np.float32)[:, ::2], "dense"), (frozen(), "writable"),
    (np.zeros((3, 3), np.float32), "expected tensor<2x3xf32>"), ([0, 0], "cannot write to a list")])
def test_bad_outputs(twice, place, part):
    with pytest.raises(tg.Error, match=part):
        twice.run([X], outputs=[place])


@pytest.mark.parametrize("inputs, part", [
    ([], "input 'x' is missing"), ([X, X], "got 2 inputs, expected 1"),
    ({"z": X}, "there is no input 'z'; the inputs are: x"),
    ([np.zeros((2, 4), np.float32)], "expected tensor<2x3xf32>"),
    ([np.zeros((65, 3), np.float32)], "outside its bounds"),
    ([np.array(["a"])], "input 'x': arrays of the NumPy type <U1 are not supported"),
    ([np.zeros(3, np.complex64)], "complex64"), ([object()], "cannot make an array of a object"),
    ([[[1, 2], [3]]], "cannot make an array of a list")])
def test_bad_inputs(twice, inputs, part):
    with pytest.raises(tg.Error) as failure:
        twice.run(inputs)
    assert part in str(failure.value)


def test_vars():
    model = tg.compile("""uop.var @K in [0, 4]
    func.func @main(%x: tensor<4xi32>) -> tensor<?xi32, #uop.dims<K>> {
      %0 = uop.shrink %x offsets [0] sizes [K] : tensor<4xi32> -> tensor<?xi32, #uop.dims<K>>
      return %0 : tensor<?xi32, #uop.dims<K>>
    }""")
    x = np.arange(4, dtype=np.int32)
    assert list(model(x, K=3)) == list(model.run([x], {"K": 3})[0]) == [0, 1, 2]
    with pytest.raises(tg.Error, match="var 'K' needs a value"):
        model(x)
