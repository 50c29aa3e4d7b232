#!/bin/sh
# check_includes_test.sh SOURCE WORK: the check passes on the tree as it is, and finds each wrong include planted in a
# small tree of its own.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
check=$here/check_includes.sh
sh "$check" "$1"

tree=$2/architecture-tree
failed=0
fresh() {
  rm -rf "$tree"
  mkdir -p "$tree/sdk/include/ferry" "$tree/plugins/acme" "$tree/tests/support/part"
  for room in base statistics records packages http connectors config worker runs promotion cli; do
    mkdir -p "$tree/host/$room"
    printf '#include <Poco/JSON/Object.h>\n#include "host/base/a.hpp"\n' >"$tree/host/$room/a.cpp"
  done
  printf '#include <stdint.h>\n' >"$tree/sdk/include/ferry/connector.h"
  printf '#include <string>\n#include "ferry/connector.h"\n#include "plan.hpp"\n' >"$tree/plugins/acme/acme.cpp"
  printf '#include <ferry/connector.h>\n' >"$tree/plugins/acme/plan.hpp"
  printf '#include "host/worker/a.hpp"\n#include "host/config/a.hpp"\n' >"$tree/host/runs/b.hpp"
  printf '#include "host/base/a.hpp"\n#include "tests/support/b.hpp"\n' >"$tree/tests/support/part/a.cpp"
}
expect() { # VERDICT FILE INCLUDE
  fresh
  [ -z "$2" ] || printf '%s\n' "$3" >>"$tree/$2"
  verdict=good
  out=$(sh "$check" "$tree" 2>&1) || verdict=bad
  [ "$verdict" = "$1" ] && { [ "$1" = good ] || case $out in *"$2"*) true ;; *) false ;; esac } && return
  echo "expected $1 with '$3' in '$2', found $verdict: $out"
  failed=1
}

expect good "" ""
expect good host/cli/a.cpp '#include "host/promotion/x.hpp"'
expect good host/runs/a.cpp '#include <sqlite3.h>'
expect bad sdk/include/ferry/connector.h '#include "host/base/text.hpp"'
expect bad sdk/include/ferry/connector.h '#include <Poco/Net/Net.h>'
expect bad sdk/include/ferry/connector.h '#include <sqlite3.h>'
expect bad sdk/include/ferry/connector.h '#include "ferry/not_there.hpp"'
expect bad plugins/acme/acme.cpp '#include "host/base/text.hpp"'
expect bad plugins/acme/acme.cpp '  #  include <Poco/JSON/Object.h>'
expect bad plugins/acme/acme.cpp '#include "../other/plan.hpp"'
expect bad plugins/acme/acme.cpp '#include "ferry/../../../host/base/text.hpp"'
expect bad plugins/acme/acme.cpp '#include "plugins/other/plan.hpp"'
expect bad host/base/a.cpp '#include "host/http/x.hpp"'
expect bad host/statistics/a.cpp '#include "host/records/x.hpp"'
expect bad host/worker/a.cpp '#include "host/runs/x.hpp"'
expect bad host/worker/a.cpp '#include <host/config/x.hpp>'
expect bad host/config/a.cpp '#include "host/worker/x.hpp"'
expect bad host/promotion/a.cpp '#include "host/cli/x.hpp"'
expect bad host/runs/a.cpp '#include "plugins/acme/plan.hpp"'
expect bad host/runs/a.cpp '#include "tests/support/b.hpp"'
expect bad host/runs/a.cpp '#include "../cli/x.hpp"'
expect bad tests/support/part/a.cpp '#include "host/runs/x.hpp"'
fresh
mkdir "$tree/host/newcomer"
! sh "$check" "$tree" >/dev/null 2>&1 || { echo "a room without a place is not noticed" && failed=1; }
rm -rf "$tree"
exit $failed
