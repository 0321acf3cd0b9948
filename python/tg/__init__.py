# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""tg, a tensor compiler built on MLIR.

    import tg
    model = tg.compile("model.onnx")
    y = model(x)                       # NumPy arrays, or whatever supports DLPack

docs/python.md has the rest. Running compiled programs (tg.load) needs neither LLVM nor MLIR.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._arrays import to_array as array
from ._errors import Error
from ._model import Model, compile, load, module, options
from ._runtime import Array, Port, Profile, Program

if TYPE_CHECKING:
    from ._compiler import Kernel as Kernel
    from ._compiler import Module as Module
    from ._compiler import Session as Session

__version__ = "0.1.0"
__all__ = ["Array", "Error", "Kernel", "Model", "Module", "Port", "Profile", "Program", "Session", "array",
           "compile", "load", "module", "options"]


def __getattr__(name: str) -> Any:
    # The compiler's types; naming one loads the compiler.
    if name in ("Kernel", "Module", "Session"):
        from . import _compiler

        return getattr(_compiler, name)
    raise AttributeError(f"module 'tg' has no attribute '{name}'")
