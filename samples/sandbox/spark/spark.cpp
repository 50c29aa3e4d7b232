// Coherent Spark's export and import API, as far as its documents tell: paths, rights and bodies. What an export or an
// import does is tenant.hpp's.
//
// inferred: the bodies of refusals. The documents show none for this API; they are those of its neighbour, v1.
#include <Poco/URI.h>

#include <charconv>

#include "samples/sandbox/core/answers.hpp"
#include "samples/sandbox/core/seeded.hpp"
#include "samples/sandbox/spark/tenant.hpp"

namespace sandbox {

namespace spark {

namespace {

struct Refusal {
  int status;
  std::string code, message;
};

Answer answer_of(const Refusal& refusal) {
  Answer answer = json_answer(
      json::object(
          {{"status", "Error"}, {"data", json::null()}, {"message", refusal.message}, {"errorCode", refusal.code}}),
      refusal.status);
  if (refusal.status == 401) answer.headers.emplace_back("WWW-Authenticate", "Bearer");
  return answer;
}

std::int64_t number_option(const Settings& settings, const std::string& name, std::int64_t fallback) {
  const auto found = settings.options.find(name);
  if (found == settings.options.end()) return fallback;
  std::int64_t number = 0;
  const char* end = found->second.data() + found->second.size();
  const auto [stopped, error] = std::from_chars(found->second.data(), end, number);
  if (error != std::errc() || stopped != end || number < 0) {
    throw BadRequest{"Spark's option " + name + " takes a number, not \"" + found->second + "\"."};
  }
  return number;
}

TenantOptions options_of(const Settings& settings) {
  for (const auto& [name, value] : settings.options) {
    if (name != "job_ms" && name != "content" && name != "package_bytes" && name != "size_limit" &&
        name != "token_seconds" && name != "url_seconds") {
      throw BadRequest{"Spark has no option " + name + ": ferry-sandbox --help lists them."};
    }
  }
  TenantOptions options;
  options.content = settings.name == "dev" ? "all" : settings.name == "test" ? "earlier" : "folders";
  if (const auto found = settings.options.find("content"); found != settings.options.end()) {
    options.content = found->second;
  }
  if (options.content != "all" && options.content != "earlier" && options.content != "folders") {
    throw BadRequest{"Spark's option content is all, earlier or folders."};
  }
  options.package_bytes = static_cast<std::uint64_t>(number_option(settings, "package_bytes", 0));
  constexpr std::uint64_t most = 0xfff00000;
  if (options.package_bytes > most) throw BadRequest{"Spark's option package_bytes ends at 4 GB."};
  options.size_limit =
      static_cast<std::uint64_t>(number_option(settings, "size_limit", static_cast<std::int64_t>(options.size_limit)));
  options.job_ms = number_option(settings, "job_ms", options.job_ms);
  return options;
}

class Spark : public Environment {
 public:
  explicit Spark(const Settings& settings)
      : settings_(settings),
        options_(options_of(settings)),
        url_seconds_(number_option(settings, "url_seconds", 900)),
        accounts_(settings, number_option(settings, "token_seconds", 7200)),
        tenant_(settings, options_) {}

  Answer answer(const Request& request) override {
    try {
      return route(request);
    } catch (const Refusal& refusal) {
      return answer_of(refusal);
    } catch (const BadRequest& failure) {
      return answer_of(Refusal{400, "BAD_REQUEST", failure.message});
    } catch (const TenantBusy&) {
      // inferred: which status it is.
      return answer_of(Refusal{409, "JOB_LIMIT_REACHED", "Only 1 job can be executed at once per tenant."});
    }
  }

  std::string state() const override { return tenant_.state(); }
  void restore(std::string_view state) override { tenant_.restore(json::parse_object(state)); }
  std::map<std::string, std::int64_t> counters() const override { return tenant_.counters(); }

 private:
  Answer route(const Request& request) {
    const std::vector<std::string> path = path_segments(request.path);
    if (path.size() == 1 && path[0] == "health") return json_answer(json::object({{"status", "UP"}}));
    if (path.size() >= 3 && path[0] == "auth" && path[1] == "realms") return realm(request, path);
    if (path.size() >= 3 && path[0] == "api" && path[1] == "v1") return version_one(request, path);
    if (path.size() >= 4 && path[1] == "api" && path[2] == "v4" && path[0] == settings_.tenant) {
      if (path[3] == "export" || path[3] == "import") return jobs(request, path, path[3] == "import");
    }
    throw Refusal{404, "NOT_FOUND", "There is nothing at " + request.path + "."};
  }

  Answer realm(const Request& request, const std::vector<std::string>& path) {
    if (path[2] != settings_.tenant) {
      return json_answer(json::object({{"error", "Realm does not exist"}}), 404);
    }
    const bool is_token =
        path.size() == 6 && path[3] == "protocol" && path[4] == "openid-connect" && path[5] == "token";
    if (!is_token) return json_answer(json::object({{"error", "HTTP 404 Not Found"}}), 404);
    return accounts_.token(request);
  }

