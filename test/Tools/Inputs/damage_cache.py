# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Damages every entry of a kernel cache.

usage: damage_cache.py flip|truncate|empty|directory CACHE
"""

import pathlib
import sys

how, cache = sys.argv[1], pathlib.Path(sys.argv[2])
entries = [path for path in cache.rglob("*") if path.is_file()]
if not entries:
    sys.exit("damage_cache.py: the cache has no entry")
for entry in entries:
    data = bytearray(entry.read_bytes())
    if how == "flip":
        data[len(data) // 2] ^= 0x40
    elif how == "truncate":
        data = data[: len(data) // 2]
    else:
        data = b""
    entry.unlink()
    if how == "directory":
        entry.mkdir()
    else:
        entry.write_bytes(data)
