# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What tg raises."""


class Error(Exception):
    """A model, a file or an input is wrong. The message is the one that the tools print: it says
    where and what."""

    __module__ = "tg"


class InputsNeeded(Error):
    """An ONNX model cannot be imported without values or sizes that its inputs decide."""

    __module__ = "tg"
