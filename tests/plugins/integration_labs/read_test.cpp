// Reading in a worker: pages, checkpoints, deletions, syncs of the platform, faults, cancellation.
#include <algorithm>
#include <set>
#include <thread>

#include "tests/plugins/integration_labs/labs.hpp"

namespace ferry::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* full = R"([{"stream":"INVOICES","mode":"full"}])";

std::string since(const Json& checkpoint) {
  return R"([{"stream":"INVOICES","mode":"incremental","checkpoint":)" + checkpoint.dump() + "}]";
}

class LabsReadTest : public LabsTest {
 protected:
  using LabsTest::LabsTest;
};

TEST_F(LabsReadTest, AFullReadGivesEveryRecordAsThePlatformSentIt) {
  const ReadResult result = read(full, R"("company_id":1089,"page_size":70)");
  ASSERT_EQ(result.done.status, FERRY_OK) << result.done.message;
  const std::vector<std::int64_t> ids = result.ids("INVOICES");
  EXPECT_EQ(ids.size(), 300u);
  EXPECT_EQ(std::set(ids.begin(), ids.end()).size(), 300u);
  const Json direct = Json::parse(platform("GET", "/v3/accounting/invoices/70017"));
  EXPECT_EQ(result.records.at("INVOICES").at(16).dump(), direct["data"].dump());
  EXPECT_EQ(result.positions.at("INVOICES").size(), 5u);  // one a page
  const Json& last = result.positions.at("INVOICES").back();
  EXPECT_EQ(last.text_or("since", ""), "2024-01-01T00:00:05.000Z");
  EXPECT_TRUE(last["read_at"].is_number());
  EXPECT_EQ(result.facts.back().dump(), R"({"fact":"item","type":"INVOICES","outcome":"read","count":300})");
}

TEST_F(LabsReadTest, AReadGoesOnFromEachOfItsCheckpoints) {
  const ReadResult whole = read(full, R"("company_id":1089,"page_size":70)");
  const std::vector<std::int64_t> ids = whole.ids("INVOICES");
  for (std::size_t i = 0; i + 1 < whole.positions.at("INVOICES").size(); ++i) {
    const std::string position = whole.positions.at("INVOICES")[i].dump();
    const ReadResult rest = read(R"([{"stream":"INVOICES","mode":"full","checkpoint":)" + position + "}]");
    EXPECT_EQ(rest.ids("INVOICES"),
              std::vector<std::int64_t>(ids.begin() + 70 * (static_cast<long>(i) + 1), ids.end()));
    EXPECT_EQ(rest.positions.at("INVOICES").back().dump(), whole.positions.at("INVOICES").back().dump());
  }
}

TEST_F(LabsReadTest, AnIncrementalReadGivesWhatChangedAndWhatWasDeleted) {
  Json position = read(full).positions.at("INVOICES").back();
  const ReadResult same = read(since(position));
  EXPECT_EQ(same.ids("INVOICES").size(), 50u);  // those of the checkpoint's own second
  EXPECT_EQ(same.requests, 1u);

  change(R"({"data_model":"INVOICES","add":2,"modify":[70005],"bring":true})");
  ReadResult changed = read(since(position));
  std::vector<std::int64_t> ids = changed.ids("INVOICES");
  EXPECT_THAT(std::vector<std::int64_t>(ids.begin() + 50, ids.end()), ElementsAre(70005, 70301, 70302));
  position = changed.positions.at("INVOICES").back();

  change(R"({"data_model":"INVOICES","delete":[70009]})");
  const std::string trigger = R"({"platform_sync":"trigger"})";
  EXPECT_THAT(read(since(position), R"("company_id":1089)", trigger).ids("INVOICES"), ElementsAre(70005, 70301, 70302));
  EXPECT_EQ(read(full, R"("company_id":1089)", trigger).ids("INVOICES").size(), 302u);
  const ReadResult deleted = read(since(position));
  EXPECT_THAT(deleted.ids("INVOICES"), ElementsAre(70005, 70301, 70302, 70009));
  EXPECT_TRUE(deleted.records.at("INVOICES").back()["rootfi_deleted_at"].is_string());
}

TEST_F(LabsReadTest, WhatArrivesLateIsLookedForBesideWhatWasNewWhenItWasRead) {
  const auto read_again = [&](const std::string& read_at) {
    return read(R"([{"stream":"INVOICES","mode":"incremental","overlap_ms":2000,"checkpoint":)"
                R"({"since":"2024-01-01T00:00:05.000Z","read_at":)" +
                read_at + "}}]")
        .ids("INVOICES")
        .size();
  };
  EXPECT_EQ(read_again("1704067206000"), 100u);  // 2024-01-01T00:00:06Z: its window begins a second before
  EXPECT_EQ(read_again("1704153600000"), 50u);   // a day later: nothing of that second could still arrive
}

