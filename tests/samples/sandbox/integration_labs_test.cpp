// Integration Labs by its documents: what is asked in raw HTTP is answered with the documents' own members and words.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>

#include "samples/sandbox/core/answers.hpp"
#include "samples/sandbox/core/seeded.hpp"
#include "tests/samples/sandbox/raw_http.hpp"

namespace sandbox::test {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Settings with(std::map<std::string, std::string> options) {
  Settings settings;
  settings.platform = "integration_labs";
  settings.seed = 7;
  settings.options = std::move(options);
  return settings;
}

class IntegrationLabsSandbox : public testing::Test {
 protected:
  explicit IntegrationLabsSandbox(std::map<std::string, std::string> options = {{"job_ms", "1000"}})
      : labs(make_integration_labs, with(std::move(options))) {}

  RawAnswer get(const std::string& path, const std::string& key = "sandbox") {
    return labs.get("/v3/" + path, {{"api_key", key}});
  }
  json::Object data(const std::string& path) {
    const RawAnswer answer = get(path);
    EXPECT_EQ(answer.status, 200) << path << " " << answer.body;
    return json::child(answer.json(), "data");
  }
  json::Object send(const std::string& method, const std::string& path, const std::string& body, int status = 200) {
    const RawAnswer answer = labs.send(method, path, {{"api_key", "sandbox"}}, body);
    EXPECT_EQ(answer.status, status) << path << " " << answer.body;
    return answer.body.empty() ? json::object() : answer.json();
  }
  json::Object start(const std::string& body) { return json::child(send("POST", "/v3/core/syncs", body), "data"); }
  void change(const std::string& body) { send("POST", "/sandbox/changes", body); }
  json::Object connection(const std::string& company = "1089") {
    return json::as_object(json::elements(data("core/companies/" + company), "connections").at(0));
  }
  // A sync from its start to its end.
  void sync(const std::string& more = "") {
    start(R"({"company_id":1089,"integration_type":"XERO","data_models_to_sync":["INVOICES"])" + more + "}");
    labs.advance(1000);
  }
  // The ids of all records, page by page.
  std::vector<std::int64_t> ids(const std::string& query, const std::string& path = "accounting/invoices") {
    std::vector<std::int64_t> out;
    std::string next;
    do {
      const json::Object page = get(path + "?" + query + (next.empty() ? "" : "&next=" + next)).json();
      for (const json::Value& record : json::elements(page, "data"))
        out.push_back(json::integer(json::as_object(record), "rootfi_id"));
      next = json::string(page, "next");
    } while (!next.empty());
    return out;
  }
  static std::string error(const RawAnswer& answer, const char* member = "message") {
    return json::string(json::child(answer.json(), "error"), member);
  }

