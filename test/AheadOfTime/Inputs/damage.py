# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes damaged copies of a program file.

usage: damage.py PROGRAM.tgp FOLDER
"""

import pathlib
import struct
import sys

good = pathlib.Path(sys.argv[1]).read_bytes()
folder = pathlib.Path(sys.argv[2])
version, tables, data = struct.unpack_from("<QQQ", good, 8)
start = len(good) - data


def changed(offset, piece):
    return good[:offset] + piece + good[offset + len(piece) :]


def flipped(offset):
    return changed(offset, bytes([good[offset] ^ 0x20]))


files = {
    "older": changed(8, struct.pack("<Q", version - 1)),
    "newer": changed(8, struct.pack("<Q", version + 1)),
    "header": flipped(17),
    "tables": flipped(64 + tables // 2),
    "data": flipped(start + data // 2),
    "half": good[: len(good) // 2],
    "short": good[:-1],
    "longer": good + b"\0",
    "empty": b"",
}
for name, content in files.items():
    (folder / f"{name}.tgp").write_bytes(content)
