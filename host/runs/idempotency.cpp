#include "host/runs/idempotency.hpp"

#include <algorithm>
#include <vector>

#include "host/base/json_text.hpp"

namespace ferry::host {
namespace {

constexpr const char* member = "idempotency_key";
constexpr std::size_t runs_to_look_through = 200;

std::string without_key(const std::string& request_json) {
  Poco::JSON::Object::Ptr request = parse_object(request_json);
  if (!request) return request_json;
  request->remove(member);
  return json_text(*request);
}

std::string content_of(const Package& package) {
  const Poco::JSON::Object::Ptr description = parse_object(package.description_json);
  return description ? description->optValue<std::string>("content", "") : "";
}

bool same_package(const PackageStore& packages, const RunRecord& before, const Package& package) {
  if (before.package_sha256 == package.sha256) return true;
  const std::string content = content_of(package);
  if (content.empty() || before.package_sha256.empty()) return false;
  const std::optional<Package> then = packages.find(before.package_sha256);
  return then && content_of(*then) == content;
}

}  // namespace

std::string idempotency_key(RunStore& store, const PackageStore& packages, const std::string& run_id,
                            const RunRequest& request, const std::string& request_json) {
  if (request.operation != "import" || request.import.preview || !request.package) return run_id;
  const std::vector<RunRecord> runs = store.list(runs_to_look_through, request.connection);
  const auto before = std::find_if(runs.begin(), runs.end(),
                                   [](const RunRecord& run) { return run.operation == "import" && !run.preview; });
  if (before == runs.end() || (before->state != "failed" && before->state != "cancelled")) return run_id;
  if (without_key(before->request_json) != without_key(request_json) ||
      !same_package(packages, *before, *request.package))
    return run_id;
  const Poco::JSON::Object::Ptr recorded = parse_object(before->request_json);
  const std::string key = recorded ? recorded->optValue<std::string>(member, "") : "";
  return key.empty() ? run_id : key;
}

}  // namespace ferry::host
