#!/usr/bin/env bash
# Builds ferry and runs its tests. On a fresh Debian 12 it installs what is missing first.
#
#   tests/run.sh                                  everything, in build/
#   tests/run.sh --sanitize address,undefined     the same with sanitizers, in build-address-undefined/
#   tests/run.sh --sanitize thread                ... with ThreadSanitizer, in build-thread/
#   tests/run.sh --compiler clang++               with another compiler, in build-clang++/
#   tests/run.sh -- -R Zoo                        what stands after -- goes to ctest
set -euo pipefail
cd "$(dirname "$0")/.."

sanitize="" compiler="" build=build
while (($# > 0)); do
  case $1 in
    --sanitize) sanitize=${2:?--sanitize needs address,undefined or thread}; build=build-${sanitize//,/-}; shift 2 ;;
    --compiler) compiler=${2:?--compiler needs the name of a C++ compiler}; build=build-$compiler; shift 2 ;;
    --) shift; break ;;
    *) sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
done

samples/install-dependencies.sh --tests
options=(-DFERRY_SANITIZE="$sanitize" -DFERRY_TESTS=ON)
# A first build compiles everything, so it is the cheaper one; a folder that is there stays as it is.
[[ -f $build/CMakeCache.txt ]] || options+=(-DFERRY_UNITY=ON)
[[ -n $compiler ]] && options+=(-DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_C_COMPILER="${compiler/clang++/clang}")
cmake -S . -B "$build" -G Ninja "${options[@]}" >&2
cmake --build "$build" >&2
source tests/sanitizers/options.sh
# Tests wait more than they compute.
exec ctest --test-dir "$build" --parallel "$(nproc)" --output-on-failure --no-tests=error "$@"
