// The little of ZIP that a package needs: entries written as they are, entries read as they are or deflated.
//
// Entries of an Unzipped are views of the archive or of its own memory, and end with it. Failures: BadPackage.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "samples/sandbox/core/environment.hpp"

namespace sandbox::dev2prod {

struct BadPackage {
  std::string message;
};

class ZipWriter {
 public:
  explicit ZipWriter(std::size_t expected_size) { text_.reserve(expected_size); }
  void add(std::string_view name, std::string_view content);
  std::string finish();  // to be called once

 private:
  std::string text_, directory_;
  std::uint16_t count_ = 0;
};

class Unzipped {
 public:
  explicit Unzipped(Blob archive);
  // Checks the entry's sum; throws for one that is damaged. Null view data if there is no such entry.
  std::string_view entry(const std::string& name);

 private:
  struct Place {
    std::size_t at, packed, size;
    std::uint32_t sum;
    bool deflated;
  };
  Blob archive_;
  std::map<std::string, Place> places_;
  std::deque<std::string> inflated_;
};

}  // namespace sandbox::dev2prod
