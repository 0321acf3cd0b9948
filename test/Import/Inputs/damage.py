# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Imports damaged copies of a model: damage.py MODEL.onnx FOLDER COUNT SEED

Each must either import or end with one error and exit 1; nothing else is allowed.
"""

import pathlib
import random
import subprocess
import sys

model, folder, count, seed = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), *map(
    int, sys.argv[3:5])
folder.mkdir(parents=True, exist_ok=True)
original = model.read_bytes()
rng = random.Random(seed)
refused = 0
for index in range(count):
    data = bytearray(original)
    if index % 4 == 0:
        del data[rng.randrange(len(data)):]
    else:
        for _ in range(rng.randint(1, 8)):
            # Most of a model is weights; the graph comes first.
            at = rng.randrange(min(len(data), 2000 if rng.random() < 0.7 else len(data)))
            data[at] = rng.randrange(256)
    path = folder / "damaged.onnx"
    path.write_bytes(data)
    run = subprocess.run(["tg-translate", "--import-onnx", path, "-o", "/dev/null"],
                         capture_output=True, text=True, errors="replace", timeout=60)
    if run.returncode == 1 and run.stderr.count("error: ") == 1:
        refused += 1
    elif run.returncode != 0:
        kept = folder / f"bad-{seed}-{index}.onnx"
        kept.write_bytes(data)
        sys.exit(f"{kept}: exit {run.returncode}\n{run.stderr[-2000:]}")
print(f"{refused} of {count} damaged models refused")
