// A JSON file written by people, with the line of every member, for errors that can be found.
//
// Stricter than what parses it: an object at the top, no member twice, at most 64 levels, numbers that fit.
#pragma once

#include <Poco/JSON/Object.h>

#include <map>
#include <stdexcept>
#include <string>

namespace ferry::host {

struct JsonSyntaxError : std::runtime_error {
  JsonSyntaxError(int at_line, int at_column, const std::string& what)
      : std::runtime_error(what), line(at_line), column(at_column) {}
  int line, column;  // from 1; the column counts bytes
};

struct JsonDocument {
  Poco::JSON::Object::Ptr root;      // members in the order of the file
  std::map<std::string, int> lines;  // "limits.memory_mb", "hosts[0]"

  // Throws JsonSyntaxError.
  static JsonDocument parse(const std::string& text);
  // The line of the member, or of the nearest thing around it.
  int line_of(std::string path) const;
};

}  // namespace ferry::host
