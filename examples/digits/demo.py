#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs digits.onnx on the held-out digits and shows what tg makes of it on the way.

    python examples/digits/demo.py BIN_DIRECTORY WORK_DIRECTORY

BIN_DIRECTORY holds tg-run and tg-translate; files are written to WORK_DIRECTORY.
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys

import numpy as np

import data

MODEL = pathlib.Path(__file__).resolve().parent / "digits.onnx"
LAYER = "conv1"
SHADES = " ░▒▓█"


def run(*command):
    """Runs a tool, showing the command; returns its standard output."""
    words = [str(word) for word in command]
    print(dim("$ " + " ".join([pathlib.Path(words[0]).name] + [shorten(w) for w in words[1:]])),
          flush=True)
    result = subprocess.run(words, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{result.stdout}{result.stderr}\nerror: {words[0]} ended with status "
                 f"{result.returncode}")
    return result.stdout


def shorten(word):
    """Paths below the working folder are shown relative to it."""
    return word.replace(f"{pathlib.Path.cwd()}/", "")


def styled(code, text):
    return f"\033[{code}m{text}\033[0m" if sys.stdout.isatty() else text


def bold(text):
    return styled(1, text)


def dim(text):
    return styled(2, text)


def heading(text):
    print(f"\n{bold(text)}")


def layer_of(ir, name):
    """The operations of one node of the user's model, found by their locations, and its weights."""
    mine = set(re.findall(rf'^(#loc\d*) = loc\(.*"{name}(?:\.\w+)?".*\)$', ir, re.M))
    lines = []
    for line in ir.splitlines():
        operation = re.fullmatch(r"\s+(.*) loc\((#loc\d*)\)", line)
        if operation and operation[2] in mine:
            lines.append(operation[1])
    return lines


def brief(line):
    """A line of IR with its constants cut and its symbolic shapes written as the reader would."""
    def shape(match):
        element = match[1].rsplit("x", 1)[1]
        return f"tensor<{match[2].replace(', ', 'x')}x{element}>"

    line = re.sub(r"tensor<([^,<>]*), #uop\.dims<([^<>]*)>>", shape, line)
    return re.sub(r"dense<\[.{24,}?\]>", "dense<[…]>", line)


def print_kernels(kernels):
    """A line per kernel: the nodes of the user's model in it, and what it reads and writes."""
    def types(names):
        return ", ".join(re.sub(r"tensor<(.*)>", r"\1", brief(name)) for name in names)

    width = max(len(kernel["location"]) for kernel in kernels)
    for kernel in kernels:
        line = (f"{kernel['location']:{width}}  {len(kernel['operations']):3} ops  "
                f"{types(kernel['inputs'])} -> {types(kernel['outputs'])}")
        mine = LAYER in kernel["location"].split(", ")
        print(f"{'>' if mine else ' '} {bold(line) if mine else line}")
    print(dim(f"  > holds {LAYER}"))


def draw(images, captions):
    """Digits side by side, two characters to a pixel, with caption lines below each."""
    width = 2 * images.shape[-1]
    per_row = 6 if shutil.get_terminal_size().columns >= 6 * (width + 3) else 3
    for start in range(0, len(images), per_row):
        group = images[start : start + per_row, 0]
        print()
        for row in range(group.shape[1]):
            levels = np.rint(group[:, row] * (len(SHADES) - 1)).astype(int)
            print("  " + "   ".join("".join(SHADES[v] * 2 for v in line) for line in levels))
        for lines in zip(*captions[start : start + per_row]):
            if any(lines):
                print("  " + "   ".join(line.ljust(width) for line in lines))


def choose(predicted, labels):
    """Five digits that are read rightly and, where there is one, one that is not."""
    right = np.flatnonzero(predicted == labels)
    wrong = np.flatnonzero(predicted != labels)[:1]
    first_of_each = [right[labels[right] == digit][0] for digit in np.unique(labels[right])]
    return np.concatenate([first_of_each[: 6 - len(wrong)], wrong]).astype(int)


def compile_times(*runs):
    """Compile times of the runs in milliseconds, cold or from the disk cache; each kind once."""
    times = {}
    for one in runs:
        cached = all(kernel["from_cache"] for kernel in one["kernels"])
        kind = "with the disk cache" if cached else "from nothing"
        times.setdefault(kind, f"{one['compile_ms']['total']:.0f} ms {kind}")
    return ", ".join(times.values())


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    bin_directory, work = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
    work.mkdir(parents=True, exist_ok=True)
    tg_run, tg_translate = bin_directory / "tg-run", bin_directory / "tg-translate"
    for tool in (tg_run, tg_translate):
        if not tool.exists():
            sys.exit(f"error: no {tool}; scripts/demo.sh builds it")

    _, _, images, labels = data.load()
    np.save(work / "held_out.npy", images)
    np.save(work / "one.npy", images[:1])
    everything = f"--input=image={work / 'held_out.npy'}"

    heading(f"1. The layer {LAYER} of {MODEL.name} in the uop dialect")
    ir = run(tg_translate, "--import-onnx", "--mlir-print-debuginfo",
             "--mlir-elide-resource-strings-if-larger=32", MODEL)
    for line in layer_of(ir, LAYER):
        print("  " + brief(line))
    print(dim("  tensor<Nx8xf32> stands for tensor<?x8xf32, #uop.dims<N, 8>>"))

    heading("2. The kernels that the model became")
    compiled = json.loads(run(tg_run, MODEL, "--device=cpu", everything, "--json"))
    print_kernels(compiled["kernels"])

    heading(f"3. {len(images)} held-out digits on the CPU")
    batch = json.loads(run(tg_run, MODEL, "--device=cpu", everything, f"--output={work}",
                           "--benchmark=1", "--json"))
    single = json.loads(run(tg_run, MODEL, "--device=cpu", f"--input=image={work / 'one.npy'}",
                            "--benchmark=1", "--json"))
    probability = np.load(work / "probability.npy")
    predicted = probability.argmax(1)
    shown = choose(predicted, labels)
    draw(images[shown], [
        (
            f"{predicted[i]} with {probability[i].max():.1%}",
            "" if predicted[i] == labels[i] else f"wrong: true is {labels[i]}",
        )
        for i in shown
    ])
    alone = single["latency_ms"]["median"] * 1e3
    together = batch["latency_ms"]["median"] * 1e3 / len(images)
    right = int((predicted == labels).sum())
    print(f"\n  accuracy        {right / len(labels):.2%}: {right} of {len(labels)} digits that "
          "the training never saw")
    print(f"  time per image  {alone:.1f} µs alone, {together:.1f} µs in a batch of {len(images)}")
    print(f"  compile time    {compile_times(compiled, batch)}")

    heading("4. The CPU beside the reference interpreter")
    verified = json.loads(run(tg_run, MODEL, "--device=cpu", everything, "--verify", "--json"))
    (comparison,) = verified["verify"]
    print(f"  cpu and interp agree on all {len(images)} digits: the largest error is "
          f"{comparison['largest_error']:.2g}, {comparison['of_tolerance']:.2g} of what is allowed")


if __name__ == "__main__":
    main()
