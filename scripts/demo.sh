#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Installs what is missing, builds the two tools it needs, and runs examples/digits/demo.py:
# handwritten digits drawn in the terminal with what a compiled ONNX model reads in them.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$TG_ROOT"

tg_install
mkdir -p build
log=build/demo-build.log
echo "Building tg-run and tg-translate (log: $log)"
if ! { tg_configure && tg_build tg-run tg-translate; } >"$log" 2>&1; then
  tail -n 40 "$log"
  tg_die "the build failed"
fi
exec "$TG_PYTHON" examples/digits/demo.py "$TG_BUILD/bin" build/demo
