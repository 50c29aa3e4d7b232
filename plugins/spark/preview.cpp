#include "preview.hpp"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <set>
#include <utility>

#include "jobs.hpp"
#include "outcomes.hpp"

namespace ferry::spark {

namespace {

using Numbers = std::set<std::string, std::less<>>;  // of a service's versions

// inferred: the words of a refused folder are not documented; these are of the conditions that are.
bool says(const std::string& words, std::initializer_list<std::string_view> any) {
  return std::any_of(any.begin(), any.end(),
                     [&](std::string_view one) { return words.find(one) != std::string::npos; });
}
bool says_empty(const std::string& words) { return says(words, {"no service", "at least one service", "is empty"}); }
bool says_missing(const std::string& words) { return says(words, {"not exist", "not found"}); }

class Target {
 public:
  Target(Host host, const Call& call, Session& session, Patience patience)
      : call_(call), jobs_(host, call, session, JobKind::exporting, patience) {}

  void look(const Destinations& places) {
    Json all = Json::array();
    std::set<std::string> folders;
    for (const auto& [source, place] : places) {
      all.push_back(place);
      folders.insert(std::string(folder_of(place)));
    }
    std::string why;
    if (ask("services", std::move(all), why)) return;
    for (const std::string& folder : folders)
      if (!ask("folders", Json::array({folder}), why) && !says_empty(why))
        (says_missing(why) ? missing_ : unknown_)[folder] = why;
  }

  const Numbers* versions(const std::string& place) const {
    const auto found = services_.find(place);
    return found == services_.end() ? nullptr : &found->second;
  }
  // Why it cannot be told whether the service exists; "" if it can.
  std::string unknown(const std::string& place) const { return why(place, unknown_); }
  // What the platform says of its folder, if it says that there is none.
  std::string missing(const std::string& place) const { return why(place, missing_); }

 private:
  // Whether an export job found all of these; what it found is kept.
  bool ask(const char* what, Json names, std::string& why) {
    call_.progress(0, 0, "look at the target");
    const std::string correlation = std::string(call_.operation_id()) + "-look-" + std::to_string(++asked_);
    Json inputs = Json::object();
    inputs.set(what, std::move(names));
    const Json body = Json::object({{"inputs", std::move(inputs)},
                                    {"file_filter", "migrate"},
                                    {"version_filter", "all"},
                                    {"source_system", source_system},
                                    {"correlation_id", correlation}});
    Job job;
    try {
      job = jobs_.follow(jobs_.start({.method = "POST",
                                      .url = "/api/v4/export",
                                      .headers = {{"Content-Type", "application/json"}},
                                      .body = body.dump()},
                                     correlation));
    } catch (const Error& error) {
      // Refused: something is not there, or may not be exported. Everything else is no answer to the question.
      if (error.status() != FERRY_BAD_CONFIG && error.status() != FERRY_AUTH && error.status() != FERRY_REMOTE) throw;
      why = error.message();
      return false;
    }
    why = job.failure();
    if (!why.empty()) return false;
    const Contents found = Contents::of_outputs(job.outputs);
    for (const Service& service : found.services) services_[service.uri];
    for (const Version& version : found.versions) services_[version.service].insert(version.number);
    return true;
  }

  using Reasons = std::map<std::string, std::string, std::less<>>;

  std::string why(const std::string& place, const Reasons& reasons) const {
    if (services_.contains(place)) return {};
    const auto found = reasons.find(folder_of(place));
    return found == reasons.end() ? std::string() : found->second;
  }

