# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints how many kernels tinygrad launches for one run of an ONNX model, or why it cannot.

    tinygrad_kernels.py MODEL.onnx      {"kernels": 33} or {"error": "op='LSTM' is not supported"}

Only kernels count, neither copies nor views. Weights and inputs lie in memory beforehand. Most
kernels are scheduled and not run; models whose shapes depend on values run some while they are
imported, and those count too. They are taken from the second call of the importer: the first one
also computes operands that it then keeps.
"""

import json
import os
import pathlib
import sys

os.environ["DEV"] = "CPU"
import tinygrad.tensor  # noqa: E402
from tinygrad import Tensor  # noqa: E402
from tinygrad.nn.onnx import OnnxRunner  # noqa: E402
from tinygrad.uop.ops import Ops  # noqa: E402

import whole_models  # noqa: E402


def kernels_in(linear):
    return sum(call.src[0].op is Ops.SINK for call in linear.src)


class RunKernels:
    """Counts the kernels that tinygrad runs from now on."""

    def __init__(self):
        self.count = 0
        self.run = tinygrad.tensor.run_linear
        tinygrad.tensor.run_linear = self

    def __call__(self, linear, *args, **kwargs):
        self.count += kernels_in(linear)
        return self.run(linear, *args, **kwargs)


def count(path):
    runner = OnnxRunner(path)
    constants = [*runner.graph_values.values(),
                 *(value for node in runner.graph_nodes for value in node.opts.values())]
    for value in constants:
        if isinstance(value, Tensor):
            value.realize()
    arrays = whole_models.inputs(path)
    run = RunKernels()
    for _ in range(2):
        tensors = {name: Tensor(array).realize() for name, array in arrays.items()}
        run.count = 0
        outputs = runner(tensors)
    return run.count + kernels_in(Tensor.schedule_linear(*outputs.values()))


def main():
    try:
        print(json.dumps({"kernels": count(pathlib.Path(sys.argv[1]))}))
    except NotImplementedError as error:
        print(json.dumps({"error": str(error)}))


if __name__ == "__main__":
    main()
