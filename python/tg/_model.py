# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiling models, and running them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from . import _runtime
from ._arrays import Texts, decode_strings, to_array, to_maps, to_numpy
from ._errors import Error, InputsNeeded

if TYPE_CHECKING:
    from ._compiler import Compiled, Kernel, Module, Session

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
           parallel: bool = True, input_values: Mapping[str, Any] | None = None,
           given_types: Mapping[str, tuple[str, list[int]]] | None = None,
           empty_inputs: Iterable[str] = (),
           input_shapes: Mapping[str, Sequence[int]] | None = None,
           fix_shapes: bool = False, session: Session | None = None) -> Module:
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
    the compiler, which should not be, is an Error that leaves the process sound. Models of one
    `session` share what takes time to make; they wait for each other.

    For ONNX models whose shapes depend on inputs: `input_values` (arrays or serialized TensorProtos
    by name, taken where a value must be known), `given_types` (element type and shape of what
    sequences will hold, and of inputs whose default is not to be taken), `empty_inputs`, and
    `input_shapes`, taken where a size must be known, or with `fix_shapes` for all sizes."""
    values = {key: value if isinstance(value, (bytes, _runtime.Array)) else to_array(value)
              for key, value in (input_values or {}).items()}
    options = (dict(dims or {}), values, dict(given_types or {}), list(empty_inputs), parallel,
               {key: list(shape) for key, shape in (input_shapes or {}).items()}, fix_shapes,
               session)
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


def options() -> dict[str, tuple[Any, str]]:
    """The compile options of `tg.compile`: the default of each, and what it says."""
    _module_type()
    from . import _compiler
    return {name: (default, words) for name, default, words in _compiler.options()}


def compile(model: Any, *, name: str = "<model>", dims: Mapping[str, int] | None = None,
            keep_ir: bool = False, parallel: bool = True, threads: int = 0, profile: bool = False,
            memory_planner: str = "greedy", session: Session | None = None,
            **settings: Any) -> Model:
    """Compiles a model, ready to run.

    `model`, `name`, `dims`, `parallel` and `session` are those of `tg.module`; a module is taken
    too and left as it is. `settings` are the compile options that `tg.options()` lists, the same as of tg-run:
    `fusion`, `order`, `in_place`, `fast_math`, `opt_level`, `target_cpu` and so on. `donate` names
    inputs whose memory may become a result's: see Model.run. `keep_ir` fills Model.ir. `threads`,
    `profile` and `memory_planner` concern running: see Model. A model for a processor with more
    than this one has can be saved; running it raises Error.

    What an ONNX model must know of its inputs, a run tells: it is compiled then for the values of
    small inputs, or for all sizes, where it cannot be compiled for any, or where a program for any
    size fails, as for a batch of 0; and again where they change.

    Raises Error with the message that tg-run prints. Other threads run meanwhile."""
    known_options = options()
    for key in settings:
        if key not in known_options:
            raise TypeError(f"compile() got an unexpected keyword argument '{key}'; "
                            f"tg.options() lists those that there are")
    chosen = {key: os.fspath(value) if isinstance(value, os.PathLike) else value
              for key, value in settings.items()}

    def build(ir: Module) -> Compiled:
        return ir.compile(chosen, keep_ir)

    def load_module(**known: Any) -> Module:
        return module(model, name=name, dims=dims, parallel=parallel, session=session, **known)

    running: dict[str, Any] = {"threads": threads, "profile": profile,
                               "check_indices": bool(settings.get("check_indices", False)),
                               "memory_planner": memory_planner,
                               "is_for_other": bool(settings.get("target_cpu") or
                                                    settings.get("target_features"))}
    if isinstance(model, _module_type()):
        compiled = build(model)
        return Model(compiled.program, compiled=compiled, **running)

    def build_variant(**known: Any) -> tuple[list[str], Model]:
        ir = load_module(**known)
        compiled = build(ir)
        return ir.constants, Model(compiled.program, compiled=compiled, **running)

    variants = _Variants(model, build_variant) if _is_onnx(model) else None
    try:
        compiled = build(load_module())
    except InputsNeeded as failure:
        if variants is None:
            raise
        return Model(None, variants=variants, failure=failure, **running)
    return Model(compiled.program, compiled=compiled, variants=variants, **running)


def load(program: str | os.PathLike[str] | bytes, *, threads: int = 0, profile: bool = False,
         check_indices: bool = False, memory_planner: str = "greedy") -> Model:
    """Loads a compiled program: a .tgp file, or its contents. Needs no compiler."""
    made = _runtime.Program.from_bytes(program) if isinstance(program, bytes) else \
        _runtime.Program.load(os.fsdecode(program))
    return Model(made, threads=threads, profile=profile, check_indices=check_indices,
                 memory_planner=memory_planner)


def _is_onnx(model: Any) -> bool:
    """Whether tg.module reads it as an ONNX model."""
    if isinstance(model, (bytes, bytearray, memoryview)):
        return not bytes(model[:4]).startswith(_MLIR_BYTECODE)
    if hasattr(model, "SerializeToString"):
        return True
    return isinstance(model, (str, os.PathLike)) and os.fsdecode(model).endswith(".onnx")


class _Variants:
    """An ONNX model compiled for what runs give: for the values of small inputs, or for those and
    all sizes."""

    # Inputs of up to this many bytes may be what shapes depend on.
    _MAX_VALUE_BYTES = 4096
    # So many compiled models are kept, the newest ones.
    _MAX_KEPT = 16

    def __init__(self, model: Any, build: Callable[..., tuple[list[str], Model]]) -> None:
        self._model = model
        self._build = build
        # By shapes (None: any), with the values that the model is compiled for.
        self._kept: list[tuple[Any, dict[str, bytes], Model]] = []
        # Shapes for which a program for any size fails.
        self.fixed: set[Any] = set()
        self.needs_shapes = False

    def inputs(self) -> list[tuple[str, str]]:
        """Name and element type of each."""
        from . import _compiler

        data = self._model
        if hasattr(data, "SerializeToString"):
            data = data.SerializeToString()
        elif not isinstance(data, (bytes, bytearray, memoryview)):
            with open(data, "rb") as file:
                data = file.read()
        return _compiler.onnx_inputs(bytes(data))

    @staticmethod
    def shapes(arrays: Mapping[str, _runtime.Array | Texts]) -> Any:
        return tuple(sorted((name, array.shape) for name, array in arrays.items()))

    def get(self, arrays: Mapping[str, _runtime.Array | Texts], fixes_shapes: bool) -> Model:
        """The model for these inputs; raises Error where there is none."""
        shapes = self.shapes(arrays) if fixes_shapes else None
        # No shape depends on strings.
        small = {name: array for name, array in arrays.items()
                 if not isinstance(array, Texts) and array.nbytes <= self._MAX_VALUE_BYTES}

        def value_of(name: str) -> bytes:
            array = small[name]
            return repr(array.shape).encode() + _runtime.bits(array).tobytes()

        for key, values, model in self._kept:
            if key == shapes and all(name in small and value_of(name) == value
                                     for name, value in values.items()):
                return model
        sizes = {name: array.shape for name, array in arrays.items()} if fixes_shapes else {}
        constants, model = self._build(input_values=small, input_shapes=sizes,
                                       fix_shapes=fixes_shapes)
        self._kept.append((shapes, {name: value_of(name) for name in constants}, model))
        del self._kept[:-self._MAX_KEPT]
        return model


class Model:
    """A compiled model.

        model = tg.compile("model.onnx")
        y = model(x)

    Any number of threads may run it at once; each run that overlaps another has memory of its own
    (a context), kept for later runs. `threads` is how many threads the runs use together (0: one
    per processor)."""

    def __init__(self, program: _runtime.Program | None, *, compiled: Compiled | None = None,
                 variants: _Variants | None = None, failure: Error | None = None,
                 threads: int = 0, profile: bool = False, check_indices: bool = False,
                 memory_planner: str = "greedy", is_for_other: bool = False) -> None:
        self._program = program
        self._compiled = compiled
        self._variants = variants
        self._failure = failure
        self._pool = _runtime.ThreadPool(threads)
        self._options = (profile, check_indices, memory_planner)
        self._contexts: list[_runtime.Context] = []
        self._idle: list[_runtime.Context] = []
        if program is None:
            assert variants
            self._types = dict(variants.inputs())
            return
        self._types = {port.name: port.dtype for port in program.inputs}
        # Errors that concern the program come now, not with the first run; but code for another
        # processor may be meant to be saved.
        if not is_for_other:
            with self._context():
                pass

    @property
    def program(self) -> _runtime.Program:
        """The program's tables. A model that is compiled for the values of its inputs has none."""
        if self._program is None:
            raise Error(f"{self._failure}; each run compiles the model for what it gives")
        return self._program

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
    def is_compiled(self) -> bool:
        """Whether there is a program already, and not only what runs compile."""
        return self._program is not None

    @property
    def inputs(self) -> list[_runtime.Port]:
        """Name, element type and shape of each input."""
        return self.program.inputs

    @property
    def outputs(self) -> list[_runtime.Port]:
        """Name, element type and shape of each output."""
        return self.program.outputs

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
        given = self._given(inputs, "input", list(self._types))
        for name in donate:
            if name not in self._types:
                raise Error(f"there is no input '{name}' to donate")
        request = {name: self._array(name, value, name in donate) for name, value in given}
        known = self._variants.shapes(request) if self._variants else None
        failure = self._failure
        if self._program is not None and not (self._variants and known in self._variants.fixed):
            try:
                return self._run(request, vars, outputs, donate, arrays)
            except Error as refused:
                # A run that was told to write to its inputs may have done so.
                if not self._variants or donate or not self._fits(request):
                    raise
                failure = refused
        return self._run_variant(request, vars, outputs, donate, arrays, failure)

    def _run_variant(self, request: dict[str, _runtime.Array | Texts], vars: Mapping[str, int] | None,
                     outputs: Any, donate: Sequence[str], arrays: bool,
                     failure: Error | None) -> list[Any]:
        """Runs the model as compiled for what the run gives."""
        variants = self._variants
        assert variants
        shapes = variants.shapes(request)

        def run(model: Model) -> list[Any]:
            names = model._types
            return model._run({name: array for name, array in request.items() if name in names},
                              vars, outputs, [name for name in donate if name in names], arrays)

        if self._program is None and not variants.needs_shapes and shapes not in variants.fixed:
            try:
                return run(variants.get(request, fixes_shapes=False))
            except InputsNeeded:
                variants.needs_shapes = True
            except Error as refused:
                if donate:
                    raise
                failure = refused
        model = variants.get(request, fixes_shapes=True)
        try:
            result = run(model)
        except Error as refused:
            raise failure or refused from None
        variants.fixed.add(shapes)
        return result

    def _fits(self, request: dict[str, _runtime.Array | Texts]) -> bool:
        """Whether the inputs have the types and ranks that the model declares."""
        ports = self.program.inputs
        return len(request) == len(ports) and all(
            port.name in request and request[port.name].dtype == port.dtype
            and len(request[port.name].shape) == len(port.shape) for port in ports)

    def _run(self, inputs: dict[str, _runtime.Array | Texts], vars: Mapping[str, int] | None,
             outputs: Sequence[Any] | Mapping[str, Any] | None, donate: Sequence[str],
             arrays: bool) -> list[Any]:
        ports = self.outputs
        strings = _runtime.Strings(self.program)
        request = [(self._encoded(name, value, strings), name) for name, value in inputs.items()]
        places: list[Any] = []
        if outputs is not None:
            by_name = dict(self._given(outputs, "output", [port.name for port in ports]))
            places = [by_name.get(port.name) for port in ports]
        memory = [None if place is None else self._place(place, port)
                  for place, port in zip(places, ports)]
        with self._context() as context:
            results = context.run(request, dict(vars or {}), memory, list(donate))
        places = places or [None] * len(results)
        return [place if place is not None else self._result(result, port, strings, arrays)
                for place, result, port in zip(places, results, ports)]

    @staticmethod
    def _result(result: _runtime.Array, port: _runtime.Port, strings: _runtime.Strings,
                arrays: bool) -> Any:
        if port.dtype == "string":
            return decode_strings(result, strings)
        if arrays:
            return result
        return to_numpy(result) if port.keys is None else to_maps(result, port.keys)

    def _array(self, name: str, value: Any, donated: bool) -> _runtime.Array | Texts:
        try:
            if self._types[name] == "string" or (not self._types[name] and Texts.are(value)):
                return Texts(value)
            return to_array(value, self._types[name] or None, writable=donated)
        except Error as failure:
            raise Error(f"input '{name}': {failure}") from None

    @staticmethod
    def _encoded(name: str, value: _runtime.Array | Texts,
                 strings: _runtime.Strings) -> _runtime.Array:
        """Strings as the numbers that this program has for them."""
        if not isinstance(value, Texts):
            return value
        try:
            return value.encode(strings)
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
               names: list[str]) -> list[tuple[str, Any]]:
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
        if self._program is None:
            return f"tg.Model(({', '.join(self._types)}), compiled for what it is given)"
        inputs = ", ".join(map(repr, self.inputs))
        outputs = ", ".join(map(repr, self.outputs))
        return f"tg.Model(({inputs}) -> ({outputs}))"
