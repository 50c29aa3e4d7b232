#!/usr/bin/env bash
# run.sh SANITIZER BUILD_DIR TARGET...: builds the test targets with the sanitizer and runs them, two at a time: they wait
# more than they compute.
set -euo pipefail
sanitizer=$1 build=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$build"
cmake -S "$here/../.." -B "$build" -G Ninja -DFERRY_SANITIZE="$sanitizer" -DFERRY_UNITY=ON -DFERRY_TESTS=ON >/dev/null
cmake --build "$build" --target "$@"
source "$here/options.sh"

run_target() { # run_target TARGET: what it says stays together
  local program said status=0
  program=$(find "$build/tests" -type f -name "$1" -perm -u+x | head -n 1)
  [[ -n $program ]] || { echo "the target $1 made no program" >&2; return 1; }
  said=$("$program" --gtest_brief=1 2>&1) || status=$?
  echo "== $1"$'\n'"$said"
  return $status
}
export build
export -f run_target
printf '%s\n' "$@" | xargs -P 2 -I{} bash -c 'run_target {}'
