# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks a memory plan against its problem, by every pair of buffers. Prints the peak.

usage: check_plan.py PROBLEM.csv PLAN.csv [ALIGNMENT]
"""

import csv
import sys


def read(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


problem, plan = read(sys.argv[1]), read(sys.argv[2])
alignment = int(sys.argv[3]) if len(sys.argv) > 3 else 1
if [dict(row, offset="") for row in problem] != [dict(row, offset="") for row in plan]:
    sys.exit("the plan's buffers are not the problem's")
boxes = [tuple(int(row[name]) for name in ("lower", "upper", "offset", "size")) for row in plan]
peak = 0
for i, (lower, upper, offset, size) in enumerate(boxes):
    if offset < 0 or offset % alignment:
        sys.exit(f"row {i}: offset {offset}")
    peak = max(peak, offset + size)
    for other, (lower2, upper2, offset2, size2) in enumerate(boxes[:i]):
        if lower < upper2 and lower2 < upper and offset < offset2 + size2 and offset2 < offset + size:
            sys.exit(f"rows {other} and {i} overlap")
print(f"peak {peak}")
