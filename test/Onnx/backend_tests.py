# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs the backend tests of the onnx package, by its own runner, through tg-run.

    backend_tests.py TG_RUN [--kind=Node] [--device=cpu|interp] [--filter=REGEX] [--jobs=N]

The kinds are those of the package: Node (one operator each), Simple, PyTorchConverted,
PyTorchOperator, and Real (the "light" models). The tests that are known to fail stand in
expected_failures.txt with the reason; a failure that does not, and a listed test that passes, are
errors. The last line is "KIND tests: N of M passed".
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import sys
import tempfile
import unittest

import onnx.backend.test

from backend import make_backend

LIST = pathlib.Path(__file__).resolve().parent / "expected_failures.txt"


def read_list():
    expected = {}
    for line in LIST.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, _, reason = line.partition(": ")
            expected[name] = reason
    return expected


def run_test(test_case, method):
    """Returns the reason of the failure, or None."""
    result = unittest.TestResult()
    test_case(method).run(result)
    for _, trace in result.failures + result.errors:
        lines = [line for line in trace.splitlines() if line.strip()]
        # Of a comparison that fails, what was compared follows the exception's name.
        start = max(i for i, line in enumerate(lines) if re.match(r"[\w.]*(Error|Exception)", line))
        return " ".join(lines[start:start + 4])
    return "skipped" if result.skipped else None


def main():
    parser = argparse.ArgumentParser(description="backend tests of onnx through tg-run")
    parser.add_argument("tg_run")
    parser.add_argument("--kind", default="Node")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--device-memory", default="host", help="as tg-run takes it")
    parser.add_argument("--filter", default="")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--timeout", type=int, default=600, help="seconds per test")
    options = parser.parse_args()

    # The runner writes the inputs of the light models into this folder.
    scratch = tempfile.TemporaryDirectory()
    os.environ["ONNX_MODELS"] = scratch.name
    # Compiled, each test also compares the memory planners, to the byte.
    backend = make_backend(options.tg_run,
                           [f"--device={options.device}", "--cache=none", "--threads=1",
                            f"--device-memory={options.device_memory}", "--compare-planners"],
                           options.timeout)
    runner = onnx.backend.test.BackendTest(backend, __name__)
    test_case = runner.test_cases[f"OnnxBackend{options.kind}ModelTest"]
    names = {method.removesuffix("_cpu"): method for method in dir(test_case)
             if method.endswith("_cpu") and re.search(options.filter, method)}

    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        reasons = dict(zip(names, pool.map(lambda name: run_test(test_case, names[name]), names)))
    expected = read_list()
    wrong = 0
    for name, reason in reasons.items():
        if reason and name not in expected:
            wrong += 1
            print(f"FAILED {name}: {reason}")
        elif not reason and name in expected:
            wrong += 1
            print(f"PASSED unexpectedly, take it off the list: {name}")
    passed = sum(reason is None for reason in reasons.values())
    print(f"{options.kind} tests: {passed} of {len(reasons)} passed")
    sys.exit(1 if wrong or not reasons else 0)


if __name__ == "__main__":
    main()
