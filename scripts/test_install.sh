# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Sourced by test.sh: the step `install`. Installs the build and uses it as other projects do.

TG_PREFIX=$TG_ROOT/build/install
TG_EXAMPLES=$TG_ROOT/build/examples

# build_example NAME: configures and builds examples/NAME against the installed tree.
build_example() {
  local options=(-DCMAKE_C_COMPILER=clang-22 -DCMAKE_CXX_COMPILER=clang++-22)
  command -v ccache >/dev/null &&
    options+=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  cmake -G Ninja -S "$TG_ROOT/examples/$1" -B "$TG_EXAMPLES/$1" -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_PREFIX_PATH="$TG_PREFIX" "${options[@]}" &&
    cmake --build "$TG_EXAMPLES/$1" -j "${TG_JOBS:-$(nproc)}"
}

# In the example, uop.neg cancels: the foreign tool ran both its own pass and tg's pipeline.
run_your_opt() {
  "$TG_EXAMPLES/tg-in-your-opt/your-opt" "$TG_ROOT/examples/tg-in-your-opt/model.mlir" \
    --pass-pipeline='builtin.module(func.func(your-count-ops),tg-graph,func.func(your-count-ops))' \
    2>&1 >/dev/null | grep -o '[0-9]* uop operations' | diff - <(printf '%s uop operations\n' 3 1)
}

step_install() {
  local digits=$TG_ROOT/examples/digits/digits.onnx models=$TG_ROOT/test/Models
  rm -rf "$TG_PREFIX" "$TG_EXAMPLES"
  check cmake --install "$TG_BUILD" --prefix "$TG_PREFIX" || return

  check build_example embed-cpp && {
    check "$TG_EXAMPLES/embed-cpp/embed-cpp"
    check "$TG_EXAMPLES/embed-cpp/embed-cpp" "$digits" \
      "$models/digits.input.npy" "$models/digits.expected.npy"
  }
  check build_example embed-c && {
    check "$TG_EXAMPLES/embed-c/embed-c" "$digits" \
      "$models/digits.input.npy" "$models/digits.expected.npy" "$TG_EXAMPLES/digits.tgp"
    check "$TG_EXAMPLES/embed-c/embed-c-runtime" "$TG_EXAMPLES/digits.tgp" \
      "$models/digits.input.npy" "$models/digits.expected.npy"
  }
  check build_example tg-in-your-opt && check run_your_opt
}
