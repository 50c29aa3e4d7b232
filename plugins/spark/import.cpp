#include "import.hpp"

#include <optional>
#include <utility>

#include "ferry/selection.hpp"
#include "jobs.hpp"
#include "outcomes.hpp"
#include "preview.hpp"

namespace ferry::spark {

namespace {

constexpr const char* state_key = "import";
constexpr std::int64_t listed_ms = 60 * 60'000;  // jobs that ended are listed for an hour

std::string_view word_of(Policy policy) {
  switch (policy) {
    case Policy::replace: return "replace";
    case Policy::add_version: return "add_version";
    default: return "abort";
  }
}

// What the platform would refuse, or could not do, found before anything is sent.
void check_request(const ImportRequest& request, const Options& options, const PackageReader& reader) {
  if (request.policy == Policy::skip)
    throw Error(FERRY_UNSUPPORTED,
                "Spark cannot skip services that exist: services_existing is abort, replace or add_version; choose one "
                "of these");
  if (request.prune)
    throw Error(FERRY_UNSUPPORTED,
                "an import of Spark removes nothing that its package does not have: leave out prune");
  if (request.policy != Policy::add_version && request.options["update_version_type"].is_string())
    throw Error(FERRY_BAD_CONFIG,
                "update_version_type numbers the versions that the policy add_version adds: leave the option out, or "
                "import with add_version");
  if (reader.archive_size() > options.package_size_limit)
    throw Error(FERRY_BAD_DATA,
                "the package has " + std::to_string(reader.archive_size()) +
                    " bytes, and the uploaded package size "
                    "must not exceed the configured limit of " +
                    std::to_string(options.package_size_limit) +
                    "; export fewer services or versions at once, or set package_size_limit if the tenant takes more");
  if (is_onpremises(reader))
    throw Error(
        FERRY_BAD_DATA,
        "the package was exported with file_filter onpremises, for hybrid runners, and cannot be imported back; "
        "export it with file_filter migrate");
}

// The import that was begun last and whose end was not yet reported.
struct Begun {
  std::string correlation, fingerprint, job;
  std::int64_t at = 0;

  static std::optional<Begun> read(Host host, const Call& call) {
    const auto text = host.state(call, state_key);
    if (!text) return std::nullopt;
    try {
      const Json json = Json::parse(*text);
      return Begun{json["correlation"].as_string(), json["fingerprint"].as_string(), json["job"].as_string(),
                   json["at"].as_int()};
    } catch (const JsonError&) {
      return std::nullopt;
    }
  }
  void write(Host host, const Call& call) const {
    host.set_state(
        call, state_key,
        Json::object({{"correlation", correlation}, {"fingerprint", fingerprint}, {"job", job}, {"at", at}}).dump());
  }
};

class Import {
 public:
  Import(Host host, const Call& call, const ImportRequest& request, const Options& options, Session& session,
         const PackageReader& reader, const Contents& contents)
      : host_(host),
        call_(call),
        request_(request),
        options_(options),
        session_(session),
        reader_(reader),
        contents_(contents),
        places_(destinations(contents, request.mapping)),
        jobs_(host, call, session, JobKind::importing, options.patience),
        correlation_(request.idempotency_key.empty() ? std::string(call.operation_id()) : request.idempotency_key) {}

  void run() {
    const std::string print = fingerprint();
    Job job;
    if (std::optional<Job> found = begun_before(print)) {
      job = *std::move(found);
    } else {
      Begun begun{correlation_, print, "", host_.now_unix_ms()};
      begun.write(host_, call_);
      job = start();
      begun.job = job.id;
      try {
        begun.write(host_, call_);
      } catch (const Error&) {
        jobs_.cancel(job.id);
        throw;
      }
    }
    finish(jobs_.follow(std::move(job)));
  }

 private:
  Job start() {
    try {
      return jobs_.start(request(), correlation_);
    } catch (const Error& error) {
      // Where the answer leaves no doubt that there is no job, none has to be looked for later.
      if (error.status() != FERRY_TRANSIENT && error.status() != FERRY_CANCELLED && error.status() != FERRY_REMOTE)
        host_.remove_state(call_, state_key);
      throw;
    }
  }

  HttpRequest request() const {
    call_.progress(0, reader_.archive_size(), "upload");
    return {.method = "POST",
            .url = "/api/v4/import",
            .parts = {{.name = "importRequestEntity",
                       .data = import_entity(request_, contents_, places_, options_, correlation_).dump()},
                      {.name = "file",
                       .data = {},
                       .file_name = "package.zip",
                       .content_type = "application/zip",
                       .package = reader_.abi()}}};
  }

  // The same package, going to the same places in the same way.
  std::string fingerprint() const {
    Json what = import_entity(request_, contents_, places_, options_, "");
    what.set("package", reader_.sha256());
    what.set("tenant", session_.address().base);
    return content_hash(what);
  }

