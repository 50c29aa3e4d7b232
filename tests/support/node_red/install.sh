#!/bin/sh
# Installs the Node-RED of the tests, pinned by package-lock.json, into a folder: install.sh FOLDER
# Safe to run from several tests at once; does nothing if that very Node-RED is already there.
set -eu
source=$(cd "$(dirname "$0")" && pwd)
folder=$1
mkdir -p "$folder"
exec 9>"$folder/.lock"
flock 9
want=$(cat "$source/package.json" "$source/package-lock.json" | sha256sum | cut -d' ' -f1)
if [ -f "$folder/.installed" ] && [ "$(cat "$folder/.installed")" = "$want" ]; then exit 0; fi
rm -f "$folder/.installed"
cp "$source/package.json" "$source/package-lock.json" "$folder/"
cd "$folder"
npm ci --omit=dev --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error
echo "$want" >"$folder/.installed"
