# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares the C headers with the libraries.

usage: check_api.py HEADER_FOLDER LIBRARY_FOLDER
"""

import pathlib
import re
import subprocess
import sys

headers, libraries = map(pathlib.Path, sys.argv[1:])
problems = []


def declared(name):
    """The functions of a header; checks that everything in it says since when it exists."""
    text = (headers / name).read_text()
    starts = re.finditer(r"^(?:TG_C_API|typedef|#define (?!TG_C_)).*$", text, re.M)
    for start in starts:
        before = text[: start.start()].rstrip()
        comment = before[before.rfind("/*") :]
        if not (before.endswith("*/") and re.match(r"/\* Since \d+\.\d+\.", comment)):
            problems.append(f"{name}: no 'Since' before: {start[0]}")
    return set(re.findall(r"^TG_C_API [^;(]*?\b(tg_\w+)\(", text, re.M))


def exported(library):
    out = subprocess.run(
        ["nm", "-D", "--defined-only", library], check=True, capture_output=True, text=True
    ).stdout
    return {line.split()[-1].split("@")[0] for line in out.splitlines()}


runtime = declared("Base.h") | declared("Runtime.h")
for name, functions in {
    "libtg-c-runtime.so": runtime,
    "libtg-c.so": runtime | declared("Compiler.h"),
}.items():
    symbols = exported(libraries / name)
    for symbol in sorted(symbols ^ functions):
        problems.append(f"{name}: {symbol} is {'not declared' if symbol in symbols else 'missing'}")
    print(f"{name}: {len(functions)} functions")
if problems:
    sys.exit("\n".join(problems))
