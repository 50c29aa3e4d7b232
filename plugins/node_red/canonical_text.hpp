// One spelling for each JSON value, as JavaScript understands it: what Node-RED would give back after taking it.
//
// Members are sorted by the bytes of their names as spelt here, of members of one name the last one counts; there is no
// white space; numbers are what a double prints as in JavaScript (1.10 is 1.1, 1e3 is 1000, -0 is 0, 1e400 is null);
// strings are escaped as JSON.stringify does it. A text that Node-RED sent is left as it is but for the order of its
// members.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ferry/json_scanner.hpp"

namespace ferry::node_red {

// "name":value in a text that is being written.
struct WrittenMember {
  std::size_t at, size;   // both together
  std::size_t name_size;  // with its quotes
  std::uint64_t prefix;   // of the name; sorts as it does
};

// Writes values while a scanner passes over them, each byte once or, in an object that is not sorted, twice.
class CanonicalText {
 public:
  explicit CanonicalText(std::string& out) : out_(out) {}

  void value(JsonScanner& scanner);
  // The same of a list of texts whose order has no meaning. Anything but a list is written as it is.
  void set(JsonScanner& scanner);
  // A member whose name, `raw`, the scanner passed last.
  WrittenMember member(std::string_view raw, JsonScanner& scanner);
  // Sorts by the bytes of the names and keeps the last one of each name.
  void sort(std::vector<WrittenMember>& members) const;

 private:
  void string(std::string_view raw, bool escaped);
  void object(JsonScanner& scanner);
  bool before(const WrittenMember& left, const WrittenMember& right) const;
  std::string_view name(const WrittenMember& member) const {
    return std::string_view(out_).substr(member.at, member.name_size);
  }

  std::string& out_;
  std::string unsorted_;                           // an object being put in order
  std::vector<std::vector<WrittenMember>> spare_;  // one for each level, to be used again
  std::size_t level_ = 0;
};

}  // namespace ferry::node_red
