# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares ONNX Runtime's own operators, imported, with ONNX Runtime.

    contrib_tests.py TG_RUN [--suites=NAME,...] [--filter=REGEX] [--jobs=N] [--device=cpu] [--all]

The suites are those of contrib_*_ops.py, one operator each over its attributes and the forms of its
inputs, with static and dynamic shapes; and "files": small networks as ONNX Runtime saves them at
every optimization level, and as its quantizers write them (contrib_files.py). Every case is run by
ONNX Runtime on the CPU and by tg-run on the same random inputs.

Floats agree where |x - y| <= tolerance * max(1, largest |y|) for every element, with the tolerance
of the case (1e-5, more where either side rounds to fewer bits); integers where they differ by at
most the case's number of quanta (none for products, 1 after a division that both round). Each suite
prints "NAME: N of M agree"; a case that ONNX Runtime refuses is an error too.
"""

import argparse
import concurrent.futures
import os
import re
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import helper

# Loading them registers their suites. pylint: disable=unused-import
import contrib_attention_ops
import contrib_float_ops
import contrib_other_ops
import contrib_quantized_ops
# pylint: enable=unused-import
import contrib_cases
import contrib_files
from backend import TgError, TgRun


def run_onnxruntime(case):
    """The outputs by name."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(case.model.SerializeToString(), options,
                                           providers=["CPUExecutionProvider"])
    outputs = session.run(None, case.feeds)
    return dict(zip((output.name for output in session.get_outputs()), outputs))


def describe_difference(case, name, got, wanted):
    """What is wrong with an output, or None."""
    if got is None:
        return f"output '{name}' is missing"
    if got.shape != wanted.shape or got.dtype != wanted.dtype:
        return f"output '{name}' is {got.dtype}{got.shape}, not {wanted.dtype}{wanted.shape}"
    if not wanted.size:
        return None
    if np.issubdtype(wanted.dtype, np.floating):
        x, y = got.astype(np.float64), wanted.astype(np.float64)
        finite = np.isfinite(y)
        if not np.array_equal(x[~finite], y[~finite], equal_nan=True):
            return f"output '{name}' differs where it is not finite"
        x, y = x[finite], y[finite]
        limit = case.tolerance * max(1, np.abs(y).max(initial=0))
    else:
        x, y, limit = got.astype(np.int64), wanted.astype(np.int64), case.quanta
    error = np.abs(x - y).max(initial=0)
    return None if error <= limit else f"output '{name}' differs by {error:.3g}, not {limit:.3g}"


def run_case(case, options):
    """The reason of the failure, or None."""
    try:
        wanted = run_onnxruntime(case)
    except Exception as error:  # pylint: disable=broad-exception-caught
        return f"ONNX Runtime: {str(error)[-300:]}"
    model = onnx.ModelProto()
    model.CopyFrom(case.tg_model or case.model)
    types = {name: helper.np_dtype_to_tensor_dtype(value.dtype) for name, value in wanted.items()}
    for output in model.graph.output:
        if not output.type.tensor_type.elem_type:
            output.type.tensor_type.elem_type = types[output.name]
    feeds = case.feeds if case.tg_feeds is None else case.tg_feeds
    names = [value.name for value in model.graph.input]
    command = [f"--device={options.device}", "--cache=none", "--threads=1", *case.options]
    try:
        got = TgRun(model, options.tg_run, command, 120).run([feeds[name] for name in names])
    except TgError as error:
        return f"tg-run: {error}"
    got = dict(zip((output.name for output in model.graph.output), got))
    if case.view:
        got, wanted = case.view(got), case.view(wanted)
    for name, value in wanted.items():
        reason = describe_difference(case, name, got.get(name), value)
        if reason:
            return reason
    return None


def main():
    parser = argparse.ArgumentParser(description="ONNX Runtime's operators against ONNX Runtime")
    parser.add_argument("tg_run")
    parser.add_argument("--suites", default="")
    parser.add_argument("--filter", default="")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--all", action="store_true", help="every case, not every few only")
    options = parser.parse_args()
    suites = contrib_cases.get_suites(options.all)
    suites["files"] = lambda: contrib_files.make_cases(options.all)
    wanted = options.suites.split(",") if options.suites else list(suites)
    wrong = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for suite in wanted:
            cases = [case for case in suites[suite]() if re.search(options.filter, case.name)]
            reasons = list(pool.map(lambda case: run_case(case, options), cases))
            for case, reason in zip(cases, reasons):
                if reason:
                    print(f"FAILED {suite} {case.name}: {reason}")
            agreeing = sum(reason is None for reason in reasons)
            wrong += len(cases) - agreeing
            print(f"{suite.replace('_', ' ')}: {agreeing} of {len(cases)} agree", flush=True)
            wrong += not cases and not options.filter
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
