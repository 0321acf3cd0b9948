# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a model in ONNX's text syntax as a file: onnx_text.py MODEL.txt MODEL.onnx"""

import pathlib
import sys

import onnx.parser

text = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
pathlib.Path(sys.argv[2]).write_bytes(onnx.parser.parse_model(text).SerializeToString())
