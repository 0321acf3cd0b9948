# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Small networks as ONNX Runtime saves and quantizes them, for contrib_tests.py.

A convolutional network, a BERT and a decoder with caches are saved at every optimization level; the
first two are quantized statically (as operators and as pairs of conversions) and dynamically, the
decoder's weights to 4 and 8 bits. What a quantizer wrote is optimized again, as it is before it
runs. The judge is ONNX Runtime on the very file.
"""

import contextlib
import io
import logging
import pathlib
import tempfile

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.capi import _pybind_state
from onnxruntime.quantization import (CalibrationDataReader, QuantFormat, QuantType,
                                      quantize_dynamic, quantize_static)

from contrib_cases import MICROSOFT, Case

LEVELS = {"basic": "ORT_ENABLE_BASIC", "extended": "ORT_ENABLE_EXTENDED",
          "layout": "ORT_ENABLE_LAYOUT", "all": "ORT_ENABLE_ALL"}


class Network:
    """A graph under construction, with random weights."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.nodes, self.tensors = [], []

    def constant(self, value):
        name = f"c{len(self.tensors)}"
        self.tensors.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def weights(self, *shape):
        values = self.random.standard_normal(shape) / np.sqrt(shape[0])
        return self.constant(values.astype(np.float32))

    def near(self, value, size):
        return self.constant((value + 0.1 * self.random.standard_normal(size)).astype(np.float32))

    def node(self, op, *inputs, outputs=None, domain="", **attributes):
        name = f"{op}_{len(self.nodes)}"
        outputs = outputs or [name + "_y"]
        self.nodes.append(helper.make_node(op, inputs, outputs, name, domain=domain, **attributes))
        return outputs[0]

    def linear(self, x, inputs, outputs):
        return self.node("Add", self.node("MatMul", x, self.weights(inputs, outputs)),
                         self.near(0, outputs))

    def model(self, inputs, outputs, opset):
        graph = helper.make_graph(self.nodes, "network", inputs, outputs, self.tensors)
        model = helper.make_model(graph, ir_version=8, opset_imports=[
            helper.make_opsetid("", opset), helper.make_opsetid(MICROSOFT, 1)])
        return model


def value(name, kind, shape):
    return helper.make_tensor_value_info(name, kind, shape)


