#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks that includes go downward through the layers, and that no source is too long to hold.

    check_layers.py

A file may include headers of its own folder and of layers below its own. Folders of one layer do
not see each other. docs/architecture.md shows the layers; a new folder gets its place here.
"""
import pathlib
import re
import subprocess
import sys

# From the bottom up.
LAYERS = [
    ["Machine", "Options", "Support"],
    ["Runtime"],
    ["Dialect"],
    ["Analysis", "Schedule", "Builder", "Interp"],
    ["Graph", "Engine", "Codegen"],
    ["Target"],
    ["Compiler"],
    ["Import", "Export", "Testing"],
    ["CAPI", "Tooling"],
    ["tools", "python"],
]
LEVEL = {folder: level for level, layer in enumerate(LAYERS) for folder in layer}
MAX_LINES = 1200
INCLUDE = re.compile(r'#include "(tg/([A-Za-z]+)[/.][^"]*|[^"]*)"')


def folder_of(path):
    """The folder of a source or header that has a place in the layers, None for others (tests)."""
    parts = path.parts
    if parts[0] in ("tools", "python"):
        return parts[0]
    if parts[0] == "dialects":
        return "Dialect"
    if parts[0] in ("lib", "passes"):
        return parts[1]
    if parts[:2] == ("include", "tg"):
        return "Compiler" if parts[2] == "InitAll.h" else parts[2]
    return None


def faults_of(root, path):
    text = (root / path).read_text()
    lines = text.count("\n")
    if lines > MAX_LINES:
        yield f"{path}: {lines} lines, at most {MAX_LINES}"
    folder = folder_of(path)
    if folder is None:
        return
    if folder not in LEVEL:
        yield f"{path}: folder {folder} has no place in the layers of scripts/check_layers.py"
        return
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        if match.group(1).startswith("../") and folder != "python":
            target = folder_of((root / path.parent / match.group(1)).resolve().relative_to(root))
            if target != folder:
                yield f"{path}:{number}: includes by a path out of its folder: {match.group(1)}"
        target = match.group(2)
        if not target:
            continue
        target = "Compiler" if target == "InitAll" else target
        if target != folder and LEVEL.get(target, len(LAYERS)) >= LEVEL[folder]:
            yield f"{path}:{number}: {folder} includes {match.group(1)}, which is not below it"


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    listed = subprocess.run(["git", "-C", root, "ls-files", "--cached", "--others", "--exclude-standard",
                             "*.h", "*.cpp", "*.td"], capture_output=True, text=True, check=True)
    paths = [pathlib.Path(line) for line in listed.stdout.splitlines() if (root / line).exists()]
    faults = [fault for path in paths for fault in faults_of(root, path)]
    print("\n".join(faults) if faults else f"{len(paths)} files keep to the layers")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
