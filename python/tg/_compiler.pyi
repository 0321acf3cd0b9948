"""Makes programs of models; needs libMLIR and libLLVM."""

import tg._runtime


class Kernel:
    """One distinct kernel of a compiled model."""

    @property
    def name(self) -> str: ...

    @property
    def location(self) -> str:
        """The nodes of the user's model that it computes."""

    @property
    def operations(self) -> list[str]:
        """What its body is made of, in order."""

    @property
    def inputs(self) -> list[str]:
        """Types of what it reads."""

    @property
    def outputs(self) -> list[str]:
        """Types of what it writes."""

    @property
    def launches(self) -> int: ...

    @property
    def from_cache(self) -> bool: ...

    def __repr__(self) -> str: ...

class Compiled:
    """A program, and how it came about."""

    @property
    def program(self) -> tg._runtime.Program: ...

    @property
    def kernels(self) -> list[Kernel]: ...

    @property
    def stages(self) -> dict[str, float]:
        """Milliseconds by stage."""

    @property
    def ir(self) -> dict[str, str]:
        """The IR after each stage, if kept."""

class Session:
    """
    What compilations share: whatever takes time to make, the code of kernels too. Models of one session are compiled one at a time.
    """

    def __init__(self, parallel: bool = True) -> None:
        """With `parallel` the compiler uses several threads."""

class Module:
    """
    A model as IR, made by tg.module. Methods may be called from several threads.
    """

    @staticmethod
    def from_file(path: str, dims: dict[str, int] = {}, input_values: dict[str, bytes | tg._runtime.Array] = {}, given_types: dict[str, tuple[str, list[int]]] = {}, empty_inputs: list[str] = [], parallel: bool = True, input_shapes: dict[str, list[int]] = {}, fix_shapes: bool = False, session: Session | None = None) -> Module:
        """
        An ONNX model if the name ends with .onnx, else MLIR's text or bytecode.
        """

    @staticmethod
    def from_bytes(data: bytes, name: str, onnx: bool, dims: dict[str, int] = {}, input_values: dict[str, bytes | tg._runtime.Array] = {}, given_types: dict[str, tuple[str, list[int]]] = {}, empty_inputs: list[str] = [], parallel: bool = True, input_shapes: dict[str, list[int]] = {}, fix_shapes: bool = False, session: Session | None = None) -> Module:
        """`name` stands for the file in messages."""

    @property
    def constants(self) -> list[str]:
        """The inputs of an ONNX model that became constants."""

    def compile(self, options: dict[str, object] = {}, keep_ir: bool = False) -> Compiled:
        """Leaves the module as it is. The options are those of tg.compile."""

    def run_pipeline(self, pipeline: str) -> None:
        """
        Runs passes on the module, written as for tg-opt: 'builtin.module(tg-graph)'.
        """

    def interpret(self, inputs: list[tg._runtime.Array], vars: dict[str, int] = {}, entry: str = '', check_indices: bool = False) -> list[tg._runtime.Array]:
        """Runs the module with the interpreter, which defines what it means."""

    def text(self, complete: bool = True, locations: bool = False) -> str:
        """
        The module as MLIR's text. Large constants are left out unless complete.
        """

    def __str__(self) -> str: ...

def options() -> list[tuple[str, object, str]]:
    """Name, default and words of every option of Module.compile."""

def onnx_inputs(data: bytes) -> list[tuple[str, str]]:
    """
    Name and element type of each input that an ONNX model needs, one without a default; of what is no tensor the type is empty.
    """