  User require_user(const Request& request) const {
    const std::optional<User> user = accounts_.user_of(request);
    if (!user) throw Refusal{401, "UNAUTHORIZED", "The token or API key is unknown or has expired."};
    return *user;
  }

  // /{tenant}/api/v4/{export|import} and what is below it.
  Answer jobs(const Request& request, const std::vector<std::string>& path, bool is_import) {
    const std::string& method = request.method;
    // Neither the platform's own clients in PowerShell nor a browser send credentials with a download.
    if (!is_import && path.size() == 7 && path[5] == "files" && path[6] == "package.zip")
      return download(request, path[4]);
    const User user = require_user(request);
    if (path.size() == 4 && method == "POST")
      return is_import ? start_import(request, user) : start_export(request, user);
    if (path.size() == 5 && path[4] == "status" && method == "GET") return json_answer(tenant_.list(is_import, user));
    if (path.size() == 6 && path[5] == "status" && method == "GET") return status(request, path[4], is_import, user);
    if (path.size() == 5 && path[4] != "status" && method == "PATCH") return cancel(request, path[4], is_import, user);
    const bool is_known = path.size() == 4 || path.size() == 5 || (path.size() == 6 && path[5] == "status");
    if (is_known) throw Refusal{405, "METHOD_NOT_ALLOWED", method + " is not taken here."};
    throw Refusal{404, "NOT_FOUND", "There is nothing at " + request.path + "."};
  }

  Answer start_export(const Request& request, const User& user) {
    const json::Object body = json::parse_object(request.text(16u << 20));
    const ExportRequest wanted = export_request_of(body, user.is_supervisor);
    return status(request, tenant_.start_export(wanted, user, tags_of(body)), false, user);
  }

  Answer start_import(const Request& request, const User& user) {
    // What the form holds beside the file: the parameters, boundaries and headers.
    constexpr std::uint64_t slack = 1u << 20;
    const std::uint64_t limit = options_.size_limit + slack;
    if (!same_text(request.header("Content-Type").substr(0, 20), "multipart/form-data;")) {
      throw Refusal{415, "UNSUPPORTED_MEDIA_TYPE",
                    "The body is multipart/form-data with the parts file and importRequestEntity."};
    }
    if (request.body && request.body->length() > static_cast<std::int64_t>(limit)) throw too_large();
    Blob file;
    json::Object entity = json::object();
    // A body that does not say its length may be read a little further than its file may be.
    for (const FormPart& part : read_form(request, static_cast<std::size_t>(limit + slack))) {
      if (part.name == "file") file = part.content;
      if (part.name == "importRequestEntity") entity = json::parse_object(*part.content);
    }
    if (!file) throw BadRequest{"The form has no part \"file\"."};
    if (file->size() > options_.size_limit) throw too_large();
    ImportRequest wanted = import_request_of(entity);
    wanted.is_supervisor = user.is_supervisor;
    return status(request, tenant_.start_import(file, wanted, user, tags_of(entity)), true, user);
  }

  // inferred: which status it is.
  Refusal too_large() const {
    return {413, "SIZE_LIMIT_EXCEEDED",
            "The uploaded package exceeds the limit of " + std::to_string(options_.size_limit) + " bytes."};
  }

  static Tenant::Tags tags_of(const json::Object& body) {
    const auto tag = [&](const char* name) { return json::is_null(body, name) ? json::null() : body->get(name); };
    return {tag("source_system"), tag("correlation_id")};
  }

  Answer status(const Request& request, const std::string& id, bool is_import, const User& user) {
    Answer answer;
    const bool is_found = tenant_.look(id, is_import, user, [&](const Job& job, std::int64_t now_ms) {
      answer = json_answer(json_of(job, now_ms, request));
    });
    if (!is_found) throw no_job(id);
    return answer;
  }

  Answer cancel(const Request& request, const std::string& id, bool is_import, const User& user) {
    const json::Object body = json::parse_object(request.text(1u << 20));
    const std::string member = is_import ? "import_status" : "export_status";
    // inferred: the import's member, after the export's.
    if (json::string(body, member) != "cancelled") throw BadRequest{member + " can be set to cancelled."};
    Answer answer;
    const bool is_found = tenant_.cancel(id, is_import, user, [&](const Job& job, std::int64_t now_ms) {
      answer = json_answer(json_of(job, now_ms, request));
    });
    if (!is_found) throw no_job(id);
    return answer;
  }

  static Refusal no_job(const std::string& id) { return {404, "JOB_NOT_FOUND", "There is no job " + id + "."}; }

