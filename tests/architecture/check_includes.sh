#!/bin/sh
# check_includes.sh ROOT: the direction of includes. The SDK includes nothing but itself and the standard library; a
# connector nothing but the SDK, the standard library and its own folder; a room of the host only the rooms below it;
# what tests share nothing of the host but its base. Prints every include that points elsewhere; fails if there is one.
set -eu
cd "$1"

# The rooms a room may include beside itself, as host/CMakeLists.txt links them.
rooms_below() {
  case $1 in
    base) ;;
    statistics | records | packages | http | connectors | database) echo base ;;
    destinations) echo base database records statistics ;;
    config) echo base connectors records ;;
    worker) echo base packages http connectors ;;
    runs) echo base database packages http connectors worker statistics records config ;;
    promotion) echo base packages http connectors worker statistics records config runs ;;
    sync) echo base database destinations packages http connectors worker statistics records config runs ;;
    release) echo base packages http connectors worker statistics records config runs promotion ;;
    cli) echo base packages http connectors worker statistics records config destinations runs promotion release sync ;;
    *) echo "host/$1 has no place in tests/architecture/check_includes.sh yet" >&2 && return 1 ;;
  esac
}

# "FILE INCLUDED" for every include below the folder; what stands in quotes keeps them.
includes() {
  [ ! -d "$1" ] || grep -rHoE --include='*.h' --include='*.hpp' --include='*.c' --include='*.cpp' --include='*.inc' \
    '^[[:space:]]*#[[:space:]]*include[[:space:]]*(<[^>]+>|"[^"]+")' "$1" |
    sed -E 's|^([^:]+):[^<"]*<([^>]+)>$|\1 \2|; s|^([^:]+):[^<"]*("[^"]+")$|\1 \2|'
}

# Headers of C++ have neither dot nor slash; of C these; the last two are the compiler's own.
is_standard() {
  case $1 in
    */*) return 1 ;;
    assert.h | errno.h | float.h | limits.h | math.h | signal.h | stdarg.h | stdbool.h | stddef.h | stdint.h | stdio.h | \
      stdlib.h | string.h | time.h | cpuid.h | immintrin.h) ;;
    *.*) return 1 ;;
  esac
}

# What a library's folder may include: the SDK, the standard library, files beside the including one.
complain_unless_alone() {
  includes "$1" | while read -r file included; do
    name=${included#\"}
    name=${name%\"}
    case $name in
      ferry/*..*) ;;
      ferry/*) [ -f "sdk/include/$name" ] && continue ;;
      *) is_standard "$included" && continue
        [ "$name" != "$included" ] && [ "${name#*..}" = "$name" ] && [ -f "$(dirname "$file")/$name" ] && continue ;;
    esac
    echo "$file includes $included: $2"
  done
}

complain_unless_below() { # FILES ROOM ALLOWED: of host/, only the allowed rooms; nothing of plugins/ and tests/
  includes "$1" | while read -r file included; do
    name=${included#\"}
    name=${name%\"}
    case $name in
      plugins/* | tests/*) [ "$2" = tests ] && [ "${name#tests/}" != "$name" ] && continue ;;
      *..*) ;;
      host/*)
        room=${name#host/}
        room=${room%%/*}
        case " $3 " in *" $room "*) continue ;; esac ;;
      *) continue ;;
    esac
    echo "$file includes $included: allowed are ${3:-no other rooms}"
  done
}

found=$(
  complain_unless_alone sdk/include "the SDK knows nobody but the standard library"
  for connector in plugins/*/; do
    [ ! -d "$connector" ] || complain_unless_alone "${connector%/}" "a connector knows the SDK and its own folder"
  done
  for folder in host/*/; do
    [ -d "$folder" ] || continue
    room=$(basename "$folder")
    below=$(rooms_below "$room") || { echo "host/$room: unknown room" && continue; }
    complain_unless_below "host/$room" "$room" "$room $below"
  done
  complain_unless_below tests/support tests base
)
[ -z "$found" ] || {
  echo "$found"
  exit 1
}
