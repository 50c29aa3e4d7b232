#include "samples/sandbox/integration_labs/labs.hpp"

#include <algorithm>

#include "samples/sandbox/core/seeded.hpp"
#include "samples/sandbox/integration_labs/text.hpp"

namespace sandbox::integration_labs {
namespace {

constexpr std::uint64_t first_company = 1089, first_record = 70001, ids_of_a_company = 100'000'000;
constexpr std::uint64_t most_in_other_companies = 25;
constexpr std::int64_t began_ms = 1'703'980'800'000;  // 2023-12-31

Answer error_answer(const Refusal& refusal) {
  json::Object error = json::object({{"message", refusal.message}, {"code", refusal.code}});
  if (!refusal.field.empty()) error->set("field", refusal.field);
  return json_answer(json::object({{"error", error}}), refusal.status);
}

Refusal not_found(const std::string& what) { return {404, "not-found", what + " was not found", ""}; }

std::uint64_t usual_count(const Model& model, std::uint64_t records) {
  if (model.name == "COMPANY_INFO") return 1;
  if (model.name == "CURRENCIES") return std::min<std::uint64_t>(records, 4);
  if (model.name.ends_with("_STATEMENT") || model.name == "BALANCE_SHEET") return std::min<std::uint64_t>(records, 12);
  return records;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find(',', start), text.size());
    words.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return words;
}

}  // namespace

bool RateLimit::take(std::int64_t now) {
  if (limit == 0) return true;
  if (now / window_ms != window_) {
    window_ = now / window_ms;
    used_ = 0;
  }
  return ++used_ <= limit;
}

void RateLimit::show(Answer& answer, std::int64_t now, bool refused) const {
  if (limit == 0) return;
  const std::int64_t reset_ms = (now / window_ms + 1) * window_ms;
  if (shown) {
    answer.headers.emplace_back("X-RateLimit-Limit", std::to_string(limit));
    answer.headers.emplace_back("X-RateLimit-Remaining", std::to_string(std::max<std::int64_t>(0, limit - used_)));
    answer.headers.emplace_back("X-RateLimit-Reset", std::to_string((reset_ms + 999) / 1000));
  }
  if (refused) answer.headers.emplace_back("Retry-After", std::to_string((reset_ms - now + 999) / 1000));
}

Labs::Labs(const Settings& settings)
    : settings_(settings),
      cache_(static_cast<std::size_t>(option("cache_mb", 64)) << 20),
      deliveries_(option("webhook_retry_ms", 200), [this] {
        const std::lock_guard lock(mutex_);
        advance();
      }) {
  const auto text = [&](const std::string& name, const std::string& otherwise) {
    const auto found = settings_.options.find(name);
    return found == settings_.options.end() ? otherwise : found->second;
  };
  key_ = text("api_key", "sandbox");
  for (const char* name :
       {"job_ms", "sleep_ms", "sleep_after_jobs", "rate_limit", "rate_window_ms", "rate_limit_headers"})
    if (const auto value = text(name, ""); !value.empty()) set_option(name, value);

  const std::vector<std::string> enabled = split(text("enabled", ""));
  for (const Model& model : models())
    configuration_[model.name].enabled = enabled.empty()
                                             ? model.category == "ACCOUNTING" && !model.path.empty()
                                             : std::find(enabled.begin(), enabled.end(), model.name) != enabled.end();
  const bool lean = text("shape", "full") == "lean";
  const char* integrations[] = {"XERO", "QUICKBOOKS", "ZOHO_BOOKS"};
  const char* names[] = {"Birch Ltd", "Cedar Works", "Elm Logistics"};
  const auto count = static_cast<std::uint64_t>(option("companies", 2));
  const auto records = static_cast<std::uint64_t>(option("records", 300));
  for (std::uint64_t i = 0; i < count; ++i) {
    Company& made = companies_.emplace_back();
    made.id = first_company + i;
    made.name = names[i % 3];
    made.partner_id = "p-" + std::to_string(7 + i);
    made.integration_type = integrations[i % 3];
    made.updated_at = made.last_synced = began_ms;
    for (const Model& model : models()) {
      if (model.path.empty()) continue;
      auto rows = static_cast<std::uint64_t>(
          option("records." + std::string(model.name), static_cast<std::int64_t>(usual_count(model, records))));
      if (i > 0) rows = std::min(rows, most_in_other_companies);
      if (!configuration_[model.name].enabled) rows = 0;
      made.tables[model.name] = std::make_unique<Table>(model, settings_.seed, made.id,
                                                        first_record + i * ids_of_a_company, rows, lean, cache_);
    }
  }
}

