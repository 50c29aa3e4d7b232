#include "host/config/reference_reader.hpp"

#include <algorithm>
#include <cctype>

#include "host/base/text.hpp"

namespace ferry::host {

bool is_variable_name(const std::string& name) {
  return !name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) == 0 &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return c == '_' ||
                  (static_cast<unsigned char>(c) < 0x80 && std::isalnum(static_cast<unsigned char>(c)) != 0);
         });
}

bool is_reference(const std::string& text) { return text.starts_with("env:") || text.starts_with("file:"); }

SecretReference read_reference(const YamlMembers& reader, const YamlMember& member, const std::string& path) {
  reader.expect(member.value, YamlValue::Kind::scalar, member.line, path);
  const std::string& text = member.value.text;
  if (text.starts_with("env:")) {
    if (!is_variable_name(text.substr(4)))
      reader.fail(member, path,
                  "env: must be followed by the name of an environment variable, such as env:ACME_PASSWORD");
    return {"env", text.substr(4), member.line};
  }
  if (text.starts_with("file:")) {
    const std::string where = text.substr(5);
    if (where.empty() || where != printable(where)) reader.fail(member, path, "file: must be followed by a path");
    if (where[0] == '~') reader.fail(member, path, "~ is not replaced in a path; write the whole path");
    return {"file", reader.absolute(where), member.line};
  }
  reader.fail(member, path,
              "a secret itself does not belong in this file; put it in an environment variable and write env:NAME, or "
              "in a file and write file:PATH");
}

}  // namespace ferry::host
