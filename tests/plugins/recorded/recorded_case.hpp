// A case of recorded traffic (README.md): carried out in a real worker, and what came of it as one JSON document.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "ferry/json.hpp"

namespace ferry::test {

struct RecordedCase {
  std::string platform, name;
  std::filesystem::path folder;

  // Of every connector that is built here.
  static std::vector<RecordedCase> all();
  // {"result": {...}, "facts": [...], "statistics": {"items", "totals", "problems"}, "records": {STREAM: [...]},
  //  "package": [NAMES]}; what there is none of is left out. Throws host::Failure for what is wrong with the case.
  Json carry_out() const;
};

}  // namespace ferry::test