TEST_F(LabsReadTest, FromADateOnly) {
  const ReadResult result = read(R"([{"stream":"INVOICES","mode":"from","from":"2024-01-01T00:00:04.000Z"}])");
  EXPECT_EQ(result.ids("INVOICES").size(), 100u);
  EXPECT_THAT(read(R"([{"stream":"INVOICES","mode":"from","from":"soon"}])").done.message, HasSubstr("invalid-params"));
}

TEST_F(LabsReadTest, UnknownStreamsAreRefusedWithTheNearestNames) {
  const ReadResult unknown = read(R"([{"stream":"INVOICE","mode":"full"}])");
  EXPECT_EQ(unknown.done.status, FERRY_BAD_CONFIG);
  EXPECT_THAT(unknown.done.message, HasSubstr("INVOICES"));
  EXPECT_THAT(read(R"([{"stream":"LINE_ITEMS","mode":"full"}])").done.message, HasSubstr("inside the records"));
  EXPECT_EQ(read(full, R"("company_id":1089)", R"({"platform_sync":"now"})").done.status, FERRY_BAD_CONFIG);
}

TEST_F(LabsReadTest, SyncsOfThePlatformAreAskedForByModel) {
  const ReadResult result =
      read(R"([{"stream":"INVOICES","mode":"incremental"},{"stream":"BILLS","mode":"from","from":"2023-01-01"},)"
           R"({"stream":"CONTACTS","mode":"full"}])",
           R"("company_id":1089,"platform_sync":"trigger")");
  ASSERT_EQ(result.done.status, FERRY_OK) << result.done.message;
  const Json syncs = Json::parse(platform("GET", "/v3/core/syncs"));
  ASSERT_EQ(syncs["data"].items().size(), 2u);
  EXPECT_EQ(syncs["data"].items()[0]["sync_data_models"].dump(), R"(["CONTACTS"])");
  EXPECT_TRUE(syncs["data"].items()[0].bool_or("full_sync", false));
  EXPECT_EQ(syncs["data"].items()[1]["sync_data_models"].dump(), R"(["INVOICES","BILLS"])");
  EXPECT_FALSE(syncs["data"].items()[1].bool_or("full_sync", true));
  EXPECT_EQ(result.ids("BILLS").size(), 300u);
}

TEST_F(LabsReadTest, ASleepIsWaitedForAndToldWithItsEnd) {
  platform("PUT", "/sandbox/options", R"({"sleep_ms":1500})");
  const ReadResult result = read(full, R"("company_id":1089,"platform_sync":"trigger")");
  ASSERT_EQ(result.done.status, FERRY_OK) << result.done.message;
  EXPECT_THAT(result.phases, Contains(StartsWith("waiting until 20")));
  EXPECT_EQ(result.ids("INVOICES").size(), 300u);
}

TEST_F(LabsReadTest, AModelThatThePlatformCouldNotFetchIsAProblemAndIsStillRead) {
  faults(R"({"fail_items":["INVOICES"]})");
  const ReadResult result =
      read(R"([{"stream":"INVOICES","mode":"incremental"},{"stream":"BILLS","mode":"incremental"}])",
           R"("company_id":1089,"platform_sync":"trigger")");
  ASSERT_EQ(result.done.status, FERRY_OK) << result.done.message;
  EXPECT_THAT(result.problem("platform_sync_failed"), StartsWith("error INVOICES "));
  EXPECT_THAT(result.problem("platform_sync_failed"), HasSubstr("platform-error"));
  EXPECT_EQ(result.ids("INVOICES").size(), 300u);
}

TEST_F(LabsReadTest, ASyncThatHangsEndsInBoundedTime) {
  faults(R"({"job":"hang"})");
  const ReadResult result = read(full, R"("company_id":1089,"platform_sync":"trigger","sync_timeout_s":1)");
  EXPECT_EQ(result.done.status, FERRY_REMOTE);
  EXPECT_THAT(result.done.message, HasSubstr("has not ended after"));
}

TEST_F(LabsReadTest, ABrokenConnectionIsNotSyncedButItsRecordsCanBeRead) {
  platform("PUT", "/sandbox/companies/1089", R"({"connection_status":"DISCONNECTED"})");
  const ReadResult refused = read(full, R"("company_id":1089,"platform_sync":"trigger")");
  EXPECT_EQ(refused.done.status, FERRY_AUTH);
  EXPECT_THAT(refused.done.message, HasSubstr("DISCONNECTED"));
  EXPECT_EQ(read(full).ids("INVOICES").size(), 300u);
}

