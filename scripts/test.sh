#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Installs what is missing, builds in build/release and runs the tests.
#
#   scripts/test.sh [--all] [STEP...]
#
# Without STEP: every step of STEPS; with --all those of ALL_STEPS too. The last line printed is
# "N passed, N failed, N skipped" over all steps; the exit status is 1 when anything failed.
# Each step's output is in build/test-logs/STEP.log.
#
# To add a step: write a function step_NAME and add NAME to one of the two lists. The function's
# output is the log. It counts what it did with `count PASSED FAILED SKIPPED`, `count_junit FILE`
# or `check COMMAND...` (one check, passed when the command succeeds). A step that counts nothing,
# or that ends with a non-zero status and counted no failure, is counted as one failure.

STEPS=(format layers build docs unit race lit remote install python exports random fuzz demo onnx_cpu light contrib)
ALL_STEPS=(wheel onnx onnx_remote light_all contrib_all roundtrip random_more retrain fuzz_more kernel_counts engine)

set -uo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
source "$(dirname "${BASH_SOURCE[0]}")/test_install.sh"
source "$(dirname "${BASH_SOURCE[0]}")/test_python.sh"
LOGS=$TG_ROOT/build/test-logs
passed=0 failed=0 skipped=0

count() {
  passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
}

check() {
  echo "+ $*"
  if "$@"; then
    count 1 0 0
  else
    count 0 1 0
    return 1
  fi
}

# Counts the cases of a JUnit file, as gtest and lit write it.
count_junit() {
  local counts
  counts=$("$TG_PYTHON" "$TG_ROOT/scripts/count_junit.py" "$1") || return 1
  # shellcheck disable=SC2086
  count $counts
}

step_format() {
  local files
  mapfile -t files < <(git -C "$TG_ROOT" ls-files '*.h' '*.cpp')
  cd "$TG_ROOT" && check clang-format-22 --dry-run --Werror "${files[@]}"
}

# Includes go downward through the layers.
step_layers() {
  check "$TG_PYTHON" "$TG_ROOT/scripts/check_layers.py"
}

# The generated pages are up to date, and every operation shows itself.
step_docs() {
  check "$TG_ROOT/scripts/docs.sh" --check
}

# Random programs on the CPU against the interpreter. The counts are programs, not checks.
random_programs() {
  local log=$LOGS/random-$1.txt
  "$TG_BUILD/bin/tg-random" --seed="$1" --count="$2" | tee "$log"
  # The last line is missing when a program crashed it: then none counts.
  grep -q "^random programs from seed $1: $2 made" "$log" || return 1
  local wrong
  wrong=$(grep -c '^seed ' "$log")
  count $(($2 - wrong)) "$wrong" 0
}

step_random() {
  random_programs 1 2000
}

step_random_more() {
  random_programs 100001 20000
}

# A minute each, from one seed: what fails is due to the change, not to chance.
step_fuzz() {
  fuzz 60 1
}

step_fuzz_more() {
  fuzz 600 0 # 0: another seed each time.
}

# fuzz SECONDS SEED: builds the fuzzers with the asan preset (some 5 minutes of one core) and runs
# them, all at once, on the tests as seeds. An input that fails is kept in build/fuzz.
fuzz() {
  local work=$TG_ROOT/build/fuzz bin=$TG_ROOT/build/asan/bin names=(ir onnx program)
  local name words pids=()
  # In a subshell: the other steps go on with their preset.
  check eval '(tg_configure asan && tg_build tg-fuzzers)' || return
  rm -rf "$work" && mkdir -p "$work/program" || return
  check "$TG_PYTHON" "$TG_ROOT/test/Fuzz/seeds.py" ir "$work/ir"
  check "$TG_PYTHON" "$TG_ROOT/test/Fuzz/seeds.py" onnx "$work/onnx"
  check "$bin/tg-program-fuzzer" --write-seeds="$work/program"
  for name in "${names[@]}"; do
    words=()
    [[ -f $work/$name.dict ]] && words=(-dict="$work/$name.dict")
    # libLLVM is not instrumented: its containers would look overflown and its memory poisoned.
    ASAN_OPTIONS=detect_container_overflow=0:allow_user_poisoning=0:detect_leaks=0 \
      "$bin/tg-$name-fuzzer" -max_total_time="$1" -seed="$2" -timeout=20 -rss_limit_mb=4096 -max_len=4096 \
      -print_final_stats=1 "${words[@]}" -artifact_prefix="$work/$name-" "$work/$name" \
      >"$work/$name.log" 2>&1 &
    pids+=($!)
  done
  for name in "${names[@]}"; do
    check wait "${pids[0]}"
    pids=("${pids[@]:1}")
    echo "tg-$name-fuzzer:" && tail -n 40 "$work/$name.log" | grep -v 'Uses:'
  done
}

