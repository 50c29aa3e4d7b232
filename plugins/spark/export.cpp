#include "export.hpp"

#include <algorithm>
#include <utility>

#include "words.hpp"

namespace ferry::spark {

namespace {

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (dash ? c != '-' : !hex) return false;
  }
  return true;
}

// {folder}/{service} or {folder}/{service}[{version}], where a part of a version's number will do.
bool is_service(std::string_view text, bool needs_version) {
  const std::size_t bracket = text.find('[');
  if (bracket == std::string_view::npos) return !needs_version && is_service_uri(text);
  return is_service_uri(text.substr(0, bracket)) && text.ends_with(']') && text.size() - bracket > 2 &&
         text.find('[', bracket + 1) == std::string_view::npos && text.find(']') == text.size() - 1;
}

[[noreturn]] void refuse(const Selector& selector, const std::string& expected) {
  throw Error(FERRY_BAD_CONFIG, "selecting " + (selector.type.empty() ? "" : selector.type + "=") + selector.key +
                                    ": expected " + expected);
}

void add(Json& list, const std::string& value) {
  if (list.is_null()) list = Json::array();
  const Json item(value);
  if (std::find(list.items().begin(), list.items().end(), item) == list.items().end()) list.push_back(item);
}

// Makes the job's file the package. Gives its hash.
std::string download(const Call& call, Session& session, const PackageWriter& writer, const std::string& url) {
  std::uint64_t received = 0;
  bool begun = false;
  const HttpResponse answer = session.download(
      url,
      [&] {
        if (begun) writer.restart();
        begun = true;
        received = 0;
      },
      [&](std::string_view piece) {
        writer.write(piece);
        received += piece.size();
        call.progress(received, 0, "download");
      });
  if (!answer.ok()) throw refusal(answer, "downloading the package");
  if (received == 0) throw Error(FERRY_REMOTE, "downloading the package: it has no bytes");
  return writer.sha256();
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

const Json& file_of(const Job& job) {
  const Json& files = job.outputs["files"];
  const std::size_t count = files.is_array() ? files.items().size() : 0;
  if (count == 1) return files.items().front();
  if (count == 0)
    throw Error(FERRY_REMOTE, "the export job " + job.id + " ended as " + job.status +
                                  " without a file; look at the tenant's export jobs");
  throw Error(FERRY_UNSUPPORTED, "the export job " + job.id + " made " + std::to_string(count) +
                                     " files, and a package holds one; select less at once");
}

}  // namespace

Json export_body(const ExportRequest& request, const Options& options, std::string_view correlation_id) {
  Json folders, services, version_ids;
  for (const Selector& selector : request.select) {
    const std::string& key = selector.key;
    if (selector.type == "folder") {
      if (key.find('/') != std::string::npos) refuse(selector, "the name of a folder, without a slash");
      add(folders, key);
    } else if (selector.type == service_type || (selector.type.empty() && key.find('/') != std::string::npos)) {
      if (!is_uuid(key) && !is_service(key, false))
        refuse(selector, "{folder}/{service}, {folder}/{service}[{version}] or the id of a service");
      add(services, key);
    } else if (selector.type == version_type || selector.type == "version_id" || selector.type == "version") {
      if (is_uuid(key))
        add(version_ids, key);
      else if (is_service(key, true))
        add(services, key);
      else
        refuse(selector, "the id of a version or {folder}/{service}[{version}]");
    } else {
      refuse(selector, "folder=NAME, service={folder}/{service} or service_version=ID");
    }
  }
  if (request.select.empty())
    for (const std::string& folder : options.folders) add(folders, folder);
  if (folders.is_null() && services.is_null() && version_ids.is_null())
    throw Error(FERRY_BAD_CONFIG,
                "Spark exports what is named, and nothing was: select folder=NAME, service={folder}/{service} or "
                "service_version=ID, or name the folders of an export without a selection in settings.folders");

  Json inputs = Json::object();
  if (!folders.is_null()) inputs.set("folders", std::move(folders));
  if (!services.is_null()) inputs.set("services", std::move(services));
  if (!version_ids.is_null()) inputs.set("version_ids", std::move(version_ids));
  // A copy of whole folders is there to put them back, which takes every version.
  const std::string otherwise = request.select.empty() ? "all" : "latest";
  return Json::object({{"inputs", std::move(inputs)},
                       {"file_filter", options.file_filter},
                       {"version_filter", options.version_filter.empty() ? otherwise : options.version_filter},
                       {"source_system", source_system},
                       {"correlation_id", correlation_id}});
}

void export_package(Host host, const Call& call, const ExportRequest& request, const Options& options, Session& session,
                    const PackageWriter& writer) {
  const Json body = export_body(request, options, call.operation_id());
  Jobs jobs(host, call, session, JobKind::exporting, options.patience);
  Job job = jobs.follow(jobs.start({.method = "POST",
                                    .url = "/api/v4/export",
                                    .headers = {{"Content-Type", "application/json"}},
                                    .body = body.dump()},
                                   call.operation_id()));
  report_warnings(call, job);
  if (const std::string why = job.failure(); !why.empty())
    throw Error(FERRY_REMOTE, "exporting from " + session.address().base + ": nothing was exported; " + why);

  constexpr int most_attempts = 2;
  for (int attempt = 1;; ++attempt) {
    const Json& file = file_of(job);
    const std::string url(file.text_or("file", ""));
    const std::string expected = lower(file.text_or("file_hash", ""));
    if (attempt > 1) writer.restart();
    try {
      const std::string hash = download(call, session, writer, url);
      // inferred: file_hash is the SHA-256 of the file; one of another length is another kind of hash.
      if (expected.size() != hash.size()) {
        call.problem({.severity = "warning",
                      .code = "hash_not_checked",
                      .message = "the platform gave no SHA-256 of the package, so that its transfer is not verified"});
        break;
      }
      if (hash == expected) break;
      if (attempt == most_attempts)
        throw Error(FERRY_REMOTE, "downloading the package: its SHA-256 is " + hash + ", but the job " + job.id +
                                      " says " + expected + "; export again");
      host.warning("the package that was received is not what the job says; downloading it again");
    } catch (const Error& error) {
      // Links expire; the job's status has a fresh one.
      if (error.status() != FERRY_AUTH && error.status() != FERRY_BAD_CONFIG) throw;
      if (attempt == most_attempts) throw;
      host.info(error.message() + "; asking for a fresh link");
      if (std::optional<Job> fresh = jobs.status(job.id)) job = *std::move(fresh);
    }
  }

  const Contents contents = Contents::of_outputs(job.outputs);
  writer.describe(description(contents, body["file_filter"].as_string(), body["version_filter"].as_string()));
  for (const Artefact& artefact : contents.artefacts())
    call.item({.type = artefact.type, .outcome = outcome::exported, .id = artefact.id, .name = artefact.name});
}

}  // namespace ferry::spark
