# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ONNX Runtime's operators on floats: products, convolutions, normalizations."""

import itertools

import numpy as np
from onnx import helper, numpy_helper

from contrib_cases import OPSETS, Case, grid, label, suite


@suite
def activations(m):
    for dtype, tolerance in [(np.float32, 1e-5), (np.float16, 2e-3)]:
        for op in ["Gelu", "QuickGelu", "FastGelu", "BiasGelu"]:
            x, bias = 3 * m.floats(2, 5, dtype=dtype), m.floats(5, dtype=dtype)
            for dims in [None, {0: ["N", None]}]:
                name = f"{op},{dtype.__name__},{'dynamic' if dims else 'static'}"
                if op != "BiasGelu":
                    m.add(name, op, [x], dims=dims, tolerance=tolerance)
                if op in ("BiasGelu", "FastGelu"):
                    m.add(name + ",bias", op, [x, bias], dims=dims, tolerance=tolerance)
    m.add("QuickGelu,alpha", "QuickGelu", [m.floats(2, 5)], attributes={"alpha": 0.7})
    for op, attributes in [("Affine", {"alpha": 2.0, "beta": 0.5}),
                           ("ParametricSoftplus", {"alpha": 0.5, "beta": 1.5}),
                           ("Scale", {"scale": 3.0}), ("ScaledTanh", {"alpha": 2.0, "beta": 0.5})]:
        case = m.add(op, op, [m.floats(7)], domain="", attributes=attributes)
        case.model.opset_import[0].version = 9  # The last that ONNX Runtime has them in.


@suite
def products(m):
    for a in grid(transA=[0, 1], transB=[0, 1], alpha=[1.0, 0.3]):
        x = m.floats(*((4, 3) if a["transA"] else (3, 4)))
        y = m.floats(*((5, 4) if a["transB"] else (4, 5)))
        m.add("FusedMatMul," + label(a), "FusedMatMul", [x, y], attributes=a)
        batch = np.broadcast_to(x, (2, 1, *x.shape)).copy()
        m.add("FusedMatMul,batch," + label(a), "FusedMatMul", [batch, y], attributes=a,
              dims={0: ["N"]})
        m.add("TransposeMatMul," + label(a), "TransposeMatMul", [x, y], attributes=a)
    for a in grid(transBatchA=[0, 1], transBatchB=[0, 1], transA=[0, 1], transB=[0, 1]):
        # [2, 6, m, k] x [2, 6, k, n] with the batch axes behind what is moved in front.
        x, y = m.floats(2, 6, 3, 4), m.floats(2, 6, 4, 5)
        x = x.transpose(0, 1, 3, 2) if a["transA"] else x
        y = y.transpose(0, 1, 3, 2) if a["transB"] else y
        x = x.transpose(2, 0, 1, 3) if a["transBatchA"] else x
        y = y.transpose(2, 0, 1, 3) if a["transBatchB"] else y
        m.add("FusedMatMul," + label(a), "FusedMatMul", [x, y], attributes=a)
    m.add("FusedMatMul,vector", "FusedMatMul", [m.floats(3), m.floats(3, 4)],
          attributes={"transA": 1})
    for activation, params in [
            ("Relu", []), ("Tanh", []), ("Sigmoid", []), ("LeakyRelu", [0.1]), ("Elu", [0.5]),
            ("HardSigmoid", [0.3, 0.4]), ("Selu", [1.6, 0.0, 1.05]), ("Softplus", []),
            ("Softsign", []), ("ThresholdedRelu", [0.5]), ("Celu", [0.5]),
            ("ParametricSoftplus", [0.5, 0.3]), ("ScaledTanh", [0.5, 0.3])]:
        a = {"activation": activation}
        a |= dict(zip(["activation_alpha", "activation_beta", "activation_gamma"], params))
        m.add(f"FusedGemm,{activation}", "FusedGemm", [m.floats(3, 4), m.floats(4, 5)],
              attributes=a, dims={0: ["N", None]})
        m.add(f"FusedGemm,{activation},bias", "FusedGemm",
              [m.floats(4, 3), m.floats(5, 4), m.floats(5)],
              attributes=a | {"transA": 1, "transB": 1, "alpha": 0.5, "beta": 2.0})