std::int64_t Labs::option(const std::string& name, std::int64_t otherwise) const {
  const auto found = settings_.options.find(name);
  if (found == settings_.options.end()) return otherwise;
  const auto value = parse_number(found->second);
  if (!value) throw BadRequest{"the option " + name + " is no number: " + found->second};
  return static_cast<std::int64_t>(*value);
}

Answer Labs::answer(const Request& request) {
  const Segments all = path_segments(request.path);
  std::unique_lock lock(mutex_);
  try {
    advance();
    if (!all.empty() && all[0] == "sandbox") return knob(request, Segments(all.begin() + 1, all.end()));
    if (all.empty() || all[0] != "v3") throw not_found(request.path);
    const Segments segments(all.begin() + 1, all.end());
    authorise(request, segments);
    const bool within = rate_limit_.take(now());
    Answer answer;
    if (within) {
      try {
        answer = answer_locked(request, segments, lock);
      } catch (const Refusal& refusal) {
        answer = error_answer(refusal);
      }
      if (!lock.owns_lock()) lock.lock();
    } else {
      ++counters_["rate_limited"];
      answer = error_answer({429, "rate-limit-exceeded", "Too many requests", ""});
    }
    rate_limit_.show(answer, now(), !within);
    return answer;
  } catch (const Refusal& refusal) {
    return error_answer(refusal);
  } catch (const BadRequest& wrong) {
    return error_answer({400, "invalid-params", wrong.message, ""});
  }
}

void Labs::authorise(const Request& request, const Segments& segments) const {
  const std::string_view key = request.header("api_key");
  const std::int64_t epoch = settings_.faults == nullptr ? 0 : settings_.faults->token_epoch();
  const std::string good = epoch == 0 ? key_ : key_ + "-" + std::to_string(epoch + 1);
  if (key.empty()) throw Refusal{401, "unauthorized", "The header api_key is missing", ""};
  const bool reads_only = key == good + "-read-only", nothing = key == good + "-no-rights";
  if (key != good && !reads_only && !nothing) throw Refusal{401, "unauthorized", "The API key is not valid", ""};
  if ((reads_only && request.method != "GET") || (nothing && (segments.size() < 2 || segments[0] != "core")))
    throw Refusal{403, "forbidden", "The API key has no right to " + request.method + " " + request.path, ""};
}

Answer Labs::answer_locked(const Request& request, const Segments& at, std::unique_lock<std::mutex>& lock) {
  if (at.size() >= 2 && at[0] == "core") {
    if (at[1] == "companies") return companies(request, at);
    if (at[1] == "syncs") return syncs(request, at);
    if (at[1] == "webhooks") return webhooks(request, at);
  }
  if (at.size() >= 2 && find_model_at(at[0] + "/" + at[1]) != nullptr) return records(request, at, lock);
  throw not_found(request.method + " " + request.path);
}

Company& Labs::company(std::uint64_t id) {
  for (Company& company : companies_)
    if (company.id == id && !company.deleted) return company;
  throw not_found("The company " + std::to_string(id));
}

Company& Labs::company(const std::string& id) {
  const auto number = parse_number(id);
  if (!number) throw not_found("The company " + id);
  return company(*number);
}

Answer Labs::companies(const Request& request, const Segments& at) {
  if (at.size() == 2 && request.method == "GET") {
    json::Array data = json::array();
    const std::string status = request.parameter("status").value_or("");
    const auto limit = parse_number(request.parameter("limit").value_or("100"));
    const auto after = parse_number(from_base64(request.parameter("next").value_or("")).value_or("0"));
    if (!limit || *limit == 0 || !after)
      throw Refusal{400, "invalid-params", "limit and next must be numbers", "limit"};
    json::Value next = json::null();
    for (const Company& company : companies_) {
      const Sync* running = syncs_.running(company.id, now());
      const bool sleeps = running != nullptr && running->sleeps(now());
      if (company.deleted || company.id <= *after) continue;
      if (!status.empty() && status != company.connection_status && !(status == "SLEEPING" && sleeps)) continue;
      if (data->size() == *limit) {
        next = base64(std::to_string(json::integer(data->getObject(data->size() - 1), "rootfi_id")));
        break;
      }
      data->add(to_json(company));
    }
    return json_answer(json::object({{"data", data}, {"next", next}}));
  }
  if (at.size() != 3) throw not_found(request.path);
  Company& found = company(at[2]);
  if (request.method == "PUT") {
    const json::Object body = json::parse_object(request.text(1u << 20));
    found.name = json::string(body, "name", found.name);
    found.partner_id = json::string(body, "partner_id", found.partner_id);
    configure(json::elements(body, "sync_config"));
    found.updated_at = now();
  } else if (request.method == "DELETE") {
    found.deleted = true;
    found.updated_at = now();
  } else if (request.method != "GET") {
    throw not_found(request.method + " " + request.path);
  }
  return json_answer(json::object({{"data", to_json(found)}}));
}