  const Call& call_;
  Jobs jobs_;
  std::map<std::string, Numbers, std::less<>> services_;
  Reasons unknown_, missing_;  // by folder
  int asked_ = 0;
};

// The outcome of a version that goes to a service, nullptr: one that does not exist.
std::string_view version_outcome(const Numbers* existing, const std::string& number, Policy policy,
                                 const Options& options) {
  if (existing == nullptr) return outcome::added;
  if (policy == Policy::replace) return existing->contains(number) ? outcome::modified : outcome::added;
  // "Spark will try to use the exact same semantic versions": what it does where one is taken, it does not say.
  if (options.update_version_type == "copy" && existing->contains(number)) return outcome::unknown;
  return outcome::added;
}

// Versions and call history that a replacement ends.
void tell_of_loss(const Call& call, const Contents& contents, const Service& service, const std::string& place,
                  const Numbers& existing) {
  std::size_t lost = existing.size();
  for (const Version& version : contents.versions)
    if (version.service == service.uri && existing.contains(version.number)) --lost;
  call.problem({.severity = "warning",
                .code = "service_replaced",
                .message = "the whole service is removed and replaced: its API call history will no longer be "
                           "accessible, and " +
                           std::to_string(lost) + " of its versions are not in the package and go",
                .type = service_type,
                .id = service.id,
                .name = place});
}

}  // namespace

void preview(Host host, const Call& call, const ImportRequest& request, const Options& options, Session& session,
             const Contents& contents, const Destinations& places) {
  Target target(host, call, session, options.patience);
  target.look(places);

  std::size_t existing = 0;
  const bool aborts = request.policy == Policy::abort;
  for (const auto& [source, place] : places) existing += target.versions(place) != nullptr ? 1 : 0;
  const bool refused = aborts && existing > 0;
  const auto key = [](const std::string& id, const std::string& uri) { return id.empty() ? uri : id; };
  const auto report = [&](std::string_view type, const std::string& id, const std::string& name,
                          const std::string& place, std::string_view outcome) {
    const bool exists = target.versions(place) != nullptr;
    if (refused)
      return call.item({.type = type,
                        .outcome = outcome::skipped,
                        .id = id,
                        .name = name,
                        .code = exists ? "exists" : "refused",
                        .message = exists ? "the service exists in the target, and services_existing is abort"
                                          : "not written, because the import would be refused"});
    if (const std::string missing = target.missing(place); !missing.empty())
      return call.item({.type = type,
                        .outcome = outcome::failed,
                        .id = id,
                        .name = name,
                        .code = "folder_missing",
                        .message = "any destination folders need to already exist, and the target has no folder " +
                                   std::string(folder_of(place)) + "; create it there. " + missing});
    if (const std::string unknown = target.unknown(place); !unknown.empty())
      return call.item(
          {.type = type, .outcome = outcome::unknown, .id = id, .name = name, .code = "unknown", .message = unknown});
    call.item({.type = type, .outcome = outcome, .id = id, .name = name});
  };
  std::set<std::string> told;
  for (const Service& service : contents.services) {
    const std::string& place = places.find(service.uri)->second;
    const Numbers* found = target.versions(place);
    const std::string unknown = target.unknown(place);
    if (const std::string folder(folder_of(place)); !unknown.empty() && told.insert(folder).second)
      call.problem({.severity = "warning",
                    .code = "folder_unknown",
                    .message = "whether the folder " + folder +
                               " is in the target, and what is in it, cannot be told. "
                               "Any destination folders need to already exist; an empty one cannot be looked into. " +
                               unknown});
    report(service_type, key(service.id, service.uri), place, place,
           found == nullptr ? outcome::added : outcome::modified);
    if (request.policy == Policy::replace && found != nullptr) tell_of_loss(call, contents, service, place, *found);
  }
  for (const Version& version : contents.versions) {
    const auto place = places.find(version.service);
    if (place == places.end()) continue;
    const Numbers* found = target.versions(place->second);
    report(version_type, key(version.id, version.uri), version_at(place->second, version.number), place->second,
           version_outcome(found, version.number, request.policy, options));
  }
  if (refused)
    throw Error(FERRY_REFUSED,
                "nothing would be imported: " + std::to_string(existing) +
                    (existing == 1 ? " service of the package exists" : " services of the package exist") +
                    " in the target; choose replace or add_version");
}

}  // namespace ferry::spark