  Playing labs;
};

std::vector<std::string> names(const json::Object& object) { return object->getNames(); }

TEST_F(IntegrationLabsSandbox, KeysAreToldApart) {
  for (const std::string key : {"", "wrong"}) {
    const RawAnswer answer = get("core/companies", key);
    EXPECT_EQ(answer.status, 401);
    EXPECT_EQ(error(answer, "code"), "unauthorized");
  }
  EXPECT_EQ(get("accounting/invoices", "sandbox-no-rights").status, 403);
  EXPECT_EQ(get("core/companies", "sandbox-no-rights").status, 200);
  EXPECT_EQ(get("accounting/invoices", "sandbox-read-only").status, 200);
  EXPECT_EQ(labs.post("/v3/core/syncs", {{"api_key", "sandbox-read-only"}}, "{}").status, 403);
  EXPECT_EQ(labs.get("/core/companies", {{"api_key", "sandbox"}}).status, 404);
  EXPECT_EQ(get("core/nothing").status, 404);
  Faults expired;
  expired.expire_tokens = true;
  labs.faults().set({expired});
  EXPECT_EQ(get("core/companies").status, 401);
  EXPECT_EQ(get("core/companies", "sandbox-2").status, 200);
}

TEST_F(IntegrationLabsSandbox, ACompanyHasTheDocumentsMembers) {
  const json::Object company = data("core/companies/1089");
  EXPECT_THAT(names(company), ElementsAre("rootfi_id", "rootfi_created_at", "rootfi_updated_at", "name", "partner_id",
                                          "invite_link", "connections", "activity_log"));
  EXPECT_THAT(names(connection()),
              ElementsAre("rootfi_id", "rootfi_created_at", "rootfi_updated_at", "integration_type", "category",
                          "connection_status", "sync_status", "sync_resume_at", "last_synced", "rate_limits",
                          "zoho_sub_calls_enabled"));
  EXPECT_EQ(json::string(connection(), "connection_status"), "HEALTHY");
  EXPECT_EQ(json::string(connection(), "sync_status"), "IDLE");
  EXPECT_TRUE(json::is_null(connection(), "sync_resume_at"));
  EXPECT_EQ(get("core/companies/9").status, 404);

  const json::Object first = get("core/companies?limit=1").json();
  EXPECT_EQ(json::elements(first, "data").size(), 1u);
  const json::Object second = get("core/companies?limit=1&next=" + json::string(first, "next")).json();
  EXPECT_EQ(json::integer(json::as_object(json::elements(second, "data").at(0)), "rootfi_id"), 1090);
  EXPECT_TRUE(json::is_null(second, "next"));

  send("PUT", "/sandbox/companies/1089", R"({"connection_status":"EXPIRED"})");
  EXPECT_EQ(json::elements(get("core/companies?status=EXPIRED").json(), "data").size(), 1u);
  EXPECT_EQ(json::string(json::child(send("PUT", "/v3/core/companies/1089", R"({"name":"Oak"})"), "data"), "name"),
            "Oak");
}

TEST_F(IntegrationLabsSandbox, ASyncGoesFromCreatedToItsEnd) {
  const json::Object begun = start(
      R"({"company_id":1089,"integration_type":"XERO","full_sync":false,"data_models_to_sync":
         [{"data_model":"INVOICES","sync_from":"2023-01-01"},"BILLS"]})");
  EXPECT_THAT(names(begun), ElementsAre("rootfi_id", "rootfi_created_at", "rootfi_updated_at", "rootfi_company_id",
                                        "start_time", "end_time", "integration_type", "full_sync", "sync_type",
                                        "config_mode", "sync_data_models", "sync_id", "total_count", "success_count",
                                        "failed_count", "running_count", "pending_count", "status"));
  const std::string id = json::string(begun, "sync_id");
  EXPECT_EQ(id.size(), 15u);
  EXPECT_EQ(json::string(begun, "status"), "RUNNING");
  EXPECT_EQ(json::string(connection(), "sync_status"), "FETCHING");
  labs.advance(1500);
  json::Object sync = data("core/syncs/" + id);
  EXPECT_EQ(json::integer(sync, "success_count"), 1);
  EXPECT_EQ(json::integer(sync, "running_count"), 1);
  EXPECT_EQ(json::string(connection(), "sync_status"), "PARSING");
  labs.advance(500);
  sync = data("core/syncs/" + id);
  EXPECT_EQ(json::string(sync, "status"), "SUCCESS");
  EXPECT_EQ(json::string(sync, "end_time"), iso_time(labs.now_ms()));
  EXPECT_EQ(json::string(connection(), "last_synced"), iso_time(labs.now_ms()));
  const auto jobs = json::elements(get("core/syncs/" + id + "/jobs").json(), "data");
  ASSERT_EQ(jobs.size(), 2u);
  const json::Object job = json::as_object(jobs[0]);
  EXPECT_EQ(json::string(job, "data_model"), "INVOICES");
  EXPECT_EQ(json::string(data("core/syncs/jobs/" + std::to_string(json::integer(job, "rootfi_id"))), "status"),
            "SUCCESS");
  EXPECT_EQ(json::elements(get("core/syncs?rootfi_company_id=1090").json(), "data").size(), 0u);
  EXPECT_EQ(json::elements(get("core/syncs?rootfi_company_id=1089").json(), "data").size(), 1u);
}

