#include "tests/benchmark/sync_bench.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <stdexcept>

#include "ferry/json.hpp"
#include "tests/benchmark/http_client.hpp"

namespace ferry::benchmark {
namespace {

constexpr const char* company = "1089";

std::vector<std::string> environments(const Settings& settings) {
  std::vector<std::string> names = {"load", "small", "side"};
  if (!settings.quick) names.push_back("large");
  return names;
}

std::int64_t records_in(const Settings& settings, const std::string& environment) {
  if (environment == "small") return 25'000;
  if (environment == "large") return 1'000'000;
  return settings.quick ? 2'000 : environment == "load" ? 250'000 : 100'000;
}

std::vector<std::string> sandbox_options(const Settings& settings) {
  std::string names;
  std::vector<std::string> options;
  const auto option = [&](const std::string& environment, const std::string& value) {
    options.insert(options.end(), {"--option", "integration_labs." + environment + "." + value});
  };
  for (const std::string& name : environments(settings)) {
    names += (names.empty() ? "" : ",") + name;
    option(name, "records=" + std::to_string(records_in(settings, name)));
    option(name, "cache_mb=" + std::string(name == "large" ? "64" : "1024"));
  }
  option("*", "shape=lean");
  std::string enabled;
  for (const std::string& model : SyncBench::models()) enabled += (enabled.empty() ? "" : ",") + model;
  option("*", "enabled=" + enabled);
  options.insert(options.end(), {"--platforms", "integration_labs", "--environments", names});
  return options;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c); });
  return text;
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return static_cast<char>(c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c); });
  return text;
}

}  // namespace

std::vector<Cost> best_of(int rounds, const std::vector<Contender>& contenders) {
  std::vector<Cost> best(contenders.size(), Cost{1e9, 1e9});
  for (int round = 0; round < rounds; ++round)
    for (std::size_t i = 0; i < contenders.size(); ++i) {
      if (contenders[i].prepare) contenders[i].prepare();
      const Cost cost = cost_of(contenders[i].work);
      best[i] = {std::min(best[i].wall, cost.wall), std::min(best[i].cpu, cost.cpu)};
    }
  return best;
}

SyncBench::SyncBench(const Settings& settings)
    : settings_(settings), sandbox_(settings.directory, sandbox_options(settings)) {
  std::ofstream config(settings_.directory / "ferry.yaml");
  config << "connections:\n";
  for (const std::string& name : environments(settings_))
    config << "  " << name << ": {connector: integration-labs, url: \"" << url(name)
           << "\", settings: {company_id: " << company << "}, secrets: {api_key: env:INTEGRATION_LABS_KEY}}\n";
}

const std::vector<std::string>& SyncBench::models() {
  static const std::vector<std::string> names = {"INVOICES", "BILLS", "CONTACTS", "EXPENSES"};
  return names;
}

std::int64_t SyncBench::records(const std::string& environment) const { return records_in(settings_, environment); }

const std::string& SyncBench::url(const std::string& environment) const {
  return sandbox_.url("INTEGRATION_LABS_" + upper(environment) + "_URL");
}

std::string SyncBench::first_page(const std::string& environment, const std::string& model) const {
  return url(environment) + "/accounting/" + lower(model) +
         "?limit=1000&include_deleted_records=true&sort%5Brootfi_updated_at%5D=ASC&rootfi_company_id%5Beq%5D=" +
         company;
}

void SyncBench::warm(const std::string& environment) const {
  HttpClient client(url(environment));
  for (const std::string& model : models()) {
    const std::string page = first_page(environment, model);
    read_pages(client, page.substr(page.find('/', page.find("://") + 3)), "api_key: sandbox\r\n");
  }
}

void SyncBench::modify(const std::string& environment, std::int64_t count) const {
  HttpClient client(url(environment));
  for (const std::string& model : models())
    client.text("POST", "/sandbox/changes", "Content-Type: application/json\r\n",
                Json::object({{"data_model", model}, {"modify", count}, {"bring", true}}).dump());
}

std::int64_t SyncBench::requests(const std::string& environment) const {
  std::int64_t all = 0;
  for (const auto& [kind, count] : sandbox_.counters("integration_labs/" + environment)["requests"].members())
    all += count.as_int();
  return all;
}

std::vector<std::string> SyncBench::ferry(const std::string& environment, const std::string& destination,
                                          const std::vector<std::string>& options) const {
  const bool is_file = destination.find('=') == std::string::npos;
  std::vector<std::string> command = {"/usr/bin/env",
                                      "INTEGRATION_LABS_KEY=sandbox",
                                      "BENCHMARK_DATABASE=" + destination,
                                      FERRY_BINARY_DIR "/bin/ferry",
                                      "--quiet",
                                      "--config",
                                      settings_.directory / "ferry.yaml",
                                      "--state-dir",
                                      settings_.directory / "state",
                                      "--connector-path",
                                      FERRY_BINARY_DIR "/connectors",
                                      "sync",
                                      environment,
                                      "--to",
                                      is_file ? destination : "env:BENCHMARK_DATABASE"};
  command.insert(command.end(), options.begin(), options.end());
  return command;
}

std::vector<std::string> SyncBench::limit(const std::string& environment, const std::string& destination) const {
  std::vector<std::string> command = {FERRY_BINARY_DIR "/tests/benchmark/ferry_sync_limit", url(environment), company,
                                      destination};
  command.insert(command.end(), models().begin(), models().end());
  return command;
}

void remove_database(const std::string& file) {
  for (const char* part : {"", "-wal", "-shm"}) std::filesystem::remove(file + part);
}

std::optional<std::int64_t> number_in(const std::string& file, const std::string& sql) {
  sqlite3* opened = nullptr;
  const int error = sqlite3_open_v2(file.c_str(), &opened, SQLITE_OPEN_READONLY, nullptr);
  const std::unique_ptr<sqlite3, int (*)(sqlite3*)> database(opened, sqlite3_close);
  if (error != SQLITE_OK) return std::nullopt;
  sqlite3_stmt* prepared = nullptr;
  const int refused = sqlite3_prepare_v2(database.get(), sql.c_str(), -1, &prepared, nullptr);
  const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement(prepared, sqlite3_finalize);
  if (refused != SQLITE_OK || sqlite3_step(statement.get()) != SQLITE_ROW) return std::nullopt;
  return sqlite3_column_int64(statement.get(), 0);
}

void expect_number(const std::string& file, const std::string& sql, std::int64_t expected) {
  const std::optional<std::int64_t> found = number_in(file, sql);
  if (found != expected)
    throw std::runtime_error(sql + ": " + (found ? std::to_string(*found) : "nothing") + ", not " +
                             std::to_string(expected));
}

}  // namespace ferry::benchmark
