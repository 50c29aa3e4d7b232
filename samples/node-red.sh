#!/usr/bin/env bash
# A promotion on real servers: builds ferry, starts two Node-RED servers (dev and prod) on free ports, brings the flows
# of dev to prod, and stops the servers again. On a fresh Debian 12 it installs what is missing first.
# Everything it makes is below build/: remove that folder and nothing is left.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\n\033[1m%s\033[0m\n' "$*" >&2; }
[[ -t 2 && -z ${NO_COLOR:-} ]] || say() { printf '\n%s\n' "$*" >&2; }

say "1. Install what is missing, build ferry and its Node-RED connector"
samples/install-dependencies.sh
[[ -f build/CMakeCache.txt ]] || cmake -S . -B build -G Ninja -DFERRY_TESTS=OFF -DFERRY_BENCHMARKS=OFF >/dev/null
cmake --build build --target ferry node_red
tests/support/node_red/install.sh "$PWD/build/node-red" >/dev/null

say "2. Start two Node-RED servers"
home=$PWD/build/node-red-sample
rm -rf "$home"
mkdir -p "$home"/{dev,prod}
cp samples/node-red/dev-flows.json "$home/dev/flows.json"
cp samples/node-red/prod-flows.json "$home/prod/flows.json"
random() { node -p 'require("crypto").randomBytes(12).toString("hex")'; }
export PROD_PASSWORD SAMPLE_CREDENTIAL_SECRET
PROD_PASSWORD=$(random)
SAMPLE_CREDENTIAL_SECRET=$(random)

servers=()
stop_servers() { ((${#servers[@]} == 0)) || kill "${servers[@]}" 2>/dev/null || true; }
trap stop_servers EXIT

# free_port: a port nobody listens on now. start_server STAGE PORT PASSWORD
free_port() { node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})'; }
start_server() {
  SAMPLE_PORT=$2 SAMPLE_PASSWORD=$3 SAMPLE_NODE_RED=$PWD/build/node-red \
    node build/node-red/node_modules/node-red/red.js --userDir "$home/$1" --settings samples/node-red/settings.js \
    >"$home/$1.log" 2>&1 &
  servers+=($!)
}
wait_for_server() { # STAGE PORT
  local end=$((SECONDS + 60))
  until grep -q 'Started flows' "$home/$1.log"; do
    if ((SECONDS > end)) || ! kill -0 "${servers[@]}" 2>/dev/null; then
      echo "node-red: the $1 server on port $2 did not start; its log ends:" >&2
      tail -n 20 "$home/$1.log" >&2
      exit 1
    fi
    read -rt 0.1 <> <(:) || true
  done
  echo "Node-RED $1 runs at http://127.0.0.1:$2" >&2
}
dev=$(free_port)
prod=$(free_port)
start_server dev "$dev" ""
start_server prod "$prod" "$PROD_PASSWORD"
wait_for_server dev "$dev"
wait_for_server prod "$prod"
sed "s/:1880/:$dev/; s/:1881/:$prod/" samples/node-red/ferry.yaml >"$home/ferry.yaml"

export FERRY_CONFIG=$home/ferry.yaml FERRY_STATE_DIR=$home/state FERRY_CONNECTOR_PATH=$PWD/build/connectors
ferry() {
  printf '\n$ ferry' && printf ' %s' "$@" && printf '\n'
  build/bin/ferry "$@"
}

say "3. What is there?"
ferry connections list
ferry connections check flows-prod

say "4. Export the flows of dev, and see what they would change in prod"
ferry export flows-dev -o "$home/flows.zip"
# Somebody made a flow "Reports" by hand in prod, so the preview reports a conflict and ends with code 1.
ferry import flows-prod "$home/flows.zip" --on-existing replace --dry-run || (($? == 1))

say "5. Say that both flows \"Reports\" are the same one, and import"
ferry import flows-prod "$home/flows.zip" --on-existing replace --map flow/Reports=Reports

say "6. Nothing is left to promote"
ferry promote flows-dev flows-prod --on-existing replace --map flow/Reports=Reports --dry-run
ferry runs list
