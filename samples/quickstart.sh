#!/usr/bin/env bash
# The main job: builds ferry and a sandbox that plays four platforms over HTTP, and promotes a SmartIQ project set, a
# Dev2Prod package and Spark services from dev to test in one run, beside a look at Integration Labs; then it brings data
# models and an inventory of Spark into one SQLite database. No account is needed.
# On a fresh Debian 12 it installs what is missing first. Everything it makes is below build/.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\n\033[1m%s\033[0m\n' "$*" >&2; }
[[ -t 2 && -z ${NO_COLOR:-} ]] || say() { printf '\n%s\n' "$*" >&2; }

say "1. Install what is missing, build ferry, its connectors and the sandbox"
samples/install-dependencies.sh
[[ -f build/CMakeCache.txt ]] || cmake -S . -B build -G Ninja -DFERRY_TESTS=OFF -DFERRY_BENCHMARKS=OFF >/dev/null
cmake --build build --target ferry ferry-sandbox smartiq dev2prod spark integration_labs

say "2. Start the sandbox: each platform with the environments dev, test and prod"
home=$PWD/build/quickstart
rm -rf "$home"
mkdir -p "$home"
build/bin/ferry-sandbox --port 0 --env-file "$home/sandbox.env" --ready-file "$home/sandbox.json" >"$home/sandbox.log" 2>&1 &
sandbox=$!
trap 'kill $sandbox 2>/dev/null || true' EXIT
end=$((SECONDS + 30))
until [[ -s $home/sandbox.json ]]; do
  if ((SECONDS > end)) || ! kill -0 $sandbox 2>/dev/null; then
    echo "quickstart: the sandbox did not start; its log ends:" >&2
    tail -n 20 "$home/sandbox.log" >&2
    exit 1
  fi
  read -rt 0.05 <> <(:) || true
done
set -a
source "$home/sandbox.env"
SMARTIQ_PASSWORD=sandbox DEV2PROD_PASSWORD=sandbox SPARK_CLIENT_SECRET=sandbox INTEGRATION_LABS_KEY=sandbox
set +a

export FERRY_CONFIG=samples/ferry.yaml FERRY_STATE_DIR=$home/state FERRY_CONNECTOR_PATH=$PWD/build/connectors
ferry() {
  printf '\n$ ferry' && printf ' %s' "$@" && printf '\n'
  build/bin/ferry "$@"
}

say "3. What is there?"
ferry connections list
ferry catalog spark-dev

say "4. What would the release change?"
ferry run samples/mixed.yaml --dry-run

say "5. Carry it out"
ferry run samples/mixed.yaml

say "6. Nothing is left to promote, and everything is on record"
ferry run samples/mixed.yaml --dry-run
ferry runs list

say "7. Bring data models into a database; the second time there is nothing new"
ferry sync books --model INVOICES --model CONTACTS
ferry sync spark-test
ferry sync books --model INVOICES --model CONTACTS
ferry models books

say "8. Ask the database"
query() {
  printf '\n$ sqlite3 warehouse.db "%s"\n' "$1"
  sqlite3 -header -column "$home/warehouse.db" "$1"
}
query "SELECT status, count(*) AS invoices, round(sum(total_amount), 2) AS total FROM books_invoices_current GROUP BY status"
query "SELECT name, version FROM spark_test_service_version_current ORDER BY name"
