# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiling models, and running them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from . import _runtime
from ._arrays import decode_strings, encode_strings, to_array, to_maps, to_numpy
from ._errors import Error

if TYPE_CHECKING:
    from ._compiler import Compiled, Kernel, Module

_MLIR_BYTECODE = b"ML\xefR"


def _module_type() -> type[Module]:
    """Loads the compiler at its first use."""
    try:
        from ._compiler import Module
    except ImportError as failure:
        raise Error(f"the compiler cannot be loaded: {failure}; it needs the shared libraries of "
                    "LLVM and MLIR 22 (Debian: libllvm22 and libmlir-22). Compiled programs run "
                    "without them: tg.load") from failure
    return Module


def module(model: Any, *, name: str = "<model>", dims: Mapping[str, int] | None = None,
           parallel: bool = True, input_values: Mapping[str, bytes] | None = None,
           given_types: Mapping[str, tuple[str, list[int]]] | None = None,
           empty_inputs: Iterable[str] = ()) -> Module:
    """Reads a model into IR.

    `model` is one of
      - a path: an ONNX model if it ends with .onnx, else MLIR's text or bytecode; an os.PathLike,
        or a str without a line break and without a brace
      - a str with one of these: MLIR's text
      - bytes: MLIR's bytecode, or a serialized ONNX model
      - an onnx.ModelProto

    `name` stands for the file in messages where there is none, and its folder is where an ONNX
    model's external data is. `dims` fixes named dimensions of an ONNX model. With `parallel` the
    compiler uses several threads; without, all is done in the calling one, and a failure inside
    the compiler, which should not be, is an Error that leaves the process sound.

    For ONNX models whose shapes depend on inputs: `input_values` (serialized TensorProtos by
    name), `given_types` (element type and shape of what sequences will hold, and of inputs whose
    default is not to be taken) and `empty_inputs`."""
    options = (dict(dims or {}), dict(input_values or {}), dict(given_types or {}),
               list(empty_inputs), parallel)
    kind = _module_type()
    if isinstance(model, kind):
        raise Error("this is a module already")
    if hasattr(model, "SerializeToString"):
        model = model.SerializeToString()
    if isinstance(model, (bytes, bytearray, memoryview)):
        data = bytes(model)
        return kind.from_bytes(data, name, not data.startswith(_MLIR_BYTECODE), *options)
    if isinstance(model, str) and ("\n" in model or "{" in model):
        return kind.from_bytes(model.encode(), name, False, *options)
    if not isinstance(model, (str, os.PathLike)):
        raise Error(f"cannot compile a {type(model).__name__}: expected a path, MLIR text, bytes, "
                    "a module or an ONNX model")
    path = os.fsdecode(model)
    if path.endswith(".tgp"):
        raise Error(f"{path} is compiled already; use tg.load")
    return kind.from_file(path, *options)


def compile(model: Any, *, name: str = "<model>", dims: Mapping[str, int] | None = None,
            entry: str = "", fusion: str = "default", fast_math: bool = False,
            simplify: bool = True, opt_level: int = 1, check_indices: bool = False,
            target_cpu: str = "", target_features: str = "", cache: str | os.PathLike[str] = "",
            keep_ir: bool = False, donate: Sequence[str] = (), parallel: bool = True, threads: int = 0, profile: bool = False,
            memory_planner: str = "greedy") -> Model:
    """Compiles a model for the processor, ready to run.

    `model`, `name`, `dims` and `parallel` are those of `tg.module`; a module is taken too and left
    as it is. The options are those of tg-run: `entry` (the function to run), `fusion` ('none',
    'conservative', 'default', 'aggressive'), `fast_math`, `simplify`, `opt_level`, `check_indices`,
    `target_cpu`, `target_features`, `cache` (the folder of compiled kernels; 'none' for none).
    `keep_ir` fills Model.ir. `donate` names inputs whose memory may become a result's: see Model.run.
    `threads`, `profile` and `memory_planner` concern running: see Model. A model for a processor
    with more than this one has can be saved; running it raises Error.

    Raises Error with the message that tg-run prints. Other threads run meanwhile."""
    ir = model if isinstance(model, _module_type()) else module(model, name=name, dims=dims,
                                                                parallel=parallel)
    compiled = ir.compile(entry, fusion, fast_math, simplify, opt_level, check_indices, target_cpu,
                          target_features, os.fspath(cache), keep_ir, list(donate))
    return Model(compiled.program, compiled=compiled, threads=threads, profile=profile,
                 check_indices=check_indices, memory_planner=memory_planner,
                 is_for_other=bool(target_cpu or target_features))


