#!/bin/sh
# build_outside.sh CMAKE GENERATOR SOURCE_DIR BUILD_DIR [FERRY]
#
# Installs the SDK to a temporary prefix, copies the sample connectors away from the tree, builds, installs and checks
# them there, and lets ferry show and use them.
set -eu
cmake=$1 generator=$2 source=$3 build=$4 ferry=${5:-}
umask 002 # the usual one of many systems: what ferry loads must be safe all the same
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"

die() {
  echo "$*"
  exit 1
}
must_say() { # must_say TEXT COMMAND...
  wanted=$1
  shift
  said=$("$@" 2>&1) || die "$* failed: $said"
  case $said in *"$wanted"*) ;; *) die "$* does not say \"$wanted\" but: $said" ;; esac
}

"$cmake" --install "$build" --component sdk --prefix "$work/sdk" >/dev/null
for sample in hello_c hello_cpp; do
  cp -R "$source/samples/connectors/$sample" "$work/$sample"
  "$cmake" -G "$generator" -S "$work/$sample" -B "$work/$sample/build" -DCMAKE_PREFIX_PATH="$work/sdk" \
    -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_FLAGS="-Wall -Wextra -Wpedantic -Werror" \
    -DCMAKE_CXX_FLAGS="-Wall -Wextra -Wpedantic -Werror" >"$work/log" 2>&1 || die "configuring $sample: $(cat "$work/log")"
  "$cmake" --build "$work/$sample/build" >"$work/log" 2>&1 || die "building $sample: $(cat "$work/log")"
  "$cmake" --install "$work/$sample/build" --prefix "$work/installed" >"$work/log" 2>&1 ||
    die "installing $sample: $(cat "$work/log")"

  folder=$(find "$work/installed" -type d -path "*/ferry/connectors/$sample")
  library=$folder/$sample.so
  exported=$(nm -D --defined-only "$library" | awk '$2 != "A" {sub(/@.*/, "", $3); print $3}')
  [ "$exported" = ferry_connector_v1 ] || die "$sample exports: $exported"
  ! readelf -d "$library" | grep -E 'RPATH|RUNPATH' || die "$sample has an RPATH"
  readelf -d "$library" | grep -q 'BIND_NOW' || die "$sample is bound lazily"
  ! readelf -d "$library" | grep -F libferry || die "$sample needs a library of ferry"
  grep -q "$(sha256sum "$library" | cut -d' ' -f1)" "$folder/connector.json" || die "$sample: the manifest has another hash"
  [ -z "$(find "$folder" -perm /022)" ] || die "$sample: others may write $(find "$folder" -perm /022)"
  mkdir -p "$work/connectors"
  chmod 755 "$work/connectors"
  cp -Rp "$folder" "$work/connectors/"
done

if [ -z "$ferry" ]; then
  echo "built and checked; this build has no ferry to try them with"
  exit 0
fi
cat >"$work/ferry.yaml" <<YAML
connections:
  greetings:
    connector: org.example.hello-c
    url: http://127.0.0.1:9
YAML
run() { "$ferry" --config "$work/ferry.yaml" --state-dir "$work/state" --connector-path "$work/connectors" "$@"; }
must_say 'Hello in C' run connectors show org.example.hello-c
must_say 'Hello in C++' run connectors show org.example.hello-cpp
must_say greetings run catalog greetings
echo "built, checked and used"
