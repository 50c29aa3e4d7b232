"""singer_tap.py FIRST_PAGE_URL: a data model's pages as the messages of a Singer tap, on standard output.

What taps do for every record: its members are brought into the types of the schema, times into UTC, and it is written
and flushed as a message of its own, with the time it was extracted. A STATE a page. Left out: metadata, selection and
logging.
"""
import datetime
import http.client
import json
import sys
import urllib.parse

STREAM = "invoices"
TIME = {"type": ["null", "string"], "format": "date-time"}
SCHEMA = {
    "rootfi_id": {"type": ["integer"]}, "rootfi_deleted_at": TIME, "rootfi_created_at": TIME,
    "rootfi_updated_at": TIME, "rootfi_company_id": {"type": ["null", "integer"]},
    "platform_id": {"type": ["null", "string"]}, "currency_id": {"type": ["null", "string"]},
    "contact_id": {"type": ["null", "integer"]}, "total_amount": {"type": ["null", "number"]},
    "document_number": {"type": ["null", "string"]}, "posted_date": {"type": ["null", "string"]},
    "memo": {"type": ["null", "string"]}, "status": {"type": ["null", "string"]},
}
CASTS = {"integer": int, "number": float, "string": str}


def time_text(moment):
    return moment.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def transformed(value, schema):
    for kind in schema["type"]:
        if kind == "null":
            if value is None:
                return None
        elif schema.get("format") == "date-time":
            return time_text(datetime.datetime.fromisoformat(value.replace("Z", "+00:00")))
        else:
            return CASTS[kind](value)
    raise ValueError(f"{value!r} is none of {schema['type']}")


def write(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def main(first):
    url = urllib.parse.urlsplit(first)
    connection = http.client.HTTPConnection(url.netloc)
    write({"type": "SCHEMA", "stream": STREAM, "key_properties": ["rootfi_id"],
           "schema": {"type": "object", "properties": SCHEMA}})
    cursor = ""
    while cursor is not None:
        connection.request("GET", f"{url.path}?{url.query}" + (f"&next={cursor}" if cursor else ""),
                           headers={"api_key": "sandbox"})
        answer = connection.getresponse()
        if answer.status != 200:
            sys.exit(f"the platform answered {answer.status}")
        page = json.load(answer)
        extracted = datetime.datetime.now(datetime.timezone.utc)
        for record in page["data"]:
            kept = {name: transformed(value, SCHEMA[name]) for name, value in record.items() if name in SCHEMA}
            write({"type": "RECORD", "stream": STREAM, "record": kept, "time_extracted": time_text(extracted)})
        cursor = page["next"]
        write({"type": "STATE", "value": {"bookmarks": {STREAM: {"next": cursor}}}})


main(sys.argv[1])
