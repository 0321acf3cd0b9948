#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Writes the type stubs of the Python package's extension modules, python/tg/*.pyi, from what was
# built in build/release.
#
#   scripts/stubs.sh [--check]
#
# With --check nothing is written; exit 1 when a stub is stale or the package does not type-check.

set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

target=$TG_ROOT/python/tg
if [[ ${1:-} == --check ]]; then
  target=$(mktemp -d)
  trap 'rm -rf "$target"' EXIT
fi
for module in _runtime _compiler; do
  PYTHONPATH=$TG_BUILD/python "$TG_PYTHON" -m nanobind.stubgen -q -m "tg.$module" \
    -o "$target/$module.pyi"
done
if [[ ${1:-} == --check ]]; then
  diff -u "$TG_ROOT/python/tg/_runtime.pyi" "$target/_runtime.pyi" &&
    diff -u "$TG_ROOT/python/tg/_compiler.pyi" "$target/_compiler.pyi" ||
    tg_die "stale stubs; run scripts/stubs.sh"
  cd "$TG_ROOT/python" && "$TG_PYTHON" -m mypy --strict --no-error-summary \
    --cache-dir="$TG_ROOT/build/mypy" tg
fi
