# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Makes what the fuzzers start from out of the tests.

usage: seeds.py ir|onnx FOLDER

ir    writes the modules of the lit tests, each alone, and the dictionary FOLDER.dict
onnx  copies models of the onnx package's backend tests
"""

import pathlib
import re
import shutil
import sys

root = pathlib.Path(__file__).resolve().parents[2]


def make_ir(folder):
    words = set()
    for test in sorted((root / "test").glob("**/*.mlir")):
        for i, part in enumerate(re.split(r"^// -----.*$", test.read_text(), flags=re.M)):
            # Comments are what FileCheck reads, not the parser.
            part = re.sub(r"^\s*//.*\n", "", part, flags=re.M).strip()
            if part:
                name = "-".join(test.relative_to(root / "test").with_suffix("").parts)
                (folder / f"{name}-{i}").write_text(part + "\n")
            words.update(re.findall(r"(?:uop|func|scf|arith|tensor)\.\w+|#uop\.\w+|\b[a-z_]{3,}\b", part))
    dictionary = "".join(f'"{word}"\n' for word in sorted(words))
    folder.with_suffix(".dict").write_text(dictionary)


def make_onnx(folder):
    import onnx.backend.test

    data = pathlib.Path(onnx.backend.test.__file__).parent / "data" / "node"
    small = [m for m in sorted(data.glob("*/model.onnx")) if m.stat().st_size <= 2048]
    # Every fourth: the operators' variants are neighbors.
    for model in small[::4]:
        shutil.copyfile(model, folder / model.parent.name)


target = pathlib.Path(sys.argv[2])
target.mkdir(parents=True)
{"ir": make_ir, "onnx": make_onnx}[sys.argv[1]](target)
