#!/usr/bin/env bash
# run.sh SANITIZER BUILD_DIR TARGET...: builds the test targets with the sanitizer and runs them.
set -euo pipefail
sanitizer=$1 build=$2
shift 2
source=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$build"
cmake -S "$source" -B "$build" -G Ninja -DFERRY_SANITIZE="$sanitizer" -DFERRY_TESTS=ON -DFERRY_BENCHMARKS=OFF \
  -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="-O1 -g1" -DCMAKE_C_FLAGS_RELWITHDEBINFO="-O1 -g1" >/dev/null
cmake --build "$build" --target "$@"
export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1
for target in "$@"; do
  program=$(find "$build/tests" -type f -name "$target" -perm -u+x | head -n 1)
  [[ -n $program ]] || { echo "the target $target made no program" >&2; exit 1; }
  echo "== $target"
  "$program" --gtest_brief=1
done
