// Knows the secrets of a run and masks them in any text that leaves ferry.
//
// Beside the plain value its base64, percent-encoded and JSON-escaped spellings are masked, and each line of a secret
// of several lines, because a log is written line by line. Values of fewer than four bytes are refused by the
// configuration, because masking them would blot out innocent text. Thread-safe.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace ferry::host {

class Redactor {
 public:
  static constexpr std::string_view mask_text = "***";
  static constexpr std::size_t shortest_secret = 4;
  static constexpr std::size_t shortest_line = 16;  // of a secret of several lines

  // Shorter values are ignored.
  void add(std::string_view secret);
  std::string mask(std::string_view text) const;
  // Every value given to add(), for handing to a worker.
  std::vector<std::string> secrets() const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> secrets_;
  std::vector<std::string> spellings_;  // longest first
};

}  // namespace ferry::host
