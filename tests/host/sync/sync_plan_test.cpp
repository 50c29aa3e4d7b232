#include "host/sync/sync_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/base/failure.hpp"

namespace ferry::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::int64_t now = 1'700'000'000'000;
constexpr std::int64_t hour = 3'600'000;

StreamCatalog catalog() {
  std::vector<CatalogStream> streams;
  for (const char* line :
       {R"({"stream":"INVOICES","key":["id"],"cursor":"at","removals":"flagged","removed_when":"gone"})",
        R"({"stream":"BILLS","key":["id"],"cursor":"at","removals":"flagged","identities":true})",
        R"({"stream":"flow","kind":"artefact","key":["id"],"removals":"full"})",
        R"({"stream":"log","key":["id"],"removals":"never"})", R"({"stream":"LINE_ITEMS","readable":false})",
        R"({"stream":"PAYROLL","key":["id"],"enabled":false})"})
    streams.push_back(parse_stream(line));
  return StreamCatalog(std::move(streams));
}

ModelState read_before(const std::string& model, const std::string& checkpoint = R"({"since":1})") {
  ModelState state;
  state.connection = "books";
  state.model = model;
  state.checkpoint = checkpoint;
  state.last_full_at = now - hour;
  return state;
}

// "MODEL mode" of each; "+" where what is absent is removed, "~" where an interrupted read goes on.
std::vector<std::string> planned(const SyncRequest& request, const SyncSettings& settings = {},
                                 const std::vector<ModelState>& states = {}) {
  std::vector<std::string> list;
  for (const PlannedModel& model : plan_sync(request, settings, catalog(), states, now).models)
    list.push_back(model.stream.name + " " + model.mode() + (model.by_absence ? " +" : "") +
                   (model.resume ? " ~" : ""));
  return list;
}

std::string refusal(const SyncRequest& request) {
  try {
    planned(request);
  } catch (const Failure& failure) {
    return failure.code() + ": " + failure.message();
  }
  return "";
}

TEST(SyncPlanTest, ATableThatIsGoneIsTold) {
  ModelState gone = read_before("INVOICES", "");
  gone.table = "books_invoices";
  gone.table_gone = true;
  gone.last_full_at.reset();
  const SyncPlan plan = plan_sync({}, {}, catalog(), {gone, read_before("BILLS")}, now);
  EXPECT_EQ(plan.models[0].mode(), "full");
  EXPECT_EQ(plan.models[1].mode(), "incremental");
  ASSERT_EQ(plan.notices.size(), 1u);
  EXPECT_EQ(plan.notices[0].code, "table_gone");
  EXPECT_EQ(plan.notices[0].severity, "notice");
  EXPECT_THAT(plan.notices[0].message, HasSubstr("books_invoices was dropped"));
}

TEST(SyncPlanTest, EverythingThatCanBeReadAndIsEnabledInFullAtFirst) {
  EXPECT_THAT(planned({}), ElementsAre("INVOICES full +", "BILLS full +", "flow full +", "log full"));
}