  // A job for this very import that an earlier attempt or an earlier run has started and not seen to its end.
  std::optional<Job> begun_before(const std::string& print) {
    std::optional<Begun> begun = Begun::read(host_, call_);
    if (begun && (begun->fingerprint != print || host_.now_unix_ms() - begun->at > listed_ms)) begun.reset();
    // A key that is not this run's own was that of a run which did not see its end, even if its job ended well.
    if (!begun && correlation_ != call_.operation_id()) begun = Begun{correlation_, print, "", host_.now_unix_ms()};
    if (!begun) return std::nullopt;
    std::optional<Job> job;
    if (!begun->job.empty()) job = jobs_.status(begun->job);
    // What was sent last may still be on its way into the list of jobs.
    constexpr int looks = 4;
    for (int look = 0; !job && look < looks; ++look) {
      if (look > 0) host_.sleep_ms(call_, std::int64_t{150} << look);
      job = jobs_.find(begun->correlation);
    }
    if (!job || (job->ended() && !job->succeeded())) return std::nullopt;
    const std::string message =
        "this import was begun before as job " + job->id + " and not seen to its end; it is not started a second time";
    host_.info(message);
    call_.problem({.severity = "notice", .code = "import_found", .message = message});
    return job;
  }

  void finish(const Job& job) {
    report_warnings(call_, job);
    const std::size_t taken = report_outcomes(call_, contents_, places_, job);
    host_.remove_state(call_, state_key);
    const std::string why = job.failure();
    if (why.empty() || taken > 0) return;
    // inferred: the words of a refusal are not documented.
    const bool exists = request_.policy == Policy::abort && why.find("exist") != std::string::npos;
    throw Error(exists ? FERRY_REFUSED : FERRY_REMOTE,
                "importing to " + session_.address().base + ": nothing was imported; " + why +
                    (exists ? ". Choose replace or add_version for services that exist" : ""));
  }

  Host host_;
  const Call& call_;
  const ImportRequest& request_;
  const Options& options_;
  Session& session_;
  const PackageReader& reader_;
  const Contents& contents_;
  const Destinations places_;
  Jobs jobs_;
  const std::string correlation_;
};

}  // namespace

Destinations destinations(const Contents& contents, const std::vector<Mapping>& mapping) {
  Destinations out;
  std::set<std::string_view> known_services, known_folders;
  for (const Service& service : contents.services) {
    out[service.uri] = service.uri;
    known_services.insert(service.uri);
    known_folders.insert(folder_of(service.uri));
  }
  const auto bad = [](const Mapping& one, const std::string& why) {
    throw Error(FERRY_BAD_CONFIG, "mapping " + one.type + "/" + one.source + "=" + one.target + ": " + why);
  };
  // What a folder's mapping says holds for services that have none of their own.
  for (const Mapping& one : mapping) {
    if (one.type != "folder") continue;
    if (!known_folders.contains(one.source))
      bad(one, "the package has no folder of that name" + detail::suggest(one.source, known_folders));
    if (one.target.find('/') != std::string::npos) bad(one, "the target is the name of a folder, without a slash");
    for (auto& [source, target] : out)
      if (folder_of(source) == one.source) target = one.target + source.substr(one.source.size());
  }
  std::set<std::string_view> mapped;
  for (const Mapping& one : mapping) {
    if (one.type == "folder") continue;
    if (!one.type.empty() && one.type != service_type)
      bad(one, "services and folders can be sent elsewhere, versions go with their service");
    const Service* found = nullptr;
    for (const Service& service : contents.services)
      if (service.uri == one.source || (!service.id.empty() && service.id == one.source)) found = &service;
    if (found == nullptr) bad(one, "the package has no such service" + detail::suggest(one.source, known_services));
    if (!is_service_uri(one.target)) bad(one, "the target is {folder}/{service}");
    if (!mapped.insert(found->uri).second) bad(one, "the service is mapped twice; keep one of them");
    out[found->uri] = one.target;
  }
  std::map<std::string_view, std::string_view> taken;
  for (const auto& [source, target] : out)
    if (const auto [other, added] = taken.emplace(target, source); !added)
      throw Error(FERRY_BAD_CONFIG, "both " + std::string(other->second) + " and " + source + " of the package go to " +
                                        target + "; map them to different services");
  return out;
}

Json import_entity(const ImportRequest& request, const Contents& contents, const Destinations& destinations,
                   const Options& options, std::string_view correlation_id) {
  const bool renumbers = request.policy == Policy::add_version && !options.update_version_type.empty();
  Json modify = Json::array();
  for (const Service& service : contents.services) {
    const std::string& target = destinations.find(service.uri)->second;
    if (target == service.uri && !renumbers) continue;
    Json entry = Json::object({{"service_uri_source", service.uri}, {"service_uri_destination", target}});
    if (renumbers) entry.set("update_version_type", options.update_version_type);
    modify.push_back(std::move(entry));
  }
  return Json::object({{"inputs", Json::object({{"services_modify", std::move(modify)}})},
                       {"services_existing", word_of(request.policy)},
                       {"source_system", source_system},
                       {"correlation_id", correlation_id}});
}

void import_package(Host host, const Call& call, const ImportRequest& request, const Options& options, Session& session,
                    const PackageReader& reader) {
  check_request(request, options, reader);
  const Contents contents = Contents::read(reader);
  if (request.preview)
    return preview(host, call, request, options, session, contents, destinations(contents, request.mapping));
  Import(host, call, request, options, session, reader, contents).run();
}

}  // namespace ferry::spark