TEST_F(LabsReadTest, ALostAnswerStartsNoSecondSync) {
  for (const char* fault : {R"({"match":"POST /v3/core/syncs","status":502,"applied_first":true,"count":1})",
                            R"({"match":"POST /v3/core/syncs","drop":true,"applied_first":true,"count":1})",
                            R"({"match":"POST /v3/core/syncs","status":503,"count":1})"}) {
    const std::int64_t before = counter("syncs_started");
    faults(fault);
    const ReadResult result = read(full, R"("company_id":1089,"platform_sync":"trigger")");
    EXPECT_EQ(result.done.status, FERRY_OK) << fault << result.done.message;
    EXPECT_EQ(counter("syncs_started"), before + 1) << fault;
  }
}

TEST_F(LabsReadTest, FaultsOfTheWireAreOvercomeOrClassified) {
  struct Case {
    const char* fault;
    ferry_status status;
    const char* says;
  };
  for (const Case& one :
       {Case{R"({"match":"invoices","status":429,"retry_after":"0","count":1})", FERRY_OK, ""},
        Case{R"({"match":"invoices","status":503,"count":2})", FERRY_OK, ""},
        Case{R"({"match":"invoices","drop":true,"count":1})", FERRY_OK, ""},
        Case{R"({"match":"invoices","truncate_at":2000,"count":1})", FERRY_OK, ""},
        Case{R"({"match":"invoices","status":500})", FERRY_TRANSIENT, "500"},
        Case{R"({"match":"invoices","status":429,"retry_after":"0"})", FERRY_RATE_LIMITED, "rate limit"},
        Case{R"({"match":"invoices","status":403})", FERRY_AUTH, "lacks the right"},
        Case{R"({"match":"invoices","status":404})", FERRY_BAD_CONFIG, "url"},
        Case{R"({"match":"invoices","truncate_at":2000})", FERRY_TRANSIENT, ""},
        Case{R"({"expire_tokens":true})", FERRY_AUTH, "renew the secret"}}) {
    faults(one.fault);
    const ReadResult result = read(full);
    EXPECT_EQ(result.done.status, one.status) << one.fault << result.done.message;
    EXPECT_THAT(result.done.message, HasSubstr(one.says)) << one.fault;
    if (one.status == FERRY_OK) {
      EXPECT_EQ(result.ids("INVOICES").size(), 300u) << one.fault;
    }
  }
}

TEST_F(LabsReadTest, ACursorThatHasExpiredIsReplacedByItsTime) {
  const ReadResult result =
      read(since(Json::parse(R"({"next":"bm8gY3Vyc29y","newest":"2024-01-01T00:00:03.000Z","mode":"incremental"})")));
  ASSERT_EQ(result.done.status, FERRY_OK) << result.done.message;
  EXPECT_EQ(result.ids("INVOICES").size(), 150u);
  EXPECT_THAT(result.problem("cursor_expired"), StartsWith("notice INVOICES"));
}

TEST_F(LabsReadTest, ACheckpointThatThePlatformRefusesCanBeForgotten) {
  const ReadResult result = read(since(Json::parse(R"({"since":"some day"})")));
  EXPECT_EQ(result.done.status, FERRY_BAD_CONFIG) << result.done.message;
  EXPECT_THAT(result.done.message, HasSubstr("; if it is the checkpoint that the platform does not take, ferry sync "
                                             "state reset forgets it"));
}

TEST_F(LabsReadTest, ACancelIsHeardWithinASecondWhereverTheReadIs) {
  platform("PUT", "/sandbox/options", R"({"sleep_ms":600000})");
  struct Case {
    const char* fault;
    const char* settings;
  };
  for (const Case& one :
       {Case{R"({"match":"invoices","latency_ms":60000})", R"("company_id":1089)"},
        Case{R"({"match":"invoices","bytes_per_second":1000})", R"("company_id":1089)"},
        Case{R"({"match":"companies","latency_ms":60000})", R"("company_id":1089,"platform_sync":"trigger")"},
        Case{"[]", R"("company_id":1089,"platform_sync":"trigger")"}}) {
    faults(one.fault);
    ReadResult result;
    cancellation_ = std::make_unique<host::Cancellation>();
    std::chrono::steady_clock::time_point asked;
    std::thread cancel([&] {
      const std::int64_t before = counter("syncs_started");
      eventually([&] { return counter("syncs_started") > before; }, std::chrono::milliseconds(700));
      asked = std::chrono::steady_clock::now();
      cancellation_->cancel();
    });
    read(result, full, one.settings);
    cancel.join();
    EXPECT_EQ(result.done.status, FERRY_CANCELLED) << one.fault << result.done.message;
    EXPECT_LT(std::chrono::steady_clock::now() - asked, std::chrono::seconds(1)) << one.fault;
    if (one.fault == std::string("[]")) {
      EXPECT_THAT(result.problem("platform_sync_goes_on"), StartsWith("notice"));
    }
  }
}

}  // namespace
}  // namespace ferry::test
