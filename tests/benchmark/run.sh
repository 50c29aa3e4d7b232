#!/usr/bin/env bash
# Measures how fast ferry is and prints every figure beside its target: tests/benchmark/run.sh [NAME]...
# Names: start_up worker transfer memory flows platforms sync sandbox micro; without one, all. BUILD names the build directory.
# On a quiet machine it takes some minutes; what else runs there makes the figures worse.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${BUILD:-build}
cmake --build "$build" --target ferry_benchmark ferry_micro_benchmark
echo "load before: $(cut -d' ' -f1-3 /proc/loadavg)"
if [[ $# -eq 0 || " $* " == *" micro "* ]]; then
  "$build/tests/benchmark/ferry_micro_benchmark" --benchmark_min_time=0.3
fi
names=()
for name in "$@"; do [[ $name == micro ]] || names+=("$name"); done
if [[ $# -eq 0 || ${#names[@]} -gt 0 ]]; then
  "$build/tests/benchmark/ferry_benchmark" "${names[@]}"
fi