CONV_ACTIVATIONS = [("", []), ("Relu", []), ("Tanh", []), ("Sigmoid", []), ("LeakyRelu", [0.1]),
                    ("Clip", [-0.5, 0.7]), ("HardSigmoid", [0.2, 0.5]), ("HardSwish", [])]


@suite
def convolutions(m):
    for activation, params in CONV_ACTIVATIONS:
        a = {"activation": activation} if activation else {}
        a |= {"activation_params": params} if params else {}
        x, w, b = m.floats(2, 4, 7, 6), m.floats(6, 4, 3, 3), m.floats(6)
        m.add(f"FusedConv,{activation}", "FusedConv", [x, w], attributes=a,
              dims={0: ["N", None, "H", "W"]}, tolerance=2e-5)
        m.add(f"FusedConv,{activation},strides", "FusedConv", [x, w, b], tolerance=2e-5,
              attributes=a | {"strides": [2, 1], "pads": [1, 0, 1, 2], "dilations": [1, 2]})
        z = m.floats(2, 6, 7, 6)
        m.add(f"FusedConv,{activation},sum", "FusedConv", [x, w, b, z], constants={1, 2},
              attributes=a | {"pads": [1, 1, 1, 1]}, tolerance=2e-5)
        m.add(f"FusedConv,{activation},group", "FusedConv", [x, w[:, :2], b],
              attributes=a | {"group": 2, "auto_pad": "SAME_UPPER"}, tolerance=2e-5)
    half = [m.floats(*shape, dtype=np.float16) for shape in ((2, 4, 7, 6), (6, 4, 3, 3), (6,))]
    m.add("FusedConv,float16", "FusedConv", half, attributes={"activation": "Relu"}, tolerance=1e-2)
    m.add("FusedConv,1d", "FusedConv", [m.floats(2, 4, 9), m.floats(6, 4, 3)],
          attributes={"activation": "Relu"})
    for dtype in (np.int8, np.uint8):
        for ceil in (0, 1):
            a = {"kernel_shape": [3, 2], "strides": [2, 2], "ceil_mode": ceil,
                 "pads": [1, 0, 1, 0]}
            m.add(f"NhwcMaxPool,{dtype.__name__},ceil={ceil}", "NhwcMaxPool",
                  [m.bytes(dtype, 2, 7, 6, 5)], attributes=a, dims={0: ["N"]})


def reorder(m, name, nodes, x, weights, dims=("N", None, None, None)):
    """A case of nodes of the blocked layout, from and to a plain one."""
    shape = [dim or size for dim, size in zip(dims, x.shape)]
    graph = helper.make_graph(
        nodes, "case", [helper.make_tensor_value_info("x", 1, shape)],
        [helper.make_tensor_value_info("y", 1, None)],
        [numpy_helper.from_array(value, key) for key, value in weights.items()])
    model = helper.make_model(graph, opset_imports=OPSETS, ir_version=10)
    m.cases.append(Case(name, model, {"x": x}, tolerance=2e-5))


