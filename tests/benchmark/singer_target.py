"""singer_target.py FILE: a Singer target for SQLite. Records come as messages on standard input and are upserted in
batches; the last state that they cover is printed. Less than a target of today does: no record is validated.
"""
import json
import sqlite3
import sys

BATCH = 10_000  # as the targets of the Meltano SDK have it
TYPES = {"integer": "INTEGER", "number": "REAL", "boolean": "INTEGER"}


class Stream:
    def __init__(self, database, message):
        properties = message["schema"]["properties"]
        keys = message["key_properties"]
        table = message["stream"]
        self.database = database
        self.columns = list(properties)
        self.records = {}
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

    def add(self, record):
        self.records[record[self.key]] = record
        if len(self.records) >= BATCH:
            self.flush()

    def flush(self):
        rows = ([self.value(record.get(name)) for name in self.columns] for record in self.records.values())
        with self.database:
            self.database.executemany(self.upsert, rows)
        self.records = {}

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
            streams[message["stream"]].add(message["record"])
        elif kind == "STATE":
            state = message["value"]
        elif kind == "SCHEMA":
            streams[message["stream"]] = Stream(database, message)
    for stream in streams.values():
        stream.flush()
    print(json.dumps(state))
    database.close()


main(sys.argv[1])
