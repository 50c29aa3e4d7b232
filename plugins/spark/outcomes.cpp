#include "outcomes.hpp"

#include <set>
#include <string>

#include "words.hpp"

namespace ferry::spark {

namespace {

std::string_view outcome_of(std::string_view status) {
  if (status == "added") return outcome::added;
  if (status == "replaced" || status == "updated") return outcome::modified;
  return {};
}

class Reporter {
 public:
  Reporter(const Call& call, const Job& job) : call_(call), job_(job) {}

  void took(std::string_view type, std::string_view id, std::string_view name, std::string_view status) {
    const std::string_view outcome = outcome_of(status);
    if (!outcome.empty()) {
      ++taken_;
      return call_.item({.type = type, .outcome = outcome, .id = id, .name = name});
    }
    call_.item({.type = type,
                .outcome = outcome::failed,
                .id = id,
                .name = name,
                .code = "not_imported",
                .message = "the job " + job_.id + " calls it \"" + std::string(status) +
                           "\", which is neither added, replaced nor updated"});
  }
  // uri: in the package, as warnings name it.
  void left_out(std::string_view type, std::string_view id, std::string_view name, const std::string& uri) {
    ItemFact fact{.type = type, .outcome = outcome::failed, .id = id, .name = name, .code = "not_imported"};
    std::string why = job_.failure();
    if (why.empty()) {
      why = warning_about(uri);
      // inferred: what a warning is about, in a job that ended well, was left out on purpose.
      if (!why.empty()) {
        fact.outcome = outcome::skipped;
        fact.code = "skipped_by_platform";
      }
    }
    if (why.empty()) why = "the job " + job_.id + " ended without saying what became of it";
    fact.message = why;
    call_.item(fact);
  }
  std::size_t taken() const noexcept { return taken_; }

 private:
  std::string warning_about(const std::string& uri) const {
    if (job_.warnings.is_array())
      for (const Json& warning : job_.warnings.items())
        if (std::string words = words_of(warning); words.find(uri) != std::string::npos) return words;
    return {};
  }

  const Call& call_;
  const Job& job_;
  std::size_t taken_ = 0;
};

}  // namespace

std::string version_at(std::string_view place, std::string_view number) {
  return std::string(place) + "[" + std::string(number) + "]";
}

std::size_t report_outcomes(const Call& call, const Contents& contents, const Destinations& places, const Job& job) {
  Reporter reporter(call, job);
  const auto key = [](std::string_view id, std::string_view uri) { return id.empty() ? uri : id; };
  std::set<std::string> seen;
  if (const Json& services = job.outputs["services"]; services.is_array())
    for (const Json& item : services.items()) {
      const std::string_view uri = item.text_or("service_uri_source", "");
      const Service* service = contents.service(uri);
      seen.insert(std::string(uri));
      reporter.took(service_type, service != nullptr ? key(service->id, service->uri) : uri,
                    item.text_or("service_uri_destination", uri), item.text_or("status", ""));
    }
  if (const Json& versions = job.outputs["service_versions"]; versions.is_array())
    for (const Json& item : versions.items()) {
      const std::string_view uri = item.text_or("service_uri_source", "");
      seen.insert(std::string(uri));
      reporter.took(version_type, key(item.text_or("version_id_source", ""), uri),
                    item.text_or("service_uri_destination", uri), item.text_or("status", ""));
    }
  for (const Service& service : contents.services)
    if (!seen.contains(service.uri))
      reporter.left_out(service_type, key(service.id, service.uri), places.find(service.uri)->second, service.uri);
  for (const Version& version : contents.versions)
    if (!seen.contains(version.uri)) {
      const auto place = places.find(version.service);
      reporter.left_out(version_type, key(version.id, version.uri),
                        place == places.end() ? version.uri : version_at(place->second, version.number),
                        version.service);
    }
  return reporter.taken();
}

}  // namespace ferry::spark
