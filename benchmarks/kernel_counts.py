#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Counts the kernels of whole ONNX models, tg's and tinygrad's.

    kernel_counts.py TG_RUN [--models=NAME,...] [--strategies=default,conservative] [--check=FILE]

A kernel is one launch in one run of the model (loops run theirs often), copies not counted. Prints
a table as in docs/kernel-counts.md, and fails where `default`, the first strategy, launches more
kernels than tinygrad. README.md of this folder says what must be installed.

With --check tg's own counts are compared with the table of whole models in FILE, and tinygrad is not
needed: the exit status is 1 if a row differs or is missing.
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


def read_table(path, strategies):
    """The rows of the table of whole models in a Markdown file: {model: {strategy: count}}."""
    section = pathlib.Path(path).read_text().partition("\n## Whole models\n")[2]
    table, columns = {}, None
    for line in section.partition("\n## ")[0].splitlines():
        cells = [cell.strip(" *") for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            if table:
                break
        elif columns is None:
            columns = cells
        elif cells[0].strip("-"):
            counts = dict(zip(columns, cells))
            try:
                table[cells[0]] = {name: int(counts[name]) for name in strategies}
            except (KeyError, ValueError):
                sys.exit(f"{path}: the row of {cells[0]} has no count for each of "
                         f"{', '.join(strategies)}")
    if not table:
        sys.exit(f"{path}: no table under '## Whole models'")
    return table


def check(options, strategies):
    """Whether the counts are those of the table; says which rows are not."""
    table = read_table(options.check, strategies)
    models = options.models.split(",")
    wrong = [f"{name}: in the table, but no such model" for name in table
             if name not in whole_models.names()]
    for name in models:
        if name not in table:
            wrong.append(f"{name}: not in the table")
            continue
        with tempfile.TemporaryDirectory() as folder:
            path = whole_models.write(name, folder)
            for strategy in strategies:
                count = count_tg(options.tg_run, path, strategy)
                if count != table[name][strategy]:
                    wrong.append(f"{name}, {strategy}: {count} kernels, the table says "
                                 f"{table[name][strategy]}")
    for line in wrong:
        print(f"{options.check}: {line}")
    print(f"kernel counts: {len(wrong)} differences in {len(models)} models")
    return not wrong


def main():
    parser = argparse.ArgumentParser(description="kernels of whole models, tg's and tinygrad's")
    parser.add_argument("tg_run")
    parser.add_argument("--models", default=",".join(whole_models.names()))
    parser.add_argument("--strategies", default="default,conservative")
    parser.add_argument("--check", metavar="FILE")
    options = parser.parse_args()
    strategies = options.strategies.split(",")
    if options.check:
        sys.exit(0 if check(options, strategies) else 1)
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