step_build() {
  check tg_build
}

step_unit() {
  run_gtest tg-unit-tests
  run_gtest tg-runtime-tests
  run_gtest tg-c-tests
}

# The runtime's tests, threads above all, under ThreadSanitizer.
step_race() {
  check tg_build tg-runtime-tests-tsan && run_gtest tg-runtime-tests-tsan
}

# run_gtest PROGRAM
run_gtest() {
  local report=$LOGS/$1.xml before=$failed
  rm -f "$report"
  "$TG_BUILD/bin/$1" --gtest_output="xml:$report" --gtest_brief=1
  local status=$?
  count_junit "$report" || count 0 1 0
  # A sanitizer's finding fails the process, not a test.
  ((status == 0 || failed > before)) || count 0 1 0
  return $status
}

step_lit() {
  run_lit "$LOGS/lit.xml" "$TG_BUILD/test"
}

# What runs programs end to end, once more with their memory out of the host's reach.
step_remote() {
  run_lit "$LOGS/remote.xml" "$TG_BUILD/test/E2E" --param device_memory=remote
}

# run_lit REPORT FOLDER [OPTION...]. With the environment's Python, or the NumPy tests would be
# skipped.
run_lit() {
  local report=$1 folder=$2
  shift 2
  rm -f "$report"
  "$TG_PYTHON" "$TG_LIT" -sv --xunit-xml-output "$report" "$@" "$folder"
  local status=$?
  count_junit "$report" && return $status
}

# The backend tests of the onnx package, by its own runner: the importer and the operations' meaning.
step_onnx() {
  onnx_tests interp
}

# The same as compiled for the processor.
step_onnx_cpu() {
  onnx_tests cpu
}

# And that with its memory out of the host's reach.
step_onnx_remote() {
  onnx_tests cpu --device-memory=remote
}

# The smallest of the "light" models of the onnx package: their expected outputs, and with random
# weights against ONNX Runtime.
step_light() {
  light_models "squeezenet shufflenet inception_v1"
}

step_light_all() {
  light_models "squeezenet shufflenet inception_v1 densenet121 inception_v2 resnet50 bvlc_alexnet
    zfnet512 vgg19"
}

# ONNX Runtime's own operators, and networks as it saves and quantizes them, against it.
step_contrib() {
  check "$TG_PYTHON" "$TG_ROOT/test/Onnx/contrib_tests.py" "$TG_BUILD/bin/tg-run"
}

step_contrib_all() {
  check "$TG_PYTHON" "$TG_ROOT/test/Onnx/contrib_tests.py" "$TG_BUILD/bin/tg-run" --all
}

# light_models NAMES
light_models() {
  local pattern names
  # shellcheck disable=SC2086
  printf -v pattern '%s|' $1
  # shellcheck disable=SC2086
  printf -v names '%s,' $1
  check "$TG_PYTHON" "$TG_ROOT/test/Onnx/backend_tests.py" "$TG_BUILD/bin/tg-run" --kind=Real \
    --jobs=1 --filter="^test_(${pattern%|})_"
  check "$TG_PYTHON" "$TG_ROOT/test/Onnx/light_models.py" "$TG_BUILD/bin/tg-run" \
    --models="${names%,}"
}

