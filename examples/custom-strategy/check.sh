#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# check.sh TOOLS PLUGIN: the rewrite, the fusion rule and the order take effect in tg-opt and tg-run.
set -euo pipefail
tools=$1 plugin=$2
model=$(dirname "$0")/model.mlir

fail() {
  echo "error: $*" >&2
  exit 1
}
kernels() {
  "$tools/tg-opt" "$model" --load-pass-plugin="$plugin" "$@" | grep -c 'uop.kernel ins' || true
}

# tg-opt parses its command line before it loads plug-ins: their passes go into --pass-pipeline.
squared=$("$tools/tg-opt" "$model" --load-pass-plugin="$plugin" \
  --pass-pipeline='builtin.module(custom-square)')
[[ $squared == *uop.mul* && $squared != *uop.pow* ]] || fail "no rewrite"

whole=$(kernels --tg-pipeline=fusion=default)
small=$(kernels --tg-pipeline="fusion=small-kernels order=deepest-first")
echo "kernels: $whole with the default strategy, $small with small-kernels"
((small > whole)) || fail "the fusion rule has no effect"

"$tools/tg-run" "$model" --load-pass-plugin="$plugin" --passes=custom-square \
  --fusion=small-kernels --order=deepest-first --random-inputs=1 --verify | grep 'verify y: ok'
"$tools/tg-run" "$model" --fusion=small-kernels --random-inputs=1 2>/dev/null &&
  fail "small-kernels is known without the plug-in"
exit 0