TEST(SyncPlanTest, WhatWasReadIsReadOnFromItsCheckpoint) {
  SyncSettings settings;
  settings.common.overlap = std::chrono::minutes(5);
  const SyncPlan plan = plan_sync({}, settings, catalog(), {read_before("INVOICES"), read_before("flow")}, now);
  EXPECT_EQ(plan.models[0].read.mode, "incremental");
  EXPECT_EQ(plan.models[0].read.checkpoint, R"({"since":1})");
  EXPECT_EQ(plan.models[0].read.overlap_ms, 300'000);
  EXPECT_EQ(plan.models[0].kind, ReadKind::changes);
  EXPECT_EQ(plan.models[2].read.mode, "full");  // it has no cursor
}

TEST(SyncPlanTest, AFullReadThatWasInterruptedGoesOn) {
  ModelState open = read_before("INVOICES", R"({"next":"x"})");
  open.generation_open = true;
  SyncRequest request;
  request.models = {{"INVOICES", ""}};
  EXPECT_THAT(planned(request, {}, {open}), ElementsAre("INVOICES full + ~"));
  request.mode = SyncMode::full;
  EXPECT_THAT(planned(request, {}, {open}), ElementsAre("INVOICES full + ~"));
  EXPECT_THAT(planned(request, {}, {read_before("INVOICES")}), ElementsAre("INVOICES full +"));
}

TEST(SyncPlanTest, DatesOfTheRequestAndOfTheConfiguration) {
  SyncRequest request;
  request.models = {{"INVOICES", "2023-01-01"}, {"BILLS", ""}};
  SyncSettings settings;
  settings.common.from = "2020-01-01";
  const SyncPlan plan = plan_sync(request, settings, catalog(), {read_before("INVOICES")}, now);
  EXPECT_EQ(plan.models[0].read.from, "2023-01-01");
  EXPECT_EQ(plan.models[1].read.from, "2020-01-01");
  EXPECT_EQ(plan.models[1].kind, ReadKind::changes);
  request.models = {{"BILLS", ""}};
  EXPECT_THAT(planned(request, settings, {read_before("BILLS")}), ElementsAre("BILLS incremental"));
}

TEST(SyncPlanTest, PrioritiesDisabledModelsAndTheirFullReads) {
  SyncSettings settings;
  settings.models["flow"] = settings.common;
  settings.models["flow"].priority = 5;
  settings.models["log"] = settings.common;
  settings.models["log"].enabled = false;
  settings.models["BILLS"] = settings.common;
  settings.models["BILLS"].full_every = Frequency::parse("15m");
  EXPECT_THAT(planned({}, settings, {read_before("INVOICES"), read_before("BILLS")}),
              ElementsAre("flow full +", "INVOICES incremental", "BILLS full +"));
}

TEST(SyncPlanTest, ASweepReadsWhereIdentitiesCanBeReadAlone) {
  SyncRequest request;
  request.mode = SyncMode::sweep;
  const SyncPlan plan = plan_sync(request, {}, catalog(), {}, now);
  ASSERT_EQ(plan.models.size(), 1u);
  EXPECT_EQ(plan.models[0].kind, ReadKind::sweep);
  EXPECT_EQ(plan.models[0].read.mode, "identities");
  EXPECT_EQ(plan.notices.size(), 1u);
  request.models = {{"INVOICES", ""}};
  EXPECT_THAT(refusal(request), HasSubstr("unsupported_mode"));
}

TEST(SyncPlanTest, OnlyWhatIsDue) {
  SyncRequest request;
  request.only_due = true;
  SyncSettings settings;
  settings.common.every = Frequency::parse("2h");
  ModelState lately = read_before("INVOICES");
  lately.last_started_at = lately.last_finished_at = now - hour;
  lately.last_result = "succeeded";
  ModelState long_ago = read_before("BILLS");
  long_ago.last_started_at = long_ago.last_finished_at = now - 3 * hour;
  long_ago.last_result = "succeeded";
  EXPECT_THAT(planned(request, settings, {lately, long_ago}),
              ElementsAre("BILLS incremental", "flow full +", "log full"));
}

TEST(SyncPlanTest, WhereNothingHasAFrequencyNothingIsEverDueAndThatIsSaid) {
  SyncRequest request;
  request.connection = "books";
  request.only_due = true;
  SyncSettings settings;
  const auto said = [&] {
    std::string text;
    for (const Problem& notice : plan_sync(request, settings, catalog(), {}, now).notices)
      text += notice.severity + " " + notice.code + ": " + notice.message;
    return text;
  };
  EXPECT_THAT(said(), testing::StartsWith("notice no_frequency: no data model of books has a frequency, so none is"));
  EXPECT_THAT(said(), HasSubstr("under connections.books.sync or under one of its models"));
  settings.models["BILLS"].every = Frequency::parse("2h");
  EXPECT_EQ(said(), "");
  request.models = {{"INVOICES", ""}};
  EXPECT_THAT(said(), HasSubstr("none of the data models that are named has a frequency"));
  request.only_due = false;
  EXPECT_EQ(said(), "");
}

TEST(SyncPlanTest, AMisspeltModelOfTheConfigurationIsToldWithItsPlace) {
  SyncSettings settings;
  settings.models["INVOICE"].place = "ferry.yaml:9: connections.books.sync.models.INVOICE: ";
  try {
    planned({}, settings);
    FAIL() << "was planned";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), "unknown_model");
    EXPECT_EQ(failure.message(),
              "ferry.yaml:9: connections.books.sync.models.INVOICE: there is no data model INVOICE; did you mean "
              "\"INVOICES\"?");
  }
}

TEST(SyncPlanTest, WhatKeepsFailingIsNotTriedEveryMinute) {
  constexpr std::int64_t minute = 60'000;
  SyncRequest request;
  request.only_due = true;
  SyncSettings settings;
  settings.common.enabled = false;
  settings.models["INVOICES"] = settings.common;
  settings.models["INVOICES"].enabled = true;
  settings.models["INVOICES"].every = Frequency::parse("2h");
  ModelState state = read_before("INVOICES");
  const auto is_due = [&](std::int64_t since_end) {
    state.last_started_at = state.last_finished_at = now - since_end;
    if (state.last_result == "running") state.last_finished_at.reset();
    return !planned(request, settings, {state}).empty();
  };
  state.last_result = "failed";
  state.failures = 1;
  EXPECT_TRUE(is_due(minute));
  state.failures = 4;
  EXPECT_FALSE(is_due(8 * minute - 1));
  EXPECT_TRUE(is_due(8 * minute));
  state.last_result = "running";  // killed, after four that failed
  EXPECT_FALSE(is_due(16 * minute - 1));
  EXPECT_TRUE(is_due(16 * minute));
  state.last_result = "failed";
  state.failures = 1'000'000'000'000;
  EXPECT_FALSE(is_due(2 * hour - 1));
  EXPECT_TRUE(is_due(2 * hour)) << "never later than its frequency says";
}

TEST(SyncPlanTest, WhatCannotBeIsRefusedWithTheNearestName) {
  SyncRequest request;
  request.models = {{"INVOICE", ""}};
  EXPECT_THAT(refusal(request), HasSubstr("unknown_model: there is no data model INVOICE; did you mean \"INVOICES\"?"));
  request.models = {{"LINE_ITEMS", ""}};
  EXPECT_THAT(refusal(request), HasSubstr("unreadable_model"));
  request.models = {{"flow", "2023-01-01"}};
  EXPECT_THAT(refusal(request), HasSubstr("cannot be read from a date on"));
}

}  // namespace
}  // namespace ferry::host
