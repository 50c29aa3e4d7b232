#include <barrier>
#include <thread>

#include "host/base/failure.hpp"
#include "tests/host/destinations/postgres_place.hpp"

namespace ferry::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const Layout contacts({{"id", ColumnType::text, true}, {"name", ColumnType::text}, {"more", ColumnType::json}});

class PostgresTest : public testing::Test {
 protected:
  PostgresTest() : destination_(place_.open([] { return 1'700'000'000'000; })) {}

  std::unique_ptr<DestinationWriter> begin(const std::string& run, bool preview = false) {
    return destination_->begin({run, "crm", 1'700'000'000'000}, preview, {});
  }
  static RowReader open(DestinationWriter& writer, ReadKind kind = ReadKind::changes, bool resume = false,
                        const Layout& layout = contacts) {
    return {"CONTACTS", writer.open({"crm", "CONTACTS", "crm"}, layout, kind, resume).state.layout, {}};
  }
  ModelTally sync(const std::string& run, const std::vector<std::string>& records, const Layout& layout = contacts) {
    const auto writer = begin(run);
    RowReader reader = open(*writer, ReadKind::changes, false, layout);
    writer->write(*batch_of(reader, records));
    writer->finish("CONTACTS", "incremental", "succeeded");
    writer->end_run("succeeded");
    return writer->tally("CONTACTS");
  }
  TextRows ids() { return place_.query("SELECT id FROM crm.contacts ORDER BY 1"); }

  PostgresPlace place_;
  std::unique_ptr<Destination> destination_;
};

const std::string a = R"({"id":"a","name":"Ada"})", b = R"({"id":"b","name":"Bea"})";

TEST_F(PostgresTest, ARestartInTheMiddleLosesOnlyWhatWasNotCommitted) {
  {
    const auto writer = begin("r1");
    RowReader reader = open(*writer);
    writer->write(*batch_of(reader, {a}));
    writer->checkpoint("CONTACTS", R"({"page":1})");
    writer->commit();
    writer->write(*batch_of(reader, {b}));
    writer->checkpoint("CONTACTS", R"({"page":2})");
    place_.server().restart();
    EXPECT_EQ(failure_of([&] { writer->commit(); }), "platform destination_lost");
  }
  EXPECT_EQ(failure_of([&] { destination_->models(); }), "");
  EXPECT_EQ(destination_->models()[0].checkpoint, R"({"page":1})");
  EXPECT_EQ(ids(), (TextRows{{"a"}}));
  EXPECT_EQ(counts_text(sync("r2", {b})), "1 1 0 0 0 0");
}

TEST_F(PostgresTest, AConnectionThatIsCutIsSaidToBe) {
  const auto writer = begin("r1");
  RowReader reader = open(*writer);
  writer->write(*batch_of(reader, {a}));
  place_.server().cut_connections();
  try {
    writer->commit();
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), "destination_lost");
    EXPECT_THAT(failure.what(), HasSubstr("PostgreSQL "));
    EXPECT_THAT(failure.what(), HasSubstr("run it again"));
  }
  EXPECT_TRUE(place_.query("SELECT 1 FROM pg_class WHERE relname = 'contacts'").empty());
}

