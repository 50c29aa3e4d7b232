// How much a request resembles a recorded one, apart from what differs each time: times, the ids of ferry's runs, what
// was masked, and the names that the recording says vary.
//
// Pure functions. `exact` and `values` are the same request; `shape` has the same structure with other values in it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ferry::host {

enum class Likeness { none, shape, values, exact };

struct Comparison {
  Likeness likeness = Likeness::exact;
  std::string difference;  // the first one: ".name: \"a\" was recorded, \"b\" is asked"; "" if there is none
};

class Comparer {
 public:
  explicit Comparer(std::vector<std::string> varying_names) : varying_(std::move(varying_names)) {}

  // "a=1&b=2" of queries and forms: in any order.
  Comparison parameters(std::string_view recorded, std::string_view asked) const;
  // JSON by structure and values, forms by their fields, anything else as text.
  Comparison body(std::string_view recorded, std::string_view asked, std::string_view content_type) const;
  Comparison text(std::string_view recorded, std::string_view asked) const;

 private:
  friend class JsonComparison;
  bool varies(std::string_view name) const;
  std::vector<std::string> varying_;
};

// "***" in what was recorded stands for any text; two times are alike, and two ids of runs.
bool same_value(std::string_view recorded, std::string_view asked);

}  // namespace ferry::host
