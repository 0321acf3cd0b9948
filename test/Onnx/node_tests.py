# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs the backend node tests of the onnx package through tg-run.

    node_tests.py TG_RUN [--device=cpu|interp] [--filter=REGEX] [--jobs=N] [--write-list]

Each test is a model of one operator with its inputs and expected outputs. The tests that are known
to fail stand in expected_failures.txt with the reason; a failure that does not, and a listed test
that passes, are errors. The last line is "N of M passed".
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

import onnx

DATA = pathlib.Path(onnx.__file__).parent / "backend" / "test" / "data" / "node"
LIST = pathlib.Path(__file__).resolve().parent / "expected_failures.txt"


def run_test(folder, tg_run, device):
    """Returns the reason of the failure, or None."""
    model = onnx.load(folder / "model.onnx")
    constants = {tensor.name for tensor in model.graph.initializer}
    inputs = [value.name for value in model.graph.input if value.name not in constants]
    for data in sorted(folder.glob("test_data_set_*")):
        command = [tg_run, folder / "model.onnx", f"--device={device}", "--rtol=1e-3",
                   "--atol=1e-7", "--cache=none", "--threads=1"]
        for kind, names in (("input", inputs), ("expect", [o.name for o in model.graph.output])):
            stem = "output" if kind == "expect" else "input"
            for index, name in enumerate(names):
                path = data / f"{stem}_{index}.pb"
                if path.exists() and name:
                    command.append(f"--{kind}={name}={path}")
        try:
            run = subprocess.run(command, capture_output=True, text=True, errors="replace",
                                 timeout=300)
        except subprocess.TimeoutExpired:
            return "timed out"
        if run.returncode:
            lines = [line for line in run.stderr.splitlines() if line.strip()]
            text = lines[0] if lines else f"exit {run.returncode}"
            # Without what differs from test to test, so that reasons can be counted.
            text = re.sub(r"node (producing )?'[^']*' ", "", text.split("error: ", 1)[-1])
            return text if run.returncode == 1 else f"exit {run.returncode}: {text}"
    return None


def read_list():
    expected = {}
    if LIST.exists():
        for line in LIST.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                name, _, reason = line.partition(": ")
                expected[name] = reason
    return expected


def main():
    parser = argparse.ArgumentParser(description="backend node tests of onnx through tg-run")
    parser.add_argument("tg_run")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--filter", default="")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--write-list", action="store_true",
                        help="write the failures of this run as the expected ones")
    options = parser.parse_args()

    folders = sorted(f for f in DATA.iterdir() if re.search(options.filter, f.name))
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        reasons = dict(zip((f.name for f in folders), pool.map(
            lambda folder: run_test(folder, options.tg_run, options.device), folders)))
    failures = {name: reason for name, reason in reasons.items() if reason}
    passed = len(reasons) - len(failures)
    if options.write_list:
        LIST.write_text("# Tests of onnx 1.21.0 that tg does not pass, with the reason.\n" + "".join(
            f"{name}: {reason}\n" for name, reason in failures.items()), encoding="utf-8")
    expected = read_list()
    wrong = 0
    for name, reason in reasons.items():
        if reason and name not in expected:
            wrong += 1
            print(f"FAILED {name}: {reason}")
        elif not reason and name in expected:
            wrong += 1
            print(f"PASSED unexpectedly, take it off the list: {name}")
    print(f"{passed} of {len(reasons)} passed")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
