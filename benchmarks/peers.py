#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares tg with libraries on the same inputs: products, sums, convolutions, models.

    peers.py [--rows=PATTERN,...] [--rounds=5] [--seconds=0.3] [--core=0] [--avx2]
             [--json=FILE] [--check=RATIO]

Needs tg's Python package in the path, numpy, onnx, and the peers that are there: numpy itself for
products and sums, onnxruntime for all. One thread, pinned to one core where the system can. Each row
is a model in ONNX; tg and the peers run it in turn, call by call, so that what disturbs one disturbs
the others, and results are compared. Printed are medians of all calls, and the ratio of the fastest
peer's median to tg's: above 1 tg is faster, with the smallest and largest ratio of the rounds.
`--avx2` compiles for AVX2 and tells numpy's OpenBLAS the same; onnxruntime cannot be told and is left
out. `--check=RATIO` exits with 1 where a row's ratio is below it.
"""

import argparse
import fnmatch
import json
import os
import platform
import statistics
import sys
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
if "--avx2" in sys.argv:
    os.environ["OPENBLAS_CORETYPE"] = "Haswell"

# Threads are counted when the libraries are loaded.
import numpy as np  # noqa: E402
import onnx  # noqa: E402
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

import tg  # noqa: E402

try:
    import onnxruntime
except ImportError:
    onnxruntime = None

NO_AVX512 = ",".join(f"-avx512{x}" for x in ("f", "bw", "dq", "vl", "cd"))
random = np.random.default_rng(1)


class Row:
    """A model, its inputs, and how numpy computes it, if it does."""

    def __init__(self, name, nodes, inputs, constants=None, in_numpy=None, flops=0):
        self.name, self.inputs, self.in_numpy, self.flops = name, inputs, in_numpy, flops
        values = [helper.make_tensor_value_info(n, TensorProto.FLOAT, a.shape)
                  for n, a in inputs.items()]
        output = helper.make_tensor_value_info(nodes[-1].output[0], TensorProto.FLOAT, None)
        weights = [numpy_helper.from_array(a, n) for n, a in (constants or {}).items()]
        graph = helper.make_graph(nodes, "benchmark", values, [output], weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)])
        model.ir_version = 9
        self.model = model.SerializeToString()


def normal(*shape, scale=1.0):
    return (random.standard_normal(shape) * scale).astype(np.float32)


def product(m, n, k, is_constant):
    a, b = normal(m, k), normal(k, n)
    out = np.empty((m, n), np.float32)
    node = helper.make_node("MatMul", ["a", "b"], ["y"])
    name = f"product {m}x{n}x{k}" + (" const" if is_constant else "")
    return Row(name, [node], {"a": a} if is_constant else {"a": a, "b": b},
               {"b": b} if is_constant else {}, lambda: np.matmul(a, b, out=out), 2 * m * n * k)


def column_sums(axis):
    a = normal(4096, 4096)
    node = helper.make_node("ReduceSum", ["a", "axes"], ["y"], keepdims=0)
    return Row(f"sum axis {axis}", [node], {"a": a}, {"axes": np.array([axis])},
               lambda: a.sum(axis), a.size)


def convolution(channels, filters, size, kernel, stride=1, groups=1):
    pad = kernel // 2
    side = (size + 2 * pad - kernel) // stride + 1
    weights = normal(filters, channels // groups, kernel, kernel, scale=0.1)
    node = helper.make_node("Conv", ["x", "w"], ["y"], kernel_shape=[kernel] * 2,
                            strides=[stride] * 2, pads=[pad] * 4, group=groups)
    name = f"conv {kernel}x{kernel} {channels}-{filters} {size}"
    name += (f" stride {stride}" if stride > 1 else "") + (" depthwise" if groups > 1 else "")
    return Row(name, [node], {"x": normal(1, channels, size, size)}, {"w": weights},
               flops=2 * filters * side * side * channels // groups * kernel * kernel)


def mlp():
    nodes = [helper.make_node("Gemm", ["x", "w1", "b1"], ["h"]),
             helper.make_node("Relu", ["h"], ["r"]),
             helper.make_node("Gemm", ["r", "w2", "b2"], ["y"])]
    constants = {"w1": normal(1024, 4096, scale=0.03), "b1": normal(4096),
                 "w2": normal(4096, 1024, scale=0.02), "b2": normal(1024)}
    return Row("mlp 1024-4096-1024, batch 32", nodes, {"x": normal(32, 1024)}, constants,
               flops=2 * 32 * 1024 * 4096 * 2)


def encoder(layers=2, length=128, width=768, heads=12):
    """Layers of a BERT-base encoder."""
    constants = {"split": np.array([1, length, heads, width // heads]),
                 "join": np.array([1, length, width]), "one": np.ones(width, np.float32),
                 "zero": np.zeros(width, np.float32),
                 "scale": np.float32((width // heads) ** -0.5).reshape(())}
    nodes = []

    def add(kind, inputs, output, **attributes):
        nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def linear(x, name, rows, columns):
        constants[name + ".w"] = normal(rows, columns, scale=rows ** -0.5)
        constants[name + ".b"] = normal(columns, scale=0.02)
        return add("Add", [add("MatMul", [x, name + ".w"], name + ".m"), name + ".b"], name)

    def part(x, name, order):
        split = add("Reshape", [linear(x, name, width, width), "split"], name + ".s")
        return add("Transpose", [split], name + ".t", perm=order)

    x = "x"
    for i in range(layers):
        q, k, v = (part(x, f"{i}{c}", o) for c, o in
                   (("q", [0, 2, 1, 3]), ("k", [0, 2, 3, 1]), ("v", [0, 2, 1, 3])))
        scores = add("Mul", [add("MatMul", [q, k], f"{i}s"), "scale"], f"{i}ss")
        mixed = add("MatMul", [add("Softmax", [scores], f"{i}p", axis=-1), v], f"{i}o")
        mixed = add("Transpose", [mixed], f"{i}ot", perm=[0, 2, 1, 3])
        mixed = linear(add("Reshape", [mixed, "join"], f"{i}oj"), f"{i}proj", width, width)
        x = add("LayerNormalization", [add("Add", [x, mixed], f"{i}a"), "one", "zero"], f"{i}n",
                axis=-1)
        hidden = add("Gelu", [linear(x, f"{i}up", width, 4 * width)], f"{i}g")
        hidden = linear(hidden, f"{i}down", 4 * width, width)
        x = add("LayerNormalization", [add("Add", [x, hidden], f"{i}b"), "one", "zero"], f"{i}y",
                axis=-1)
    return Row(f"BERT, {layers} layers, {length} positions", nodes,
               {"x": normal(1, length, width)}, constants)


def light(name):
    """A model of the onnx package whose weights are random, not constants that fold away."""
    path = os.path.join(os.path.dirname(onnx.__file__), "backend/test/data/light",
                        f"light_{name}.onnx")
    model = onnx.load(path)
    graph = model.graph
    shapes = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    nodes = []
    for node in graph.node:
        if node.op_type == "ConstantOfShape" and node.input[0] in shapes:
            shape = [int(size) for size in shapes[node.input[0]]]
            fan = max(1, int(np.prod(shape[1:])))
            value = normal(*shape, scale=fan ** -0.5)
            value = value if len(shape) > 1 else np.abs(value) * np.float32(0.1) + np.float32(0.5)
            graph.initializer.append(numpy_helper.from_array(value, node.output[0]))
        else:
            nodes.append(node)
    used = {name for node in nodes for name in node.input}
    weights = [i for i in graph.initializer if i.name in used]
    names = {i.name for i in weights}
    inputs = [i for i in graph.input if i.name not in names and i.name in used]
    shape = [d.dim_value or 1 for d in inputs[0].type.tensor_type.shape.dim]
    del graph.node[:], graph.initializer[:], graph.input[:]
    graph.node.extend(nodes)
    graph.initializer.extend(weights)
    graph.input.extend(inputs)
    row = Row.__new__(Row)
    row.name, row.inputs, row.in_numpy, row.flops = name, {inputs[0].name: normal(*shape)}, None, 0
    row.model = model.SerializeToString()
    return row


ROWS = {}
for m, n, k in ((128, 128, 128), (256, 256, 256), (512, 512, 512), (1000, 1000, 1000),
                (1024, 1024, 1024), (2048, 2048, 2048), (32, 4096, 1024), (32, 1024, 4096),
                (197, 3072, 768), (1, 4096, 4096)):
    for constant in (False, True):
        label = f"product {m}x{n}x{k}" + (" const" if constant else "")
        ROWS[label] = lambda a=(m, n, k, constant): product(*a)
for axis in (0, 1):
    ROWS[f"sum axis {axis}"] = lambda a=axis: column_sums(a)
for shape in ((64, 64, 56, 3), (128, 128, 28, 3), (256, 1024, 14, 1), (3, 64, 224, 7, 2),
              (144, 144, 56, 3, 1, 144), (128, 128, 56, 3, 2), (512, 512, 7, 3)):
    ROWS["conv " + " ".join(map(str, shape))] = lambda a=shape: convolution(*a)
ROWS["mlp"] = mlp
ROWS["bert"] = encoder
for label in ("resnet50", "densenet121", "squeezenet", "shufflenet"):
    ROWS[label] = lambda a=label: light(a)


def runners(row, options):
    """What computes the row, by name, and the seconds until each had its first result."""
    made = {}
    start = time.perf_counter()
    features = {"target_features": NO_AVX512} if options.avx2 else {}
    model = tg.compile(row.model, cache="none", threads=1, **features)
    arrays = list(row.inputs.values())

    def run_tg():
        outputs = model(*arrays)
        return outputs[0] if isinstance(outputs, (list, tuple)) else outputs

    wanted = np.asarray(run_tg())
    first = {"tg": time.perf_counter() - start}
    made["tg"] = run_tg
    if row.in_numpy:
        made["numpy"] = row.in_numpy
    if onnxruntime and not options.avx2:
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = 1
        settings.log_severity_level = 4
        start = time.perf_counter()
        session = onnxruntime.InferenceSession(row.model, settings)
        session.run(None, row.inputs)
        first["onnxruntime"] = time.perf_counter() - start
        made["onnxruntime"] = lambda: session.run(None, row.inputs)[0]
    for name, run in made.items():
        result = np.asarray(run())
        scale = max(float(np.abs(result).max()), 1e-30)
        if float(np.abs(result.reshape(wanted.shape) - wanted).max()) > 1e-4 * scale:
            sys.exit(f"{row.name}: the results of tg and {name} differ")
    return made, first


def measure(made, options):
    """All times by name, and the ratio of the fastest peer to tg in each round."""
    times, ratios = {name: [] for name in made}, []
    for _ in range(options.rounds):
        here = {name: [] for name in made}
        end = time.perf_counter() + options.seconds * len(made)
        while time.perf_counter() < end:
            for name, run in made.items():
                start = time.perf_counter()
                run()
                here[name].append(time.perf_counter() - start)
        medians = {name: statistics.median(taken) for name, taken in here.items()}
        if len(made) > 1:
            ratios.append(min(t for n, t in medians.items() if n != "tg") / medians["tg"])
        for name, taken in here.items():
            times[name] += taken
    return {name: statistics.median(taken) for name, taken in times.items()}, ratios


def processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            facts = dict(line.split(":", 1) for line in file if ":" in line)
        facts = {key.strip(): value.strip() for key, value in facts.items()}
        return f"{facts['model name']}, family {facts['cpu family']} model {facts['model']}"
    except (OSError, KeyError):
        return platform.processor() or platform.machine()


def main():
    parser = argparse.ArgumentParser(description="tg beside numpy and ONNX Runtime")
    parser.add_argument("--rows", default="*")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.3)
    parser.add_argument("--core", type=int, default=0)
    parser.add_argument("--avx2", action="store_true")
    parser.add_argument("--json")
    parser.add_argument("--check", type=float)
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {options.core})
    chosen = [n for n in ROWS if any(fnmatch.fnmatch(n, p) for p in options.rows.split(","))]
    if not chosen:
        parser.error(f"no row is named {options.rows}; there are: {', '.join(ROWS)}")
    if not onnxruntime:
        print("onnxruntime is not installed: rows without another peer have tg's time alone")
    print(f"One thread of {processor()}{', code for AVX2' if options.avx2 else ''}\n")
    print("| row | tg, ms | GF/s | best peer, ms | peer / tg | rounds | first result, s |")
    print("| --- | --- | --- | --- | --- | --- | --- |", flush=True)
    report, all_ratios, slow = [], [], []
    for name in chosen:
        row = ROWS[name]()
        made, first = runners(row, options)
        times, ratios = measure(made, options)
        peer = min((n for n in times if n != "tg"), key=times.get, default=None)
        ratio = times[peer] / times["tg"] if peer else None
        flops = f"{row.flops / times['tg'] / 1e9:.0f}" if row.flops else ""
        best = f"{peer} {times[peer] * 1e3:.3g}" if peer else "none"
        spread = f"{min(ratios):.2f} to {max(ratios):.2f}" if ratios else ""
        print(f"| {row.name} | {times['tg'] * 1e3:.3g} | {flops} | {best} | "
              f"{f'{ratio:.2f}' if ratio else ''} | {spread} | "
              f"{', '.join(f'{n} {s:.2f}' for n, s in first.items())} |", flush=True)
        report.append({"row": row.name, "seconds": times, "first_result": first, "ratio": ratio,
                       "rounds": ratios})
        if ratio:
            all_ratios.append(ratio)
            if options.check and ratio < options.check:
                slow.append(row.name)
    if all_ratios:
        print(f"\nGeometric mean of {len(all_ratios)} rows: "
              f"{statistics.geometric_mean(all_ratios):.2f}")
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({"processor": processor(), "avx2": options.avx2, "rows": report}, file,
                      indent=1)
    if slow:
        sys.exit(f"below {options.check}: {', '.join(slow)}")


if __name__ == "__main__":
    main()