@suite
def blocked(m):
    """The blocked layout of the machine that this runs on is told by files; here are the
    operators that need no weights."""
    def node(op, x, y, **attributes):
        return helper.make_node(op, [x], [y], domain="com.microsoft.nchwc", **attributes)

    def around(name, op, channels=20, last=0, out_last=0, **attributes):
        shape = (2, 9, 7, channels) if last else (2, channels, 9, 7)
        reorder(m, name, [node("ReorderInput", "x", "a", channels_last=last),
                          node(op, "a", "b", **attributes),
                          node("ReorderOutput", "b", "y", channels=channels,
                               channels_last=out_last)], m.floats(*shape), {})

    for a in grid(strides=[[1, 1], [2, 2]], pads=[[0, 0, 0, 0], [1, 1, 0, 1]], ceil_mode=[0, 1]):
        around("MaxPool," + label(a), "MaxPool", kernel_shape=[3, 2], **a)
        for count in (0, 1):
            around(f"AveragePool,{count}," + label(a), "AveragePool", kernel_shape=[2, 3],
                   count_include_pad=count, **a)
    around("MaxPool,dilations", "MaxPool", kernel_shape=[3, 2], dilations=[2, 1])
    for block, inputs, outputs, group in [(16, 16, 20, 1), (16, 20, 20, 1), (16, 3, 20, 1),
                                          (16, 20, 20, 20), (8, 16, 24, 1), (8, 12, 20, 1),
                                          (8, 3, 24, 1), (8, 24, 24, 24), (8, 16, 24, 2)]:
        blocked_conv(m, block, inputs, outputs, group)
    for last, out_last in itertools.product((0, 1), (0, 1)):
        around(f"GlobalAveragePool,{last},{out_last}", "GlobalAveragePool", channels=32, last=last,
               out_last=out_last)
        around(f"GlobalMaxPool,{last},{out_last}", "GlobalMaxPool", channels=24 if not last else 32,
               last=last, out_last=out_last)
    around("Upsample,nearest", "Upsample", scales=[1, 1, 2, 3])
    for mode in ["asymmetric", "half_pixel", "align_corners"]:
        around(f"Upsample,linear,{mode}", "Upsample", scales=[1, 1, 2, 3], mode="linear",
               coordinate_transformation_mode=mode)


