# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Models of one operator each, and when two runs of them agree, for contrib_tests.py."""

import dataclasses
import itertools
import typing

import numpy as np
from onnx import helper, numpy_helper

MICROSOFT = "com.microsoft"
OPSETS = [helper.make_opsetid("", 21), helper.make_opsetid(MICROSOFT, 1),
          helper.make_opsetid("com.microsoft.nchwc", 1)]


@dataclasses.dataclass
class Case:
    """A model, its inputs by name, and when the outputs agree."""
    name: str
    model: typing.Any
    feeds: dict
    tolerance: float = 1e-5
    quanta: int = 0
    options: tuple = ()
    view: typing.Any = None  # What to compare of the outputs, by name.
    tg_model: typing.Any = None  # Another form of the same, which ONNX Runtime does not run.
    tg_feeds: typing.Any = None


class Maker:
    """Random inputs and cases of one suite."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.cases = []

    def floats(self, *shape, dtype=np.float32):
        return self.random.standard_normal(shape).astype(dtype)

    def ints(self, low, high, *shape, dtype=np.int32):
        return self.random.integers(low, high, shape).astype(dtype)

    def bytes(self, dtype, *shape):
        info = np.iinfo(dtype)
        return self.random.integers(info.min, info.max + 1, shape).astype(dtype)

    def add(self, name, op, inputs, outputs=1, *, domain=MICROSOFT, dims=None, constants=(),
            attributes=None, types=None, **options):
        """A case of one node. `inputs` are arrays or None; those in `constants` become
        initializers. `dims` gives names to dimensions: per input a list of names and None."""
        values, tensors, feeds, names = [], [], {}, []
        for i, array in enumerate(inputs):
            names.append(f"x{i}" if array is not None else "")
            if array is None:
                continue
            array = np.asarray(array)
            if i in constants:
                tensors.append(numpy_helper.from_array(array, names[i]))
                continue
            shape = list(array.shape)
            for axis, dim in enumerate((dims or {}).get(i, [])):
                shape[axis] = dim if dim is not None else shape[axis]
            values.append(helper.make_tensor_value_info(
                names[i], helper.np_dtype_to_tensor_dtype(array.dtype), shape))
            feeds[names[i]] = array
        wanted = range(outputs) if isinstance(outputs, int) else outputs
        count = max(wanted) + 1
        node = helper.make_node(op, names, [f"y{i}" if i in wanted else "" for i in range(count)],
                                "node", domain=domain, **(attributes or {}))
        results = [helper.make_tensor_value_info(f"y{i}", types[i], None) if types
                   else helper.make_empty_tensor_value_info(f"y{i}") for i in wanted]
        graph = helper.make_graph([node], "case", values, results, tensors)
        model = helper.make_model(graph, opset_imports=OPSETS, ir_version=10)
        self.cases.append(Case(name, model, feeds, **options))
        return self.cases[-1]


def grid(**choices):
    """Every combination, as dictionaries."""
    for values in itertools.product(*choices.values()):
        yield dict(zip(choices, values))


def label(values):
    return ",".join(f"{key}={value}" for key, value in values.items())


SUITES = {}


def suite(function):
    SUITES[function.__name__] = function
    return function


def get_suites(everything):
    """Functions that make the cases, by suite. Without `everything` the first ones and every
    fourth."""
    def make(function, seed):
        maker = Maker(seed)
        function(maker)
        return [case for i, case in enumerate(maker.cases)
                if everything or i < 6 or i % 4 == 0]
    return {name: lambda f=function, s=seed: make(f, s)
            for seed, (name, function) in enumerate(SUITES.items())}
