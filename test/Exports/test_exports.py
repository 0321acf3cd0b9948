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


def check_run(model, arrays, run):
    """The largest relative error of one run's outputs."""
    inputs = {port.name: arrays[f"{run}/input/{port.name}"] for port in model.inputs}
    largest = 0.0
    for port, result in zip(model.outputs, model.run(inputs)):
        expected = arrays[f"{run}/output/{port.name}"]
        assert result.shape == expected.shape and result.dtype == expected.dtype
        if np.issubdtype(expected.dtype, np.integer):
            assert (result == expected).all()
        elif expected.size:
            assert np.isfinite(result).all()
            error = np.abs(result - expected).max() / np.abs(expected).max()
            assert error <= TOLERANCE, f"{port.name}: {error}"
            largest = max(largest, float(error))
    return largest


@pytest.mark.parametrize("planner", ["none", "best"])
def test_memory_planner(export, planner):
    """Where buffers lie does not show in the results, to the byte."""
    model, arrays = export
    other = tg.Model(model.program, memory_planner=planner)
    for run in range(2):
        inputs = {port.name: arrays[f"{run}/input/{port.name}"] for port in model.inputs}
        for one, two in zip(model.run(inputs), other.run(inputs), strict=True):
            assert one.shape == two.shape and one.tobytes() == two.tobytes()


@pytest.mark.parametrize("run", [0, 1])
def test_outputs(export, run):
    """Both runs of one compiled model: their sizes differ."""
    check_run(*export, run)
