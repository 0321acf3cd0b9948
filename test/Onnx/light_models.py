# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs the "light" models of the onnx package with random weights, against ONNX Runtime.

    light_models.py TG_RUN [--device=cpu] [--models=NAME,...] [--seed=N] [--benchmark]

The weights in these files are one constant per tensor, which hides permuted axes; here each gets
seeded random numbers of a size that keeps the activations in range. A model passes when every
output is near ONNX Runtime's: |x - y| <= rtol * max |y|, when it has the same bytes with every
memory planner, and when the arena is at most 2 % above its lower bound. The last line is "light models: N of M agree". With --benchmark the latency of both
is printed, in the fastest of 5 runs.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
import onnx
from onnx import helper, numpy_helper

LIGHT = pathlib.Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
MODELS = ["squeezenet", "shufflenet", "inception_v1", "densenet121", "inception_v2", "resnet50",
          "bvlc_alexnet", "zfnet512", "vgg19"]
RTOL = 1e-4
ARENA = 1.02  # The greedy planner's, of the lower bound.


def randomize(model, seed):
    """Replaces the nodes that fill constant weights by random initializers."""
    random = np.random.default_rng(seed)
    graph = model.graph
    shapes = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    scales = {}
    for node in graph.node:
        if node.op_type == "BatchNormalization":
            scales.update({node.input[1]: "near 1", node.input[4]: "near 1"})
    kept, used = [], set()
    for node in graph.node:
        if node.op_type != "ConstantOfShape":
            kept.append(node)
            continue
        shape = tuple(int(size) for size in shapes[node.input[0]])
        if scales.get(node.output[0]):
            values = 1 + 0.1 * random.random(shape)
        elif len(shape) < 2:
            values = 0.1 * random.standard_normal(shape)
        else:
            # He et al. 2015: the variance of the activations stays the same.
            values = random.standard_normal(shape) * np.sqrt(2 / np.prod(shape[1:]))
        graph.initializer.append(
            numpy_helper.from_array(values.astype(np.float32), node.output[0]))
        used.add(node.input[0])
    del graph.node[:]
    graph.node.extend(kept)
    read = {name for node in kept for name in node.input}
    for tensor in [t for t in graph.initializer if t.name not in read]:
        graph.initializer.remove(tensor)
        used.add(tensor.name)
    # Softmax over many classes would squeeze the differences: its input is an output too.
    for node in kept:
        if node.op_type == "Softmax":
            graph.output.append(helper.make_tensor_value_info(
                node.input[0], onnx.TensorProto.FLOAT, None))
    # Before version 4 initializers are inputs too, which may be given other values.
    model.ir_version = 8
    constants = {tensor.name for tensor in graph.initializer}
    inputs = [value for value in graph.input if value.name not in constants | used]
    del graph.input[:]
    graph.input.extend(inputs)


def run_onnxruntime(path, feeds, benchmark):
    # Only here: benchmarks/whole_models.py takes the models, and needs no ONNX Runtime.
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    outputs = session.run(None, feeds)
    best = float("inf")
    for _ in range(5 if benchmark else 0):
        begin = time.perf_counter()
        session.run(None, feeds)
        best = min(best, time.perf_counter() - begin)
    return dict(zip((o.name for o in session.get_outputs()), outputs)), best * 1e3


def run_model(name, options, folder):
    """Prints a line; whether the model agrees."""
    model = onnx.load(LIGHT / f"light_{name}.onnx")
    randomize(model, options.seed)
    path, results = folder / f"{name}.onnx", folder / "outputs.npz"
    onnx.save(model, path)
    random = np.random.default_rng(options.seed + 1)
    command = [options.tg_run, path, f"--device={options.device}", "--cache=none", "--json",
               "--compare-planners", f"--output={results}"]
    feeds = {}
    for value in model.graph.input:
        shape = [d.dim_value for d in value.type.tensor_type.shape.dim]
        feeds[value.name] = random.standard_normal(shape).astype(np.float32)
        np.save(folder / f"input{len(feeds)}.npy", feeds[value.name])
        command.append(f"--input={value.name}={folder / f'input{len(feeds)}.npy'}")
    if options.benchmark:
        command.append("--benchmark=2")
    expected, latency = run_onnxruntime(path, feeds, options.benchmark)
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode:
        print(f"{name}: {run.stderr.strip()}")
        return False
    report = json.loads(run.stdout)
    worst, isRight = 0, options.device != "cpu" or len(report["same_planners"]) >= 3
    with np.load(results) as got:
        for output, wanted in expected.items():
            if got[output].shape != wanted.shape or not np.isfinite(wanted).all():
                isRight = False
                continue
            error = np.abs(got[output] - wanted).max() / np.abs(wanted).max()
            # Constant outputs would prove nothing.
            isRight &= bool(error <= RTOL and wanted.std() > 0)
            worst = max(worst, float(error))
    arena = "no arena"
    if options.device == "cpu":
        taken, bound = report["arena_bytes"], report["arena_lower_bound_bytes"]
        arena = f"arena {taken / bound if bound else 1:.3f} of its lower bound"
        if taken > ARENA * bound:
            print(f"{name}: {arena}, more than {ARENA}")
            isRight = False
    text = f"{name}: {'agrees' if isRight else 'DIFFERS'}, largest difference {worst:.1e}, {arena}, " \
           f"first result after {report['first_result_ms'] / 1e3:.1f} s"
    if options.benchmark:
        text += f", {report['latency_ms']['min']:.1f} ms; ONNX Runtime {latency:.1f} ms"
    print(text, flush=True)
    return isRight


def main():
    parser = argparse.ArgumentParser(description="light models against ONNX Runtime")
    parser.add_argument("tg_run")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--benchmark", action="store_true")
    options = parser.parse_args()
    models = options.models.split(",")
    agreeing = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in models:
            agreeing += int(run_model(name, options, pathlib.Path(folder)))
    print(f"light models: {agreeing} of {len(models)} agree")
    sys.exit(0 if agreeing == len(models) else 1)


if __name__ == "__main__":
    main()
