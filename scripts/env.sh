# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Sourced by the other scripts: installs what is missing, configures and builds.
#
#   tg_install             Debian packages (only if some are missing) and the Python environment
#   tg_configure [PRESET]  runs CMake, with ccache where it is installed (default preset: release)
#   tg_build [TARGET...]   builds in build/$TG_PRESET (default: all)
#
# TG_PRESET names the preset in use, TG_BUILD its build folder, TG_PYTHON the environment's Python.
# TG_JOBS limits the parallel compile jobs (default: one per core).

TG_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
TG_PYTHON=$TG_ROOT/.venv/bin/python3
TG_PRESET=release
TG_BUILD=$TG_ROOT/build/$TG_PRESET
TG_LIT=/usr/lib/llvm-22/bin/lit

# LLVM 22 is in the security suite of Debian 12.
TG_PACKAGES=(
  libmlir-22-dev llvm-22-dev mlir-22-tools llvm-22-tools
  clang-22 libclang-rt-22-dev lld-22 libomp-22-dev clang-format-22
  cmake ninja-build git python3-venv python3-dev
  libprotobuf-dev protobuf-compiler libgtest-dev zlib1g-dev libzstd-dev
)

tg_die() {
  echo "error: $*" >&2
  exit 1
}

tg_install() {
  tg_install_packages
  tg_install_python
}

tg_install_packages() {
  local package missing=() as_root=()
  for package in "${TG_PACKAGES[@]}"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
      missing+=("$package")
  done
  ((${#missing[@]})) || return 0

  command -v apt-get >/dev/null ||
    tg_die "no apt-get here; install what corresponds to these Debian packages: ${missing[*]}"
  if ((EUID != 0)); then
    command -v sudo >/dev/null || tg_die "run as root: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  echo "Installing with apt: ${missing[*]}"
  "${as_root[@]}" apt-get update -qq </dev/null ||
    tg_die "apt-get update failed"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null >/dev/null ||
    tg_die "apt-get could not install: ${missing[*]} (LLVM 22 is in the security suite of Debian 12)"
}

# Makes .venv, again when requirements.txt has changed or its interpreter no longer starts.
tg_install_python() {
  local requirements=$TG_ROOT/scripts/requirements.txt installed=$TG_ROOT/.venv/requirements.txt
  "$TG_PYTHON" -c '' 2>/dev/null && cmp -s "$requirements" "$installed" && return 0
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    tg_die "python3 is $(python3 -V 2>&1); 3.11 or later is needed"
  echo "Making the Python environment .venv"
  python3 -m venv --clear "$TG_ROOT/.venv" || tg_die "python3 -m venv failed"
  "$TG_PYTHON" -m pip install -q --disable-pip-version-check -r "$requirements" ||
    tg_die "pip could not install scripts/requirements.txt"
  cp "$requirements" "$installed"
}

tg_configure() {
  TG_PRESET=${1:-release}
  TG_BUILD=$TG_ROOT/build/$TG_PRESET
  local options=(-DPython3_EXECUTABLE="$TG_PYTHON")
  [[ $TG_PRESET == release ]] && options+=(-DTG_PYTHON=ON)
  if command -v ccache >/dev/null; then
    options+=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
    # Precompiled headers are cached only when ccache may ignore their times.
    export CCACHE_BASEDIR=$TG_ROOT CCACHE_NOHASHDIR=1
    export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
  fi
  (cd "$TG_ROOT" && cmake --preset "$TG_PRESET" "${options[@]}")
}

tg_build() {
  local targets=()
  (($#)) && targets=(--target "$@")
  cmake --build "$TG_BUILD" -j "${TG_JOBS:-$(nproc)}" "${targets[@]}"
}
