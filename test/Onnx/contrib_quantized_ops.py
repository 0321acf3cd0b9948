# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ONNX Runtime's operators on quantized numbers."""

import itertools

import ml_dtypes
import numpy as np

from contrib_cases import grid, label, suite


def pack(numbers, bits):
    """Numbers of few bits on the last axis, the first one in the low bits of a byte."""
    per = 8 // bits
    spare = -numbers.shape[-1] % per
    numbers = np.pad(numbers, [(0, 0)] * (numbers.ndim - 1) + [(0, spare)])
    numbers = numbers.reshape(*numbers.shape[:-1], -1, per).astype(np.uint32)
    return (numbers << (bits * np.arange(per))).sum(-1).astype(np.uint8)


@suite
def mat_mul_n_bits(m):
    rows = 12
    for a in grid(bits=[2, 4, 8], K=[32, 40], block_size=[16, 32]):
        bits, size, block = a["bits"], a["K"], a["block_size"]
        blocks = -(-size // block)
        w = pack(m.ints(0, 2**bits, rows, blocks, block), bits)
        scales = m.random.random((rows, blocks)).astype(np.float32) / 2**bits
        attributes = {**a, "N": rows}
        zeros = pack(m.ints(0, 2**bits, rows, blocks), bits)
        options = {"attributes": attributes, "constants": {1, 2, 3, 4}, "tolerance": 1e-4,
                   "dims": {0: ["B", "S", None]}}
        x, bias = m.floats(2, 3, size), m.floats(rows)
        name = label(a)
        m.add(f"{name},symmetric", "MatMulNBits", [x, w, scales], **options)
        m.add(f"{name},zero points", "MatMulNBits", [x, w, scales, zeros], **options)
        m.add(f"{name},flat", "MatMulNBits", [x, w, scales.ravel(), zeros.ravel()], **options)
        m.add(f"{name},bias", "MatMulNBits", [x, w, scales, zeros, None, bias], **options)
        if bits < 8:
            floats = (m.random.random((rows, blocks)) * 2**bits).astype(np.float32)
            m.add(f"{name},float zero points", "MatMulNBits", [x, w, scales, floats], **options)
        if bits == 4:
            # With zero points of bytes ONNX Runtime reads 8 for each.
            for count in (size, blocks * block):
                groups = m.ints(0, blocks, count)
                m.add(f"{name},g_idx {count}", "MatMulNBits", [x, w, scales, None, groups],
                      **options)
                m.add(f"{name},g_idx {count},float zero points", "MatMulNBits",
                      [x, w, scales, floats, groups], **options)
        m.add(f"{name},int8 inside", "MatMulNBits", [x, w, scales],
              **{**options, "attributes": {**attributes, "accuracy_level": 4}, "tolerance": 3e-2})
        half = np.float16
        m.add(f"{name},float16", "MatMulNBits", [x.astype(half), w, scales.astype(half)],
              **{**options, "tolerance": 2e-2})


@suite
def mat_mul_bnb4(m):
    for kind, size, dtype in itertools.product((0, 1), (24, 33), (np.float32, np.float16)):
        rows = 5
        w = m.bytes(np.uint8, (rows * size + 1) // 2)
        largest = m.random.random(-(-rows * size // 16)).astype(dtype)
        m.add(f"{kind},{size},{dtype.__name__}", "MatMulBnb4",
              [m.floats(2, 3, size, dtype=dtype), w, largest], constants={1, 2},
              dims={0: ["B", "S", None]}, tolerance=1e-5 if dtype == np.float32 else 4e-3,
              attributes={"N": rows, "K": size, "block_size": 16, "quant_type": kind})


@suite
def gather_block_quantized(m):
    indices = np.array([[0, 5, 2], [6, 1, -1]], np.int64)
    for bits in (2, 4, 8):
        data = pack(m.ints(0, 2**bits, 7, 48), bits)
        scales, zeros = m.floats(7, 3), pack(m.ints(0, 2**bits, 7, 3), bits)
        a = {"bits": bits, "block_size": 16}
        options = {"attributes": a, "constants": {0, 2, 3}, "dims": {1: ["N", "M"]}}
        m.add(f"bits={bits}", "GatherBlockQuantized", [data, indices, scales], **options)
        m.add(f"bits={bits},zero points", "GatherBlockQuantized", [data, indices, scales, zeros],
              **options)
        m.add(f"bits={bits},float16", "GatherBlockQuantized",
              [data, indices, scales.astype(np.float16)], **{**options, "tolerance": 2e-3})
    for kind, low, axes in itertools.product(("int4", "uint4"), (0, 1), ((0, 1), (1, 0), (1, 1))):
        gather, quantize = axes
        numbers = m.ints(-8, 8, 32, 48) if kind == "int4" else m.ints(0, 16, 32, 48)
        data = numbers.astype(getattr(ml_dtypes, kind))
        shape = (32, 3) if quantize == 1 else (2, 48)
        zeros = (numbers[:shape[0], :shape[1]]).astype(data.dtype) if low else None
        m.add(f"{kind},{gather},{quantize},zero points={low}", "GatherBlockQuantized",
              [data, indices, m.floats(*shape), zeros], constants={0, 2, 3},
              attributes={"gather_axis": gather, "quantize_axis": quantize, "block_size": 16})


@suite
def quantized(m):
    scale = np.float32
    for dtype in (np.uint8, np.int8):
        x, y, z = [m.bytes(dtype, 2, 4, 5, 6) for _ in range(3)]
        zeros = m.bytes(dtype, 3)
        name = dtype.__name__
        dynamic = {0: ["N", None, "H", "W"]}

        def add(op, inputs, name=name, quanta=1, dims=None, **attributes):
            m.add(f"{op},{name},{label(attributes)}", op, inputs, quanta=quanta, dims=dims,
                  attributes=attributes)

        for dims in (None, {**dynamic, 3: dynamic[0]}):
            for op in ("QLinearAdd", "QLinearMul"):
                add(op, [x, scale(0.02), zeros[0], y, scale(0.03), zeros[1], scale(0.05), zeros[2]],
                    dims=dims)
        for op in ("QLinearAdd", "QLinearMul"):
            add(op, [x, scale(0.02), zeros[0], y[:1, :, :1], scale(0.03), zeros[1], scale(0.05),
                     zeros[2]], name + ",broadcast")
        add("QLinearSigmoid", [x, scale(0.03), zeros[0], scale(1 / 256), zeros[1]], dims=dynamic)
        for alpha in (0.01, 0.3):
            add("QLinearLeakyRelu", [x, scale(0.03), zeros[0], scale(0.02), zeros[1]], alpha=alpha)
        for axis, opset in itertools.product((1, -1), (11, 13)):
            add("QLinearSoftmax", [x, scale(0.05), zeros[0], scale(1 / 256),
                                   dtype(np.iinfo(dtype).min)], axis=axis, opset=opset)
        for count, ceil, last, height in itertools.product((0, 1), (0, 1), (0, 1), (2, 3)):
            add("QLinearAveragePool", [x, scale(0.03), zeros[0], scale(0.02), zeros[1]],
                kernel_shape=[height, 2], pads=[1, 0, 1, 1], strides=[2, 1],
                count_include_pad=count, ceil_mode=ceil, channels_last=last)
        for last in (0, 1):
            add("QLinearGlobalAveragePool", [x, scale(0.03), zeros[0], scale(0.02), zeros[1]],
                channels_last=last, dims=dynamic if not last else {0: ["N", "H", "W", None]})
        add("QLinearConcat", [scale(0.03), zeros[2], x, scale(0.02), zeros[0], y, scale(0.05),
                              zeros[1], z, scale(0.03), zeros[2]], axis=1)
        condition = m.random.random((2, 4, 5, 6)) > 0.5
        add("QLinearWhere", [condition, x, scale(0.02), zeros[0], y, scale(0.04), zeros[1],
                             scale(0.05), zeros[2]])
        f = 4 * m.floats(2, 4, 6)
        for kind in (np.uint8, np.int8, np.uint16, np.int16):
            zero = np.array(m.bytes(kind, 1)[0] // 2, kind)
            if dtype == np.uint8:
                add("QuantizeLinear", [f, scale(0.05), zero], kind.__name__)
                add("DequantizeLinear", [m.bytes(kind, 2, 4, 6), scale(0.05), zero], kind.__name__)
                add("QuantizeLinear", [f, m.floats(4)**2 + scale(0.1), m.bytes(kind, 4)],
                    kind.__name__, axis=1)
                add("DequantizeLinear", [m.bytes(kind, 2, 4, 6), m.floats(6), m.bytes(kind, 6)],
                    kind.__name__, axis=2)


@suite
def quantized_convolutions(m):
    scale = np.float32
    for dtype, wdtype, last in itertools.product((np.uint8, np.int8), (np.uint8, np.int8), (0, 1)):
        if dtype == np.int8 and wdtype == np.uint8:
            continue
        x, w = m.bytes(dtype, 2, 7, 6, 4), m.bytes(wdtype, 6, 4, 3, 3)
        x = x if last else x.transpose(0, 3, 1, 2).copy()
        bias = m.ints(-2000, 2000, 6)
        a = {"channels_last": last, "pads": [1, 0, 1, 2], "strides": [2, 1]}
        zeros = m.bytes(dtype, 2)
        name = f"QLinearConv,{dtype.__name__},{wdtype.__name__},{last}"
        wzero = wdtype(0) if wdtype == np.int8 else wdtype(128)
        m.add(name, "QLinearConv", [x, scale(0.02), zeros[0], w, scale(0.03), wzero, scale(0.3),
                                    zeros[1], bias], attributes=a, quanta=1,
              constants={1, 2, 3, 4, 5, 6, 7, 8}, dims={0: ["N", None, None, None]})
        m.add(name + ",per channel", "QLinearConv",
              [x, scale(0.02), zeros[0], w, (m.random.random(6) / 20 + 0.01).astype(np.float32),
               np.full(6, wzero), scale(0.3), zeros[1]], attributes=a, quanta=1,
              constants={1, 2, 3, 4, 5, 6, 7})
        m.add(name + ",group", "QLinearConv",
              [x, scale(0.02), zeros[0], w[:, :2].copy(), scale(0.03), wzero, scale(0.3), zeros[1]],
              attributes={**a, "group": 2}, quanta=1, constants={1, 2, 3, 4, 5, 6, 7})


@suite
def quantized_products(m):
    scale = np.float32
    for dtype, wdtype in itertools.product((np.uint8, np.int8), (np.uint8, np.int8)):
        if (dtype, wdtype) == (np.int8, np.uint8):
            continue  # ONNX Runtime has no such products.
        names = f"{dtype.__name__},{wdtype.__name__}"
        x, w = m.bytes(dtype, 2, 3, 8), m.bytes(wdtype, 8, 5)
        xzero, wzero = m.bytes(dtype, 1)[0], m.bytes(wdtype, 1)[0]
        scales = (m.random.random(5) / 20 + 0.01).astype(np.float32)
        wzeros, bias = m.bytes(wdtype, 5), m.floats(5)
        dims = {0: ["B", "S", None]}
        for per, s, z in [("tensor", scale(0.02), wzero), ("column", scales, wzeros)]:
            m.add(f"MatMulIntegerToFloat,{names},{per}", "MatMulIntegerToFloat",
                  [x, w, scale(0.03), s, xzero, z, bias], dims=dims)
            m.add(f"MatMulIntegerToFloat,{names},{per},few", "MatMulIntegerToFloat",
                  [x, w, scale(0.03), s], dims=dims)
            if dtype == np.uint8:
                m.add(f"DynamicQuantizeMatMul,{names},{per}", "DynamicQuantizeMatMul",
                      [m.floats(2, 3, 8), w, s, z, bias], dims=dims, tolerance=1e-4)
                m.add(f"DynamicQuantizeMatMul,{names},{per},few", "DynamicQuantizeMatMul",
                      [m.floats(2, 3, 8), w, s], dims=dims, tolerance=1e-4)
            for transposes in itertools.product((0, 1), (0, 1)):
                a = dict(zip(("transA", "transB"), transposes), alpha=0.5)
                left = m.bytes(dtype, *((8, 3) if a["transA"] else (3, 8)))
                right = w.T.copy() if a["transB"] else w
                m.add(f"QGemm,{names},{per},{transposes}", "QGemm",
                      [left, scale(0.03), xzero, right, s, z, m.ints(-500, 500, 5), scale(0.4),
                       m.bytes(dtype, 1)[0]], attributes=a, quanta=1)
                m.add(f"QGemm,{names},{per},{transposes},floats", "QGemm",
                      [left, scale(0.03), xzero, right, s, z, m.ints(-500, 500, 3, 5)],
                      attributes=a)
        if dtype == np.int8:
            continue  # There is no QAttention of such.
        weights = m.bytes(wdtype, 8, 24)
        wide = (m.random.random(24) / 200 + 0.001).astype(np.float32)
        dims |= {5: ["B"], 8: [None, "B", None, "P"]}
        for past, mask, uni in itertools.product((None, 2), (0, 1), (0, 1)):
            state = None if past is None else m.floats(2, 2, 2, past, 4)
            ends = m.ints(1, 4, 2) if mask else None
            for per, s, z in [("tensor", scale(0.004), wzero),
                              ("column", wide, m.bytes(wdtype, 24))]:
                m.add(f"QAttention,{names},{per},past={past},mask={mask},{uni}", "QAttention",
                      [x, weights, m.floats(24), scale(0.01), s, ends, xzero, z, state],
                      1 if past is None else 2, tolerance=2e-3,
                      attributes={"num_heads": 2, "unidirectional": uni}, dims=dims)
    m.add("MatMulInteger16", "MatMulInteger16",
          [m.ints(-3000, 3000, 3, 4, dtype=np.int16), m.ints(-3000, 3000, 4, 5, dtype=np.int16)])


@suite
def quantized_lstm(m):
    size, width, hidden, batch = 5, 6, 4, 2
    for direction, dtype, per in itertools.product(
            ("forward", "reverse", "bidirectional"), (np.int8, np.uint8), ("tensor", "column")):
        count = 2 if direction == "bidirectional" else 1
        w = m.bytes(dtype, count, width, 4 * hidden)
        r = m.bytes(dtype, count, hidden, 4 * hidden)
        shape = (count,) if per == "tensor" else (count, 4 * hidden)
        scales = [(m.random.random(shape) / 200 + 0.004).astype(np.float32) for _ in range(2)]
        middle = dtype(0 if dtype == np.int8 else 128)
        zeros = [np.full(shape, middle, dtype) for _ in range(2)]
        inputs = [m.floats(size, batch, width), w, r, m.floats(count, 8 * hidden), None,
                  m.floats(count, batch, hidden), m.floats(count, batch, hidden), None,
                  scales[0], zeros[0], scales[1], zeros[1]]
        options = {"constants": {1, 2, 8, 9, 10, 11}, "tolerance": 1e-3,
                   "attributes": {"hidden_size": hidden, "direction": direction}}
        name = f"{direction},{dtype.__name__},{per}"
        m.add(name, "DynamicQuantizeLSTM", inputs, 3, **options)
        few = [*inputs[:3], None, None, None, None, None, *inputs[8:]]
        m.add(name + ",few", "DynamicQuantizeLSTM", few, 3, **options)
