// Text on a terminal: how wide it is, and colour where colour is wanted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ferry::host {

// Columns a terminal needs for the text: wide characters count two, combining ones none.
std::size_t display_width(std::string_view utf8);
// The longest beginning of at most `columns`, ended by an ellipsis if something was cut.
std::string cut_to_width(std::string_view utf8, std::size_t columns);

enum class Paint { plain, bold, dim, red, green, yellow, cyan };

class Style {
 public:
  explicit Style(bool colour = false) : colour_(colour) {}
  std::string operator()(Paint, std::string_view text) const;
  bool colour() const noexcept { return colour_; }

 private:
  bool colour_;
};

// A state as people read it, wherever they do; programs get the word of the statistics.
std::string state_words(std::string_view state);
// Between two times (unix ms), "" if there is no second; a clock that was set back is no negative time.
std::string duration_words(std::int64_t started_at, std::optional<std::int64_t> finished_at);
// In this machine's time zone: "2026-11-21 20:15:30".
std::string local_time(std::int64_t unix_ms);
Paint paint_of_outcome(std::string_view outcome);    // added, modified, ...
Paint paint_of_state(std::string_view state);        // succeeded, failed, ...
Paint paint_of_severity(std::string_view severity);  // error, warning, notice

}  // namespace ferry::host
