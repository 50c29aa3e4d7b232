#!/usr/bin/env bash
# The pages of one data model into a table of SQLite, as it is done by hand: curl reads them, jq takes them apart, and
# sqlite3 or sqlite-utils writes them. sync_by_curl.sh sqlite3|sqlite-utils FIRST_PAGE_URL FILE
set -euo pipefail
writer=$1 first=$2 file=$3

pages() { # how jq prints a page
  local next='' page=$file.page
  for (( ; ; )); do
    curl -sf -H 'api_key: sandbox' -o "$page" "$first${next:+&next=$next}"
    jq "$@" "$page"
    next=$(tail -c 200 "$page" | LC_ALL=C sed -nE 's/.*"next":"([^"]*)".*/\1/p')
    [[ -n $next ]] || break
  done
  rm "$page"
}

sqlite3 "$file" 'PRAGMA journal_mode = WAL' >/dev/null
case $writer in
  sqlite3)
    sqlite3 "$file" 'CREATE TABLE invoices (rootfi_id INTEGER PRIMARY KEY, rootfi_deleted_at, rootfi_created_at,
      rootfi_updated_at, rootfi_company_id, platform_id, currency_id, contact_id, total_amount REAL, document_number,
      posted_date, memo, status)'
    pages -r '.data[] | [.rootfi_id, .rootfi_deleted_at, .rootfi_created_at, .rootfi_updated_at, .rootfi_company_id,
      .platform_id, .currency_id, .contact_id, .total_amount, .document_number, .posted_date, .memo, .status] | @csv' |
      sqlite3 "$file" 'PRAGMA synchronous = NORMAL' '.import --csv /dev/stdin invoices'
    ;;
  sqlite-utils) pages -c '.data[]' | sqlite-utils insert "$file" invoices - --nl --pk rootfi_id ;;
esac
