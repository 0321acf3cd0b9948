# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How the engine's time grows with the graph: graphs of 1,000, 10,000 and 100,000 operations.

    engine.py TG_OPT [--shapes=NAME,...] [--sizes=N,...] [--rounds=N] [--print=SHAPE]

Makes graphs of several shapes, runs the passes of `tg-opt --tg-engine` on them, and prints the
seconds of the passes (tg-form-kernels and tg-order-kernels alone; then all, which adds
tg-lift-scalars, tg-bufferize, tg-update-in-place and what tidies up) and the microseconds per
operation. Parsing and printing are not counted. Each figure is the least of some rounds, or of more
for small graphs.

The exit status is 1 if forming and ordering the kernels of the largest graph takes 5 seconds or
more, or twice as long per operation as those of the smallest. --print writes a graph of the first
size to stdout instead.
"""

import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile

SECONDS = 5
GROWTH = 2  # Caches hold 1,000 operations and not 100,000.
ORDER = ("FormKernels", "OrderKernels")
OTHERS = ("LiftScalars", "Bufferize", "UpdateInPlace", "CSE", "Canonicalizer")


class Graph:
    """The text of a function over tensors of one shape, one operation after the other."""

    def __init__(self, shape, inputs):
        self.shape, self.type = shape, f"tensor<{'x'.join(map(str, shape))}xf32>"
        self.inputs = [f"%in{i}" for i in range(inputs)]
        self.lines = []

    def __len__(self):
        return len(self.lines)

    def emit(self, text):
        name = f"%v{len(self.lines)}"
        self.lines.append(f"  {name} = uop.{text}")
        return name

    def unary(self, op, x):
        return self.emit(f"{op} {x} : {self.type}")

    def binary(self, op, x, y):
        return self.emit(f"{op} {x}, {y} : {self.type}")

    def constant(self, value):
        return self.emit(f"const dense<{float(value)}> : {self.type}")

    def reduced(self, op, x):
        """The reduction of x along its last axis, for every element: three operations."""
        rows = self.shape[:-1]
        kept = "x".join([*map(str, rows), "1"])
        small = "x".join([*map(str, rows), "f32"])
        r = self.emit(f"reduce {op} {x} axes [{len(rows)}] : ({self.type}) -> tensor<{small}>")
        r = self.emit(f"reshape {r} : tensor<{small}> -> tensor<{kept}xf32>")
        return self.emit(f"expand {r} : tensor<{kept}xf32> -> {self.type}")

    def matmul(self, x, w):
        """x @ w for square matrices: six operations."""
        n, m = self.shape
        left, right, cube = f"tensor<{n}x{m}x1xf32>", f"tensor<1x{m}x{m}xf32>", \
            f"tensor<{n}x{m}x{m}xf32>"
        a = self.emit(f"reshape {x} : {self.type} -> {left}")
        a = self.emit(f"expand {a} : {left} -> {cube}")
        b = self.emit(f"reshape {w} : {self.type} -> {right}")
        b = self.emit(f"expand {b} : {right} -> {cube}")
        p = self.emit(f"mul {a}, {b} : {cube}")
        return self.emit(f"reduce add {p} axes [1] : ({cube}) -> {self.type}")

    def total(self, values):
        """The sum of all values, as a tree."""
        while len(values) > 1:
            pairs = [self.binary("add", x, y) for x, y in zip(values[::2], values[1::2])]
            values = pairs + values[len(pairs) * 2:]
        return values[0]

    def module(self, *results):
        inputs = ", ".join(f"{name}: {self.type}" for name in self.inputs)
        types = ", ".join([self.type] * len(results))
        return "\n".join([f"func.func @main({inputs}) -> ({types}) {{", *self.lines,
                          f"  return {', '.join(results)} : {types}", "}", ""])


def elementwise(size):
    """One chain, element by element, a row of 1,024."""
    graph = Graph([1024], 2)
    x, w = graph.inputs
    while len(graph) < size:
        x = graph.unary("exp2", graph.binary("mul", x, w))
    return graph.module(x)


def layers(size):
    """A chain of softmax-like layers, each with a reduction and a skip connection."""
    graph = Graph([1024], 2)
    x, w = graph.inputs
    while len(graph) < size:
        scaled = graph.binary("mul", x, w)
        power = graph.unary("exp2", graph.binary("add", scaled, x))
        x = graph.binary("add", graph.binary("fdiv", power, graph.reduced("add", power)), scaled)
    return graph.module(x)


def residual(size):
    """Residual blocks: two products of matrices, normalization, maximum, and the block's input."""
    graph = Graph([64, 64], 3)
    x, w, v = graph.inputs
    while len(graph) < size:
        y = graph.matmul(x, w)
        y = graph.binary("fdiv", y, graph.reduced("add", graph.binary("mul", y, y)))
        y = graph.matmul(graph.binary("max", y, v), w)
        x = graph.binary("max", graph.binary("add", x, y), v)
    return graph.module(x)


