# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""tg-run as a backend of the onnx package (onnx.backend.base.Backend).

    backend = make_backend("build/release/bin/tg-run", ["--device=cpu"])
    outputs = backend.prepare(model).run([x, y])

Each run is one process: what a model does wrong stays in it.
"""

import pathlib
import re
import subprocess
import tempfile

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnx.backend.base import Backend, BackendRep


class TgError(Exception):
    """What tg-run says is wrong, without the node's name."""


def numpy_type(value):
    """The NumPy type of a ValueInfoProto's tensors."""
    kind = value.type
    if kind.HasField("optional_type"):
        kind = kind.optional_type.elem_type
    if kind.HasField("sequence_type"):
        kind = kind.sequence_type.elem_type
    return helper.tensor_dtype_to_np_dtype(kind.tensor_type.elem_type)


def is_sequence(value):
    kind = value.type
    if kind.HasField("optional_type"):
        kind = kind.optional_type.elem_type
    return kind.HasField("sequence_type")


def first_error(stderr):
    lines = [line for line in stderr.splitlines() if line.strip()]
    text = lines[0].split("error: ", 1)[-1] if lines else ""
    return re.sub(r"node (producing )?'[^']*' ", "", text)


class TgRun(BackendRep):
    """One model, ready to run."""

    def __init__(self, model, tg_run, options, timeout):
        self.model = model
        self.command = [str(tg_run), *options]
        self.timeout = timeout

    def run(self, inputs, **_):
        constants = {tensor.name for tensor in self.model.graph.initializer}
        names = [v.name for v in self.model.graph.input if v.name not in constants]
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            onnx.save(self.model, folder / "model.onnx")
            outputs = folder / "outputs.npz"
            command = [*self.command, folder / "model.onnx", f"--output={outputs}", "--json"]
            for index, (name, value) in enumerate(zip(names, inputs)):
                command += self.write_input(folder / f"{index}", name, value)
            try:
                run = subprocess.run(command, capture_output=True, text=True, errors="replace",
                                     timeout=self.timeout, check=False)
            except subprocess.TimeoutExpired:
                raise TgError("timed out") from None
            if run.returncode == 1:
                raise TgError(first_error(run.stderr))
            if run.returncode:
                raise TgError(f"exit {run.returncode}: {first_error(run.stderr)}")
            with np.load(outputs) as arrays:
                return tuple(self.read_output(arrays, v) for v in self.model.graph.output)

    @staticmethod
    def write_input(stem, name, value):
        """The options that give the input; sequences are given by element."""
        if value is None:
            return [f"--input={name}=none"]
        if isinstance(value, list):
            if not value:
                return [f"--input={name}=[]"]
            options = []
            for i, element in enumerate(value):
                options += TgRun.write_input(pathlib.Path(f"{stem}.{i}"), f"{name}.{i}", element)
            return options
        path = f"{stem}.pb"
        pathlib.Path(path).write_bytes(
            numpy_helper.from_array(np.asarray(value)).SerializeToString())
        return [f"--input={name}={path}"]

    @staticmethod
    def read_output(arrays, value):
        dtype = numpy_type(value)

        def read(name):
            # NumPy's format has no name for the types of ml_dtypes.
            array = arrays[name] if arrays[name].dtype.kind != "V" else arrays[name].view(dtype)
            assert array.dtype == dtype, f"output '{name}' has type {array.dtype}, not {dtype}"
            return array

        if is_sequence(value):
            elements = []
            while f"{value.name}.{len(elements)}" in arrays:
                elements.append(read(f"{value.name}.{len(elements)}"))
            return elements
        return read(value.name) if value.name in arrays else None


def make_backend(tg_run, options=(), timeout=300):
    """A Backend whose models run with these options of tg-run."""

    class TgBackend(Backend):
        @classmethod
        def prepare(cls, model, device="CPU", **_):
            return TgRun(model, tg_run, options, timeout)

        @classmethod
        def supports_device(cls, device):
            return device == "CPU"

    return TgBackend