TEST_F(PostgresTest, WhoMayNotWriteIsToldSo) {
  sync("r1", {a});
  place_.query("DO $$ BEGIN CREATE ROLE reader LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
  const auto reader = place_.open_as("reader", [] { return 0; });
  EXPECT_EQ(failure_of([&] { reader->begin({"r2", "crm", 0}, false, {}); }), "credentials destination_denied");
  const auto nobody = place_.open_as("no_such_role", [] { return 0; });
  EXPECT_EQ(failure_of([&] { nobody->models(); }), "credentials destination_denied");
}

TEST_F(PostgresTest, FailuresOfTheServerHaveTheirOwnCodes) {
  sync("r1", {a});
  const std::pair<const char*, const char*> cases[] = {{"53100", "machine disk_full"},
                                                       {"40P01", "machine destination_busy"},
                                                       {"55P03", "machine destination_busy"},
                                                       {"42501", "credentials destination_denied"},
                                                       {"XX000", "machine destination"}};
  for (const auto& [sqlstate, word] : cases) {
    place_.query(
        "CREATE OR REPLACE FUNCTION crm.fails() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION "
        "'on purpose' USING ERRCODE = '" +
        std::string(sqlstate) +
        "'; END $$; "
        "CREATE OR REPLACE TRIGGER fails BEFORE INSERT ON crm.contacts FOR EACH ROW EXECUTE FUNCTION crm.fails()");
    const std::string run = std::string("r") + sqlstate;
    EXPECT_EQ(failure_of([&] { sync(run, {b}); }), word);
  }
  place_.query("DROP TRIGGER fails ON crm.contacts");
  EXPECT_EQ(counts_text(sync("r9", {a, b})), "2 1 0 0 1 0");
}

TEST_F(PostgresTest, ACheckpointIsNotKeptWithoutTheRowsItCovers) {
  sync("r1", {a});
  place_.query(
      "CREATE FUNCTION crm.fails() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'on purpose' USING "
      "ERRCODE = '53100'; END $$; "
      "CREATE TRIGGER fails BEFORE INSERT ON crm.contacts FOR EACH ROW EXECUTE FUNCTION crm.fails()");
  const auto writer = begin("r2");
  RowReader reader = open(*writer);
  writer->write(*batch_of(reader, {b}));
  writer->checkpoint("CONTACTS", R"({"page":2})");
  EXPECT_EQ(failure_of([&] { writer->commit(); }), "machine disk_full");
  writer->end_run("failed");
  EXPECT_EQ(destination_->models()[0].checkpoint, "");
  EXPECT_EQ(destination_->models()[0].rows, 1);
  EXPECT_EQ(place_.query("SELECT state FROM ferry._ferry_runs ORDER BY number"), (TextRows{{"succeeded"}, {"failed"}}));
}

TEST_F(PostgresTest, SecretsAndAddressesThatAreWrong) {
  const auto open_at = [](const std::string& conninfo) {
    PostgresSettings settings;
    settings.conninfo = conninfo;
    return open_postgres(settings, [] { return 0; });
  };
  const auto destination = open_at("postgresql://ferry:geheimnis@127.0.0.1:1/warehouse");
  EXPECT_EQ(destination->description(), "PostgreSQL 127.0.0.1:1/warehouse");
  for (const char* conninfo : {"postgresql://ferry:geheimnis@127.0.0.1:1/warehouse", "host=x passwort=geheimnis"}) {
    try {
      open_at(conninfo)->models();
      FAIL();
    } catch (const Failure& failure) {
      EXPECT_THAT(failure.what(), Not(HasSubstr("geheimnis")));
    }
  }
  EXPECT_EQ(failure_of([&] { open_at("nonsense")->models(); }), "usage bad_destination");
  EXPECT_EQ(failure_of([&] { destination->models(); }), "platform destination_lost");
  EXPECT_EQ(failure_of([&] { open_at(place_.server().conninfo("no_such_database"))->models(); }), "usage no_database");
}

TEST_F(PostgresTest, WhatOnlyPostgresCannotHoldIsQuarantined) {
  std::vector<std::string> records;
  for (int i = 0; i < 300; ++i) records.push_back("{\"id\":\"" + std::to_string(i) + "\"}");
  records[7] = R"({"id":"nul","name":"a\u0000b"})";
  records[77] = R"({"id":"json","more":{"x":"\u0000"}})";
  records[78] = R"({"id":"half","more":["\ud800"]})";
  records[200] = "{\"id\":\"" + std::string(4000, 'k') + "\"}";
  for (const char* run : {"r1", "r2"}) {
    const ModelTally tally = sync(run, records);
    EXPECT_EQ(tally.counts.total, 300u);
    EXPECT_EQ(tally.counts.failed, 4u);
    EXPECT_EQ(tally.counts.added + tally.counts.unchanged, 296u);
    EXPECT_EQ(tally.refused, 4u);
    ASSERT_EQ(tally.refusals.size(), 4u);
    for (const RejectedRecord& refused : tally.refusals) {
      EXPECT_EQ(refused.code, "not_storable");
      EXPECT_LE(refused.identity.size(), 250u);
      EXPECT_NE(refused.reason, "");
    }
  }
  EXPECT_EQ(place_.query("SELECT count(*) FROM crm.contacts"), (TextRows{{"296"}}));
  const TextRows quarantined = place_.query(
      "SELECT code, left(identity, 4), record FROM ferry._ferry_quarantine "
      "WHERE run = 'r1' ORDER BY identity COLLATE \"C\"");
  ASSERT_EQ(quarantined.size(), 4u);
  EXPECT_THAT(quarantined[0], ElementsAre("not_storable", "half", records[78]));
  EXPECT_THAT(quarantined[1], ElementsAre("not_storable", "json", records[77]));
  EXPECT_THAT(quarantined[2], ElementsAre("not_storable", "kkkk", records[200]));
  EXPECT_THAT(quarantined[3], ElementsAre("not_storable", "nul", records[7]));
}

TEST_F(PostgresTest, NothingIsRemovedWhereARecordCouldNotBeTaken) {
  sync("r1", {a, b});
  {
    const auto writer = begin("r2");
    RowReader reader = open(*writer, ReadKind::full);
    writer->write(*batch_of(reader, {R"({"id":"b","name":"\u0000"})"}));
    writer->checkpoint("CONTACTS", R"({"page":2})");
    writer->commit();
  }
  const auto writer = begin("r3");
  RowReader reader = open(*writer, ReadKind::full, true);
  writer->write(*batch_of(reader, {a}));
  writer->remove_unseen("CONTACTS");
  EXPECT_EQ(writer->tally("CONTACTS").counts.removed, 0u);
  EXPECT_EQ(place_.query("SELECT id FROM crm.contacts_current ORDER BY 1"), (TextRows{{"a"}, {"b"}}));
}

TEST_F(PostgresTest, NumbersKeepEveryDigit) {
  const std::vector<std::string> numbers = {"0",
                                            "-0",
                                            "0.0",
                                            "1",
                                            "-1",
                                            "10",
                                            "9999",
                                            "10000",
                                            "10001",
                                            "99999999",
                                            "100000000",
                                            "1.5",
                                            "-1.50",
                                            "0.1",
                                            "0.0001",
                                            "0.00001",
                                            "0.00012345",
                                            "1234.5678",
                                            "12345.678901",
                                            "1e3",
                                            "1E+20",
                                            "1e-7",
                                            "12.5e2",
                                            "12.5e-5",
                                            "123456789012345678901234567890.123456789012345678901234567890",
                                            "1e300",
                                            "5e-300",
                                            "0.10000"};
  const Layout layout({{"id", ColumnType::text, true}, {"n", ColumnType::number}, {"as_written", ColumnType::text}});
  std::vector<std::string> records;
  for (const std::string& number : numbers)
    records.push_back("{\"id\":\"" + number + "\",\"n\":" + number + ",\"as_written\":\"" + number + "\"}");
  records.push_back(R"({"id":"too big","n":1e200000})");
  const ModelTally tally = sync("r1", records, layout);
  EXPECT_EQ(tally.counts.failed, 1u);
  EXPECT_EQ(place_.query("SELECT id, n, as_written FROM crm.contacts WHERE n::text <> as_written::numeric::text "
                         "OR n IS NULL"),
            TextRows{});
}

TEST_F(PostgresTest, ATableThatSomeoneDroppedIsMadeAnew) {
  sync("r1", {a, b});
  place_.query("DROP TABLE crm.contacts CASCADE");
  EXPECT_EQ(counts_text(sync("r2", {a, b})), "2 2 0 0 0 0");
  EXPECT_EQ(ids(), (TextRows{{"a"}, {"b"}}));
}

TEST_F(PostgresTest, TwoRunsAtOnceIntoANewDatabase) {
  const auto write = [&](const std::string& connection, ModelTally& tally, std::string& failed) {
    try {
      const auto destination = place_.open([] { return 1'700'000'000'000; });
      const auto writer = destination->begin({"run-" + connection, connection, 1'700'000'000'000}, false, {});
      RowReader reader("CONTACTS",
                       writer->open({connection, "CONTACTS", "shared"}, contacts, ReadKind::full, false).state.layout,
                       {});
      for (int batch = 0; batch < 20; ++batch) {
        std::vector<std::string> records;
        for (int i = 0; i < 200; ++i) records.push_back("{\"id\":\"" + std::to_string(batch * 200 + i) + "\"}");
        writer->write(*batch_of(reader, records));
        writer->commit();
      }
      writer->remove_unseen("CONTACTS");
      writer->finish("CONTACTS", "full", "succeeded");
      writer->end_run("succeeded");
      tally = writer->tally("CONTACTS");
    } catch (const std::exception& failure) {
      failed = failure.what();
    }
  };
  ModelTally first, second;
  std::string first_failed, second_failed;
  std::thread other([&] { write("one", first, first_failed); });
  write("two", second, second_failed);
  other.join();
  EXPECT_EQ(first_failed, "");
  EXPECT_EQ(second_failed, "");
  EXPECT_EQ(counts_text(first), "4000 4000 0 0 0 0");
  EXPECT_EQ(counts_text(second), "4000 4000 0 0 0 0");
  EXPECT_EQ(place_.query("SELECT table_name FROM ferry._ferry_models ORDER BY 1"),
            (TextRows{{"contacts"}, {"contacts_2"}}));
}

TEST_F(PostgresTest, ManyRunsAtOnceThatWantOneName) {
  constexpr int runs = 6, models = 8;
  std::vector<std::string> failed(runs);
  std::vector<std::thread> threads;
  std::barrier together(runs);
  for (std::size_t run = 0; run < runs; ++run)
    threads.emplace_back([&, run] {
      const std::string connection = "c" + std::to_string(run);
      failed[run] = failure_of([&] {
        const auto destination = place_.open([] { return 1'700'000'000'000; });
        const auto writer = destination->begin({"run-" + connection, connection, 1'700'000'000'000}, false, {});
        for (int model = 0; model < models; ++model) {
          together.arrive_and_wait();
          writer->open({connection, "M" + std::to_string(model), "shared"}, contacts, ReadKind::full, false);
          writer->commit();
        }
        writer->end_run("succeeded");
      });
      together.arrive_and_drop();
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(failed, testing::Each(""));
  EXPECT_EQ(place_.query("SELECT count(DISTINCT table_name) FROM ferry._ferry_models"),
            (TextRows{{std::to_string(runs * models)}}));
}

TEST_F(PostgresTest, OneModelIsWrittenByOneRunAfterTheOther) {
  sync("r1", {a});
  auto first = begin("r2");
  RowReader reader = open(*first);
  first->write(*batch_of(reader, {b}));
  std::thread second([&] {
    const auto destination = place_.open([] { return 1'700'000'000'000; });
    const auto writer = destination->begin({"r3", "crm", 1'700'000'000'000}, false, {});
    RowReader other = open(*writer);
    writer->write(*batch_of(other, {b}));
    writer->commit();
    EXPECT_EQ(counts_text(writer->tally("CONTACTS")), "1 0 0 0 1 0");
  });
  first->commit();
  first.reset();
  second.join();
}

TEST_F(PostgresTest, APreviewOfWhatIsNotThereKeepsNobodyOut) {
  const auto preview = begin("p", true);
  RowReader reader = open(*preview, ReadKind::full);
  preview->write(*batch_of(reader, {a}));
  destination_ = place_.open([] { return 1'700'000'000'000; });
  EXPECT_EQ(failure_of([&] {
              const auto writer = destination_->begin({"r1", "shop", 1'700'000'000'000}, false, {});
              writer->open({"shop", "CONTACTS", "crm"}, contacts, ReadKind::full, false);
              writer->finish("CONTACTS", "full", "succeeded");
              writer->end_run("succeeded");
            }),
            "");
  preview->write(*batch_of(reader, {b}));
  preview->remove_unseen("CONTACTS");
  preview->finish("CONTACTS", "full", "succeeded");
  EXPECT_EQ(counts_text(preview->tally("CONTACTS")), "2 2 0 0 0 0");
  preview->end_run("succeeded");
  EXPECT_EQ(place_.query("SELECT connection FROM ferry._ferry_models"), (TextRows{{"shop"}}));
}

TEST_F(PostgresTest, APreviewKeepsNobodyFromReading) {
  sync("r1", {a, b});
  const auto preview = begin("p", true);
  RowReader reader = open(*preview, ReadKind::full);
  preview->write(
      *batch_of(reader, {R"({"id":"a","name":5,"mail":"a@example.org"})", R"({"id":"c","more":[1],"x":1})"}));
  preview->commit();
  preview->write(*batch_of(reader, {R"({"id":"d","x":"text"})"}));
  preview->remove_unseen("CONTACTS");
  EXPECT_EQ(counts_text(preview->tally("CONTACTS")), "4 2 1 1 0 0");
  EXPECT_EQ(
      place_.query("SELECT relname, mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n "
                   "ON n.oid = relnamespace WHERE database = (SELECT oid FROM pg_database WHERE datname = "
                   "current_database()) AND nspname IN ('crm', 'ferry') AND mode NOT IN ('AccessShareLock', "
                   "'RowShareLock', 'RowExclusiveLock')"),
      TextRows{});
  EXPECT_EQ(place_.query("SET lock_timeout = '5s'; SELECT id FROM crm.contacts_current ORDER BY 1"),
            (TextRows{{"a"}, {"b"}}));
  preview->finish("CONTACTS", "full", "succeeded");
  preview->end_run("succeeded");
  EXPECT_EQ(counts_text(sync("r2", {a, b})), "2 0 0 0 2 0");
}

TEST_F(PostgresTest, TablesOfFerryCanBeRead) {
  sync("r1", {a});
  EXPECT_EQ(place_.query("SELECT run, connection, state, started_at, finished_at IS NOT NULL FROM ferry._ferry_runs"),
            (TextRows{{"r1", "crm", "succeeded", "2023-11-14 22:13:20+00", "t"}}));
  EXPECT_EQ(
      place_.query("SELECT attname FROM pg_attribute WHERE attrelid = 'crm.contacts'::regclass AND attnum > 0 "
                   "ORDER BY attnum"),
      (TextRows{
          {"id"}, {"_ferry_hash"}, {"_ferry_synced_at"}, {"_ferry_deleted_at"}, {"_ferry_run"}, {"name"}, {"more"}}));
  EXPECT_EQ(destination_->models()[0].table, "crm.contacts");
  EXPECT_EQ(destination_->models()[0].view, "crm.contacts_current");
}

}  // namespace
}  // namespace ferry::host
