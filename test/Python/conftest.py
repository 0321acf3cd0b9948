# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the tests share. Kernels are cached in a folder that goes away."""

import atexit
import os
import pathlib
import shutil
import tempfile

import pytest

os.environ["TG_CACHE_DIR"] = tempfile.mkdtemp()
atexit.register(shutil.rmtree, os.environ["TG_CACHE_DIR"], ignore_errors=True)

import tg  # noqa: E402: after the folder is set

ROOT = pathlib.Path(__file__).resolve().parents[2]
DIGITS = ROOT / "examples/digits/digits.onnx"
ROWS = "tensor<?x3xf32, #uop.dims<N, 3>>"

# y = x + x, for any number of rows.
TWICE = f"""
uop.var @N in [1, 64]
func.func @main(%x: {ROWS} {{tg.name = "x"}}) -> ({ROWS} {{tg.name = "y"}}) {{
  %0 = uop.add %x, %x : {ROWS}
  return %0 : {ROWS}
}}
"""


def unary(op, dtype, shape="4"):
    """A module that applies one operation to its argument."""
    return f"""func.func @main(%x: tensor<{shape}x{dtype}>) -> tensor<{shape}x{dtype}> {{
  %0 = uop.{op} %x : tensor<{shape}x{dtype}>
  return %0 : tensor<{shape}x{dtype}>
}}"""


@pytest.fixture(scope="session")
def twice():
    return tg.compile(TWICE)
