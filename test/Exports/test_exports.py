# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What PyTorch exported, against what PyTorch computed. Both are made by export.py."""

import pathlib

import numpy as np
import pytest

import tg

FOLDER = pathlib.Path(__file__).resolve().parent
# The largest error, relative to the largest value of the output.
TOLERANCE = 1e-5


@pytest.fixture(scope="module", params=sorted(path.stem for path in FOLDER.glob("*.onnx")))
def export(request):
    model = tg.compile(FOLDER / f"{request.param}.onnx")
    return model, np.load(FOLDER / f"{request.param}.npz")


def test_there_are_exports():
    assert len(list(FOLDER.glob("*.onnx"))) >= 13


@pytest.mark.parametrize("run", [0, 1])
def test_outputs(export, run):
    """Both runs of one compiled model: their sizes differ."""
    model, arrays = export
    inputs = {port.name: arrays[f"{run}/input/{port.name}"] for port in model.inputs}
    for port, result in zip(model.outputs, model.run(inputs)):
        expected = arrays[f"{run}/output/{port.name}"]
        assert result.shape == expected.shape and result.dtype == expected.dtype
        if np.issubdtype(expected.dtype, np.integer):
            assert (result == expected).all()
        elif expected.size:
            assert np.isfinite(result).all()
            error = np.abs(result - expected).max() / np.abs(expected).max()
            assert error <= TOLERANCE, f"{port.name} of {run}"
