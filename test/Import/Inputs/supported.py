# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares the operators that docs/onnx.md says are not imported with those that are not.

    supported.py docs/onnx.md MODEL.onnx
"""

import pathlib
import re
import subprocess
import sys

import onnx
from onnx import helper

page = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
newest = {}
for schema in onnx.defs.get_all_schemas():
    newest.setdefault(schema.domain, set()).add(schema.name)
opsets = [helper.make_opsetid(domain, onnx.defs.onnx_opset_version() if domain == "" else
                              {"ai.onnx.ml": 5}.get(domain, 1)) for domain in newest]

wrong = 0
for domain, names in newest.items():
    # All operators in one model: the message names those that are not known.
    nodes = [helper.make_node(name, [], [f"out_{name}"], domain=domain) for name in sorted(names)]
    graph = helper.make_graph(nodes, "all", [], [])
    onnx.save(helper.make_model(graph, opset_imports=opsets), sys.argv[2])
    run = subprocess.run(["tg-translate", "--import-onnx", sys.argv[2]], capture_output=True,
                         text=True, check=False)
    prefix = re.escape(domain + ".") if domain else ""
    message = run.stderr if "unsupported operators" in run.stderr else ""
    missing = set(re.findall(rf"\({prefix}(\w+)\)", message))
    row = re.search(rf"^\| `{re.escape(domain or 'ai.onnx')}` \| (.*) \|$", page, re.MULTILINE)
    listed = set(re.findall(r"[A-Z]\w+", row.group(1))) if row else set()
    if missing != listed:
        wrong += 1
        print(f"domain '{domain}': not imported {sorted(missing)}, the page says {sorted(listed)}")
version = onnx.defs.onnx_opset_version()
if f"Opsets 6 to {version}" not in page:
    wrong += 1
    print(f"the page does not say that the newest opset is {version}")
print("the page is true" if not wrong else "the page is wrong")
sys.exit(1 if wrong else 0)