def make_cnn():
    """Convolutions (plain, depthwise, with a sum), pools, activations, a classifier."""
    n = Network(1)

    def conv(x, inputs, outputs, group=1, **attributes):
        scale = np.sqrt(2 / (inputs // group * 9))
        w = n.random.standard_normal((outputs, inputs // group, 3, 3)) * scale
        return n.node("Conv", x, n.constant(w.astype(np.float32)), n.near(0, outputs), group=group,
                      kernel_shape=[3, 3], pads=[1, 1, 1, 1], **attributes)

    x = n.node("Relu", conv("x", 3, 20))
    x = n.node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    y = conv(x, 20, 32)
    y = n.node("LeakyRelu", conv(y, 32, 32, group=32), alpha=0.1)
    z = n.node("Relu", n.node("Add", conv(y, 32, 32), y))
    z = n.node("Relu", n.node("AveragePool", z, kernel_shape=[3, 3], strides=[2, 2]))
    z = n.node("Sigmoid", conv(z, 32, 24))
    z = n.node("Flatten", n.node("GlobalAveragePool", z))
    n.node("Gemm", z, n.weights(10, 24), n.near(0, 10), transB=1, outputs=["y"])
    return n.model([value("x", 1, ["N", 3, 16, 16])], [value("y", 1, ["N", 10])], 17)


def layer_norm(n, x, size):
    mean = n.node("ReduceMean", x, axes=[-1])
    centered = n.node("Sub", x, mean)
    square = n.node("Pow", centered, n.constant(np.float32(2)))
    variance = n.node("ReduceMean", square, axes=[-1])
    deviation = n.node("Sqrt", n.node("Add", variance, n.constant(np.float32(1e-12))))
    scaled = n.node("Mul", n.node("Div", centered, deviation), n.near(1, size))
    return n.node("Add", scaled, n.near(0, size))


def gelu(n, x):
    erf = n.node("Erf", n.node("Div", x, n.constant(np.float32(np.sqrt(2)))))
    product = n.node("Mul", x, n.node("Add", erf, n.constant(np.float32(1))))
    return n.node("Mul", product, n.constant(np.float32(0.5)))


def bert_positions(n):
    """0, 1, ... for every sequence, as exporters of opset 11 write it."""
    length = n.node("Gather", n.node("Shape", "input_ids"), n.constant(np.int64(1)), axis=0)
    ones = n.node("ConstantOfShape", n.node("Unsqueeze", length, axes=[0]),
                  value=helper.make_tensor("one", TensorProto.INT64, [1], [1]))
    places = n.node("Transpose", n.node("NonZero", ones), perm=[1, 0])
    places = n.node("Cast", n.node("Squeeze", places, axes=[1]), to=TensorProto.INT64)
    return n.node("Expand", n.node("Unsqueeze", places, axes=[0]), n.node("Shape", "input_ids"))


def make_bert(size=32, heads=4, layers=2):
    """Embeddings and encoder layers of single operations, for the optimizer to put together."""
    n = Network(2)
    words = n.node("Gather", n.weights(50, size), "input_ids")
    kinds = n.node("Gather", n.weights(2, size), "token_type_ids")
    places = n.node("Gather", n.weights(16, size), bert_positions(n))
    x = layer_norm(n, n.node("Add", n.node("Add", words, places), kinds), size)
    mask = n.node("Unsqueeze", n.node("Unsqueeze", "attention_mask", axes=[1]), axes=[2])
    mask = n.node("Sub", n.constant(np.float32(1)), n.node("Cast", mask, to=TensorProto.FLOAT))
    mask = n.node("Mul", mask, n.constant(np.float32(-10000)))

    def split(y, permutation):
        shape = n.constant(np.array([0, 0, heads, size // heads], np.int64))
        return n.node("Transpose", n.node("Reshape", y, shape), perm=permutation)

    for _ in range(layers):
        q = split(n.linear(x, size, size), [0, 2, 1, 3])
        k = split(n.linear(x, size, size), [0, 2, 3, 1])
        v = split(n.linear(x, size, size), [0, 2, 1, 3])
        root = n.constant(np.float32(np.sqrt(size // heads)))
        scores = n.node("Add", n.node("Div", n.node("MatMul", q, k), root), mask)
        y = n.node("MatMul", n.node("Softmax", scores, axis=3), v)
        y = n.node("Reshape", n.node("Transpose", y, perm=[0, 2, 1, 3]),
                   n.constant(np.array([0, 0, size], np.int64)))
        x = layer_norm(n, n.node("Add", n.linear(y, size, size), x), size)
        y = n.linear(gelu(n, n.linear(x, size, 4 * size)), 4 * size, size)
        x = layer_norm(n, n.node("Add", y, x), size)
    n.node("Identity", x, outputs=["y"])
    inputs = [value(name, TensorProto.INT64, ["batch", "sequence"])
              for name in ("input_ids", "token_type_ids", "attention_mask")]
    return n.model(inputs, [value("y", 1, ["batch", "sequence", size])], 11)


def make_decoder(cache="past", size=32, heads=4, groups=2, layers=2):
    """As exporters of language models write: normalizations and attention with caches are
    operators of ONNX Runtime, lengths come from the mask."""
    n = Network(3)
    width = size // heads * 2
    total = n.node("Gather", n.node("Shape", "attention_mask"), n.constant(np.int64(1)), axis=0)
    total = n.node("Cast", total, to=TensorProto.INT32)
    lengths = n.node("ReduceSum", "attention_mask", n.constant(np.array([1], np.int64)), keepdims=0)
    lengths = n.node("Sub", lengths, n.constant(np.int64(1)))
    lengths = n.node("Cast", lengths, to=TensorProto.INT32)
    angles = np.outer(np.arange(32), 10000.0 ** (-np.arange(0, width, 2) / width))
    cosine, sine = [n.constant(f(angles).astype(np.float32)) for f in (np.cos, np.sin)]
    table = n.weights(50, size)
    x = n.node("Gather", table, "input_ids")
    skip = n.node("SimplifiedLayerNormalization", x, n.near(1, size), axis=-1, epsilon=1e-6)
    state, results = x, []
    for layer in range(layers):
        qkv = n.node("MatMul", skip, n.weights(size, (heads + 2 * groups) * width))
        keys, values = f"present.{layer}.key", f"present.{layer}.value"
        y = n.node("GroupQueryAttention", qkv, "", "", f"past.{layer}.key", f"past.{layer}.value",
                   lengths, total, cosine, sine, outputs=[f"attention_{layer}", keys, values],
                   domain=MICROSOFT, num_heads=heads, kv_num_heads=groups, do_rotary=1)
        results += [keys, values]
        y = n.node("MatMul", y, n.weights(heads * width, size))
        outputs = [f"norm_{layer}", "", "", f"sum_{layer}"]
        y = n.node("SkipSimplifiedLayerNormalization", state, y, n.near(1, size), outputs=outputs,
                   domain=MICROSOFT, epsilon=1e-6)
        gate = n.node("MatMul", y, n.weights(size, 2 * size))
        gate = n.node("Mul", gate, n.node("Sigmoid", gate))
        up = n.node("MatMul", y, n.weights(size, 2 * size))
        down = n.node("MatMul", n.node("Mul", gate, up), n.weights(2 * size, size))
        outputs = [f"norm2_{layer}", "", "", f"sum2_{layer}"]
        skip = n.node("SkipSimplifiedLayerNormalization", outputs[3].replace("2", ""), down,
                      n.near(1, size), outputs=outputs, domain=MICROSOFT, epsilon=1e-6)
        state = outputs[3]
    n.node("MatMul", skip, n.weights(size, 50), outputs=["logits"])
    caches = ["batch", groups, cache, width]
    inputs = [value("input_ids", 7, ["batch", "sequence"]),
              value("attention_mask", 7, ["batch", "total"])]
    inputs += [value(name.replace("present", "past"), 1, caches) for name in results]
    present = ["batch", groups, None if cache == "past" else cache, width]
    outputs = [value("logits", 1, ["batch", "sequence", 50])]
    return n.model(inputs, outputs + [value(name, 1, present) for name in results], 17)


def quantize_weights(model, bits, block=16):
    """MatMul with constant weights as MatMulNBits, packed by the function that ONNX Runtime's
    quantizer of weights calls."""
    quantize = getattr(_pybind_state, f"quantize_matmul_{bits}bits")
    tensors = {tensor.name: tensor for tensor in model.graph.initializer}
    nodes = []
    for node in model.graph.node:
        if node.op_type != "MatMul" or node.input[1] not in tensors:
            nodes.append(node)
            continue
        w = numpy_helper.to_array(tensors[node.input[1]])
        rows, columns = w.shape
        blocks = -(-rows // block)
        packed = np.zeros((columns, blocks, block * bits // 8), np.uint8)
        scales = np.zeros((columns, blocks), np.float32)
        zeros = np.zeros((columns, (blocks * bits + 7) // 8), np.uint8)
        quantize(packed, w.copy(), scales, zeros, block, columns, rows, False)
        names = [f"{node.input[1]}_{part}" for part in ("q", "scales", "zeros")]
        for name, array in zip(names, (packed, scales, zeros)):
            model.graph.initializer.append(numpy_helper.from_array(array, name))
        model.graph.initializer.remove(tensors[node.input[1]])
        nodes.append(helper.make_node("MatMulNBits", [node.input[0], *names], node.output,
                                      node.name, domain=MICROSOFT, K=rows, N=columns, bits=bits,
                                      block_size=block))
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model


class Reader(CalibrationDataReader):
    """The inputs that a static quantizer measures."""

    def __init__(self, feeds):
        self.feeds = iter(feeds)

    def get_next(self):
        return next(self.feeds, None)


def optimize(model, level, folder):
    """The model as ONNX Runtime saves it."""
    path = folder / "optimized.onnx"
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = getattr(onnxruntime.GraphOptimizationLevel, LEVELS[level])
    options.optimized_model_filepath = str(path)
    onnxruntime.InferenceSession(model.SerializeToString(), options,
                                 providers=["CPUExecutionProvider"])
    return onnx.load(path)


def quantize(model, kind, feeds, folder):
    """The model as a quantizer writes it."""
    source, target = folder / "float.onnx", folder / "quantized.onnx"
    onnx.save(model, source)
    with contextlib.redirect_stdout(io.StringIO()):
        if kind == "dynamic":
            quantize_dynamic(source, target,
                             extra_options={"DefaultTensorType": TensorProto.FLOAT})
        else:
            form, _, per = kind.partition(",")
            options = {"per_channel": True, "activation_type": QuantType.QInt8,
                       "weight_type": QuantType.QInt8} if per else {}
            quantize_static(source, target, Reader(feeds), quant_format=getattr(QuantFormat, form),
                            **options)
    return onnx.load(target)


def count_own(model):
    """How many nodes are of ONNX Runtime's domains."""
    return sum(node.domain.startswith("com.microsoft") for node in model.graph.node)


def make_cnn_feeds(random):
    return {"x": random.standard_normal((2, 3, 16, 16)).astype(np.float32)}


def make_bert_feeds(random):
    mask = np.array([[1] * 7, [1] * 4 + [0] * 3])
    return {"input_ids": random.integers(0, 50, (2, 7)),
            "token_type_ids": random.integers(0, 2, (2, 7)), "attention_mask": mask}


def add_encoders(cases, name, model, make_feeds, folder):
    """The levels and quantizers of a network without caches."""
    random = np.random.default_rng(7)
    feeds = make_feeds(random)
    calibration = [make_feeds(random) for _ in range(4)]

    def add(kind, saved, tolerance):
        cases.append(Case(f"{name},{kind} ({count_own(saved)} own)", saved, feeds, tolerance))

    for level in LEVELS:
        add(level, optimize(model, level, folder), 2e-5)
    kinds = ["QOperator", "QDQ", "dynamic"] + (["QOperator,channels", "QDQ,channels"]
                                               if name == "cnn" else [])
    for kind in kinds:
        quantized = quantize(model, kind, calibration, folder)
        # One number that is rounded to the other side changes those that follow.
        add(kind, quantized, 2e-2)
        add(f"{kind},all", optimize(quantized, "all", folder), 2e-2)
    optimized = optimize(model, "extended", folder)
    if name == "bert":
        add("extended,dynamic", quantize(optimized, "dynamic", [], folder), 2e-2)


def make_decoder_feeds(random, batch, new, past, size, groups=2, width=16, layers=2):
    """A call with `new` tokens after `past` ones, in caches of `size`."""
    feeds = {"input_ids": random.integers(0, 50, (batch, new)),
             "attention_mask": np.ones((batch, past + new), np.int64)}
    for layer in range(layers):
        for part in ("key", "value"):
            cache = random.standard_normal((batch, groups, size, width)).astype(np.float32)
            feeds[f"past.{layer}.{part}"] = cache
    return feeds


def add_decoder(cases, folder):
    random = np.random.default_rng(8)
    models = {"float": make_decoder()}
    models |= {f"{bits} bits": quantize_weights(make_decoder(), bits) for bits in (4, 8)}
    models |= {f"float,{level}": optimize(models["float"], level, folder) for level in LEVELS}
    models |= {"4 bits,all": optimize(models["4 bits"], "all", folder),
               "dynamic": quantize(models["float"], "dynamic", [], folder)}
    for name, model in models.items():
        tolerance = 2e-2 if name == "dynamic" else 1e-4
        for kind, count, past in [("prompt", 4, 0), ("step", 1, 5)]:
            feeds = make_decoder_feeds(random, 2, count, past, past)
            options = ("--dim=past=0",) if past == 0 else ()
            cases.append(Case(f"decoder,{name},{kind}", model, feeds, tolerance, options=options))
    buffered = make_decoder(cache=8)
    for kind, count, past in [("prompt", 4, 0), ("step", 1, 5), ("last", 1, 7)]:
        feeds = make_decoder_feeds(random, 2, count, past, 8)

        def view(outputs, end=count + past):
            return {name: array if name == "logits" else array[:, :, :end]
                    for name, array in outputs.items()}

        cases.append(Case(f"decoder,buffer,{kind}", buffered, feeds, 1e-4, view=view))
        # Caches that are given a size are buffers, too.
        cases.append(Case(f"decoder,given size,{kind}", models["float"], feeds, 1e-4, view=view,
                          options=("--dim=past=8",)))


def make_cases(everything):
    """The networks; without `everything` every third file, of those that compile in seconds."""
    logging.disable(logging.WARNING)
    cases = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        add_encoders(cases, "cnn", make_cnn(), make_cnn_feeds, folder)
        add_encoders(cases, "bert", make_bert(), make_bert_feeds, folder)
        add_decoder(cases, folder)
    if everything:
        return cases
    slow = ("bert,QOperator", "bert,QDQ")
    return [case for case in cases if not case.name.startswith(slow)][::3]
