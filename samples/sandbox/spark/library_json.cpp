// A library's services as the kept state writes them: made workbooks by their key, others in base 64.

#include "samples/sandbox/core/base64.hpp"
#include "samples/sandbox/spark/library.hpp"

namespace sandbox::spark {

json::Object json_of(const Service& service) {
  json::Array versions = json::array();
  for (const VersionPointer& version : service.versions) {
    const Workbook& workbook = version->workbook;
    json::Object each = json::object({{"id", version->id},
                                      {"number", version->number.text()},
                                      {"compiled", version->is_compiled},
                                      {"key", workbook.key},
                                      {"size", workbook.size}});
    if (!workbook.is_made) each->set("bytes", to_base64(*workbook.block));
    versions->add(each);
  }
  return json::object({{"id", service.id}, {"folder", service.folder}, {"name", service.name}, {"versions", versions}});
}

Service service_of(const json::Object& object) {
  Service service{json::string(object, "id"), json::string(object, "folder"), json::string(object, "name"), {}};
  for (const json::Value& element : json::elements(object, "versions")) {
    const json::Object each = json::as_object(element);
    const std::optional<Number> number = parse_number(json::string(each, "number"));
    if (!number) throw BadRequest{"a version of " + service.uri() + " has no number"};
    const std::string key = json::string(each, "key");
    const auto size = static_cast<std::uint64_t>(json::integer(each, "size"));
    Version version{json::string(each, "id"), *number, {}, json::boolean(each, "compiled", true)};
    version.workbook = json::has(each, "bytes") ? workbook_of(key, from_base64(json::string(each, "bytes")))
                                                : make_workbook(key, size);
    service.versions.push_back(std::make_shared<const Version>(std::move(version)));
  }
  return service;
}

}  // namespace sandbox::spark
