#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints "PASSED FAILED SKIPPED" for a JUnit file as gtest and lit write it.

A test that gtest did not run (disabled) counts as skipped, as does one that lit calls unsupported.
"""

import sys
import xml.etree.ElementTree as ElementTree


def main():
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for case in ElementTree.parse(sys.argv[1]).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            counts["failed"] += 1
        elif case.find("skipped") is not None or case.get("status") == "notrun":
            counts["skipped"] += 1
        else:
            counts["passed"] += 1
    print(*counts.values())


if __name__ == "__main__":
    try:
        main()
    except (OSError, ElementTree.ParseError) as error:
        sys.exit(f"count_junit: {sys.argv[1]}: {error}")
