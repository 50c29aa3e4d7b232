#!/usr/bin/env bash
# Installs what ferry needs on Debian 12: the compiler and libraries, and Node.js, which runs Node-RED in the quick start
# and the tests. With --tests also what only the tests need. As root, or with sudo; does nothing where all is there.
set -euo pipefail

packages=(
  cmake ninja-build g++ ca-certificates git
  libboost-dev libboost-filesystem-dev libboost-program-options-dev libboost-system-dev
  sqlite3 libpoco-dev libpq-dev libsqlite3-dev libsimdjson-dev libssl-dev libxxhash-dev libyaml-cpp-dev zlib1g-dev
)
[[ ${1:-} == --tests ]] && packages+=(
  libgtest-dev libgmock-dev libbenchmark-dev clang curl openssl groff-base man-db zsh binutils
  jq postgresql python3 sqlite-utils sqlite3
)

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
# Node.js may come from elsewhere than Debian's package; 18 or newer will do for Node-RED 4.
node_is_new_enough() { command -v node >/dev/null && command -v npm >/dev/null && (($(node -p 'process.versions.node.split(".")[0]') >= 18)); }
node_is_new_enough || missing+=(nodejs npm)

if ((${#missing[@]} > 0)); then
  as_root=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null || {
      echo "install-dependencies: these packages are missing, and I am neither root nor is there sudo: ${missing[*]}" >&2
      exit 1
    }
    as_root=(sudo)
  fi
  echo "Installing: ${missing[*]}" >&2
  "${as_root[@]}" apt-get update -qq
  # The tests start PostgreSQL servers of their own: nothing is to run, or to hold a port, because they were installed.
  no_cluster=""
  if [[ " ${missing[*]} " == *" postgresql "* ]]; then
    no_cluster=/etc/postgresql-common/createcluster.d/ferry.conf
    "${as_root[@]}" mkdir -p "${no_cluster%/*}"
    echo "create_main_cluster = false" | "${as_root[@]}" tee "$no_cluster" >/dev/null
    trap '"${as_root[@]}" rm -f "$no_cluster"' EXIT
  fi
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
