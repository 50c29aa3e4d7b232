"""singer_tap.py FIRST_PAGE_URL: a data model's pages as the messages of a Singer tap, on standard output.

A message a record, each written and flushed as singer-python does; a STATE a page. Less than a tap of today does: no
record is checked or transformed by its schema.
"""
import http.client
import json
import sys
import urllib.parse

STREAM = "invoices"
MEMBERS = {
    "rootfi_id": ["integer"], "rootfi_deleted_at": ["null", "string"], "rootfi_created_at": ["string"],
    "rootfi_updated_at": ["string"], "rootfi_company_id": ["integer"], "platform_id": ["string"],
    "currency_id": ["string"], "contact_id": ["integer"], "total_amount": ["number"], "document_number": ["string"],
    "posted_date": ["string"], "memo": ["string"], "status": ["string"],
}


def write(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def main(first):
    url = urllib.parse.urlsplit(first)
    connection = http.client.HTTPConnection(url.netloc)
    write({"type": "SCHEMA", "stream": STREAM, "key_properties": ["rootfi_id"],
           "schema": {"type": "object", "properties": {name: {"type": types} for name, types in MEMBERS.items()}}})
    path = url.path + "?" + url.query
    cursor = ""
    while cursor is not None:
        connection.request("GET", path + (f"&next={cursor}" if cursor else ""), headers={"api_key": "sandbox"})
        answer = connection.getresponse()
        if answer.status != 200:
            sys.exit(f"the platform answered {answer.status}")
        page = json.load(answer)
        for record in page["data"]:
            write({"type": "RECORD", "stream": STREAM, "record": record})
        cursor = page["next"]
        write({"type": "STATE", "value": {"bookmarks": {STREAM: {"next": cursor}}}})


main(sys.argv[1])
