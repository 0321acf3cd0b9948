# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs a model of two slices with every pair of the files of bounds, and compares with NumPy.

    slices.py TOOL MODEL FOLDER
"""

import pathlib
import subprocess
import sys

import numpy as np

tool, model, folder = sys.argv[1:]
folder = pathlib.Path(folder)
for rows in (1, 6) if tool == "tg-exec" else (3,):
    x = np.load(folder / f"{rows}.npy")
    for start in range(4):
        for end in range(4):
            files = [folder / f"b{start}.npy", folder / f"b{end}.npy"]
            (s0, s1), (e0, e1) = map(np.load, files)
            subprocess.run([tool, model, f"--input=x={folder}/{rows}.npy", f"--input=s={files[0]}",
                            f"--input=e={files[1]}", f"--output={folder}/out.npz"], check=True,
                           stdout=subprocess.DEVNULL)
            got = np.load(folder / "out.npz")
            # Backward, a start before the front is the first element, and an end there is before it.
            first, last = max(s1, -2), None if e1 <= -3 else e1
            np.testing.assert_array_equal(got["y"], x[s0:e0, s1:e1])
            np.testing.assert_array_equal(got["z"], x[s0:e0:2, first:last:-1])
