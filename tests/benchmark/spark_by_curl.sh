#!/usr/bin/env bash
# A Spark package from one tenant to another with curl and nothing else: the calls that ferry makes, without its hashing,
# checks and record. spark_by_curl.sh SOURCE_URL TARGET_URL SERVICE PACKAGE
set -euo pipefail
source=$1 target=$2 service=$3 package=$4
origin() { sed -E 's|^(https?://[^/]+)/.*|\1|' <<<"$1"; }
member() { sed -nE "s/.*\"$1\":\"([^\"]*)\".*/\1/p"; }
token() {
  curl -sf "$(origin "$1")/auth/realms/${1##*/}/protocol/openid-connect/token" \
    -d "grant_type=client_credentials&client_id=ferry&client_secret=sandbox" | member access_token
}
follow() { # URL TOKEN
  local job
  for (( ; ; )); do
    job=$(curl -sf -H "Authorization: Bearer $2" "$1")
    case $job in *'"status":"closed"'*) printf '%s' "$job"; return ;; esac
    read -rt 0.1 <> <(:) || true
  done
}

from=$(token "$source")
job=$(curl -sf -H "Authorization: Bearer $from" -H 'Content-Type: application/json' "$source/api/v4/export" \
  -d "{\"inputs\":{\"services\":[\"$service\"]},\"file_filter\":\"migrate\",\"version_filter\":\"latest\"}")
id=$(grep -oE '"id":"[^"]+"' <<<"$job" | head -1 | cut -d'"' -f4)
done=$(follow "$source/api/v4/export/$id/status" "$from")
curl -sf -o "$package" "$(grep -oE '"file":"[^"]+"' <<<"$done" | head -1 | cut -d'"' -f4)"

to=$(token "$target")
job=$(curl -sf -H "Authorization: Bearer $to" -H 'Expect:' "$target/api/v4/import" \
  -F 'importRequestEntity={"services_existing":"replace"}' -F "file=@$package;type=application/zip")
id=$(grep -oE '"id":"[^"]+"' <<<"$job" | head -1 | cut -d'"' -f4)
follow "$target/api/v4/import/$id/status" "$to" >/dev/null