TEST_F(IntegrationLabsSandbox, ASyncSleepsForTheRateLimitOfTheAccountingPlatform) {
  send("PUT", "/sandbox/options", R"({"sleep_ms":60000,"sleep_after_jobs":1})", 204);
  const std::string id = json::string(
      start(R"({"company_id":1089,"integration_type":"XERO","data_models_to_sync":["INVOICES","BILLS"]})"), "sync_id");
  labs.advance(1000);
  EXPECT_EQ(json::string(connection(), "sync_status"), "SLEEPING");
  EXPECT_EQ(json::string(connection(), "sync_resume_at"), iso_time(labs.now_ms() + 60000));
  EXPECT_EQ(json::elements(get("core/companies?status=SLEEPING").json(), "data").size(), 1u);
  EXPECT_EQ(json::string(data("core/syncs/" + id), "status"), "RUNNING");
  labs.advance(61000);
  EXPECT_EQ(json::string(data("core/syncs/" + id), "status"), "SUCCESS");
  EXPECT_EQ(json::string(connection(), "sync_status"), "IDLE");
}

TEST_F(IntegrationLabsSandbox, AFailingJobSaysWhyAndLeavesItsRecords) {
  change(R"({"data_model":"INVOICES","add":1})");
  Faults partial;
  partial.fail_items = {"INVOICES"};
  labs.faults().set({partial});
  const std::string id = json::string(
      start(R"({"company_id":1089,"integration_type":"XERO","data_models_to_sync":["INVOICES","BILLS"]})"), "sync_id");
  labs.advance(2000);
  EXPECT_EQ(json::string(data("core/syncs/" + id), "status"), "FAILED");
  EXPECT_EQ(json::integer(data("core/syncs/" + id), "failed_count"), 1);
  EXPECT_THAT(get("core/syncs/" + id + "/jobs").body, HasSubstr(R"("error":{"code":"platform-error")"));
  EXPECT_EQ(ids("limit=1000&rootfi_company_id[eq]=1089").size(), 300u);

  Faults hangs;
  hangs.job = "hang";
  labs.faults().set({hangs});
  const std::string hanging = json::string(start(R"({"company_id":1089,"data_models_to_sync":["BILLS"]})"), "sync_id");
  labs.advance(1'000'000'000);
  EXPECT_EQ(json::string(data("core/syncs/" + hanging), "status"), "RUNNING");
}

TEST_F(IntegrationLabsSandbox, ASyncThatCannotBeIsRefused) {
  const auto refused = [&](const std::string& body, int status) {
    return error(labs.post("/v3/core/syncs", {{"api_key", "sandbox"}}, body), "code") + " " + std::to_string(status);
  };
  EXPECT_EQ(refused(R"({"company_id":5})", 404), "not-found 404");
  EXPECT_EQ(refused("{}", 400), "missing-params 400");
  EXPECT_EQ(refused(R"({"company_id":1089,"integration_type":"QUICKBOOKS"})", 400), "invalid-params 400");
  EXPECT_EQ(refused(R"({"company_id":1089,"data_models_to_sync":["NOTHING"]})", 400), "invalid-params 400");
  EXPECT_EQ(refused(R"({"company_id":1089,"data_models_to_sync":["CRM_DEALS"]})", 400), "invalid-params 400");
  EXPECT_EQ(refused(R"({"company_id":1089,"data_models_to_sync":[{"data_model":"BILLS","sync_from":"soon"}]})", 400),
            "invalid-params 400");
  send("PUT", "/sandbox/companies/1089", R"({"connection_status":"DISCONNECTED"})");
  EXPECT_EQ(refused(R"({"company_id":1089})", 400), "operation-denied 400");
}

TEST_F(IntegrationLabsSandbox, TheConfigurationNamesAllModels) {
  EXPECT_EQ(json::elements(get("core/syncs/config").json(), "sync_config").size(), 62u);
  const auto accounting = json::elements(get("core/syncs/config?category=ACCOUNTING").json(), "sync_config");
  ASSERT_EQ(accounting.size(), 29u);
  EXPECT_EQ(json::text(accounting[0]),
            R"({"enabled":true,"interval":1,"frequency":"DAILY","data_model":"ACCOUNTS","category":"ACCOUNTING",)"
            R"("scope_access":{"READ":true,"CREATE":false,"UPDATE":false,"DELETE":false}})");
}

TEST_F(IntegrationLabsSandbox, AnInvoiceHasTheDocumentsMembers) {
  const RawAnswer answer = get("accounting/invoices?limit=1&rootfi_company_id%5Beq%5D=1089");
  const json::Object page = answer.json();
  EXPECT_THAT(names(page), ElementsAre("data", "prev", "next"));
  const json::Object invoice = json::as_object(json::elements(page, "data").at(0));
  EXPECT_THAT(names(invoice), ElementsAre("rootfi_id", "rootfi_deleted_at", "rootfi_created_at", "rootfi_updated_at",
                                          "rootfi_company_id", "platform_id", "platform_unique_id", "currency_id",
                                          "contact_id", "total_discount", "sub_total", "tax_amount", "total_amount",
                                          "amount_due", "document_number", "posted_date", "due_date", "memo",
                                          "updated_at", "status", "currency_rate", "sales_order_ids", "line_items"));
  const json::Object line = json::as_object(json::elements(invoice, "line_items").at(0));
  EXPECT_THAT(names(line),
              ElementsAre("rootfi_id", "platform_id", "line_item_type", "line_item_type_id", "tracking_category_ids",
                          "project_id", "item_id", "tax_id", "account_id", "description", "quantity", "unit_amount",
                          "total_amount", "sub_total", "tax_amount", "total_discount", "updated_at"));
  EXPECT_EQ(json::integer(invoice, "rootfi_id"), 70001);
  EXPECT_EQ(json::string(invoice, "platform_id"), "INV-1");
  EXPECT_TRUE(json::is_null(invoice, "rootfi_deleted_at"));
  EXPECT_EQ(json::string(json::child(get("accounting/invoices/70001").json(), "data"), "platform_id"), "INV-1");
  EXPECT_EQ(get("accounting/invoices/1").status, 404);
  EXPECT_EQ(labs.post("/v3/accounting/invoices", {{"api_key", "sandbox"}}, "{}").status, 400);
}

TEST_F(IntegrationLabsSandbox, PagesFollowEachOtherInBothDirections) {
  const std::vector<std::int64_t> all = ids("limit=1000");
  ASSERT_EQ(all.size(), 325u);  // of both companies
  EXPECT_EQ(ids("limit=7"), all);
  EXPECT_EQ(ids("limit=7&sort%5Brootfi_updated_at%5D=ASC").size(), all.size());
  const std::vector<std::int64_t> newest = ids("limit=7&sort[rootfi_created_at]=DESC&rootfi_company_id[eq]=1089");
  EXPECT_EQ(newest.size(), 300u);
  EXPECT_TRUE(std::is_sorted(newest.rbegin(), newest.rend()));

  const json::Object first = get("accounting/invoices?limit=100").json();
  EXPECT_TRUE(json::is_null(first, "prev"));
  const json::Object second = get("accounting/invoices?limit=100&next=" + json::string(first, "next")).json();
  const json::Object back = get("accounting/invoices?limit=100&prev=" + json::string(second, "prev")).json();
  EXPECT_EQ(json::text(back->get("data")), json::text(first->get("data")));
  EXPECT_TRUE(json::is_null(back, "prev"));
  EXPECT_EQ(json::integer(get("accounting/invoices?limit=1&return_count=true").json(), "total_count"), 325);
}

TEST_F(IntegrationLabsSandbox, FiltersAreKeptToAndWhatMeansNothingIsRefused) {
  EXPECT_EQ(ids("rootfi_company_id[eq]=1090").size(), 25u);
  EXPECT_EQ(ids("rootfi_updated_at[gte]=2024-01-01T00:00:05.000Z&rootfi_company_id[eq]=1089").size(), 50u);
  EXPECT_EQ(ids("rootfi_updated_at[gte]=2024-01-01T00:00:05.000Z&sort[rootfi_updated_at]=ASC&limit=9"
                "&rootfi_company_id[eq]=1089")
                .size(),
            50u);
  EXPECT_THAT(ids("document_number[eq]=INV-5&rootfi_company_id[eq]=1089"), ElementsAre(70005));
  EXPECT_EQ(ids("rootfi_id[in]=70003,70009&limit=1").size(), 2u);
  const std::size_t paid = ids("status[eq]=PAID&limit=3").size(), other = ids("status[neq]=PAID&limit=50").size();
  EXPECT_EQ(paid + other, 325u);
  EXPECT_GT(paid, 0u);
  for (const char* wrong : {"limit=0", "limit=x", "next=x", "page=2", "colour[eq]=red", "total_amount[near]=5",
                            "sort[memo]=ASC", "include_deleted_records=1", "rootfi_updated_at[gte]=today"})
    EXPECT_EQ(get(std::string("accounting/invoices?") + wrong).status, 400) << wrong;
}

TEST_F(IntegrationLabsSandbox, ChangesWaitForASyncAndDeletionsForAFullOne) {
  change(R"({"data_model":"INVOICES","add":3,"modify":[70002,70005],"delete":[70003]})");
  const std::string mine = "limit=1000&rootfi_company_id[eq]=1089";
  EXPECT_EQ(ids(mine).size(), 300u);
  const std::string before = get("accounting/invoices/70002").body;

  sync();
  EXPECT_EQ(ids(mine).size(), 303u);
  EXPECT_NE(get("accounting/invoices/70002").body, before);
  const std::string since = mine + "&rootfi_updated_at[gte]=2025-01-01&sort[rootfi_updated_at]=ASC";
  EXPECT_THAT(ids(since), ElementsAre(70002, 70005, 70301, 70302, 70303));

  sync(R"(,"full_sync":true)");
  EXPECT_EQ(ids(mine).size(), 302u);
  EXPECT_EQ(ids(mine + "&include_deleted_records=true").size(), 303u);
  EXPECT_THAT(ids(since + "&include_deleted_records=true"), ElementsAre(70002, 70005, 70301, 70302, 70303, 70003));
  EXPECT_FALSE(json::is_null(data("accounting/invoices/70003"), "rootfi_deleted_at"));

  change(R"({"data_model":"INVOICES","modify":[70005]})");
  sync();
  EXPECT_THAT(ids(since + "&limit=2"), ElementsAre(70002, 70301, 70302, 70303, 70005));
}

TEST_F(IntegrationLabsSandbox, ASyncFromADateTakesWhatChangedSince) {
  change(R"({"data_model":"INVOICES","add":1})");
  labs.advance(86'400'000);
  change(R"({"data_model":"INVOICES","add":2})");
  start(R"({"company_id":1089,"data_models_to_sync":[{"data_model":"INVOICES","sync_from":"2026-01-02"}]})");
  labs.advance(1000);
  EXPECT_EQ(ids("limit=1000&rootfi_company_id[eq]=1089").size(), 302u);
}

TEST(IntegrationLabsState, WhatWasChangedSurvivesARestart) {
  const auto folder = std::filesystem::temp_directory_path() / ("ferry-labs-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  Settings settings = with({{"job_ms", "0"}});
  settings.now_ms = [] { return std::int64_t{1'767'225'600'000}; };
  const Headers key = {{"api_key", "sandbox"}};
  std::vector<std::string> before, after;
  const auto look = [&](const Listener& listener, std::vector<std::string>& into) {
    for (const char* path : {"/v3/accounting/invoices?limit=1000&include_deleted_records=true", "/v3/core/syncs",
                             "/v3/core/webhooks", "/v3/core/companies", "/sandbox/content"})
      into.push_back(send(listener.port(), "GET", path, key).body);
  };
  {
    Site site(make_integration_labs, settings, folder / "labs.json");
    Listener listener(site, "127.0.0.1", 0);
    const auto post = [&](const char* path, const char* body) { send(listener.port(), "POST", path, key, body); };
    post("/sandbox/changes", R"({"data_model":"INVOICES","add":2,"modify":2,"delete":2,"members":{"project":"P1"}})");
    post("/v3/core/syncs", R"({"company_id":1089,"full_sync":true,"data_models_to_sync":["INVOICES"]})");
    post("/v3/core/webhooks", R"({"webhook":{"name":"w","type":"SYNC_COMPLETED","url":"http://localhost"}})");
    post("/sandbox/changes", R"({"data_model":"BILLS","add":2,"delete":1})");
    look(listener, before);
  }
  Site site(make_integration_labs, settings, folder / "labs.json");
  look(Listener(site, "127.0.0.1", 0), after);
  EXPECT_EQ(before, after);
  std::filesystem::remove_all(folder);
}

TEST_F(IntegrationLabsSandbox, MembersCanBeAddedToAModel) {
  change(R"({"data_model":"INVOICES","members":{"project_code":"P1"}})");
  EXPECT_EQ(json::string(data("accounting/invoices/70001"), "project_code"), "P1");
  EXPECT_THAT(get("accounting/bills?limit=1").body, ::testing::Not(HasSubstr("project_code")));
}

TEST_F(IntegrationLabsSandbox, ContentFollowsFromTheSeed) {
  Playing again(make_integration_labs, with({}));
  Settings other = with({});
  other.seed = 8;
  Playing differs(make_integration_labs, other);
  const Headers key = {{"api_key", "sandbox"}};
  for (const char* path : {"/v3/accounting/invoices", "/v3/accounting/contacts", "/v3/accounting/accounts"}) {
    EXPECT_EQ(labs.get(path, key).body, again.get(path, key).body);
    EXPECT_NE(labs.get(path, key).body, differs.get(path, key).body);
  }
}

TEST_F(IntegrationLabsSandbox, EveryModelWithAPathIsServed) {
  for (const json::Value& value : json::elements(get("core/syncs/config?category=ACCOUNTING").json(), "sync_config")) {
    const json::Object model = json::as_object(value);
    if (!json::boolean(json::child(model, "scope_access"), "READ")) continue;
    std::string path = json::string(model, "data_model");
    for (char& c : path) c = static_cast<char>(std::tolower(c));
    EXPECT_GT(json::elements(get("accounting/" + path).json(), "data").size(), 0u) << path;
  }
  for (const char* path : {"payments/payment_links", "ecommerce/products", "crm/activities"})
    EXPECT_EQ(get(path).status, 200) << path;
}

class IntegrationLabsLimits : public IntegrationLabsSandbox {
 protected:
  IntegrationLabsLimits()
      : IntegrationLabsSandbox({{"rate_limit", "3"}, {"rate_window_ms", "10000"}, {"rate_limit_headers", "true"}}) {}
};

TEST_F(IntegrationLabsLimits, AKeyHasSoManyRequestsInAWindow) {
  EXPECT_EQ(get("core/webhooks").header("X-RateLimit-Remaining"), "2");
  EXPECT_EQ(get("core/webhooks").status, 200);
  EXPECT_EQ(get("core/nothing").header("X-RateLimit-Limit"), "3");
  const RawAnswer refused = get("core/webhooks");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.header("Retry-After"), "10");
  EXPECT_EQ(refused.header("X-RateLimit-Reset"), std::to_string(labs.now_ms() / 1000 + 10));
  EXPECT_EQ(error(refused, "code"), "rate-limit-exceeded");
  labs.advance(10'000);
  EXPECT_EQ(get("core/webhooks").status, 200);
}

// Takes what is posted to it; refuses the first so many.
class Receiver : public Handler {
 public:
  explicit Receiver(int refusals) : refusals_(refusals) {}
  Answer answer(const Request& request) override {
    const std::lock_guard lock(mutex_);
    if (refusals_-- > 0) return text_answer("later", "text/plain", 503);
    bodies_.push_back(std::string(request.header("x-secret")) + " " + request.text());
    arrived_.notify_all();
    return empty_answer();
  }
  std::vector<std::string> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    arrived_.wait_for(lock, std::chrono::seconds(20), [&] { return bodies_.size() >= count; });
    return bodies_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<std::string> bodies_;
  int refusals_;
};

TEST_F(IntegrationLabsSandbox, WebhooksAreKeptAndTold) {
  Receiver receiver(2);
  Listener listener(receiver, "127.0.0.1", 0);
  const json::Object made = send(
      "POST", "/v3/core/webhooks",
      R"({"webhook":{"operations":["CREATE","DELETE"],"name":"w","type":"DATA_MODEL_CHANGES","data_models":["INVOICES"],)"
      R"("url":")" +
          listener.url() + R"(","headers":{"x-secret":"s"}}})");
  EXPECT_THAT(names(made),
              ElementsAre("id", "headers", "operations", "data_models", "name", "created_at", "type", "url"));
  EXPECT_EQ(json::elements(get("core/webhooks").json(), "data").size(), 1u);
  EXPECT_EQ(
      json::string(json::child(send("PUT", "/v3/core/webhooks/1", R"({"webhook":{"name":"v"}})"), "data"), "name"),
      "v");
  change(R"({"data_model":"INVOICES","add":1,"modify":1,"delete":[70001]})");
  sync(R"(,"full_sync":true)");
  const std::vector<std::string> told = receiver.wait_for(2);
  ASSERT_EQ(told.size(), 2u);
  std::string all = told[0] + told[1];
  EXPECT_THAT(all, HasSubstr(R"(s {"company_id":1089,"created_at":")"));
  EXPECT_THAT(all, HasSubstr(R"("data_model":"INVOICES","integration_type":"XERO","type":"CREATE","data":[{)"));
  EXPECT_THAT(all, HasSubstr(R"("type":"DELETE")"));
  EXPECT_THAT(all, ::testing::Not(HasSubstr("UPDATE")));
  send("DELETE", "/v3/core/webhooks/1", "");
  EXPECT_EQ(json::elements(get("core/webhooks").json(), "data").size(), 0u);

  const RawAnswer wrong = labs.post("/v3/core/webhooks", {{"api_key", "sandbox"}},
                                    R"({"webhook":{"type":"EVERYTHING","url":"http://localhost"}})");
  EXPECT_EQ(wrong.status, 400);
}

TEST_F(IntegrationLabsSandbox, AWebhookHearsTheEndOfASyncWithoutAnotherRequest) {
  Receiver receiver(0);
  Listener listener(receiver, "127.0.0.1", 0);
  send("POST", "/v3/core/webhooks",
       R"({"webhook":{"operations":[],"name":"w","type":"SYNC_COMPLETED","data_models":[],"url":")" + listener.url() +
           "\"}}");
  sync();
  const std::vector<std::string> told = receiver.wait_for(1);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_THAT(told[0], HasSubstr(R"("type":"SYNC_COMPLETED","data":{"rootfi_id":501)"));
}

}  // namespace

}  // namespace sandbox::test
