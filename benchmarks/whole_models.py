# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The ONNX models that the benchmarks of whole models run, with every size fixed.

    light      the "light" models of the onnx package, with random weights
    exports    what PyTorch exported: test/Exports
    small      examples/digits and test/Models

Batches are 1; the other variables have the sizes of `SIZES`. So every tool gets the same file, and
one that needs fixed shapes needs no help.
"""

import pathlib
import sys

import numpy as np
import onnx

ROOT = pathlib.Path(__file__).resolve().parent.parent
SIZES = {"batch": 1, "N": 1, "length": 6, "past": 3}

sys.path.insert(0, str(ROOT / "test" / "Onnx"))
import light_models  # noqa: E402


def names():
    """All of them, the small ones first."""
    return [*_files(), *light_models.MODELS]


def _files():
    paths = [ROOT / "examples" / "digits" / "digits.onnx", ROOT / "test" / "Models" / "mlp.onnx",
             *sorted((ROOT / "test" / "Exports").glob("*.onnx"))]
    return {path.stem: path for path in paths}


def write(name, folder):
    """Writes the model `name` into `folder` and returns its path."""
    if name in light_models.MODELS:
        model = onnx.load(light_models.LIGHT / f"light_{name}.onnx")
        outputs = len(model.graph.output)
        light_models.randomize(model, seed=1)
        # An output added for the comparison of results would keep softmax apart.
        del model.graph.output[outputs:]
    elif name in _files():
        model = onnx.load(_files()[name])
    else:
        sys.exit(f"no model '{name}'; there are {', '.join(names())}")
    graph = model.graph
    for value in [*graph.input, *graph.output, *graph.value_info]:
        for dim in value.type.tensor_type.shape.dim:
            if dim.dim_param in SIZES:
                dim.dim_value = SIZES[dim.dim_param]
    # Inferred shapes may be expressions of the variables; every tool infers its own.
    del graph.value_info[:]
    for value in graph.output:
        for dim in value.type.tensor_type.shape.dim:
            if dim.dim_param:
                dim.Clear()
    path = pathlib.Path(folder) / f"{name}.onnx"
    onnx.save(model, path)
    return path


def inputs(path):
    """Random inputs by name: floats from the unit normal distribution, integers from 0 to 9."""
    random, result = np.random.default_rng(1), {}
    for value in onnx.load(path).graph.input:
        tensor = value.type.tensor_type
        shape = [dim.dim_value for dim in tensor.shape.dim]
        dtype = onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type)
        values = (random.standard_normal(shape) if np.issubdtype(dtype, np.floating)
                  else random.integers(0, 10, shape))
        result[value.name] = values.astype(dtype)
    return result
