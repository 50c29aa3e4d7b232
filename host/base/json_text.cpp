#include "host/base/json_text.hpp"

#include <Poco/JSON/ParseHandler.h>
#include <Poco/JSON/Parser.h>

#include <sstream>

#include "ferry/json.hpp"

namespace ferry::host {

std::string json_text(const Poco::JSON::Object& json) {
  std::ostringstream out;
  json.stringify(out);
  return out.str();
}

Poco::JSON::Object::Ptr parse_object(std::string_view text) {
  try {
    Poco::JSON::Parser parser(new Poco::JSON::ParseHandler(true));
    return parser.parse(std::string(text)).extract<Poco::JSON::Object::Ptr>();
  } catch (const Poco::Exception&) {
    return nullptr;
  }
}

bool is_json_object(std::string_view text) {
  try {
    return Json::parse(text).is_object();
  } catch (const JsonError&) {
    return false;
  }
}

}  // namespace ferry::host
