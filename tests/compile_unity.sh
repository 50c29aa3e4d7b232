#!/usr/bin/env bash
# compile_unity.sh COMPILER ARGUMENT... : runs the compiler, and where it refuses a file of CMake's that includes several,
# compiles the first and the second half of these instead, and so on. So files with a name in common, which are right each
# for itself, cost time and nothing else; a file that is wrong fails alone, with its own message.
set -uo pipefail

all=("$@") unity="" object="" dependencies=""
for ((i = 0; i < ${#all[@]}; ++i)); do
  case ${all[i]} in
    */unity_*.cxx) unity=$i ;;
    -o) object=$((++i)) ;;
    -MF) dependencies=$((++i)) ;;
  esac
done
mapfile -t files < <([[ -n $unity ]] && sed -n 's/^#include "\(.*\)"$/\1/p' "${all[unity]}")
((${#files[@]} > 1)) && [[ -n $object ]] || exec "$@"

"$@" -Wfatal-errors 2>/dev/null && exit
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

compile() { # compile NAME FILE...: to NAME.o and NAME.d, or in parts to NAME0*.o and NAME1*.o
  local name=$1 arguments=("${all[@]}") half=$((($# - 1) / 2)) source=$2
  shift
  arguments[object]=$name.o
  [[ -n $dependencies ]] && arguments[dependencies]=$name.d
  if (($# > 1)); then
    source=$name.cxx
    printf '#include "%s"\n' "$@" >"$source"
  fi
  arguments[unity]=$source
  if (($# == 1)); then
    "${arguments[@]}"
  else
    "${arguments[@]}" -Wfatal-errors 2>/dev/null || {
      rm -f "$name.o" "$name.d"
      compile "${name}0" "${@:1:half}" && compile "${name}1" "${@:half + 1}"
    }
  fi
}
half=$((${#files[@]} / 2))
compile "$work/0" "${files[@]:0:half}" && compile "$work/1" "${files[@]:half}" || exit
[[ -n $dependencies ]] && cat "$work"/*.d >"${all[dependencies]}"
exec ld -r -o "${all[object]}" "$work"/*.o