  json::Object json_of(const Job& job, std::int64_t now_ms, const Request& request) const {
    const std::string base = request.origin + '/' + settings_.tenant;
    const bool has_package = !job.is_import && job.status() == "closed" && job.package.size > 0;
    return spark::answer_of(job, now_ms, base, has_package ? request.origin + signed_path(job.id, now_ms) : "");
  }

  static std::string path_of_package(const std::string& tenant, const std::string& id) {
    return '/' + tenant + "/api/v4/export/" + id + "/files/package.zip";
  }

  // inferred: the URL's form; documented is only that it needs no credentials.
  std::string signed_path(const std::string& id, std::int64_t now_ms) const {
    const std::string path = path_of_package(settings_.tenant, id);
    const std::int64_t expires_s = now_ms / 1000 + url_seconds_;
    return path + "?expires=" + std::to_string(expires_s) + "&signature=" + accounts_.signature(path, expires_s);
  }

  Answer download(const Request& request, const std::string& id) {
    const std::string text = request.parameter("expires").value_or("");
    std::int64_t expires_s = 0;
    std::from_chars(text.data(), text.data() + text.size(), expires_s);
    const std::string path = path_of_package(settings_.tenant, id);
    if (request.parameter("signature").value_or("") != accounts_.signature(path, expires_s)) {
      throw Refusal{403, "FORBIDDEN", "The download URL is not signed."};
    }
    if (expires_s * 1000 <= settings_.now_ms()) throw Refusal{403, "EXPIRED", "The download URL has expired."};
    if (request.method != "GET" && request.method != "HEAD") {
      throw Refusal{405, "METHOD_NOT_ALLOWED", request.method + " is not taken here."};
    }
    const std::optional<Rope> found = tenant_.package(id);
    if (!found) throw no_job(id);
    Answer answer;
    answer.content_type = "application/zip";
    const auto package = std::make_shared<const Rope>(*found);
    answer.pieces = package->pieces;
    answer.owner = package;
    return answer;
  }

  // Calls of v1 that clients of export and import make: the limits, and folders to import into.
  Answer version_one(const Request& request, const std::vector<std::string>& path) {
    const User user = require_user(request);
    if (path.size() == 4 && path[2] == "config" && path[3] == "GetSparkConfiguration" && request.method == "GET") {
      return json_answer(json::object({{"BackgroundJobTimeout_Standard_InMin", "120"},
                                       {"DownloadFileSizeLimit_InBytes", "262144000"},
                                       {"ExportAPIJobLimit", "1"},
                                       {"ImpExSizeLimit_InBytes", std::to_string(options_.size_limit)},
                                       {"ImportAPIJobLimit", "1"},
                                       {"UploadFileSizeLimit_InBytes", "199229440"},
                                       {"WorkQueueJobTimeout_ImpEx_InMin", "20"}}));
    }
    if (path.size() == 4 && path[2] == "product" && path[3] == "create" && request.method == "POST") {
      return create_folder(request, user);
    }
    throw Refusal{404, "NOT_FOUND", "There is nothing at " + request.path + "."};
  }

  Answer create_folder(const Request& request, const User& user) {
    if (user.has_api_key) throw Refusal{401, "UNAUTHORIZED", "A folder cannot be created with an API key."};
    std::map<std::string, std::string> fields;
    for (const FormPart& part : read_form(request, 16u << 20)) fields[part.name] = *part.content;
    const std::string& name = fields["Name"];
    if (name.empty() || name.find_first_of("/[]") != std::string::npos) {
      throw BadRequest{"Name is a folder's name without / and brackets."};
    }
    if (!tenant_.add_folder(name))
      throw Refusal{409, "PRODUCT_ALREADY_EXISTS", "The folder " + name + " exists already."};
    const std::string now = iso_time(settings_.now_ms());
    const json::Object folder =
        json::object({{"id", uuid_of(settings_.seed, "spark folder " + settings_.tenant + name)},
                      {"name", name},
                      {"category", fields.count("Category") ? fields["Category"] : "Other"},
                      {"description", fields["Description"]},
                      {"coverImagePath", json::null()},
                      {"createdAt", now},
                      {"status", "Design"},
                      {"lastModifiedDate", now},
                      {"createdBy", user.name},
                      {"activeServiceCount", 0}});
    return json_answer(json::object(
        {{"status", "Success"}, {"message", json::null()}, {"errorCode", json::null()}, {"data", folder}}));
  }

  const Settings settings_;
  const TenantOptions options_;
  const std::int64_t url_seconds_;
  Accounts accounts_;
  // To ask how it stands is to let its jobs go on.
  mutable Tenant tenant_;
};

}  // namespace

}  // namespace spark

std::unique_ptr<Environment> make_spark(const Settings& settings) { return std::make_unique<spark::Spark>(settings); }

}  // namespace sandbox
