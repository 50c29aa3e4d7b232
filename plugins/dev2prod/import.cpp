#include "import.hpp"

#include <optional>
#include <string>

#include "outcomes.hpp"

namespace ferry::dev2prod {

namespace {

constexpr std::string_view state_key = "import_job";

// What is known of the last import that was sent: its request's key, and the job's id once the platform gave it.
struct SentImport {
  std::string key, job;
};

std::string minutes_left(const Json& job) {
  const Json* left = job.find("TimeToLive");
  if (left == nullptr || !left->is_number()) return "";
  return ", " + std::to_string(left->as_int() / 60'000) + " min to live";
}

std::string phase_of(const Json& job, std::string_view work) {
  std::string phase = std::string(work) + " " + std::string(job.text_or("Status", ""));
  if (job.bool_or("SystemLocked", false)) phase += ", tenant locked";
  if (job.bool_or("StudioLocked", false)) phase += ", studio locked";
  return phase + minutes_left(job);
}

class Import {
 public:
  Import(Host host, const Call& call, const ImportRequest& request, PackageReader reader, TenantApi& api)
      : host_(host), call_(call), request_(request), reader_(reader), api_(api) {}

  void carry_out() {
    refuse_what_cannot_be_done();
    const std::optional<SentImport> sent = request_.preview ? std::nullopt : sent_before();
    if (sent && !sent->job.empty()) return conclude(follow(sent->job));
    const std::string file = api_.upload(reader_);
    const Json rehearsal = dry_run(file);
    if (request_.preview) {
      conclude(rehearsal);
      return;
    }
    if (const ImportTotals totals = totals_of(rehearsal); totals.failed > 0 || failed(rehearsal)) {
      report_import(call_, rehearsal);
      throw Error(FERRY_REMOTE, "the dry run failed, so nothing was imported; its errors are among the problems");
    }
    if (sent && !totals_of(rehearsal).changes_anything()) {
      call_.problem({.severity = "notice",
                     .code = "import_found",
                     .message =
                         "this import was sent before and its answer was lost; the dry run finds nothing left to "
                         "change, so it is not sent a second time"});
      return conclude(rehearsal);
    }
    if (request_.policy == Policy::abort && refuses_existing(rehearsal)) return;
    conclude(follow(begin(file)));
  }

 private:
  void refuse_what_cannot_be_done() const {
    if (request_.prune)
      throw Error(FERRY_UNSUPPORTED, "Dev2Prod removes what the package says is to be removed: prune is not offered");
    if (!request_.mapping.empty())
      throw Error(FERRY_UNSUPPORTED, "Dev2Prod imports a package as it is: a mapping is not offered");
    if (reader_.archive_size() == 0) throw Error(FERRY_BAD_DATA, "the package is empty");
  }

  static bool failed(const Json& job) { return job.text_or("Status", "") != "COMPLETED"; }

  Json dry_run(const std::string& file) {
    const std::string what = "the dry run of the import";
    const std::string job = api_.begin("/dev2prod/import?dryRun=true", body(file), what);
    Json done = api_.follow("/dev2prod/import/" + job, what,
                            [&](const Json& now) { call_.progress(0, 0, phase_of(now, "dry run")); });
    if (!done.bool_or("DryRun", true))
      throw Error(FERRY_REMOTE, "the platform made a real import of what was asked for as a dry run (job " + job + ")");
    return done;
  }

  static std::string body(const std::string& file) { return Json::object({{"FileId", file}}).dump(); }

  // The platform itself always overwrites: abort is kept by looking at what the dry run would modify or remove.
  bool refuses_existing(const Json& rehearsal) const {
    const ImportTotals totals = totals_of(rehearsal);
    if (totals.modified + totals.removed == 0) return false;
    throw Error(FERRY_REFUSED, "the import would modify " + std::to_string(totals.modified) + " and remove " +
                                   std::to_string(totals.removed) +
                                   " items of the tenant, and the policy is abort; nothing was imported");
  }

  std::optional<SentImport> sent_before() const {
    const auto text = host_.state(call_, state_key);
    if (!text || request_.idempotency_key.empty()) return std::nullopt;
    try {
      const Json state = Json::parse(*text);
      if (state.text_or("key", "") != request_.idempotency_key) return std::nullopt;
      return SentImport{request_.idempotency_key, std::string(state.text_or("job", ""))};
    } catch (const JsonError&) {
      return std::nullopt;  // of another version of the connector
    }
  }

  void remember(const std::string& job) const {
    host_.set_state(call_, state_key, Json::object({{"key", request_.idempotency_key}, {"job", job}}).dump());
  }

  std::string begin(const std::string& file) {
    remember("");
    const std::string what = "the import";
    try {
      const std::string job = api_.begin("/dev2prod/import", body(file), what);
      remember(job);
      return job;
    } catch (const Error& error) {
      if (error.status() != FERRY_TRANSIENT && error.status() != FERRY_CANCELLED) throw;
      // No call lists the jobs of a tenant, so an answer that was lost is lost.
      call_.item(
          {.type = "package",
           .outcome = outcome::unknown,
           .code = "answer_lost",
           .message = "the import was sent, and its answer did not arrive: the platform may be carrying it out"});
      throw Error(error.status(), "the import was sent, and its answer was lost: " + error.message() +
                                      "; look at the tenant in Package Manager before it is imported again");
    }
  }

  Json follow(const std::string& job) {
    const std::string what = "the import " + job;
    try {
      return api_.follow("/dev2prod/import/" + job, what,
                         [&](const Json& now) { call_.progress(0, 0, phase_of(now, "import")); });
    } catch (const Error& error) {
      if (error.status() == FERRY_AUTH || error.status() == FERRY_BAD_CONFIG) throw;
      call_.item({.type = "package",
                  .outcome = outcome::unknown,
                  .id = job,
                  .code = "not_followed",
                  .message = "the platform has no call to cancel an import: the job goes on there"});
      throw Error(error.status(),
                  what + " was begun and could not be followed to its end: " + error.message() +
                      "; the platform carries it out all the same, and the same command finds it again");
    }
  }

  void conclude(const Json& job) {
    report_import(call_, job);
    if (!failed(job)) return;
    throw Error(FERRY_REMOTE, "the platform ended the " + std::string(request_.preview ? "dry run" : "import") +
                                  " with " + std::string(job.text_or("Status", "")) +
                                  (request_.preview ? "" : ": the tenant goes back to its former configuration"));
  }

  Host host_;
  const Call& call_;
  const ImportRequest& request_;
  PackageReader reader_;
  TenantApi& api_;
};

}  // namespace

void import_package(Host host, const Call& call, const ImportRequest& request, PackageReader reader, TenantApi& api) {
  Import(host, call, request, reader, api).carry_out();
}

}  // namespace ferry::dev2prod
