# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes tensor files, good and bad, into a folder.

usage: bad_tensors.py FOLDER
"""

import pathlib
import sys

import numpy as np
from onnx import TensorProto, numpy_helper

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
noise = np.random.default_rng(0).bytes(500)
ones = np.ones((2, 3), np.float32)


def write(name, data):
    (folder / name).write_bytes(data)


# .npy
np.save(folder / "ok.npy", ones)
np.save(folder / "f64.npy", ones.astype(np.float64))
np.save(folder / "swapped.npy", ones.T)
np.save(folder / "flat.npy", ones.ravel())
np.save(folder / "object.npy", np.array([{}], dtype=object), allow_pickle=True)
np.save(folder / "string.npy", np.array(["ab"]))
np.save(folder / "record.npy", np.zeros(2, dtype=[("a", np.float32)]))
for size in (3, 4, 9):
    np.save(folder / f"n{size}.npy", np.ones(size, np.float32))
good = (folder / "ok.npy").read_bytes()
write("short.npy", good[:-5])
write("header.npy", good[:20])
write("long.npy", good + bytes(7))
write("empty.npy", b"")
write("noise.npy", noise)
write("negative.npy", good.replace(b"(2, 3)", b"(2,-3)"))
write("version.npy", good[:6] + b"\x09\x00" + good[8:])
huge = b"(2, 3000000000000000000), }"
write("huge.npy", good.replace(b"(2, 3), }" + b" " * (len(huge) - 9), huge))

# .npz
np.savez(folder / "ok.npz", x=ones)
np.savez(folder / "two.npz", a=ones, b=ones)
np.savez(folder / "none.npz")
good = bytearray((folder / "ok.npz").read_bytes())
write("short.npz", good[:100])
write("long.npz", good + bytes(9))
write("comment.npz", good[:-2] + b"\x03\x00abc")
write("empty.npz", b"")
write("noise.npz", noise)
good[200] ^= 0xFF
write("flipped.npz", good)

# .pb
good = numpy_helper.from_array(ones, "x").SerializeToString()
write("ok.pb", good)
write("short.pb", good[:-3])
write("empty.pb", b"")
write("noise.pb", noise)
write("huge.pb", TensorProto(dims=[1 << 40, 1 << 40], data_type=1).SerializeToString())
write("negative.pb", TensorProto(dims=[-2, 3], data_type=1).SerializeToString())
write("type.pb", TensorProto(dims=[6], data_type=99, raw_data=bytes(24)).SerializeToString())

# Models
write("empty.mlir", b"")
write("noise.mlir", b"\x01" + noise)
write("noise.onnx", noise)
write("bytecode.mlir", b"ML\xefR" + noise)
(folder / "folder").mkdir(exist_ok=True)
(folder / "folder.mlir").mkdir(exist_ok=True)
(folder / "folder.onnx").mkdir(exist_ok=True)