# onnx_tests DEVICE [OPTION...]. Every kind of test but the large models.
onnx_tests() {
  local kind device=$1
  shift
  for kind in Node Simple PyTorchConverted PyTorchOperator; do
    check "$TG_PYTHON" "$TG_ROOT/test/Onnx/backend_tests.py" "$TG_BUILD/bin/tg-run" \
      --kind=$kind --device="$device" "$@"
  done
}

# The demo runs: import, compilation, outputs, and cpu against the interpreter on a real model.
step_demo() {
  if [[ ! -x $TG_BUILD/bin/tg-run ]]; then
    echo "no tg-run in this tree"
    count 0 0 1
    return
  fi
  check "$TG_PYTHON" "$TG_ROOT/examples/digits/demo.py" "$TG_BUILD/bin" "$TG_ROOT/build/demo"
}

# The lit suite again, where every tg-opt run also checks that its input survives printing and
# parsing.
step_roundtrip() {
  run_lit "$LOGS/roundtrip.xml" "$TG_BUILD/test" --param roundtrip=1
}

# The table of whole models in docs/kernel-counts.md is true of this tree.
step_kernel_counts() {
  check "$TG_PYTHON" "$TG_ROOT/benchmarks/kernel_counts.py" "$TG_BUILD/bin/tg-run" \
    --check="$TG_ROOT/docs/kernel-counts.md"
}

# The engine's time grows with the graph and no faster.
step_engine() {
  check "$TG_PYTHON" "$TG_ROOT/benchmarks/engine.py" "$TG_BUILD/bin/tg-opt"
}

# The committed digits model can still be made from its script.
step_retrain() {
  check "$TG_PYTHON" "$TG_ROOT/examples/digits/train.py" "$LOGS/digits.onnx"
}

run_step() {
  local name=$1 log=$LOGS/$1.log begin=$SECONDS before=$((passed + failed + skipped))
  local failed_before=$failed status verdict=ok
  echo "== $name"
  step_"$name" >"$log" 2>&1 </dev/null
  status=$?
  if ((failed == failed_before && (status != 0 || passed + failed + skipped == before))); then
    count 0 1 0
  fi
  if ((failed > failed_before)); then
    verdict="$((failed - failed_before)) FAILED"
    tail -n 150 "$log"
  fi
  # Suites that are one check here say how many tests they had.
  sed -n 's/^\([A-Za-z ]*: [0-9]* of [0-9]* \(passed\|agree\)\)$/   \1/p' "$log"
  echo "   $name: $verdict of $((passed + failed + skipped - before))," \
    "$((SECONDS - begin)) s, log ${log#"$TG_ROOT"/}"
  ((failed == failed_before))
}

main() {
  local steps=() all=0 step
  while (($#)); do
    case $1 in
    --all) all=1 ;;
    -*) tg_die "unknown option $1; usage: scripts/test.sh [--all] [STEP...]" ;;
    *)
      declare -F "step_$1" >/dev/null || tg_die "unknown step $1; known: ${STEPS[*]} ${ALL_STEPS[*]}"
      steps+=("$1")
      ;;
    esac
    shift
  done
  if ((${#steps[@]} == 0)); then
    steps=("${STEPS[@]}")
    ((all)) && steps+=("${ALL_STEPS[@]}")
  fi

  mkdir -p "$LOGS"
  tg_install
  tg_configure >"$LOGS/configure.log" 2>&1 || {
    tail -n 40 "$LOGS/configure.log"
    tg_die "cmake failed, log ${LOGS#"$TG_ROOT"/}/configure.log"
  }
  for step in "${steps[@]}"; do
    # Nothing that follows a failed build would say anything about this tree.
    run_step "$step" || [[ $step != build ]] || break
  done
  echo "$passed passed, $failed failed, $skipped skipped"
  ((failed == 0))
}

main "$@"
