// What of a tenant survives a restart: everything but the bytes of large files, which are then no longer found, as in a
// repository that was cleaned up. Exported packages are written anew when they are asked for the next time.

#include <algorithm>

#include "samples/sandbox/core/base64.hpp"
#include "samples/sandbox/dev2prod/tenant.hpp"

namespace sandbox::dev2prod {

namespace {

constexpr std::size_t kept_limit = 4u << 20;

}  // namespace

std::string Tenant::state() const {
  const std::lock_guard lock(mutex_);
  json::Array files = json::array(), exports = json::array(), imports = json::array();
  for (const auto& [guid, each] : files_) {
    if (each.content->size() > kept_limit) continue;
    files->add(json::object({{"guid", guid},
                             {"id", each.id},
                             {"name", each.name},
                             {"type", each.content_type},
                             {"base64", to_base64(*each.content)}}));
  }
  for (const auto& [id, job] : exports_) exports->add(json_of(job));
  for (const auto& [id, job] : imports_) imports->add(json_of(job));
  json::Object counters = json::object();
  for (const auto& [name, value] : counters_) counters->set(name, value);
  json::Object whole = json::object({{"configuration", json_of(configuration_)}});
  const bool pending = std::any_of(imports_.begin(), imports_.end(),
                                   [](const auto& entry) { return !entry.second.dry_run && !entry.second.settled; });
  if (pending) whole->set("after_import", json_of(after_import_));
  whole->set("accounts", accounts_.state());
  whole->set("files", files);
  whole->set("exports", exports);
  whole->set("imports", imports);
  whole->set("objects_given", objects_given_);
  whole->set("files_given", files_given_);
  whole->set("counters", counters);
  return json::text(whole);
}

void Tenant::restore(std::string_view state) {
  const json::Object whole = json::parse_object(state);
  const json::Object accounts = json::child(whole, "accounts"), counters = json::child(whole, "counters");
  const json::Object configuration = json::child(whole, "configuration");
  if (!configuration || !accounts || !counters) throw BadRequest{"It is not a tenant."};
  const std::lock_guard lock(mutex_);
  configuration_ = configuration_of(configuration);
  if (const json::Object after = json::child(whole, "after_import")) after_import_ = configuration_of(after);
  ++revision_;
  accounts_.restore(accounts);
  files_.clear();
  for (const json::Value& each : json::elements(whole, "files")) {
    const json::Object object = json::as_object(each);
    files_[json::string(object, "guid")] = {
        std::make_shared<const std::string>(from_base64(json::string(object, "base64"))), json::string(object, "id"),
        json::string(object, "name"), json::string(object, "type")};
  }
  exports_.clear();
  for (const json::Value& each : json::elements(whole, "exports")) {
    ExportJob job = export_job_of(json::as_object(each));
    exports_[job.id] = job;
  }
  imports_.clear();
  for (const json::Value& each : json::elements(whole, "imports")) {
    ImportJob job = import_job_of(json::as_object(each));
    imports_[job.id] = job;
  }
  objects_given_ = json::integer(whole, "objects_given");
  files_given_ = json::integer(whole, "files_given");
  for (const std::string& name : counters->getNames()) counters_[name] = json::integer(counters, name);
}

}  // namespace sandbox::dev2prod
