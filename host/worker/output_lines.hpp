// Turns what a connector prints into log lines, of bounded length and number, in valid UTF-8.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace ferry::host {

class OutputLines {
 public:
  using Take = std::function<void(const std::string& line)>;
  // Longer ones are cut. Far beyond what is worth showing, so that whoever shows less masks whole secrets before.
  static constexpr std::size_t longest_line = 80 * 1024;
  static constexpr std::uint64_t most_lines = 500;

  explicit OutputLines(Take take) : take_(std::move(take)) {}

  // Reads what the non-blocking descriptor has; false: it has ended. Reads a bounded amount, so that a flood starves
  // nobody.
  bool collect(int fd);
  // Hands out the lines of what was collected. Apart from collecting, so that what the connector told over its channel
  // before it printed can be heard in between.
  void tell();
  void finish();  // tells also the last line, and how many were dropped

 private:
  void line();

  Take take_;
  std::string collected_, partial_;
  std::uint64_t lines_ = 0;
};

}  // namespace ferry::host
