#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Makes the reference pages in docs/reference from the .td files and the table of compile options; needs
# the build.
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
for passes in "$root"/include/tg/*/Passes.td "$root"/include/tg/Target/*/Passes.td; do
  stage=${passes#"$root"/include/tg/}
  stage=${stage%/Passes.td}
  stage=${stage//\//-}
  generate -gen-pass-doc "$passes" >"$target/passes-${stage,,}.md"
done
{
  echo "<!-- Made by scripts/docs.sh from the table in lib/Options/CompileOptions.cpp. -->"
  echo "# Compile options"
  echo
  echo "The same everywhere: \`--NAME=VALUE\` of tg-run (flags: \`--NAME\`, those that are on by default"
  echo "\`--no-NAME\`), \`tg_compile_options_set\` in C, keywords of \`tg.compile\` in Python with \`_\` for \`-\`,"
  echo "fields of \`tg::CompileOptions\` in C++. The pipelines of tg-opt have \`device\`, \`fusion\`, \`order\`,"
  echo "\`in-place\` and \`fast-math\`."
  echo
  "${TG_BUILD:-$root/build/release}/bin/tg-run" --options
} >"$target/options.md"

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
