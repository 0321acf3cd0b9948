# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Sourced by test.sh: the Python package, as pip installs it.

TG_SITE=$TG_ROOT/build/python-site

# install_package: into $TG_SITE, by way of the wheel. The build folder is the one of the other
# steps, so that nothing is compiled twice.
install_package() {
  rm -rf "$TG_SITE"
  "$TG_PYTHON" -m pip install "$TG_ROOT" -q --disable-pip-version-check --target "$TG_SITE" \
    --no-deps --no-build-isolation -C build-dir="$TG_BUILD" -C cmake.define.TG_BUILD_TESTS=ON \
    -C cmake.define.CMAKE_INSTALL_PREFIX=/usr/local
}

# run_pytest NAME PYTHON FOLDER...
run_pytest() {
  local report=$LOGS/$1.xml python=$2 status
  shift 2
  rm -f "$report"
  (cd "$TG_ROOT" && "$python" -m pytest -q -rP -p no:cacheprovider --junitxml="$report" "$@")
  status=$?
  count_junit "$report" && return $status
}

# python_with_package: the environment's Python with the installed package. No bytecode is written
# beside the sources.
python_with_package() {
  PYTHONPATH=$TG_SITE PYTHONDONTWRITEBYTECODE=1 "$TG_PYTHON" "$@"
}

step_python() {
  check install_package || return
  check "$TG_ROOT/scripts/stubs.sh" --check
  run_pytest python python_with_package test/Python
}

# Models that PyTorch exported, against what PyTorch computed.
step_exports() {
  [[ -d $TG_SITE/tg ]] || check install_package || return
  run_pytest exports python_with_package test/Exports
}

# As people do it: `pip install .` into an environment of their own, which compiles everything.
step_wheel() {
  local env=$TG_ROOT/build/wheel-env
  rm -rf "$env"
  check python3 -m venv "$env" &&
    check "$env/bin/python3" -m pip install -q --disable-pip-version-check "$TG_ROOT[onnx]" pytest \
      -c "$TG_ROOT/scripts/requirements.txt" &&
    run_pytest wheel "$env/bin/python3" test/Python test/Exports
}
