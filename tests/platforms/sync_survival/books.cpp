#include "tests/platforms/sync_survival/books.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

namespace ferry::test {
namespace {

constexpr const char* key = "sandbox";

std::string path_of(const std::string& model) {
  std::string path = "/accounting/" + model;
  std::transform(path.begin(), path.end(), path.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return path;
}

}  // namespace

Books::Books(const std::vector<std::string>& options) : folder_(std::filesystem::path(::testing::TempDir())) {
  std::vector<std::string> words = {"--platforms", "integration_labs", "--environments", "dev"};
  std::vector<std::string> all = {"enabled=CONTACTS,INVOICES", "job_ms=1", "shape=full"};
  all.insert(all.end(), options.begin(), options.end());
  for (const std::string& option : all)
    words.insert(words.end(), {"--option", std::string("integration_labs.*.") + option});
  sandbox_ = std::make_unique<Sandbox>(folder_.path(), words);
  admin_ = std::make_unique<Web>(sandbox_->url("ADMIN_URL"));
  platform_ = std::make_unique<Web>(url());
  knobs_ = std::make_unique<Web>(url().substr(0, url().rfind("/v3")));
}

void Books::begin_anew() { admin_->ask("POST", std::string("/environments/") + environment + "/reset"); }

void Books::change(const Change& change) {
  Json body = Json::object({{"data_model", change.model},
                            {"add", change.add},
                            {"modify", change.modify},
                            {"delete", change.remove},
                            {"bring", true}});
  if (!change.members.empty()) body.set("members", Json::parse(change.members));
  knobs_->ask("POST", "/sandbox/changes", body.dump());
}

void Books::bring_all() {
  platform_->ask("POST", "/core/syncs",
                 Json::object({{"company_id", company},
                               {"full_sync", true},
                               {"data_models_to_sync", Json::array({"CONTACTS", "INVOICES"})}})
                     .dump(),
                 key);
  const bool done = eventually([&] {
    const Json content = knobs_->ask("GET", "/sandbox/content");
    return std::all_of(content["tables"].items().begin(), content["tables"].items().end(),
                       [](const Json& table) { return table["waiting"].as_int() == 0; });
  });
  if (!done) throw std::runtime_error("the platform did not bring everything over");
}

Content Books::content(const std::string& model, std::int64_t of_company) {
  Content records;
  std::string next;
  do {
    const Json page =
        platform_->ask("GET",
                       path_of(model) + "?limit=1000&rootfi_company_id%5Beq%5D=" + std::to_string(of_company) +
                           (next.empty() ? "" : "&next=" + next),
                       "", key);
    for (const Json& record : page["data"].items())
      if (record["rootfi_deleted_at"].is_null()) records[record["rootfi_id"].number_text()] = record;
    next.clear();
    for (const char c : page.text_or("next", "")) next += c == '=' ? "%3D" : c == '+' ? "%2B" : std::string(1, c);
  } while (!next.empty());
  return records;
}

void Books::faults(const std::string& json) {
  admin_->ask("PUT", std::string("/environments/") + environment + "/faults", json);
}

void Books::option(const std::string& name, const std::string& value) {
  knobs_->ask("PUT", "/sandbox/options", Json::object({{name, value}}).dump());
}

std::int64_t Books::counter(const std::string& name) {
  return admin_->ask("GET", std::string("/environments/") + environment + "/counters")[name].as_int();
}

std::int64_t Books::requests() {
  const Json counters = admin_->ask("GET", std::string("/environments/") + environment + "/counters");
  std::int64_t sum = 0;
  for (const auto& [name, count] : counters["requests"].members())
    if (name.find("/v3/accounting/") != std::string::npos) sum += count.as_int();
  return sum;
}

}  // namespace ferry::test
