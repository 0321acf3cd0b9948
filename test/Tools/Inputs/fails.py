# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs a command that must fail well: exit 1, one error, no crash. Prints what it said.

usage: fails.py COMMAND [ARGUMENT]...
"""

import re
import subprocess
import sys

done = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
text = done.stderr.decode(errors="replace")
print(text, end="")
problems = []
if done.returncode != 1:
    problems.append(f"exit status {done.returncode}, expected 1")
errors = len(re.findall(r"\berror:", text))
if errors != 1:
    problems.append(f"{errors} errors, expected one")
if re.search(r"Assertion|Stack dump|PLEASE submit|terminate called|Sanitizer", text):
    problems.append("crashed")
if problems:
    sys.exit(f"fails.py: {'; '.join(problems)}: {' '.join(sys.argv[1:])}\n{text}")
