# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How the time to compile one kernel grows with it: three sizes each of several kernels.

    codegen.py TG_RUN [--kernels=NAME,...] [--rounds=N] [--print=KERNEL]

A kernel of n operations, operands or results: a chain of divisions of integers, quantized steps
behind a product of matrices, a concatenation, results of one nest. Prints the milliseconds of code
generation (the least of some rounds) and what a step adds, from the smallest to the largest.

The exit status is 1 if the largest takes more than twice as long per step as the smallest, half a
second of it aside. --print writes a kernel of the middle size to stdout instead.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

GROWTH = 2
SLACK = 500  # Milliseconds.


def function(arguments, results, lines, returned):
    arguments = ", ".join(f"{name}: {kind}" for name, kind in arguments)
    text = "\n  ".join(lines)
    kinds = ", ".join(results)
    return (f"func.func @main({arguments}) -> ({kinds}) {{\n  {text}\n"
            f"  return {', '.join(returned)} : {kinds}\n}}\n")


def divisions(n):
    """x / y + c, again and again, of i32."""
    kind, lines, value = "tensor<1000xi32>", [], "%x"
    for i in range(n):
        lines += [f"%c{i} = uop.const dense<{i + 3}> : {kind}",
                  f"%d{i} = uop.floordiv {value}, %y : {kind}",
                  f"%a{i} = uop.add %d{i}, %c{i} : {kind}"]
        value = f"%a{i}"
    return function([("%x", kind), ("%y", kind)], [kind], lines, [value])


def wide_divisions(n):
    """The same of i64."""
    return divisions(n).replace("i32", "i64")


def quantized(n):
    """A product of matrices, then n times: to ui8 and back, and a bias."""
    kind, product = "tensor<14x128xf32>", "tensor<14x128x32xf32>"
    lines = [
        "%x1 = uop.reshape %x : tensor<14x32xf32> -> tensor<14x1x32xf32>",
        f"%x2 = uop.expand %x1 : tensor<14x1x32xf32> -> {product}",
        "%w1 = uop.permute %w [1, 0] : tensor<32x128xf32> -> tensor<128x32xf32>",
        "%w2 = uop.reshape %w1 : tensor<128x32xf32> -> tensor<1x128x32xf32>",
        f"%w3 = uop.expand %w2 : tensor<1x128x32xf32> -> {product}",
        f"%p = uop.mul %x2, %w3 : {product}",
        f"%s = uop.reduce add %p axes [2] : ({product}) -> {kind}",
    ]
    arguments, value = [("%x", "tensor<14x32xf32>"), ("%w", "tensor<32x128xf32>")], "%s"
    for i in range(n):
        arguments.append((f"%b{i}", "tensor<128xf32>"))
        for name, number in (("scale", 0.05 + 0.01 * i), ("zero", 128), ("most", 255), ("none", 0)):
            lines.append(f"%{name}{i} = uop.const dense<{float(number)}> : {kind}")
        lines += [f"%q{i} = uop.fdiv {value}, %scale{i} : {kind}",
                  f"%r{i} = uop.round %q{i} : {kind}",
                  f"%z{i} = uop.add %r{i}, %zero{i} : {kind}",
                  f"%l{i} = uop.max %z{i}, %none{i} : {kind}",
                  f"%h{i} = uop.min %l{i}, %most{i} : {kind}",
                  f"%u{i} = uop.cast %h{i} : {kind} -> tensor<14x128xui8>",
                  f"%f{i} = uop.cast %u{i} : tensor<14x128xui8> -> {kind}",
                  f"%m{i} = uop.sub %f{i}, %zero{i} : {kind}",
                  f"%d{i} = uop.mul %m{i}, %scale{i} : {kind}",
                  f"%row{i} = uop.reshape %b{i} : tensor<128xf32> -> tensor<1x128xf32>",
                  f"%bias{i} = uop.expand %row{i} : tensor<1x128xf32> -> {kind}",
                  f"%v{i} = uop.add %d{i}, %bias{i} : {kind}"]
        value = f"%v{i}"
    return function(arguments, [kind], lines, [value])


def concat(n):
    """n operands along the last axis."""
    part, names = "tensor<2x1xf32>", [f"%x{i}" for i in range(n)]
    whole = f"tensor<2x{n}xf32>"
    line = f"%0 = uop.concat {', '.join(names)} axis 1 : {', '.join([part] * n)} -> {whole}"
    return function([(name, part) for name in names], [whole], [line], ["%0"])


def outputs(n):
    """A chain of n square roots, each of which is a result."""
    kind, lines, values = "tensor<1000xf32>", [], ["%x"]
    for i in range(n):
        lines += [f"%r{i} = uop.sqrt {values[-1]} : {kind}", f"%a{i} = uop.add %r{i}, %x : {kind}"]
        values.append(f"%a{i}")
    return function([("%x", kind)], [kind] * n, lines, values[1:])


KERNELS = {
    "divisions": (divisions, (125, 250, 500)),
    "wide_divisions": (wide_divisions, (125, 250, 500)),
    "quantized": (quantized, (3, 6, 12)),
    "concat": (concat, (50, 100, 200)),
    "outputs": (outputs, (20, 40, 80)),
}


def measure(tg_run, text, rounds):
    """The least milliseconds of code generation."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "kernel.mlir"
        path.write_text(text)
        command = [tg_run, path, "--random-inputs=1", "--cache=none", "--json"]
        times = []
        for _ in range(rounds):
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            stages = json.loads(done.stdout)["compile_ms"]
            times.append(stages["codegen"])
    return min(times)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("tg_run", nargs="?")
    parser.add_argument("--kernels", default=",".join(KERNELS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--print", choices=KERNELS)
    options = parser.parse_args()
    if options.print:
        make, sizes = KERNELS[options.print]
        print(make(sizes[1]))
        return 0
    if not options.tg_run:
        parser.error("which tg-run?")
    print("| kernel | sizes | ms | ms per step, smallest and largest | growth |")
    print("| --- | --- | --- | --- | ---: |")
    failed = False
    for name in options.kernels.split(","):
        make, sizes = KERNELS[name]
        times = [measure(options.tg_run, make(n), options.rounds) for n in sizes]
        steps = [time / n for time, n in zip(times, sizes)]
        growth = steps[-1] / steps[0]
        failed |= times[-1] > GROWTH * steps[0] * sizes[-1] + SLACK
        print(f"| {name} | {', '.join(map(str, sizes))} | {', '.join(f'{t:.0f}' for t in times)} | "
              f"{steps[0]:.2f}, {steps[-1]:.2f} | {growth:.2f} |", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
