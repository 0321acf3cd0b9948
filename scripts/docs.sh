#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Makes the reference pages in docs/reference from the .td files.
#
#   scripts/docs.sh            writes them
#   scripts/docs.sh --check    fails when one is stale, or an operation has no example
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tblgen=/usr/lib/llvm-22/bin/mlir-tblgen
target=$root/docs/reference
[[ ${1:-} == --check ]] && target=$(mktemp -d)
mkdir -p "$target"

generate() {
  "$tblgen" "$@" -I /usr/lib/llvm-22/include -I "$root/include"
}

dialect=$root/include/tg/Dialect/UOp
generate -gen-dialect-doc -dialect=uop "$dialect/UOpOps.td" >"$target/uop.md"
for passes in "$root"/include/tg/*/Passes.td; do
  stage=$(basename "$(dirname "$passes")")
  generate -gen-pass-doc "$passes" >"$target/passes-${stage,,}.md"
done

if [[ ${1:-} == --check ]]; then
  status=0
  diff -r "$root/docs/reference" "$target" || {
    echo "docs/reference is stale: run scripts/docs.sh" >&2
    status=1
  }
  # Every operation shows itself.
  python3 - "$target/uop.md" <<'PY' || status=1
import re, sys

text = open(sys.argv[1]).read()
parts = re.split(r"^### `uop\.", text, flags=re.M)[1:]
bad = [part.split("`")[0] for part in parts if "Example:" not in part]
if bad:
    sys.exit("operations without an example: " + ", ".join(bad))
print(len(parts), "operations, each with an example")
PY
  rm -rf "$target"
  exit $status
fi
