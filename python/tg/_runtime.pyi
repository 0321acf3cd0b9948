"""Runs compiled programs; needs neither LLVM nor MLIR."""

from collections.abc import Sequence
from typing import Any

import numpy.typing


class Array:
    """
    A dense row-major array in host memory, of any of tg's element types. NumPy and DLPack consumers share its memory.
    """

    @property
    def dtype(self) -> str:
        """The element type as MLIR spells it: 'f32', 'i64', 'bf16', 'f8E4M3FN'."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    @property
    def nbytes(self) -> int: ...

    @property
    def address(self) -> int:
        """Where the first element is."""

    def numpy(self) -> numpy.typing.NDArray[Any]:
        """
        The array's memory as a NumPy array; a copy for types narrower than a byte.
        """

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any: ...

    def __dlpack__(self, **kwargs: Any) -> object: ...

    def __dlpack_device__(self) -> tuple[int, int]: ...

    def __repr__(self) -> str: ...

def bits(array: Array) -> numpy.typing.NDArray[Any]:
    """
    The array's memory for NumPy, as unsigned integers where NumPy lacks the type.
    """

def array(array: Any, dtype: str | None = None) -> Array:
    """
    An Array from what supports DLPack or the buffer protocol: the same memory where it is dense, row-major and aligned to its elements, else a copy. `dtype` names the type of the elements where `array` has unsigned integers for them.
    """

def shared_array(array: Any, dtype: str | None = None) -> Array:
    """As `array`, for memory that tg may write to. Never a copy."""

class Port:
    """An input or an output of a program."""

    @property
    def name(self) -> str: ...

    @property
    def dtype(self) -> str:
        """The element type as MLIR spells it; 'string' for strings."""

    @property
    def keys(self) -> list[int] | list[str] | None:
        """
        Where the elements are the values of maps, one map per row: the keys, one for each element of a row.
        """

    @property
    def shape(self) -> tuple[int | str, ...]:
        """Extents; those over the program's variables as text."""

    @property
    def type(self) -> str:
        """For people: 'tensor<Nx64xf32>'."""

    def __repr__(self) -> str: ...

class Var:
    """A named integer that shapes are made of."""

    @property
    def name(self) -> str: ...

    @property
    def min(self) -> int: ...

    @property
    def max(self) -> int: ...

    def __repr__(self) -> str: ...

class Program:
    """A compiled model. Immutable; any number of contexts run it."""

    @staticmethod
    def load(path: str) -> Program:
        """Reads a .tgp file."""

    @staticmethod
    def from_bytes(data: bytes, name: str = '<bytes>') -> Program:
        """The contents of a .tgp file."""

    def save(self, path: str) -> None:
        """Writes a .tgp file."""

    def to_bytes(self) -> bytes:
        """The contents of a .tgp file."""

    @property
    def inputs(self) -> list[Port]: ...

    @property
    def outputs(self) -> list[Port]: ...

    @property
    def vars(self) -> list[Var]: ...

    def __str__(self) -> str:
        """The program's tables, one entry a line."""

class Strings:
    """
    The strings of a program's inputs and outputs, for one run: the program computes with numbers (i64) that stand for them.
    """

    def __init__(self, program: Program) -> None: ...

    def encode(self, elements: list[str | bytes], shape: Sequence[int]) -> Array:
        """
        The numbers of strings in row-major order; new strings get new numbers.
        """

    def decode(self, array: Array) -> list[str]:
        """The strings of numbers, in row-major order."""

class KernelTime:
    """Totals over the launches of one kernel."""

    @property
    def name(self) -> str: ...

    @property
    def location(self) -> str:
        """The nodes of the user's model."""

    @property
    def count(self) -> int: ...

    @property
    def milliseconds(self) -> float: ...

    @property
    def flops(self) -> float: ...

    @property
    def bytes(self) -> float: ...

    def __repr__(self) -> str: ...

class Profile:
    """Time per kernel."""

    @property
    def kernels(self) -> list[KernelTime]: ...

    @property
    def runs(self) -> int: ...

    @property
    def milliseconds(self) -> float: ...

    def chrome_trace(self) -> str:
        """Chrome's trace format (JSON), which Perfetto opens."""

    def save(self, path: str) -> None:
        """Writes chrome_trace() to a file."""

class ThreadPool:
    """Threads that contexts share."""

    def __init__(self, threads: int = 0) -> None:
        """0: one per processor."""

    @property
    def threads(self) -> int: ...

class Statistics:
    """Memory of the last run's binding, in bytes."""

    @property
    def arena_bytes(self) -> int: ...

    @property
    def arena_lower_bound(self) -> int: ...

    @property
    def workspace_bytes(self) -> int: ...

    @property
    def constant_bytes(self) -> int: ...

class Context:
    """Arena, workspace and loaded code; one run at a time."""

    def __init__(self, program: Program, pool: ThreadPool, profile: bool = False, check_indices: bool = False, memory_planner: str = 'greedy') -> None: ...

    def run(self, inputs: list[tuple[Array, str]], vars: dict[str, int], outputs: list[Array | None], donated: list[str]) -> list[Array]:
        """
        Inputs are arrays and their names. `outputs` is empty, or has an array to write to or None for each output. Inputs named in `donated` may be overwritten.
        """

    @property
    def statistics(self) -> Statistics: ...

    def reset_profile(self) -> None: ...

def profile_of(contexts: Sequence[Context]) -> Profile:
    """What contexts of one program measured together."""
