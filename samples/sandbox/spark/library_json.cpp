// A library's services as the kept state writes them: made workbooks by their key, others in base 64.
#include <Poco/Base64Decoder.h>
#include <Poco/Base64Encoder.h>

#include <iterator>
#include <sstream>

#include "samples/sandbox/spark/library.hpp"

namespace sandbox::spark {

namespace {

std::string encoded(const std::string& bytes) {
  std::ostringstream out;
  Poco::Base64Encoder encoder(out);
  encoder.rdbuf()->setLineLength(0);
  encoder << bytes;
  encoder.close();
  return out.str();
}

std::string decoded(const std::string& text) {
  std::istringstream in(text);
  Poco::Base64Decoder decoder(in);
  return {std::istreambuf_iterator<char>(decoder), std::istreambuf_iterator<char>()};
}

}  // namespace

json::Object json_of(const Service& service) {
  json::Array versions = json::array();
  for (const VersionPointer& version : service.versions) {
    const Workbook& workbook = version->workbook;
    json::Object each = json::object({{"id", version->id},
                                      {"number", version->number.text()},
                                      {"compiled", version->is_compiled},
                                      {"key", workbook.key},
                                      {"size", workbook.size}});
    if (!workbook.is_made) each->set("bytes", encoded(*workbook.block));
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
    version.workbook =
        json::has(each, "bytes") ? workbook_of(key, decoded(json::string(each, "bytes"))) : make_workbook(key, size);
    service.versions.push_back(std::make_shared<const Version>(std::move(version)));
  }
  return service;
}

}  // namespace sandbox::spark