def load(program: str | os.PathLike[str] | bytes, *, threads: int = 0, profile: bool = False,
         check_indices: bool = False, memory_planner: str = "greedy") -> Model:
    """Loads a compiled program: a .tgp file, or its contents. Needs no compiler."""
    made = _runtime.Program.from_bytes(program) if isinstance(program, bytes) else \
        _runtime.Program.load(os.fsdecode(program))
    return Model(made, threads=threads, profile=profile, check_indices=check_indices,
                 memory_planner=memory_planner)


class Model:
    """A compiled model.

        model = tg.compile("model.onnx")
        y = model(x)

    Any number of threads may run it at once; each run that overlaps another has memory of its own
    (a context), kept for later runs. `threads` is how many threads the runs use together (0: one
    per processor)."""

    def __init__(self, program: _runtime.Program, *, compiled: Compiled | None = None,
                 threads: int = 0, profile: bool = False, check_indices: bool = False,
                 memory_planner: str = "greedy", is_for_other: bool = False) -> None:
        self.program = program
        self._compiled = compiled
        self._pool = _runtime.ThreadPool(threads)
        self._options = (profile, check_indices, memory_planner)
        self._inputs = program.inputs
        self._types = {port.name: port.dtype for port in self._inputs}
        self._outputs = program.outputs
        self._contexts: list[_runtime.Context] = []
        self._idle: list[_runtime.Context] = []
        # Errors that concern the program come now, not with the first run; but code for another
        # processor may be meant to be saved.
        if not is_for_other:
            with self._context():
                pass

    @contextlib.contextmanager
    def _context(self) -> Iterator[_runtime.Context]:
        try:
            context = self._idle.pop()
        except IndexError:
            context = _runtime.Context(self.program, self._pool, *self._options)
            self._contexts.append(context)
        try:
            yield context
        finally:
            self._idle.append(context)

    @property
    def inputs(self) -> list[_runtime.Port]:
        """Name, element type and shape of each input."""
        return self._inputs

    @property
    def outputs(self) -> list[_runtime.Port]:
        """Name, element type and shape of each output."""
        return self._outputs

    @property
    def vars(self) -> list[_runtime.Var]:
        """The variables in the shapes, with their bounds."""
        return self.program.vars

    @property
    def kernels(self) -> list[Kernel]:
        """The distinct kernels; none for a loaded program."""
        return self._compiled.kernels if self._compiled else []

    @property
    def stages(self) -> dict[str, float]:
        """Milliseconds that each stage of the compilation took."""
        return self._compiled.stages if self._compiled else {}

    @property
    def ir(self) -> dict[str, str]:
        """The IR after each stage, of a model compiled with `keep_ir`: 'import', 'graph', 'engine'
        and 'codegen', the kernels one after the other."""
        return self._compiled.ir if self._compiled else {}

    @property
    def statistics(self) -> _runtime.Statistics:
        """Memory that a run takes, for the shapes of the last one."""
        return self._contexts[0].statistics

    @property
    def profile(self) -> _runtime.Profile:
        """Time per kernel over all runs so far; empty unless made with profile=True."""
        return _runtime.profile_of(list(self._contexts))

    def reset_profile(self) -> None:
        for context in list(self._contexts):
            context.reset_profile()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes a .tgp file, which tg.load, tg-exec and the C++ and C runtimes take."""
        self.program.save(os.fsdecode(path))

    def to_bytes(self) -> bytes:
        """The contents of a .tgp file."""
        return self.program.to_bytes()

    def __call__(self, *inputs: Any, **vars: int) -> Any:
        """Runs with inputs by position; the output, or a tuple of outputs, as NumPy arrays."""
        outputs = self.run(inputs, vars)
        return outputs[0] if len(outputs) == 1 else tuple(outputs)

    def run(self, inputs: Sequence[Any] | Mapping[str, Any], vars: Mapping[str, int] | None = None,
            *, outputs: Sequence[Any] | Mapping[str, Any] | None = None,
            donate: Sequence[str] = (), arrays: bool = False) -> list[Any]:
        """Runs the model; a list of NumPy arrays, which share memory with nothing else.

        `inputs` are by position or by name: NumPy arrays, tensors of any library that supports
        DLPack, tg's own Arrays, or lists and numbers. Dense row-major arrays are used where they
        are; others are copied first. `vars` gives the variables that no input's shape tells.
        Inputs of strings take arrays or lists of str or bytes; outputs of strings are arrays of str
        objects, and those that are maps (ONNX's ZipMap) lists of dicts, one for each row.

        `outputs` gives memory for results, by position (None: have it allocated) or by name; it is
        written to in place and returned as it was given. Of inputs named in `donate` the memory may
        become a result's, where the program updates the input in place (those that tg.compile was
        told to donate, and what `uop.assign` and `uop.scatter` write to): their contents are gone
        then. With `arrays` results are tg.Array
        objects, for DLPack consumers of types that NumPy lacks."""
        given = self._given(inputs, "input", self._inputs)
        for name in donate:
            if name not in self._types:
                raise Error(f"there is no input '{name}' to donate")
        strings = _runtime.Strings(self.program)
        request = [(self._array(name, value, name in donate, strings), name)
                   for name, value in given]
        places: list[Any] = []
        if outputs is not None:
            by_name = dict(self._given(outputs, "output", self._outputs))
            places = [by_name.get(port.name) for port in self._outputs]
        memory = [None if place is None else self._place(place, port)
                  for place, port in zip(places, self._outputs)]
        with self._context() as context:
            results = context.run(request, dict(vars or {}), memory, list(donate))
        places = places or [None] * len(results)
        return [place if place is not None else self._result(result, port, strings, arrays)
                for place, result, port in zip(places, results, self._outputs)]

    @staticmethod
    def _result(result: _runtime.Array, port: _runtime.Port, strings: _runtime.Strings,
                arrays: bool) -> Any:
        if port.dtype == "string":
            return decode_strings(result, strings)
        if arrays:
            return result
        return to_numpy(result) if port.keys is None else to_maps(result, port.keys)

    def _array(self, name: str, value: Any, donated: bool,
               strings: _runtime.Strings) -> _runtime.Array:
        try:
            if self._types[name] == "string":
                return encode_strings(value, strings)
            return to_array(value, self._types[name], writable=donated)
        except Error as failure:
            raise Error(f"input '{name}': {failure}") from None

    @staticmethod
    def _place(place: Any, port: _runtime.Port) -> _runtime.Array:
        if port.dtype == "string":
            raise Error(f"output '{port.name}': strings cannot be written to given memory")
        try:
            return to_array(place, writable=True)
        except Error as failure:
            raise Error(f"output '{port.name}': {failure}") from None

    @staticmethod
    def _given(values: Sequence[Any] | Mapping[str, Any], kind: str,
               ports: list[_runtime.Port]) -> list[tuple[str, Any]]:
        names = [port.name for port in ports]
        if isinstance(values, Mapping):
            for name in values:
                if name not in names:
                    raise Error(f"there is no {kind} '{name}'; the {kind}s are: "
                                + (", ".join(names) or "none"))
            return list(values.items())
        if len(values) > len(names):
            raise Error(f"got {len(values)} {kind}s, expected {len(names)}")
        return list(zip(names, values))

    def __repr__(self) -> str:
        inputs = ", ".join(map(repr, self._inputs))
        outputs = ", ".join(map(repr, self._outputs))
        return f"tg.Model(({inputs}) -> ({outputs}))"
