#include "platform_sync.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>

#include "ferry/percent.hpp"

namespace ferry::integration_labs {

namespace {

constexpr std::int64_t first_pause_ms = 200, longest_pause_ms = 5000, longest_sleep_ms = 60'000;
constexpr int attempts = 3;

std::int64_t number(std::string_view text, std::size_t at, std::size_t size) {
  std::int64_t value = -1;
  if (at + size <= text.size()) std::from_chars(text.data() + at, text.data() + at + size, value);
  return value;
}

std::int64_t count(const Json& sync, std::string_view name) {
  const Json* found = sync.find(name);
  return found != nullptr && found->is_number() ? found->as_int() : 0;
}

// The names of a sync's models, sorted: the platform may give them in another order.
std::vector<std::string> names(const Json& list) {
  std::vector<std::string> out;
  if (!list.is_array()) return out;
  for (const Json& item : list.items()) {
    const Json& name = item.is_object() ? item["data_model"] : item;
    if (name.is_string()) out.push_back(name.as_string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

std::int64_t parse_time(std::string_view text) {
  const std::int64_t year = number(text, 0, 4), month = number(text, 5, 2), day = number(text, 8, 2);
  const std::int64_t hour = number(text, 11, 2), minute = number(text, 14, 2), second = number(text, 17, 2);
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (year < 0 || month < 0 || day < 0 || hour < 0 || minute < 0 || second < 0 || !date.ok()) return -1;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return (((days * 24 + hour) * 60 + minute) * 60 + second) * 1000;
}

void PlatformSync::start(const Connection& connection, const std::vector<SyncedModel>& models, bool full) {
  Json list = Json::array();
  for (const SyncedModel& model : models) {
    if (model.from.empty())
      list.push_back(model.name);
    else
      list.push_back(Json::object({{"data_model", model.name}, {"sync_from", model.from}}));
  }
  const Json body = Json::object({{"company_id", api_.settings().company_id},
                                  {"integration_type", connection.integration},
                                  {"full_sync", full},
                                  {"data_models_to_sync", list}});
  call_.progress(0, models.size(), "start a sync of the platform");
  // The request cannot be repeated blindly: if its answer is lost, the sync is looked for before another is asked for.
  std::int64_t newest_before = 0;
  for (const Json& sync : recent()) newest_before = std::max(newest_before, count(sync, "rootfi_id"));
  for (int attempt = 1;; ++attempt) {
    try {
      const Json answer = api_.post("core/syncs", body, "starting a sync of the platform");
      id_ = answer["data"].text_or("sync_id", "");
      if (id_.empty())
        throw Error(FERRY_REMOTE, "starting a sync of the platform: the answer of Integration Labs names no sync_id");
      return;
    } catch (const Error& error) {
      if (error.status() != FERRY_TRANSIENT) throw;
      id_ = find_started(body, newest_before);
      if (!id_.empty()) return;
      if (attempt == attempts) throw;
      host_.info("no sync was started; asking again after: " + error.message());
    }
    host_.sleep_ms(call_, first_pause_ms << attempt);
  }
}

std::vector<Json> PlatformSync::recent() {
  const Json answer =
      api_.get("core/syncs?limit=20&rootfi_company_id=" + std::to_string(api_.settings().company_id), "listing syncs");
  return answer["data"].is_array() ? answer["data"].items() : std::vector<Json>();
}

std::string PlatformSync::find_started(const Json& body, std::int64_t newest_before) {
  for (const Json& sync : recent())
    if (count(sync, "rootfi_id") > newest_before && sync.bool_or("full_sync", false) == body["full_sync"].as_bool() &&
        sync.text_or("sync_type", "") == "MANUAL" &&
        names(sync["sync_data_models"]) == names(body["data_models_to_sync"]))
      return std::string(sync.text_or("sync_id", ""));
  return "";
}

void PlatformSync::follow() {
  std::int64_t pause_ms = first_pause_ms, awake_ms = 0;
  try {
    for (;;) {
      const Json answer = api_.get("core/syncs/" + percent_encoded(id_), "following the sync " + id_);
      const Json& sync = answer["data"];
      const std::string_view status = sync.text_or("status", "");
      if (status == "SUCCESS" || status == "FAILED") return report_end(sync);
      if (awake_ms > api_.settings().sync_timeout_s * 1000)
        throw Error(FERRY_REMOTE, "following the sync " + id_ + ": it has not ended after " +
                                      std::to_string(awake_ms / 1000) +
                                      " s without its sleeps; it goes on at Integration Labs. Look at it there, raise "
                                      "sync_timeout_s, or read what is there with platform_sync: read_only");
      wait(sync, pause_ms, awake_ms);
    }
  } catch (const Error& error) {
    if (error.status() == FERRY_CANCELLED)
      call_.problem({.severity = "notice",
                     .code = "platform_sync_goes_on",
                     .message = "the sync " + id_ + " goes on at Integration Labs, which has no way to cancel it"});
    throw;
  }
}

void PlatformSync::wait(const Json& sync, std::int64_t& pause_ms, std::int64_t& awake_ms) {
  const auto total = static_cast<std::uint64_t>(std::max<std::int64_t>(0, count(sync, "total_count")));
  const auto ended =
      static_cast<std::uint64_t>(std::max<std::int64_t>(0, count(sync, "success_count") + count(sync, "failed_count")));
  const Connection connection = api_.connection();
  const std::int64_t resumes = parse_time(connection.resumes_at);
  if (connection.sleeps()) {
    call_.progress(ended, total,
                   "waiting until " + (connection.resumes_at.empty() ? "it resumes" : connection.resumes_at) +
                       ": the sync sleeps for the rate limit of " + connection.integration);
    const std::int64_t left = resumes - host_.now_unix_ms();
    host_.sleep_ms(call_, resumes < 0 ? longest_pause_ms : std::clamp(left + 50, first_pause_ms, longest_sleep_ms));
    pause_ms = first_pause_ms;
    return;
  }
  call_.progress(ended, total, "wait for the sync of the platform");
  host_.sleep_ms(call_, pause_ms);
  awake_ms += pause_ms;
  pause_ms = std::min(pause_ms * 3 / 2, longest_pause_ms);
}

void PlatformSync::report_end(const Json& sync) {
  const std::int64_t failed = count(sync, "failed_count");
  if (failed == 0 && sync.text_or("status", "") == "SUCCESS") return;
  std::size_t told = 0;
  const Json answer = api_.get("core/syncs/" + percent_encoded(id_) + "/jobs", "reading the jobs of the sync " + id_);
  if (answer["data"].is_array())
    for (const Json& job : answer["data"].items()) {
      if (job.text_or("status", "") != "FAILED") continue;
      std::string why;
      if (const Json& error = job["error"]; error.is_object())
        for (const auto& [name, value] : error.members())
          why += (why.empty() ? "" : ", ") + name + ": " + (value.is_string() ? value.as_string() : value.dump());
      call_.problem({.severity = "error",
                     .code = "platform_sync_failed",
                     .message = "Integration Labs could not fetch it in the sync " + id_ +
                                (why.empty() ? "" : " (" + why + ")") + "; what is read is what was fetched before",
                     .type = job.text_or("data_model", "")});
      ++told;
    }
  if (told == 0)
    call_.problem({.severity = "error",
                   .code = "platform_sync_failed",
                   .message = "the sync " + id_ +
                              " of the platform failed and does not say why; what is read is what "
                              "was fetched before"});
}

}  // namespace ferry::integration_labs
