// The connector: packages of Package Manager, from one tenant of SMAX to another.
//
// The documents' order: export on the source tenant, follow, download, upload to the target, dry run, import, follow.
#include <string>

#include "ferry/sdk.hpp"
#include "import.hpp"
#include "outcomes.hpp"
#include "tenant_api.hpp"

namespace ferry::dev2prod {

class Dev2Prod {
 public:
  Dev2Prod(Host host, const Config& config)
      : host_(host), tenant_(Tenant::of(config)), package_(config.settings.text_or("package", "")) {}

  void check(const Call& call) {
    TenantApi api(host_, call, tenant_);
    api.log_in();
    // inferred: the status of an export that is not there is 404 for whoever may ask for it, 401 or 403 for others.
    const int status = api.probe("/dev2prod/export/000000000000000000000000");
    if (status == 401 || status == 403)
      throw Error(FERRY_AUTH, "the user " + tenant_.username + " could log in to the tenant " + tenant_.id +
                                  " but may not use Dev2Prod (status " + std::to_string(status) +
                                  "): it needs the role Tenant Admin, and no import may be locking the tenant");
    call.problem({.severity = "notice",
                  .code = "platform",
                  .message = "SMAX tenant " + tenant_.id + ": the user " + tenant_.username + " may use Dev2Prod"});
  }

  void export_package(const Call& call, const ExportRequest& request, PackageWriter writer) {
    const std::string package = package_to_export(request);
    TenantApi api(host_, call, tenant_);
    const std::string what = "exporting the package " + package;
    const std::string id = api.begin("/dev2prod/export/types/" + package, "{}", what);
    const Json job = api.follow("/dev2prod/export/" + id, what, [&](const Json& now) {
      call.progress(0, 0, "export " + std::string(now.text_or("Status", "")));
    });
    if (job.text_or("Status", "") != "COMPLETED")
      throw Error(FERRY_REMOTE, what + ": the platform ended it with " + std::string(job.text_or("Status", "")));
    const std::string_view file = job.text_or("FileId", "");
    if (file.empty()) throw Error(FERRY_REMOTE, what + ": it is completed, but names no file");
    api.download(std::string(file), writer);
    Json parts = Json::array({});
    for (const Json& part : job["Statistics"].items()) parts.push_back(part);
    writer.describe(Json::object({{"package", package}, {"tenant", tenant_.id}, {"parts", parts}}));
    report_export(call, job);
  }

  void import_package(const Call& call, const ImportRequest& request, PackageReader reader) {
    TenantApi api(host_, call, tenant_);
    dev2prod::import_package(host_, call, request, reader, api);
  }

 private:
  std::string package_to_export(const ExportRequest& request) const {
    if (request.select.size() > 1)
      throw Error(FERRY_UNSUPPORTED, "Dev2Prod exports one package at a time: name one, --select package=ID");
    std::string package = request.select.empty() ? package_ : request.select[0].key;
    if (!request.select.empty() && !request.select[0].type.empty() && request.select[0].type != "package")
      throw Error(FERRY_UNSUPPORTED,
                  "Dev2Prod exports packages: --select package=ID; what is in one is chosen in "
                  "Package Manager");
    if (package.empty())
      throw Error(
          FERRY_BAD_CONFIG,
          "which package? Name it, --select package=ID or the setting package; its id stands in Package Manager");
    for (const char c : package)
      if (c < '0' || c > '9')
        throw Error(FERRY_BAD_CONFIG,
                    "\"" + package + "\" is no id of a package: those of Package Manager are numbers");
    return package;
  }

  Host host_;
  Tenant tenant_;
  std::string package_;
};

}  // namespace ferry::dev2prod

FERRY_CONNECTOR(ferry::dev2prod::Dev2Prod, R"({"id":"dev2prod","version":"0.1.0"})")