json::Object Labs::to_json(const Company& company) const {
  const auto base = [&](std::uint64_t id) {
    return json::object({{"rootfi_id", id},
                         {"rootfi_created_at", iso_time(began_ms)},
                         {"rootfi_updated_at", iso_time(company.updated_at)}});
  };
  const Sync* running = syncs_.running(company.id, now());
  const bool sleeps = running != nullptr && running->sleeps(now());
  std::string status = "IDLE";
  if (sleeps) status = "SLEEPING";
  if (running != nullptr && !sleeps) {
    status = "RUNNING";
    for (const Job& job : running->jobs)
      if (now() >= job.begins_at && now() < job.ends_at)
        status = now() - job.begins_at < (job.ends_at - job.begins_at) / 2 ? "FETCHING" : "PARSING";
  }
  std::int64_t resumes = sleeps ? running->resumes_at : 0;
  if (company.sync_status) {
    status = *company.sync_status;
    resumes = company.sync_resume_at;
  }
  json::Object connection = base(company.id - first_company + 33);
  connection->set("integration_type", company.integration_type);
  connection->set("category", "ACCOUNTING");
  connection->set("connection_status", company.connection_status);
  connection->set("sync_status", status);
  connection->set("sync_resume_at", resumes == 0 ? json::null() : json::Value(iso_time(resumes)));
  connection->set("last_synced", iso_time(company.last_synced));
  connection->set(
      "rate_limits",
      json::object({{"counters", json::object({{"day", 10}, {"hour", 4}, {"minute", 1}, {"concurrent", 0}})},
                    {"lastReset", json::object()},
                    {"maxLimits", json::object({{"per_minute", 500}, {"concurrent_calls", 10}})}}));
  connection->set("zoho_sub_calls_enabled", false);
  json::Object link = base(company.id - first_company + 9);
  link->set("invite_link_id", "inv_" + std::to_string(company.id - first_company + 1));
  link->set("integrations", json::array({company.integration_type}));
  link->set("integration_categories", json::array({"ACCOUNTING"}));
  json::Object activity = base(1);
  activity->set("activity_type", "CONNECTION_CREATED");

  json::Object out = base(company.id);
  out->set("name", company.name);
  out->set("partner_id", company.partner_id);
  out->set("invite_link", link);
  out->set("connections", json::array({connection}));
  out->set("activity_log", json::array({activity}));
  return out;
}

Answer Labs::records(const Request& request, const Segments& at, std::unique_lock<std::mutex>& lock) {
  if (request.method != "GET") throw Refusal{400, "operation-denied", "records of this account can only be read", ""};
  const Model* model = find_model_at(at[0] + "/" + at[1]);
  std::vector<const Table*> tables;
  for (const Company& company : companies_)
    if (!company.deleted) tables.push_back(company.tables.at(model->name).get());
  ++counters_["record_pages"];
  lock.unlock();  // tables lock themselves: pages are made side by side
  if (at.size() == 2) return page_of(request, tables);
  if (at.size() == 3)
    if (const auto id = parse_number(at[2]))
      for (const Table* table : tables)
        if (const auto index = table->index_of(*id)) {
          Answer answer;
          answer.text = "{\"data\":" + table->record(*index) + "}";
          return answer;
        }
  throw not_found("The record " + request.path);
}

}  // namespace sandbox::integration_labs

namespace sandbox {

std::unique_ptr<Environment> make_integration_labs(const Settings& settings) {
  return std::make_unique<integration_labs::Labs>(settings);
}

}  // namespace sandbox