def blocked_conv(m, block, inputs, outputs, group):
    """A convolution, for ONNX Runtime a plain one, for tg that in blocks, whatever those of this
    machine are."""
    x, w, b = m.floats(2, inputs, 6, 5), m.floats(outputs, inputs // group, 3, 3), m.floats(outputs)

    def up(size):
        return -(-size // block) * block

    a = {"pads": [1, 1, 0, 1], "strides": [1, 2], "group": group}
    case = m.add(f"Conv,block={block},{inputs},{outputs},{group}", "Conv", [x, w, b], domain="",
                 attributes=a, tolerance=2e-5)
    width = w.shape[1]
    is_plain = width < block  # Few channels are not in blocks, nor is one.
    pads = [(0, up(outputs) - outputs), (0, 0 if is_plain else up(width) - width), (0, 0), (0, 0)]
    w = np.pad(w, pads)
    o, i, height, columns = w.shape
    if is_plain:
        w = w.reshape(o // block, block, i, height, columns).transpose(0, 2, 3, 4, 1)
    else:
        w = w.reshape(o // block, block, i // block, block, height, columns)
        w = w.transpose(0, 2, 4, 5, 3, 1)
    if group == inputs:
        a["group"] = up(group)
    nodes = [helper.make_node("Conv", ["a", "w", "b"], ["c"], domain="com.microsoft.nchwc", **a),
             helper.make_node("ReorderOutput", ["c"], ["y0"], domain="com.microsoft.nchwc",
                              channels=outputs)]
    if is_plain and group == 1:
        nodes[0].input[0] = "x0"
    else:
        nodes.insert(0, helper.make_node("ReorderInput", ["x0"], ["a"],
                                         domain="com.microsoft.nchwc"))
    graph = helper.make_graph(
        nodes, "case", [helper.make_tensor_value_info("x0", 1, x.shape)],
        [helper.make_tensor_value_info("y0", 1, None)],
        [numpy_helper.from_array(w.reshape(o, i, height, columns), "w"),
         numpy_helper.from_array(np.pad(b, (0, up(outputs) - outputs)), "b")])
    case.tg_model = helper.make_model(graph, opset_imports=OPSETS, ir_version=10)


@suite
def normalizations(m):
    for dtype, tolerance in [(np.float32, 1e-5), (np.float16, 4e-3)]:
        def floats(*shape, dtype=dtype):
            return m.floats(*shape, dtype=dtype)
        x, skip, gamma, beta, bias = floats(2, 3, 8), floats(2, 3, 8), *floats(3, 8)
        for dims in [None, {0: ["B", "S", None], 1: ["B", "S", None]}]:
            name = f"{dtype.__name__},{'dynamic' if dims else 'static'}"
            options = {"dims": dims, "tolerance": tolerance}
            m.add(f"Skip,{name}", "SkipLayerNormalization", [x, skip, gamma, beta, bias], **options)
            m.add(f"Skip,no beta,{name}", "SkipLayerNormalization", [x, skip, gamma], [0, 3],
                  attributes={"epsilon": 1e-3}, **options)
            m.add(f"SkipSimplified,{name}", "SkipSimplifiedLayerNormalization",
                  [x, skip, gamma, bias], [0, 3], **options)
            m.add(f"SkipSimplified,no bias,{name}", "SkipSimplifiedLayerNormalization",
                  [x, skip, gamma], **options)
            m.add(f"Simplified,{name}", "SimplifiedLayerNormalization", [x, gamma], domain="",
                  **{**options, "dims": dims and {0: dims[0]}})
        for skip in [floats(1, 3, 8), floats(3, 8)]:
            m.add(f"Skip,broadcast {skip.ndim},{dtype.__name__}", "SkipLayerNormalization",
                  [x, skip, gamma, beta], [0, 3], tolerance=tolerance)
            m.add(f"SkipSimplified,broadcast {skip.ndim},{dtype.__name__}",
                  "SkipSimplifiedLayerNormalization", [x, skip, gamma], [0, 3], tolerance=tolerance)
    x, skip, gamma, beta = m.floats(2, 3, 8), m.floats(2, 3, 8), *m.floats(2, 8)
    m.add("Skip,all outputs", "SkipLayerNormalization", [x, skip, gamma, beta], 4, types=[1] * 4)
    m.add("SkipSimplified,all outputs", "SkipSimplifiedLayerNormalization", [x, skip, gamma], 4,
          types=[1] * 4)
    m.add("Skip,rank 2", "SkipLayerNormalization", [x[0], skip[0], gamma, beta])
    m.add("SkipSimplified,rank 2", "SkipSimplifiedLayerNormalization", [x[0], skip[0], gamma])
    m.add("Simplified,all outputs", "SimplifiedLayerNormalization", [x, gamma], 2, domain="",
          attributes={"epsilon": 1e-2}, types=[1, 1])
    m.add("Simplified,axis", "SimplifiedLayerNormalization", [x, m.floats(3, 8)], 2, domain="",
          attributes={"axis": 1}, types=[1, 1])


@suite
def embeddings(m):
    words, positions, segments = m.floats(10, 8), m.floats(6, 8), m.floats(2, 8)
    gamma, beta = m.floats(2, 8)
    ids, kinds, mask = m.ints(0, 10, 2, 3), m.ints(0, 2, 2, 3), m.ints(0, 2, 2, 3)
    places = m.ints(0, 6, 2, 3)
    for dims in [None, {i: ["B", "S"] for i in (0, 1, 7, 8)}]:
        name = "dynamic" if dims else "static"
        m.add(f"all,{name}", "EmbedLayerNormalization",
              [ids, kinds, words, positions, segments, gamma, beta, mask, places], 3, dims=dims)
        m.add(f"mask,{name}", "EmbedLayerNormalization",
              [ids, kinds, words, positions, segments, gamma, beta, mask], 2, dims=dims)
        m.add(f"no segments,{name}", "EmbedLayerNormalization",
              [ids, None, words, positions, None, gamma, beta], 2, dims=dims,
              attributes={"epsilon": 1e-2})
    m.add("one row of positions", "EmbedLayerNormalization",
          [ids, kinds, words, positions, segments, gamma, beta, None, places[:1]], 2)
