"""singer_target.py FILE: a Singer target for SQLite. Records come as messages on standard input and are upserted in
batches, with the columns of metadata that targets add; the last state that they cover is printed. Left out: that every
record is validated against its JSON schema.
"""
import datetime
import json
import sqlite3
import sys
import time

BATCH = 10_000  # as the targets of the Meltano SDK have it
METADATA = {f"_sdc_{name}": {"type": [kind]} for name, kind in {
    "extracted_at": "string", "received_at": "string", "batched_at": "string", "deleted_at": "string",
    "sequence": "integer", "table_version": "integer"}.items()}
TYPES = {"integer": "INTEGER", "number": "REAL", "boolean": "INTEGER"}


class Stream:
    def __init__(self, database, message):
        properties = {**message["schema"]["properties"], **METADATA}
        keys = message["key_properties"]
        table = message["stream"]
        self.database = database
        self.columns = list(properties)
        self.records = {}
        self.began = self.now()
        self.key = keys[0]
        declared = ", ".join(f'"{name}" {self.type_of(kind)}' for name, kind in properties.items())
        database.execute(f'CREATE TABLE IF NOT EXISTS "{table}" ({declared}, PRIMARY KEY ("{self.key}"))')
        named = ", ".join(f'"{name}"' for name in self.columns)
        changes = ", ".join(f'"{name}" = excluded."{name}"' for name in self.columns if name != self.key)
        self.upsert = (f'INSERT INTO "{table}" ({named}) VALUES ({", ".join("?" * len(self.columns))}) '
                       f'ON CONFLICT ("{self.key}") DO UPDATE SET {changes}')

    @staticmethod
    def type_of(schema):
        return next((TYPES[one] for one in schema["type"] if one in TYPES), "TEXT")

    @staticmethod
    def now():
        return datetime.datetime.now(datetime.timezone.utc).isoformat()

    def add(self, message):
        record = message["record"]
        record["_sdc_extracted_at"] = message.get("time_extracted")
        record["_sdc_received_at"] = self.now()
        record["_sdc_batched_at"] = self.began
        record["_sdc_sequence"] = round(time.time() * 1000)
        record["_sdc_table_version"] = message.get("version")
        self.records[record[self.key]] = record
        if len(self.records) >= BATCH:
            self.flush()

    def flush(self):
        rows = ([self.value(record.get(name)) for name in self.columns] for record in self.records.values())
        with self.database:
            self.database.executemany(self.upsert, rows)
        self.records = {}
        self.began = self.now()

    @staticmethod
    def value(value):
        return json.dumps(value) if isinstance(value, (dict, list)) else value


def main(file):
    database = sqlite3.connect(file)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    streams = {}
    state = None
    for line in sys.stdin:
        message = json.loads(line)
        kind = message["type"]
        if kind == "RECORD":
            streams[message["stream"]].add(message)
        elif kind == "STATE":
            state = message["value"]
        elif kind == "SCHEMA":
            streams[message["stream"]] = Stream(database, message)
    for stream in streams.values():
        stream.flush()
    print(json.dumps(state))
    database.close()


main(sys.argv[1])
