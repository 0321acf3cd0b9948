# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""tg as a backend of the onnx package (onnx.backend.base.Backend).

    import onnx, tg.onnx_backend as backend
    rep = backend.prepare(onnx.load("model.onnx"))
    outputs = rep.run([x, y])

Sequences are lists, and optionals without a value None. Needs the package onnx.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnx.backend.base import Backend, BackendRep, Device, DeviceType

import tg

from ._arrays import dtype_name

# Inputs of up to this many bytes may be what shapes depend on.
_MAX_VALUE_BYTES = 4096
# Compiled models that one TgRep keeps, by what they were specialized for.
_MAX_SPECIALIZED = 16


def _flatten(names: Sequence[str], inputs: Sequence[Any]) -> dict[str, Any]:
    """Inputs by name; element 2 of a sequence `s` is `s.2`."""
    result: dict[str, Any] = {}
    for name, value in zip(names, inputs):
        if isinstance(value, (list, tuple)) and value:
            elements = [f"{name}.{i}" for i in range(len(value))]
            result.update(_flatten(elements, value))
        else:
            result[name] = value
    return result


def _as_array(value: Any) -> np.ndarray[Any, Any]:
    """Strings are objects, as in the onnx package."""
    array = np.asarray(value)
    return array.astype(object) if array.dtype.kind in "SU" else array


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, (list, tuple)) and not value)


class TgRep(BackendRep):
    """One model, ready to run. Where its shapes depend on the values of inputs, or its inputs are
    sequences, it is compiled for what the first run gives, and again where that changes."""

    def __init__(self, model: onnx.ModelProto, **options: Any) -> None:
        self._data = model.SerializeToString()
        constants = {tensor.name for tensor in model.graph.initializer}
        self._inputs = [v for v in model.graph.input if v.name not in constants]
        self._outputs = list(model.graph.output)
        self._options = options
        self._models: dict[Any, tg.Model] = {}
        if all(v.type.HasField("tensor_type") for v in self._inputs):
            try:
                compiled = tg.compile(self._data, name="<onnx>", **self._options)
                if compiled.is_compiled:
                    self._models[None] = compiled
            except tg.Error:
                if not any(map(self._may_be_shape, self._inputs)):
                    raise

    @staticmethod
    def _may_be_shape(value: onnx.ValueInfoProto) -> bool:
        """Whether it is small, or of unknown rank: what is wrong without its value may then be
        right with it."""
        tensor = value.type.tensor_type
        elements = 1
        for dim in tensor.shape.dim:
            if not dim.HasField("dim_value"):
                return False
            elements *= dim.dim_value
        dtype = helper.tensor_dtype_to_np_dtype(tensor.elem_type)
        return elements * dtype.itemsize <= _MAX_VALUE_BYTES

    def _compile(self, **known: Any) -> tg.Model:
        parallel = self._options.get("parallel", True)
        module = tg.module(self._data, name="<onnx>", parallel=parallel, **known)
        return tg.compile(module, **self._options)

    def _specialized(self, inputs: dict[str, Any]) -> tg.Model:
        arrays = {name: value for name, value in inputs.items() if not _is_empty(value)}
        empty = tuple(name for name, value in inputs.items() if _is_empty(value))
        # No shape depends on strings.
        values = {name: numpy_helper.from_array(value).SerializeToString()
                  for name, value in arrays.items()
                  if value.nbytes <= _MAX_VALUE_BYTES and value.dtype.kind != "O"}
        has_elements = inputs.keys() - {v.name for v in self._inputs}
        types = {name: (dtype_name(value.dtype), list(value.shape))
                 for name, value in arrays.items()} if has_elements else {}
        key = (tuple(values.items()), tuple((n, t, tuple(s)) for n, (t, s) in types.items()), empty)
        if key not in self._models:
            if len(self._models) >= _MAX_SPECIALIZED:
                self._models.clear()
            self._models[key] = self._compile(input_values=values, given_types=types,
                                              empty_inputs=empty)
        return self._models[key]

    def run(self, inputs: Any, **kwargs: Any) -> tuple[Any, ...]:
        """Outputs in the graph's order, for inputs in the graph's order."""
        if len(inputs) > len(self._inputs):
            raise tg.Error(f"got {len(inputs)} inputs, expected {len(self._inputs)}")
        given = _flatten([v.name for v in self._inputs], inputs)
        given = {name: value if _is_empty(value) else _as_array(value)
                 for name, value in given.items()}
        model = self._models.get(None) or self._specialized(given)
        names = {port.name for port in model.inputs}
        results = model.run({name: value for name, value in given.items() if name in names})
        by_name = dict(zip((port.name for port in model.outputs), results))
        return tuple(self._output(value, by_name) for value in self._outputs)

    @staticmethod
    def _output(value: onnx.ValueInfoProto, results: dict[str, Any]) -> Any:
        kind = value.type
        if kind.HasField("optional_type"):
            kind = kind.optional_type.elem_type
        if not kind.HasField("sequence_type") or \
                kind.sequence_type.elem_type.HasField("map_type"):
            return results.get(value.name)
        elements: list[Any] = []
        while f"{value.name}.{len(elements)}" in results:
            elements.append(results[f"{value.name}.{len(elements)}"])
        return elements


class TgBackend(Backend):
    """`prepare`, `run_model` and `run_node` take the options of tg.compile as keywords."""

    @classmethod
    def supports_device(cls, device: str) -> bool:
        try:
            return bool(Device(device).type == DeviceType.CPU)
        except (AttributeError, ValueError):
            return False

    @classmethod
    def prepare(cls, model: onnx.ModelProto, device: str = "CPU", **kwargs: Any) -> TgRep:
        """Raises tg.Error where the model cannot be compiled."""
        if not cls.supports_device(device):
            raise tg.Error(f"unknown device '{device}'; there is: CPU")
        return TgRep(model, **kwargs)

    @classmethod
    def run_node(cls, node: onnx.NodeProto, inputs: Any, device: str = "CPU",
                 outputs_info: Any = None, **kwargs: Any) -> tuple[Any, ...]:
        """Runs one operator; `outputs_info` is not needed. `opset_imports` may give the opset."""
        opsets = kwargs.pop("opset_imports", None)
        used = {name: _as_array(value) for name, value in zip(node.input, inputs) if name}
        graph = helper.make_graph(
            [node], "node",
            [helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype),
                                           array.shape) for name, array in used.items()],
            [helper.make_empty_tensor_value_info(name) for name in node.output if name])
        model = helper.make_model(graph, **({"opset_imports": opsets} if opsets else {}))
        return cls.prepare(model, device, **kwargs).run(list(used.values()))


is_compatible = TgBackend.is_compatible
prepare = TgBackend.prepare
run_model = TgBackend.run_model
run_node = TgBackend.run_node
supports_device = TgBackend.supports_device
