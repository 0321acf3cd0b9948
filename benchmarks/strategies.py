#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares the run time of whole ONNX models by fusion strategy.

    strategies.py TG_RUN [--models=NAME,...] [--strategies=default,conservative] [--rounds=5]
                  [--seconds=0.5] [--core=0]

One thread, pinned to one core where the system can. The strategies run in turn, round by round; a
latency is the median over the rounds of the median latency, a ratio the median of the rounds'
ratios to `conservative`, with the smallest and largest one. The first result is timed from the
start of the process, with every kernel compiled anew. Fails where the first strategy takes more
than 1.1 times as long as `conservative`.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

import whole_models

LIMIT = 1.1


def measure(options, path, strategy):
    """(latency, time to the first result) in ms."""
    command = [options.tg_run, path, "--random-inputs=1", f"--benchmark={options.seconds}",
               "--threads=1", "--cache=none", "--json", f"--fusion={strategy}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{path.stem}: {done.stderr.strip()}")
    report = json.loads(done.stdout)
    return report["latency_ms"]["median"], report["first_result_ms"]


def main():
    parser = argparse.ArgumentParser(description="run time of whole models by fusion strategy")
    parser.add_argument("tg_run")
    parser.add_argument("--models", default=",".join(whole_models.names()))
    parser.add_argument("--strategies", default="default,conservative")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--core", type=int, default=0)
    options = parser.parse_args()
    strategies = options.strategies.split(",")
    if "conservative" not in strategies:
        parser.error("--strategies must name 'conservative', which the others are compared with")
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {options.core})
    others = [name for name in strategies if name != "conservative"]
    columns = [*(f"{name}, ms" for name in strategies),
               *(f"{name} / conservative" for name in others),
               *(f"first result, {name}, ms" for name in strategies)]
    print("| model | " + " | ".join(columns) + " |")
    print("| --- |" + " --- |" * len(columns), flush=True)
    slower = []
    for name in options.models.split(","):
        runs = {strategy: [] for strategy in strategies}
        with tempfile.TemporaryDirectory() as folder:
            path = whole_models.write(name, folder)
            for _ in range(options.rounds):
                for strategy in strategies:
                    runs[strategy].append(measure(options, path, strategy))
        latency = {s: [run[0] for run in runs[s]] for s in strategies}
        cells = [f"{statistics.median(latency[s]):.3g}" for s in strategies]
        for strategy in others:
            ratios = [a / b for a, b in zip(latency[strategy], latency["conservative"])]
            ratio = statistics.median(ratios)
            cells.append(f"{ratio:.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
            if strategy == strategies[0] and ratio > LIMIT:
                slower.append(name)
        cells += [f"{statistics.median(run[1] for run in runs[s]):.0f}" for s in strategies]
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
    print(f"\n{strategies[0]}: more than {LIMIT} times as slow as conservative in {len(slower)} "
          "models" + (f" ({', '.join(slower)})" if slower else ""))
    sys.exit(1 if slower else 0)


if __name__ == "__main__":
    main()
