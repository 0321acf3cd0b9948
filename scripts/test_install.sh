# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Sourced by test.sh: the step `install`. Installs the build and uses it as other projects do.

TG_PREFIX=$TG_ROOT/build/install
TG_EXAMPLES=$TG_ROOT/build/examples

# build_example NAME [PREFIX FOLDER]: configures and builds examples/NAME against the tree at PREFIX,
# the installed one by default, in FOLDER.
build_example() {
  local prefix=${2:-$TG_PREFIX} folder=${3:-$TG_EXAMPLES/$1}
  local options=(-DCMAKE_C_COMPILER=clang-22 -DCMAKE_CXX_COMPILER=clang++-22)
  command -v ccache >/dev/null &&
    options+=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  cmake -G Ninja -S "$TG_ROOT/examples/$1" -B "$folder" -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_PREFIX_PATH="$prefix" "${options[@]}" &&
    cmake --build "$folder" -j "${TG_JOBS:-$(nproc)}"
}

# In the example, uop.neg cancels: the foreign tool ran both its own pass and tg's pipeline.
run_your_opt() {
  "$TG_EXAMPLES/tg-in-your-opt/your-opt" "$TG_ROOT/examples/tg-in-your-opt/model.mlir" \
    --pass-pipeline='builtin.module(func.func(your-count-ops),tg-graph,func.func(your-count-ops))' \
    2>&1 >/dev/null | grep -o '[0-9]* uop operations' | diff - <(printf '%s uop operations\n' 3 1)
}

# run_isolated PROGRAM [FILE...]: runs it with these files in a folder that is the root of its world
# and holds nothing but the program and the libraries that it links. Fails when LLVM or the C++
# library are among these.
run_isolated() {
  local root=$TG_EXAMPLES/root program=$1 library file arguments=() enter=(chroot)
  shift
  rm -rf "$root" && mkdir -p "$root"
  cp "$program" "$root/program"
  while read -r library; do
    mkdir -p "$root$(dirname "$library")" && cp -L "$library" "$root$library"
  done < <(ldd "$program" | grep -o '/[^ ]*')
  for file in "$@"; do
    cp "$file" "$root" && arguments+=("/$(basename "$file")")
  done
  find "$root" -type f -printf '%s\t/%P\n'
  find "$root" | grep -iE 'llvm|mlir|stdc\+\+' && return 1
  # Without a chroot the dynamic linker is at least told to look nowhere else.
  ((EUID == 0)) || enter=(unshare -r chroot)
  "${enter[@]}" "$root" /program "${arguments[@]}" && return
  ((EUID == 0)) && return 1
  cd "$root" && env -i lib64/ld-linux-x86-64.so.2 --inhibit-cache \
    --library-path "$root/lib/x86_64-linux-gnu:$root$TG_PREFIX/lib" ./program "${arguments[@]/#/.}"
}

# The small runtime stays small.
check_runtime_size() {
  local library=$TG_PREFIX/lib/libtg-c-runtime.so size
  size=$(stat -L -c %s "$library") || return 1
  echo "libtg-c-runtime.so: $size bytes"
  ((size < 1000000))
}

# Projects use the build tree as they use an installed one: C++ with the compiler, C with it, and a C
# program with a model inside.
check_build_tree() {
  local digits=$TG_ROOT/examples/digits/digits.onnx models=$TG_ROOT/test/Models
  local folder=$TG_EXAMPLES/build-tree
  check build_example embed-cpp "$TG_BUILD" "$folder/embed-cpp" &&
    check "$folder/embed-cpp/embed-cpp" "$digits" \
      "$models/digits.input.npy" "$models/digits.expected.npy"
  check build_example embed-c "$TG_BUILD" "$folder/embed-c" &&
    check "$folder/embed-c/embed-c" "$digits" \
      "$models/digits.input.npy" "$models/digits.expected.npy" "$folder/digits.tgp"
  check build_example embed-aot "$TG_BUILD" "$folder/embed-aot" &&
    check "$folder/embed-aot/embed-aot" "$models/digits.input.npy" "$models/digits.expected.npy"
}

step_install() {
  local digits=$TG_ROOT/examples/digits/digits.onnx models=$TG_ROOT/test/Models
  rm -rf "$TG_PREFIX" "$TG_PREFIX-runtime" "$TG_EXAMPLES"
  check cmake --install "$TG_BUILD" --prefix "$TG_PREFIX" || return
  # The runtime alone: a tool that runs, and not one file of the compiler.
  check cmake --install "$TG_BUILD" --prefix "$TG_PREFIX-runtime" --component runtime
  check "$TG_PREFIX-runtime/bin/tg-exec" --version
  check test -z "$(find "$TG_PREFIX-runtime" -name '*.td' -o -name 'libTG*' -o -name 'tg-opt')"

  check build_example embed-cpp && {
    check "$TG_EXAMPLES/embed-cpp/embed-cpp"
    check "$TG_EXAMPLES/embed-cpp/embed-cpp" "$digits" \
      "$models/digits.input.npy" "$models/digits.expected.npy"
  }
  check build_example embed-c && {
    check "$TG_EXAMPLES/embed-c/embed-c" "$digits" \
      "$models/digits.input.npy" "$models/digits.expected.npy" "$TG_EXAMPLES/digits.tgp"
    check run_isolated "$TG_EXAMPLES/embed-c/embed-c-runtime" "$TG_EXAMPLES/digits.tgp" \
      "$models/digits.input.npy" "$models/digits.expected.npy"
  }
  check build_example embed-aot &&
    check run_isolated "$TG_EXAMPLES/embed-aot/embed-aot" \
      "$models/digits.input.npy" "$models/digits.expected.npy"
  check check_runtime_size
  check build_example tg-in-your-opt && check run_your_opt
  check build_example custom-strategy &&
    check "$TG_ROOT/examples/custom-strategy/check.sh" "$TG_BUILD/bin" \
      "$TG_EXAMPLES/custom-strategy/CustomStrategy.so"
  check build_example custom-domain &&
    check "$TG_PYTHON" "$TG_ROOT/examples/custom-domain/check.py" \
      "$TG_EXAMPLES/custom-domain/custom-domain" "$TG_EXAMPLES/custom-domain/models"
  check_build_tree
}
