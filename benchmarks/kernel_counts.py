#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Counts the kernels of whole ONNX models, tg's and tinygrad's.

    kernel_counts.py TG_RUN [--models=NAME,...] [--strategies=default,conservative]

A kernel is one launch in one run of the model (loops run theirs often), copies not counted. Prints
a table as in docs/kernel-counts.md, and fails where `default`, the first strategy, launches more
kernels than tinygrad. README.md of this folder says what must be installed.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import whole_models

TINYGRAD = pathlib.Path(__file__).resolve().parent / "tinygrad_kernels.py"


def run(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stderr.strip()}")
    return done.stdout


def count_tg(tg_run, path, strategy):
    """How many kernels one run launches, from its trace."""
    trace = path.with_suffix(".json")
    run([tg_run, path, "--random-inputs=1", "--threads=1", "--cache=none", "--json",
         f"--fusion={strategy}", f"--profile={trace}"])
    events = json.loads(trace.read_text())["traceEvents"]
    return sum(event.get("cat") == "kernel" for event in events)


def main():
    parser = argparse.ArgumentParser(description="kernels of whole models, tg's and tinygrad's")
    parser.add_argument("tg_run")
    parser.add_argument("--models", default=",".join(whole_models.names()))
    parser.add_argument("--strategies", default="default,conservative")
    options = parser.parse_args()
    strategies = options.strategies.split(",")
    print("| model | tinygrad | " + " | ".join(strategies) + " |")
    print("| --- |" + " --- |" * (1 + len(strategies)), flush=True)
    compared, fewer, more, reasons = 0, [], [], []
    for name in options.models.split(","):
        with tempfile.TemporaryDirectory() as folder:
            path = whole_models.write(name, folder)
            counts = [count_tg(options.tg_run, path, strategy) for strategy in strategies]
            theirs = json.loads(run([sys.executable, TINYGRAD, path]))
        row = [str(count) for count in counts]
        if "error" in theirs:
            reasons.append(f"tinygrad cannot import {name}: {theirs['error']}")
        else:
            compared += 1
            if counts[0] < theirs["kernels"]:
                fewer.append(name)
                row[0] = f"**{row[0]}**"
            elif counts[0] > theirs["kernels"]:
                more.append(name)
        print(f"| {name} | {theirs.get('kernels', '')} | " + " | ".join(row) + " |", flush=True)
    print()
    for reason in reasons:
        print(reason)
    print(f"{strategies[0]}: fewer kernels than tinygrad in {len(fewer)} of {compared} models, "
          f"more in {len(more)}" + (f" ({', '.join(more)})" if more else ""))
    sys.exit(1 if more else 0)


if __name__ == "__main__":
    main()
