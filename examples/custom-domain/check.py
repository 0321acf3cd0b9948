# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Makes models with operators of com.example and compares what custom-domain computes with NumPy.

    check.py PROGRAM FOLDER
"""

import pathlib
import subprocess
import sys

import numpy as np
import onnx.parser

program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
folder.mkdir(parents=True, exist_ok=True)
HEADER = '<ir_version: 10, opset_import: ["" : 21, "com.example" : 1]>\n'


def run(text, *inputs):
    """The output, or the message."""
    onnx.save(onnx.parser.parse_model(HEADER + text), folder / "model.onnx")
    files = []
    for i, value in enumerate(inputs):
        files.append(folder / f"input{i}.npy")
        np.save(files[-1], value)
    done = subprocess.run([program, folder / "model.onnx", folder / "output.npy", *files],
                          capture_output=True, text=True, check=False)
    return done.stderr if done.returncode else np.load(folder / "output.npy")


x = np.random.default_rng(1).standard_normal((3, 5), dtype=np.float32)
got = run("""g (float[N,5] x) => (float[N] y) <int64[1] axis = {1}> {
  a = com.example.SoftCap <cap = 2.0> (x)
  u, l = com.example.UnitVectors (a)
  s = ReduceSum <keepdims = 0> (u, axis)
  r = Softplus (s)
  y = Add (r, l)
}""", x)
capped = 2 * np.tanh(x / 2)
length = np.sqrt((capped * capped).sum(axis=1))
np.testing.assert_allclose(got, np.maximum((capped / length[:, None]).sum(axis=1), 0) + length,
                           rtol=1e-5)

message = run("g (float[2] x) => (float[2] y) { [cube] y = com.example.Cube (x) }", x[0, :2])
assert "unsupported operators: node 'cube' (com.example.Cube)" in message, message
message = run("g (float[2] x) => (float[2] y) { [u] y = com.example.UnitVectors <axis = 3> (x) }",
              x[0, :2])
assert "node 'u' (com.example.UnitVectors): axis 3 is out of range for rank 1" in message, message
print("com.example: as NumPy computes it")