def wide(size):
    """One value that many branches read, each with a reduction; a tree adds them up."""
    graph = Graph([16, 256], 1)
    x = graph.inputs[0]
    shared = graph.binary("mul", x, graph.reduced("max", x))
    branches = []
    while len(graph) + len(branches) < size:
        y = graph.unary("exp2", graph.binary("mul", shared, graph.constant(len(branches))))
        branches.append(graph.binary("mul", y, graph.reduced("add", y)))
    return graph.module(graph.total(branches))


def siblings(size):
    """Independent reductions of one input, each a result of the function."""
    graph = Graph([16, 256], 1)
    results = []
    while len(graph) < size:
        y = graph.binary("mul", graph.inputs[0], graph.constant(len(results)))
        results.append(graph.binary("sub", y, graph.reduced("max", y)))
    return graph.module(*results)


def ladder(size):
    """Element by element, on the last value and the one seven before: every value has two readers."""
    graph = Graph([1024], 1)
    values = list(graph.inputs)
    while len(graph) < size:
        op = ("mul", "add", "max")[len(graph) % 3]
        values.append(graph.binary(op, values[-1], values[max(-7, -len(values))]))
    return graph.module(values[-1])


def tangle(size):
    """Operations on two of the 20 values before; every tenth is a reduction."""
    graph = Graph([16, 256], 2)
    pick = random.Random(1)
    values = list(graph.inputs)
    while len(graph) < size:
        x, y = pick.choice(values[-20:]), pick.choice(values[-20:])
        values.append(graph.reduced("add", x) if len(values) % 10 == 0
                      else graph.binary(pick.choice(["add", "mul", "max"]), x, y))
    return graph.module(graph.total(values[-20:]))


SHAPES = {make.__name__: make for make in
          (elementwise, ladder, layers, residual, wide, siblings, tangle)}


def time_passes(tg_opt, path):
    """Seconds by pass."""
    run = subprocess.run(
        [tg_opt, "--tg-engine", "--mlir-timing", "--mlir-timing-display=list",
         "--mlir-output-format=json", "--mlir-disable-threading", path, "-o", "/dev/null"],
        capture_output=True, text=True, check=False)
    if run.returncode:
        sys.exit(f"{path.name}: {run.stderr.strip()[:2000]}")
    return {entry["name"]: entry["wall"]["duration"] for entry in json.loads(run.stderr)}


def measure(tg_opt, path, rounds):
    """The least seconds of forming and ordering kernels, and of the whole engine."""
    best = [float("inf")] * 2
    for _ in range(rounds):
        times = time_passes(tg_opt, path)
        ours = sum(times[name] for name in ORDER)
        best = [min(best[0], ours),
                min(best[1], ours + sum(times.get(name, 0) for name in OTHERS))]
    return best


def main():
    parser = argparse.ArgumentParser(description="time of the engine by size of the graph")
    parser.add_argument("tg_opt", nargs="?")
    parser.add_argument("--shapes", default=",".join(SHAPES))
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--print", choices=SHAPES)
    options = parser.parse_args()
    sizes = [int(size) for size in options.sizes.split(",")]
    if options.print:
        print(SHAPES[options.print](sizes[0]), end="")
        return
    if not options.tg_opt:
        parser.error("which tg-opt?")
    failures = []
    print("| graph | operations | seconds | us per operation | growth | engine, seconds |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "graph.mlir"
        for shape in options.shapes.split(","):
            first = None
            for size in sizes:
                text = SHAPES[shape](size)
                path.write_text(text)
                operations = text.count(" = uop.")
                rounds = options.rounds * (5 if size <= 1000 else 1)
                seconds, engine = measure(options.tg_opt, path, rounds)
                each = seconds / operations * 1e6
                first = first or each
                print(f"| {shape} | {operations:,} | {seconds:.3f} | {each:.1f} | "
                      f"{each / first:.2f} | {engine:.3f} |", flush=True)
            if seconds >= SECONDS:
                failures.append(f"{shape}: {seconds:.1f} s for {operations:,} operations")
            if each > GROWTH * first:
                failures.append(f"{shape}: {each / first:.2f} times as long per operation")
    for failure in failures:
        print(f"FAILED {failure}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
