#include "host/config/sync_settings.hpp"

#include <gtest/gtest.h>

#include "host/config/config.hpp"
#include "host/config/postgresql_address.hpp"
#include "host/config/sync_reader.hpp"
#include "host/connectors/json_values.hpp"
#include "tests/host/config/config_fixture.hpp"

namespace ferry::host {
namespace {

using namespace std::chrono_literals;
using testing::ConfigFolder;
using testing::Variable;
using Kind = DestinationConfig::Kind;

const std::string books = "connections:\n  books: {connector: acme, url: http://h}\n";

class SyncSettingsTest : public ::testing::Test {
 protected:
  Config load(const std::string& text) const { return Config::load(folder_.write(text)); }

  ConfigFolder folder_;
};

TEST_F(SyncSettingsTest, RemembersWhereWhatCanOnlyBeCheckedLaterIsWritten) {
  const Config config = load(R"(destinations:
  warehouse:
    sqlite: w.db
    unions:
      all: [books.INVOICES, books.BILLS]
connections:
  books:
    connector: acme
    url: http://h
    sync:
      models:
        INVOICES: {every: 15m}
)");
  const auto ends_with = [](const std::string& text, const std::string& end) {
    EXPECT_TRUE(text.ends_with(end)) << text;
  };
  ends_with(config.destinations()[0].unions[0].members[1].place,
            "ferry.yaml:5: destinations.warehouse.unions.all[1]: ");
  const SyncSettings sync = config.sync(config.connection("books"));
  ends_with(sync.model("INVOICES").place, "ferry.yaml:12: connections.books.sync.models.INVOICES: ");
  EXPECT_EQ(sync.model("BILLS").place, "");
}

TEST_F(SyncSettingsTest, ReadsEverything) {
  const Config config = load(R"(
destinations:
  warehouse:
    sqlite: data/warehouse.db
    wait: 90s
    undo: {keep: 3d, max: 500MiB}
    unions: {all_invoices: [books.INVOICES, shop.eu.my.INVOICES, shop.INVOICES]}
  lake: {postgresql: env:LAKE_URL, schema: bookkeeping, undo: off}
  local: {postgresql: "host=/run/postgresql dbname=lake user=ann"}
  pipe: {ndjson: /tmp/records.ndjson}
defaults:
  sync: {to: lake, every: daily, priority: 5, contract: freeze, max_failed: 100}
connections:
  books:
    connector: acme
    url: http://h
    sync:
      to: warehouse
      every: cron "0 6 * * 1-5"
      enabled: false
      space: ledger
      removals: delete
      overlap: 1h
      full_every: weekly
      sweep_every: {cron: "30 2 * * *"}
      from: 2023-01-01
      max_record: 1MiB
      max_removed: 10%
      max_changed: 500
      options: {platform_sync: trigger, depth: 3}
      models:
        INVOICES: {every: 15m, enabled: true, priority: 20, removals: mark, contract: discard, overlap: 0s, full_every: never,
                   sweep_every: 2d, from: 2024-02-29, max_record: 8KiB}
        CONTACTS: {}
  shop: {connector: acme, url: http://h, sync: {}}
  shop.eu: {connector: acme, url: http://h}
)");
  ASSERT_EQ(config.destinations().size(), 4u);
  const DestinationConfig warehouse = config.destination("warehouse");
  EXPECT_EQ(warehouse.kind, Kind::sqlite);
  EXPECT_EQ(warehouse.file, folder_.root() / "data/warehouse.db");
  EXPECT_EQ(warehouse.wait, 90s);
  EXPECT_TRUE(warehouse.undo.enabled);
  EXPECT_EQ(warehouse.undo.keep_ms, 3 * 86'400'000);
  EXPECT_EQ(warehouse.undo.most_bytes, 500u << 20);
  EXPECT_EQ(warehouse.line, 3);
  ASSERT_EQ(warehouse.unions.size(), 1u);
  EXPECT_EQ(warehouse.unions[0].name, "all_invoices");
  std::string members;
  for (const auto& one : warehouse.unions[0].members) members += one.connection + "|" + one.model + " ";
  EXPECT_EQ(members, "books|INVOICES shop.eu|my.INVOICES shop|INVOICES ");
  const DestinationConfig lake = config.destination("lake");
  EXPECT_EQ(lake.kind, Kind::postgresql);
  ASSERT_TRUE(lake.reference);
  EXPECT_EQ(lake.reference->where, "LAKE_URL");
  EXPECT_EQ(lake.address, "");
  EXPECT_EQ(lake.schema, "bookkeeping");
  EXPECT_FALSE(lake.undo.enabled);
  EXPECT_EQ(config.destination("local").address, "host=/run/postgresql dbname=lake user=ann");
  EXPECT_EQ(config.destination("local").schema, "ferry");
  EXPECT_EQ(config.destination("local").undo.keep_ms, 7 * 86'400'000);
  EXPECT_EQ(config.destination("pipe").kind, Kind::ndjson);
  EXPECT_EQ(config.destination("pipe").file, "/tmp/records.ndjson");

  const Connection& connection = config.connection("books");
  ASSERT_TRUE(connection.sync);
  const SyncSettings& sync = *connection.sync;
  EXPECT_EQ(sync.to, "warehouse");
  EXPECT_EQ(sync.space, "ledger");
  EXPECT_EQ(sync.max_removed, (Threshold{1000, true}));
  EXPECT_EQ(sync.max_changed, (Threshold{500, false}));
  EXPECT_EQ(sync.max_failed, (Threshold{100, false}));
  EXPECT_EQ(json_text(sync.options), R"({"platform_sync":"trigger","depth":3})");
  EXPECT_EQ(connection.line_of("sync.options.depth"), 30);
  EXPECT_EQ(connection.line_of("sync.models.INVOICES"), 32);
  EXPECT_EQ(connection.line_of("sync.models.ABSENT"), 31);

  for (const char* name : {"CONTACTS", "ANYTHING"}) {
    const ModelSync model = sync.model(name);
    EXPECT_EQ(model.name, name);
    EXPECT_EQ(model.every, Frequency::cron("0 6 * * 1-5"));
    EXPECT_FALSE(model.enabled);
    EXPECT_EQ(model.priority, 5);
    EXPECT_EQ(model.removals, RemovalPolicy::remove);
    EXPECT_EQ(model.contract, Contract::freeze);
    EXPECT_EQ(model.overlap, 1h);
    EXPECT_EQ(model.full_every, Frequency::parse("weekly"));
    EXPECT_EQ(model.sweep_every, Frequency::cron("30 2 * * *"));
    EXPECT_EQ(model.from, "2023-01-01");
    EXPECT_EQ(model.max_record, 1u << 20);
  }
  const ModelSync invoices = sync.model("INVOICES");
  EXPECT_EQ(invoices.name, "INVOICES");
  EXPECT_EQ(invoices.every, Frequency::parse("15m"));
  EXPECT_TRUE(invoices.enabled);
  EXPECT_EQ(invoices.priority, 20);
  EXPECT_EQ(invoices.removals, RemovalPolicy::mark);
  EXPECT_EQ(invoices.contract, Contract::discard);
  EXPECT_EQ(invoices.overlap, 0s);
  EXPECT_EQ(invoices.full_every, std::nullopt);
  EXPECT_EQ(invoices.sweep_every, Frequency::parse("2d"));
  EXPECT_EQ(invoices.from, "2024-02-29");
  EXPECT_EQ(invoices.max_record, 8192u);

  EXPECT_EQ(config.sync(config.connection("shop")).to, "lake");
  EXPECT_EQ(config.sync(config.connection("shop")).model("X").every, Frequency::parse("daily"));
  // Without a section of its own it is not one of those that are synced, but can be: as defaults say.
  EXPECT_FALSE(config.connection("shop.eu").sync);
  EXPECT_EQ(config.sync(config.connection("shop.eu")).space, "shop_eu");
  EXPECT_EQ(config.sync(config.connection("shop.eu")).model("X").priority, 5);
  EXPECT_EQ(json_text(config.sync(config.connection("shop.eu")).options), "{}");
}

TEST_F(SyncSettingsTest, WithoutAnything) {
  const Config config = load(books);
  EXPECT_TRUE(config.destinations().empty());
  const SyncSettings sync = config.sync(config.connection("books"));
  EXPECT_EQ(sync.to, "");
  EXPECT_EQ(sync.space, "books");
  EXPECT_EQ(sync.max_removed, std::nullopt);
  const ModelSync model = sync.model("INVOICES");
  EXPECT_EQ(model.every, std::nullopt);
  EXPECT_TRUE(model.enabled);
  EXPECT_EQ(model.removals, RemovalPolicy::mark);
  EXPECT_EQ(model.contract, Contract::evolve);
  EXPECT_EQ(model.overlap, 10min);
  EXPECT_EQ(model.max_record, 8u << 20);
}

TEST_F(SyncSettingsTest, TheOnlyDestinationNeedNotBeNamed) {
  const Config config = load(
      "destinations: {warehouse: {sqlite: w.db}}\nconnections:\n  a: {connector: x, url: http://h, "
      "sync: {}}\n  b: {connector: x, url: http://h}\n");
  for (const char* name : {"a", "b"}) EXPECT_EQ(config.sync(config.connection(name)).to, "warehouse");
}

TEST(DefaultSpaceTest, IsAlwaysANameForADatabase) {
  EXPECT_EQ(default_space("books"), "books");
  EXPECT_EQ(default_space("Flows-dev.EU"), "flows_dev_eu");
  EXPECT_EQ(default_space("1st"), "_1st");
  EXPECT_EQ(default_space("pg_dev"), "_pg_dev");
  EXPECT_EQ(default_space("information-schema"), "_information_schema");
}

TEST_F(SyncSettingsTest, DestinationsOfTheCommandLine) {
  const Config config = load("destinations: {warehouse: {sqlite: w.db}, \"x.db\": {sqlite: named.db}}\n" + books);
  EXPECT_EQ(config.destination("x.db").file, folder_.root() / "named.db");
  for (const char* file : {"w.db", "w.SQLITE", "w.sqlite3", "./w", "/tmp/w.data"}) {
    EXPECT_EQ(config.destination(file).kind, Kind::sqlite) << file;
    EXPECT_EQ(config.destination(file).file, file);
    EXPECT_EQ(config.destination(file).line, 0);
  }
  for (const char* file : {"-", "records.ndjson", "/tmp/r.jsonl"}) {
    EXPECT_EQ(config.destination(file).kind, Kind::ndjson) << file;
    EXPECT_EQ(config.destination(file).file, file);
  }
  for (const char* url : {"postgresql://h/db", "postgres://ann@h:5432/db?sslmode=require"}) {
    EXPECT_EQ(config.destination(url).kind, Kind::postgresql);
    EXPECT_EQ(config.destination(url).address, url);
  }
  EXPECT_EQ(config.destination("env:LAKE_URL").reference->where, "LAKE_URL");
  EXPECT_EQ(config.destination("file:/etc/lake").reference->kind, "file");

  const auto failure = [&](const char* name) { return folder_.failure_of([&] { config.destination(name); }); };
  EXPECT_EQ(
      failure("warehous"),
      "usage/unknown_destination: ferry.yaml: there is no destination \"warehous\"; did you mean \"warehouse\"?; a "
      "file of SQLite can be named as well, such as --to warehouse.db");
  EXPECT_EQ(failure("").substr(0, 25), "usage/unknown_destination");
  EXPECT_EQ(failure(".db").substr(0, 25), "usage/unknown_destination");
  EXPECT_EQ(
      failure("postgresql://ann:hunter2@h/db"),
      "usage/bad_destination: the destination's address holds a password, which others on this machine can see in "
      "the list of processes; put the whole of it in an environment variable and write env:NAME");
  EXPECT_EQ(
      failure("mysql://ann:hunter2@h/db"),
      "usage/bad_destination: the destination mysql://... is none that is known; write postgresql://HOST/DATABASE, "
      "or a path");
  EXPECT_EQ(failure("env:1 X").substr(0, 21), "usage/bad_destination");
  EXPECT_EQ(failure("file:").substr(0, 21), "usage/bad_destination");
}

TEST_F(SyncSettingsTest, TheAddressOfAServerStandsElsewhere) {
  const Config config = load("destinations: {lake: {postgresql: env:FERRY_TEST_LAKE}}\n" + books);
  Redactor redactor;
  const auto failure = [&] {
    return folder_.failure_of([&] { config.address(config.destination("lake"), redactor); });
  };
  EXPECT_EQ(
      failure(),
      "usage/missing_secret: ferry.yaml:1: destinations.lake.postgresql: the environment variable FERRY_TEST_LAKE is "
      "not set; set it, or refer to a file with file:PATH");
  {
    const Variable variable("FERRY_TEST_LAKE", "postgresql://ann:hunter%402@h/db");
    EXPECT_EQ(config.address(config.destination("lake"), redactor), "postgresql://ann:hunter%402@h/db");
    EXPECT_EQ(redactor.mask("password hunter@2 or hunter%402 was refused"), "password *** or *** was refused");
  }
  {
    const Variable variable("FERRY_TEST_LAKE", "somewhere else");
    EXPECT_EQ(failure(),
              "usage/bad_destination: ferry.yaml:1: destinations.lake.postgresql: the environment variable "
              "FERRY_TEST_LAKE holds no address of PostgreSQL; write postgresql://HOST/DATABASE or host=HOST "
              "dbname=DATABASE into it");
  }
  const Variable variable("FERRY_TEST_LAKE", "host=h password=abc");
  EXPECT_EQ(failure().substr(0, 18), "usage/short_secret");
  EXPECT_EQ(failure().find("abc"), std::string::npos);
}

using Words = std::vector<std::string>;

TEST(PostgresqlAddressTest, Passwords) {
  EXPECT_EQ(passwords_in("postgresql://h/db"), Words{});
  EXPECT_EQ(passwords_in("postgresql://ann@h:5432/db?sslmode=require&application_name=a"), Words{});
  EXPECT_EQ(passwords_in("postgresql://h1:5432,h2:5433/db?user=a@b"), Words{});
  EXPECT_EQ(passwords_in("postgresql:///db?host=/run/postgresql"), Words{});
  EXPECT_EQ(passwords_in("postgresql://ann:p%40w@h/db"), (Words{"p%40w", "p@w"}));
  EXPECT_EQ(passwords_in("postgresql://ann:p%zw@h/db"), Words{"p%zw"});
  EXPECT_EQ(passwords_in("postgres://ann:p/w?x@h/db"), Words{"p/w?x"});
  EXPECT_EQ(passwords_in("postgres://ann:5/w@h/db"), Words{"5/w"});
  EXPECT_EQ(passwords_in("postgresql://h/db?user=a&password=pw"), Words{"pw"});
  EXPECT_EQ(passwords_in("postgresql://h/db?pass%77ord=p%20w"), (Words{"p%20w", "p w"}));
  EXPECT_EQ(passwords_in("postgresql://h/db?sslpassword=pw"), Words{"pw"});
  EXPECT_EQ(passwords_in("host=h dbname=db user=ann passfile=/etc/p"), Words{});
  EXPECT_EQ(passwords_in("host=h password=pw dbname=db"), Words{"pw"});
  EXPECT_EQ(passwords_in("host = h\tpassword = 'p w\\'x' dbname=db"), Words{"p w'x"});
  EXPECT_EQ(passwords_in("password=p\\ w"), Words{"p w"});
  EXPECT_EQ(passwords_in("options='-c a=b' sslpassword=pw"), Words{"pw"});
  EXPECT_EQ(passwords_in("password='open"), Words{"open"});
  EXPECT_EQ(passwords_in("password="), Words{});
  EXPECT_EQ(passwords_in("nothing"), Words{});
}

struct Bad {
  const char* text;
  const char* message;
};

class BadDestinationTest : public SyncSettingsTest, public ::testing::WithParamInterface<Bad> {};

TEST_P(BadDestinationTest, IsNamed) {
  EXPECT_EQ(folder_.load_failure(books + "destinations:\n  w:\n" + GetParam().text),
            std::string("usage/bad_config: ferry.yaml:") + GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, BadDestinationTest,
    ::testing::Values(
        Bad{"", "4: destinations.w: expected a map, found nothing"},
        Bad{"    schema: x\n", "4: destinations.w: expected one of sqlite: FILE, postgresql: ADDRESS and ndjson: FILE"},
        Bad{"    sqlite: a.db\n    ndjson: b\n",
            "4: destinations.w: expected one of sqlite: FILE, postgresql: ADDRESS and ndjson: FILE"},
        Bad{"    sqlit: a.db\n", "5: destinations.w.sqlit: unknown member; did you mean \"sqlite\"?"},
        Bad{"    sqlite: ~/a.db\n", "5: destinations.w.sqlite: ~ is not replaced in a path; write the whole path"},
        Bad{"    sqlite: ''\n", "5: destinations.w.sqlite: is empty"},
        Bad{"    sqlite: a.db\n    schema: x\n",
            "6: destinations.w.schema: only PostgreSQL has schemas; leave the member out"},
        Bad{"    postgresql: env:L\n    wait: 1s\n",
            "6: destinations.w.wait: only a file of SQLite is waited for; leave the member out"},
        Bad{"    postgresql: env:L\n    schema: a-b\n",
            "6: destinations.w.schema: is no name in a database; use letters, digits and _, no digit first (at most "
            "40)"},
        Bad{"    postgresql: env:L\n    schema: pg_x\n",
            "6: destinations.w.schema: begins as names do that are reserved; choose another"},
        Bad{"    postgresql: postgresql://ann:hunter2@h/db\n",
            "5: destinations.w.postgresql: holds a password, which does not belong in this file; put the whole of it "
            "in "
            "an environment variable and write env:NAME, or in a file and write file:PATH"},
        Bad{"    postgresql: \"host=h password = 'hunter2'\"\n",
            "5: destinations.w.postgresql: holds a password, which does not belong in this file; put the whole of it "
            "in "
            "an environment variable and write env:NAME, or in a file and write file:PATH"},
        Bad{"    postgresql: lake\n",
            "5: destinations.w.postgresql: is no address of PostgreSQL; write postgresql://HOST/DATABASE, host=HOST "
            "dbname=DATABASE, or where it stands: env:NAME, file:PATH"},
        Bad{"    postgresql: 'env:'\n",
            "5: destinations.w.postgresql: env: must be followed by the name of an environment variable, such as "
            "env:ACME_PASSWORD"},
        Bad{"    sqlite: a.db\n    undo: on\n",
            "6: destinations.w.undo: expected off, or what is kept, such as {keep: 7d, max: 1GiB}"},
        Bad{"    sqlite: a.db\n    undo: {keep: 7}\n",
            "6: destinations.w.undo.keep: is not a duration; write a number and its unit, such as 500ms, 60s, 2m, 1h"},
        Bad{"    sqlite: a.db\n    undo: {keep: 1s}\n", "6: destinations.w.undo.keep: must be from 1m to 365d"},
        Bad{"    sqlite: a.db\n    undo: {max: 1GB}\n",
            "6: destinations.w.undo.max: is not an amount of memory; write a number and its unit, such as 8MiB, 1GiB"},
        Bad{"    sqlite: a.db\n    undo: {max: 1B}\n", "6: destinations.w.undo.max: must be from 1MiB to 1024TiB"},
        Bad{"    ndjson: a\n    undo: off\n",
            "6: destinations.w.undo: NDJSON is only appended to; leave the member out"},
        Bad{"    sqlite: a.db\n    unions: {a b: [books.A, books.B]}\n",
            "6: destinations.w.unions.a b: is no name in a database; use letters, digits and _, no digit first (at "
            "most "
            "63)"},
        Bad{"    sqlite: a.db\n    unions: {all: [books.A]}\n",
            "6: destinations.w.unions.all: joins fewer than two models, such as [books.INVOICES, shop.INVOICES]"},
        Bad{"    sqlite: a.db\n    unions:\n      all:\n        - books.A\n        - boks.A\n",
            "9: destinations.w.unions.all[1]: there is no connection \"boks\"; did you mean \"books\"?"},
        Bad{"    sqlite: a.db\n    unions: {all: [books.A, books]}\n",
            "6: destinations.w.unions.all[1]: expected CONNECTION.MODEL, such as books.INVOICES"},
        Bad{"    sqlite: a.db\n  .x: {sqlite: b}\n",
            "6: destinations..x: is not a name for a destination; use letters, digits, and inside it - _ and . (at "
            "most "
            "64)"}));

class BadSyncTest : public SyncSettingsTest, public ::testing::WithParamInterface<Bad> {};

TEST_P(BadSyncTest, IsNamed) {
  EXPECT_EQ(folder_.load_failure(testing::with_connection("    sync:\n" + std::string(GetParam().text)) +
                                 "destinations: {warehouse: {sqlite: a.db}}\n"),
            std::string("usage/bad_config: ferry.yaml:") + GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, BadSyncTest,
    ::testing::Values(
        Bad{"", "5: connections.c.sync: expected a map, found nothing"},
        Bad{"      evry: 15m\n", "6: connections.c.sync.evry: unknown member; did you mean \"every\"?"},
        Bad{"      to: warehous\n",
            "6: connections.c.sync.to: \"warehous\" is not a destination of this file; did you mean \"warehouse\"?"},
        Bad{"      every: dayly\n", "6: connections.c.sync.every: is no frequency; did you mean \"daily\"?"},
        Bad{"      every: cron \"0 25 * * *\"\n",
            "6: connections.c.sync.every: has the hour \"25\", which is not from 0 to 23"},
        Bad{"      every:\n        cron: 0 6 * *\n",
            "6: connections.c.sync.every: has 4 fields for cron, which takes five: minute hour day month weekday, such "
            "as "
            "cron \"0 6 * * 1-5\""},
        Bad{"      every: {crn: x}\n", "6: connections.c.sync.every.crn: unknown member; did you mean \"cron\"?"},
        Bad{"      every: {}\n", "6: connections.c.sync.every.cron: missing, but required"},
        Bad{"      every: [15m]\n", "6: connections.c.sync.every: expected text, found a list"},
        Bad{"      enabled: yes\n", "6: connections.c.sync.enabled: expected true or false, without quotes"},
        Bad{"      priority: -1\n", "6: connections.c.sync.priority: must be a whole number from 0 to 1000"},
        Bad{"      space: my books\n",
            "6: connections.c.sync.space: is no name in a database; use letters, digits and _, no digit first (at most "
            "40)"},
        Bad{"      space: _ferry_x\n",
            "6: connections.c.sync.space: begins as names do that are reserved; choose another"},
        Bad{"      removals: remove\n",
            "6: connections.c.sync.removals: \"remove\" is not what becomes of removed records; known: mark, delete"},
        Bad{"      contract: frieze\n",
            "6: connections.c.sync.contract: \"frieze\" is not a contract; did you mean \"freeze\"?"},
        Bad{"      overlap: 91d\n", "6: connections.c.sync.overlap: must be from 0s to 90d"},
        Bad{"      max_removed: -1\n",
            "6: connections.c.sync.max_removed: is neither a number of records nor a share of them; write a number "
            "from "
            "0, or a percentage from 0% to 100%"},
        Bad{"      options: [a]\n", "6: connections.c.sync.options: expected a map, found a list"},
        Bad{"      options:\n        a: 12345678901234567890\n",
            "7: connections.c.sync.options.a: has more digits than a number can keep, or is not finite; put it in "
            "quotes "
            "if it is meant as text"},
        Bad{"      models: [A]\n", "6: connections.c.sync.models: expected a map, found a list"},
        Bad{"      models:\n        A:\n", "7: connections.c.sync.models.A: expected a map, found nothing"},
        Bad{"      models:\n        A:\n          to: x\n",
            "8: connections.c.sync.models.A.to: unknown member; known: every, enabled, priority, removals, contract, "
            "overlap, full_every, sweep_every, from, max_record"},
        Bad{"      models: {A: {from: 2023-02-29}}\n",
            "6: connections.c.sync.models.A.from: is no date; write YYYY-MM-DD, such as 2023-01-01"},
        Bad{"      models: {A: {max_record: 1B}}\n",
            "6: connections.c.sync.models.A.max_record: must be from 1KiB to 64MiB"},
        Bad{"      every: 1h\n  C: {connector: x, url: http://h, sync: {}}\n",
            "7: connections.C.sync.space: the space \"c\" is that of the connection c in the same destination; give "
            "one "
            "of them another, such as space: c_2"}));

TEST_F(SyncSettingsTest, DefaultsHoldForAllConnections) {
  for (const char* name : {"space", "options", "models"})
    EXPECT_EQ(folder_.load_failure("defaults:\n  sync:\n    " + std::string(name) + ": {}\n" + books),
              "usage/bad_config: ferry.yaml:3: defaults.sync." + std::string(name) +
                  ": belongs to one connection; write it under sync of that connection");
  EXPECT_EQ(folder_.load_failure("defaults:\n  sync: {evry: 1h}\n" + books),
            "usage/bad_config: ferry.yaml:2: defaults.sync.evry: unknown member; did you mean \"every\"?");
  EXPECT_EQ(folder_.load_failure("destinations: {w: {sqlite: a}}\ndefaults:\n  sync: {to: lake}\n" + books),
            "usage/bad_config: ferry.yaml:3: defaults.sync.to: \"lake\" is not a destination of this file; known: w");
}

}  // namespace
}  // namespace ferry::host
