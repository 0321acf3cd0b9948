# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Models of one operator of ONNX Runtime each, for contrib_tests.py."""

import dataclasses
import itertools
import typing

import numpy as np
from onnx import helper, numpy_helper

MICROSOFT = "com.microsoft"
OPSETS = [helper.make_opsetid("", 21), helper.make_opsetid(MICROSOFT, 1),
          helper.make_opsetid("com.microsoft.nchwc", 1)]


@dataclasses.dataclass
class Case:
    """A model, its inputs by name, and when the outputs agree."""
    name: str
    model: typing.Any
    feeds: dict
    tolerance: float = 1e-5
    quanta: int = 0
    options: tuple = ()
    view: typing.Any = None  # What to compare of the outputs, by name.
    tg_model: typing.Any = None  # Another form of the same, which ONNX Runtime does not run.
    tg_feeds: typing.Any = None
    reference: typing.Any = None


class Maker:
    """Random inputs and cases of one suite."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.cases = []

    def floats(self, *shape, dtype=np.float32):
        return self.random.standard_normal(shape).astype(dtype)

    def ints(self, low, high, *shape, dtype=np.int32):
        return self.random.integers(low, high, shape).astype(dtype)

    def bytes(self, dtype, *shape):
        info = np.iinfo(dtype)
        return self.random.integers(info.min, info.max + 1, shape).astype(dtype)

    def add(self, name, op, inputs, outputs=1, *, domain=MICROSOFT, dims=None, constants=(),
            attributes=None, types=None, **options):
        """A case of one node. `inputs` are arrays or None; those in `constants` become
        initializers. `dims` gives names to dimensions: per input a list of names and None."""
        values, tensors, feeds, names = [], [], {}, []
        for i, array in enumerate(inputs):
            names.append(f"x{i}" if array is not None else "")
            if array is None:
                continue
            array = np.asarray(array)
            if i in constants:
                tensors.append(numpy_helper.from_array(array, names[i]))
                continue
            shape = list(array.shape)
            for axis, dim in enumerate((dims or {}).get(i, [])):
                shape[axis] = dim if dim is not None else shape[axis]
            values.append(helper.make_tensor_value_info(
                names[i], helper.np_dtype_to_tensor_dtype(array.dtype), shape))
            feeds[names[i]] = array
        wanted = range(outputs) if isinstance(outputs, int) else outputs
        count = max(wanted) + 1
        node = helper.make_node(op, names, [f"y{i}" if i in wanted else "" for i in range(count)],
                                "node", domain=domain, **(attributes or {}))
        results = [helper.make_tensor_value_info(f"y{i}", types[i], None) if types
                   else helper.make_empty_tensor_value_info(f"y{i}") for i in wanted]
        graph = helper.make_graph([node], "case", values, results, tensors)
        model = helper.make_model(graph, opset_imports=OPSETS, ir_version=10)
        self.cases.append(Case(name, model, feeds, **options))
        return self.cases[-1]


def grid(**choices):
    """Every combination, as dictionaries."""
    for values in itertools.product(*choices.values()):
        yield dict(zip(choices, values))


def label(values):
    return ",".join(f"{key}={value}" for key, value in values.items())


SUITES = {}


def suite(function):
    SUITES[function.__name__] = function
    return function


def get_suites(everything):
    """Functions that make the cases, by suite. Without `everything` every third of those that
    differ in attributes only, but always the first ones."""
    def make(function, seed):
        maker = Maker(seed)
        function(maker)
        return [case for i, case in enumerate(maker.cases)
                if everything or i < 6 or i % 3 == 0]
    return {name: lambda f=function, s=seed: make(f, s)
            for seed, (name, function) in enumerate(SUITES.items())}


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
            if not a["ceil_mode"]:
                around(f"AveragePool,{count}," + label(a), "AveragePool", kernel_shape=[3, 2],
                       count_include_pad=count, **a)
    around("MaxPool,dilations", "MaxPool", kernel_shape=[3, 2], dilations=[2, 1])
    for last, out_last in itertools.product((0, 1), (0, 1)):
        around(f"GlobalAveragePool,{last},{out_last}", "GlobalAveragePool", channels=32, last=last,
               out_last=out_last)
        around(f"GlobalMaxPool,{last},{out_last}", "GlobalMaxPool", channels=24 if not last else 32,
               last=last, out_last=out_last)
    around("Upsample,nearest", "Upsample", scales=[1, 1, 2, 3])
    for mode in ["asymmetric", "half_pixel", "align_corners"]:
        around(f"Upsample,linear,{mode}", "Upsample", scales=[1, 1, 2, 3], mode="linear",
               coordinate_transformation_mode=mode)


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


@suite
def attention(m):
    batch, length, width, heads = 2, 3, 5, 2
    x, w, bias = m.floats(batch, length, width), m.floats(width, 24), m.floats(24)

    def add(name, inputs, outputs=1, dims=None, tolerance=2e-5, **attributes):
        m.add(name, "Attention", inputs, outputs, attributes={"num_heads": heads, **attributes},
              dims=dims, tolerance=tolerance, constants={1, 2})


    def name_dims(past, kind):
        """Names for the dimensions; those of a mask are in terms of the others."""
        total = "S" if past is None else "S + P"
        dims = {0: ["B", "S", None], 4: [None, "B", None, "P", None]}
        if kind == "ends and starts":
            dims[0][0] = dims[4][1] = None  # Twice B is no name.
        return dims | {3: {"ends": ["B"], "rank 2": ["B", total], "rank 3": ["B", "S", total]}.get(
            kind, [])}

    for past in (None, 0, 2):
        total = length + (past or 0)
        state = None if past is None else m.floats(2, batch, heads, past, 4)
        outputs = 1 if past is None else 2
        masks = {
            "none": None, "ends": m.ints(1, total + 1, batch),
            "ends and starts": np.array([total, total - 1, 1, 0], np.int32),
            "rank 2": m.ints(0, 2, batch, total), "rank 3": m.ints(0, 2, batch, length, total)}
        for kind, mask in masks.items():
            for a in grid(unidirectional=[0, 1], dynamic=[0, 1]):
                dims = name_dims(past, kind) if a.pop("dynamic") else None
                # Where all is masked, -10000 is added to all scores, which lose bits.
                add(f"past={past},mask {kind},{label(a)},{'dynamic' if dims else 'static'}",
                    [x, w, bias, mask, state], outputs, dims, 2e-3, **a)
                if dims and past == 0:
                    m.cases[-1].options = ("--dim=P=0",)
        if past is None:  # ONNX Runtime takes one of the two.
            more = m.floats(batch, heads, length, total)
            add("bias", [x, w, bias, masks["rank 2"], None, more], tolerance=2e-3)
            add("bias of one", [x, w, bias, None, None, more[:1, :1]], unidirectional=1)
    add("scale", [x, w, bias], scale=0.3)
    add("filter", [x, w, bias, m.ints(0, 2, batch, length)], mask_filter_value=-2.0)
    add("present", [x, w, bias], 2)
    m.add("qkv_hidden_sizes", "Attention", [x, m.floats(width, 28), m.floats(28)],
          attributes={"num_heads": heads, "qkv_hidden_sizes": [8, 8, 12]})
    half = [value.astype(np.float16) for value in (x, w, bias)]
    m.add("float16", "Attention", half, attributes={"num_heads": heads}, tolerance=1e-2)


@suite
def multi_head_attention(m):
    batch, length, keys, heads = 2, 3, 4, 2
    query, key, value = m.floats(batch, length, 8), m.floats(batch, keys, 8), m.floats(
        batch, keys, 8)
    wide = m.floats(batch, keys, 12)

    def add(name, inputs, outputs=1, dims=None, tolerance=2e-5, types=None, **attributes):
        return m.add(name, "MultiHeadAttention", inputs, outputs, dims=dims, types=types,
                     attributes={"num_heads": heads, **attributes}, tolerance=tolerance)

    dynamic = {0: ["B", "S", None], 1: ["B", "L", None], 2: ["B", "L", None]}
    for dims in (None, dynamic):
        name = "dynamic" if dims else "static"
        add(f"plain,{name}", [query, key, wide], dims=dims)
        add(f"bias,{name}", [query, key, wide, m.floats(28)], dims=dims)
        for kind, mask, names in [("ends", m.ints(1, keys + 1, batch), ["B"]),
                                  ("rank 2", m.ints(0, 2, batch, keys), ["B", "L"]),
                                  ("rank 3", m.ints(0, 2, batch, length, keys), ["B", "S", "L"])]:
            add(f"mask {kind},{name}", [query, key, value, None, mask],
                dims=dims and {**dims, 4: names}, tolerance=2e-3)
            add(f"mask {kind},filter,{name}", [query, key, value, None, mask],
                dims=dims and {**dims, 4: names}, mask_filter_value=-1.0, scale=0.2)
        more = m.floats(batch, heads, length, keys)
        add(f"attention_bias,{name}", [query, key, value, None, None, more],
            dims=dims and {**dims, 5: ["B", None, "S", "L"]})
        add(f"unidirectional,{name}", [query, key, value], dims=dims, unidirectional=1)
    add("attention_bias of one", [query, key, value, None, None, more[:1, :1]])
    add("unidirectional,square", [query, key[:, :length], value[:, :length]], unidirectional=1)
    split = [x.reshape(batch, keys, heads, 4).transpose(0, 2, 1, 3).copy() for x in (key, value)]
    add("other sequence", [query, *split])
    add("other sequence,bias", [query, *split, m.floats(24)])
    for past in (0, 2):
        state = [m.floats(batch, heads, past, 4) for _ in range(2)]
        for dims in (None, {**dynamic, 6: ["B", None, "P", None], 7: ["B", None, "P", None]}):
            name = f"past={past},{'dynamic' if dims else 'static'}"
            options = ("--dim=P=0",) if dims and past == 0 else ()
            add(name, [query, key, value, None, None, None, *state], 3, dims).options = options
            mask = m.ints(0, 2, batch, keys + past)
            add(name + ",mask", [query, key, value, m.floats(24), mask, None, *state], 3,
                dims and {**dims, 4: ["B", "L + P"]}, tolerance=2e-3).options = options
            add(name + ",scores", [query, key, value, None, None, None, *state], 4, dims,
                types=[1] * 4).options = options
    state = [m.floats(batch, heads, 6, 4) for _ in range(2)]
    for position in (0, 2, 5):
        add(f"buffer,{position}",
            [query[:, :1], key[:, :1], value[:, :1], None, None, None, *state,
             np.array([position], np.int32)], 3)
    # ONNX Runtime's CPU takes no packed inputs, but what they stand for.
    same = m.floats(batch, keys, 8)
    packed = np.stack([x.reshape(batch, keys, heads, 4) for x in (same, key, value)], 3)
    case = add("packed", [same, key, value, m.floats(24)])
    use_packed(case, [0], packed)
    case = add("packed keys and values", [query, key, value])
    use_packed(case, [1], packed[:, :, :, 1:].copy())


def use_packed(case, where, packed):
    """Gives tg the packed form of inputs `where` and those that follow up to 2."""
    model = type(case.model)()
    model.CopyFrom(case.model)
    first = where[0]
    node = model.graph.node[0]
    for i in range(first + 1, 3):
        node.input[i] = ""
    kept = [value for value in model.graph.input if value.name in node.input]
    for value in kept:
        if value.name == f"x{first}":
            value.CopyFrom(helper.make_tensor_value_info(value.name, 1, packed.shape))
    del model.graph.input[:]
    model.graph.input.extend(kept)
    case.tg_model, case.tg_feeds = model, {**case.feeds, f"x{first}": packed}


@suite
def group_query_attention(m):
    heads, groups, width = 4, 2, 16
    cosine, sine = m.floats(32, width // 2), m.floats(32, width // 2)

    def tokens(batch, count):
        return [m.floats(batch, count, size * width) for size in (heads, groups, groups)]

    def add(name, inputs, lengths, cache, total, extra=(), dims=None, tolerance=2e-5, constant=True,
            **attributes):
        """`inputs` of any form; only the rows of the caches that count are compared."""
        lengths = np.array(lengths, np.int32)
        batch = len(lengths)
        state = [None, None] if cache is None else [
            m.floats(batch, groups, cache, width, dtype=inputs[0].dtype) for _ in range(2)]

        def view(outputs):
            kept = dict(outputs)
            for key in ("y1", "y2"):
                kept[key] = np.concatenate(
                    [outputs[key][b, :, :end + 1].ravel() for b, end in enumerate(lengths)])
            # After the end of a shorter sequence there is nothing but padding.
            count = inputs[0].shape[1]
            if total == count:
                kept["y0"] = np.concatenate(
                    [outputs["y0"][b, :end + 1].ravel() for b, end in enumerate(lengths)])
            return kept

        given = [*inputs, *state, lengths, np.array(total, np.int32), *extra]
        m.add(name, "GroupQueryAttention", given, 3, dims=dims, tolerance=tolerance, view=view,
              constants={6} if constant else (),
              attributes={"num_heads": heads, "kv_num_heads": groups, **attributes})

    for rotary in (0, 1):
        angles = (cosine, sine) if rotary else ()
        for interleaved in (0, 1) if rotary else (0,):
            a = {"do_rotary": rotary, "rotary_interleaved": interleaved}
            for cache in (None, 0, 8):
                add(f"prompt,cache={cache},{label(a)}", tokens(2, 3), [2, 2], cache, 3, angles, **a)
            add(f"prompt,ragged,{label(a)}", tokens(2, 3), [2, 1], 8, 3, angles, **a)
            add(f"step,buffer,{label(a)}", tokens(2, 1), [4, 2], 8, 5, angles, **a)
            add(f"step,full,{label(a)}", tokens(2, 1), [7, 7], 8, 8, angles, **a)
            add(f"step,growing,{label(a)}", tokens(2, 1), [4, 4], 4, 5, angles, **a)
            add(f"step,growing,ragged,{label(a)}", tokens(2, 1), [4, 2], 4, 5, angles, **a)
            add(f"chunk,{label(a)}", tokens(1, 2), [4], 8, 5, angles, **a)
            packed = [np.concatenate(tokens(2, 1), -1), None, None]
            add(f"step,packed,{label(a)}", packed, [4, 2], 8, 5, angles, **a)
            packed = [np.concatenate(tokens(2, 3), -1), None, None]
            add(f"prompt,packed,{label(a)}", packed, [2, 2], None, 3, angles, **a)
    dims = {**{i: ["B", "S", None] for i in range(3)}, 3: ["B"], 4: ["B"], 5: ["B"]}
    P0 = ("--dim=P=0",)
    for buffer in (0, 1):
        growing = dims if buffer else {**dims, 3: ["B", None, "P"], 4: ["B", None, "P"]}
        cache = 8 if buffer else 4
        name = f"buffer={buffer}"
        add(f"dynamic,step,{name}", tokens(2, 1), [4, 4], cache, 5, (cosine, sine), growing,
            do_rotary=1, constant=False)
        add(f"dynamic,prompt,{name}", tokens(2, 3), [2, 2], cache if buffer else 0, 3,
            (cosine, sine), growing, do_rotary=1, constant=False)
        if not buffer:
            m.cases[-1].options = P0
        add(f"dynamic,chunk,{name}", tokens(1, 2), [5 if not buffer else 3], cache,
            6 if not buffer else 4, (cosine, sine), growing, do_rotary=1, constant=False)
    for a in grid(local_window_size=[-1, 1, 3], softcap=[0.0, 0.7], smooth_softmax=[0, 1]):
        add("step," + label(a), tokens(2, 1), [6, 4], 8, 7, **a)
        add("prompt," + label(a), tokens(2, 5), [4, 3], 8, 5, **a)
    add("causal=0,prompt", tokens(2, 3), [2, 2], 8, 3, causal=0)
    add("causal=0,step", tokens(2, 1), [4, 2], 8, 5, causal=0)
    add("scale", tokens(2, 1), [4, 2], 8, 5, scale=0.4)
    bias = m.floats(2, heads, 3, 3)
    for softcap in (0.0, 0.7):
        add(f"attention_bias,prompt,{softcap}", tokens(2, 3), [2, 2], 8, 3,
            (None, None, None, bias), softcap=softcap)
    add("attention_bias,step", tokens(2, 1), [4, 2], 8, 5, (None, None, None, m.floats(1, 1, 1, 5)))
    sink = m.floats(heads)
    add("head_sink", tokens(2, 1), [4, 2], 8, 5, (None, None, None, None, sink))
    places = np.arange(3)[None].repeat(2, 0) + 4
    add("position_ids,prompt", tokens(2, 3), [2, 2], 8, 3, (cosine, sine, places), do_rotary=1)
    add("position_ids,step", tokens(2, 1), [4, 2], 8, 5, (cosine, sine, np.array([[9], [3]])),
        do_rotary=1)
    half = [x.astype(np.float16) for x in tokens(2, 1)]
    add("float16", half, [4, 2], 8, 5, tolerance=4e-3)


@suite
def rotary_embedding(m):
    x = m.floats(2, 4, 3, 16)
    flat = x.transpose(0, 2, 1, 3).reshape(2, 3, 64).copy()
    full, part = [m.floats(16, 8) for _ in range(2)], [m.floats(16, 4) for _ in range(2)]
    places = m.ints(0, 16, 2, 3, dtype=np.int64)
    for interleaved in (0, 1):
        for kind, positions in [("first", np.array([2])), ("each", places)]:
            a = {"interleaved": interleaved}
            for dims in (None, {0: ["B", None, "S", None], 1: ["B", "S"]}):
                if dims and kind == "first":
                    dims = {0: dims[0]}
                name = f"{kind},{interleaved},{'dynamic' if dims else 'static'}"
                m.add(f"rank 4,{name}", "RotaryEmbedding", [x, positions, *full], attributes=a,
                      dims=dims)
                m.add(f"rank 4,part,{name}", "RotaryEmbedding", [x, positions, *part], dims=dims,
                      attributes={**a, "num_heads": 4, "rotary_embedding_dim": 8})
                flat_dims = dims and {**dims, 0: ["B", "S", None]}
                m.add(f"rank 3,{name}", "RotaryEmbedding", [flat, positions, *full], attributes=a,
                      dims=flat_dims)
                m.add(f"rank 3,part,{name}", "RotaryEmbedding", [flat, positions, *part],
                      attributes={**a, "num_heads": 4, "rotary_embedding_dim": 8}, dims=flat_dims)


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
        for count, ceil, last in itertools.product((0, 1), (0, 1), (0, 1)):
            add("QLinearAveragePool", [x, scale(0.03), zeros[0], scale(0.02), zeros[1]],
                kernel_shape=[3, 2], pads=[1, 0, 1, 1], strides=[2, 1], count_include_pad=count,
                ceil_mode=ceil, channels_last=last)
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
            for per, s, z in [("tensor", scale(0.004), wzero), ("column", wide, m.bytes(wdtype, 24))]:
                m.add(f"QAttention,{names},{per},past={past},mask={mask},{uni}", "QAttention",
                      [x, weights, m.floats(24), scale(0.01), s, ends, xzero, z, state],
                      1 if past is None else 2, tolerance=2e-3,
                      attributes={"num_heads": 2, "unidirectional": uni}, dims=dims)
    m.add("MatMulInteger16", "MatMulInteger16",
          [m.ints(-3000, 3000, 3, 4, dtype=np.int16), m.ints(-3000, 3000, 4, 5, dtype=np.int16)])
