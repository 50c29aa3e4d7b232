#include "host/cli/display.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <iterator>

#include "host/base/text.hpp"

namespace ferry::host {
namespace {

struct Range {
  char32_t first, last;
};

// East Asian wide and full-width characters, and what terminals draw as wide pictures.
constexpr Range wide[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0x33FF},   {0x3400, 0x4DBF},
                          {0x4E00, 0x9FFF},   {0xA000, 0xA4CF},   {0xA960, 0xA97F},   {0xAC00, 0xD7A3},
                          {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},
                          {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};
constexpr Range empty[] = {{0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x064B, 0x065F},  {0x1AB0, 0x1AFF},
                           {0x1DC0, 0x1DFF}, {0x200B, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x2064},  {0x20D0, 0x20FF},
                           {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}, {0xE0100, 0xE01EF}};

template <std::size_t N>
bool within(const Range (&ranges)[N], char32_t c) {
  return std::any_of(std::begin(ranges), std::end(ranges), [c](Range r) { return c >= r.first && c <= r.last; });
}

// Takes one character off the front of valid UTF-8; a stray byte counts as one character.
char32_t next_character(std::string_view& text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  std::size_t length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1;
  if (length > text.size()) length = 1;
  char32_t c = length == 1 ? first : first & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) c = (c << 6) | (byte(i) & 0x3Fu);
  text.remove_prefix(length);
  return c;
}

std::size_t width_of(char32_t c) {
  if (c < 0x20 || within(empty, c)) return 0;
  return within(wide, c) ? 2 : 1;
}

}  // namespace

std::size_t display_width(std::string_view utf8) {
  std::size_t width = 0;
  while (!utf8.empty()) width += width_of(next_character(utf8));
  return width;
}

std::string cut_to_width(std::string_view utf8, std::size_t columns) {
  if (display_width(utf8) <= columns) return std::string(utf8);
  if (columns == 0) return "";
  std::string_view rest = utf8;
  std::size_t width = 0, end = 0;
  while (!rest.empty()) {
    width += width_of(next_character(rest));
    if (width > columns - 1) break;
    end = utf8.size() - rest.size();
  }
  return std::string(utf8.substr(0, end)) + "…";
}

std::string Style::operator()(Paint paint, std::string_view text) const {
  static constexpr std::array<std::string_view, 7> codes = {"", "1", "2", "31", "32", "33", "36"};
  if (!colour_ || paint == Paint::plain || text.empty()) return std::string(text);
  return "\x1b[" + std::string(codes[static_cast<std::size_t>(paint)]) + "m" + std::string(text) + "\x1b[0m";
}

std::string state_words(std::string_view state) {
  if (state == "partially_succeeded") return "done in part";
  return state == "not_started" ? "not started" : std::string(state);
}

std::string duration_words(std::int64_t started_at, std::optional<std::int64_t> finished_at) {
  return finished_at ? human_duration(std::max<std::int64_t>(0, *finished_at - started_at)) : "";
}

std::string local_time(std::int64_t unix_ms) {
  const std::time_t seconds = static_cast<std::time_t>(unix_ms / 1000);
  std::tm time{};
  ::localtime_r(&seconds, &time);
  char buffer[64];
  return std::string(buffer, std::strftime(buffer, sizeof buffer, "%Y-%m-%d %H:%M:%S", &time));
}

Paint paint_of_outcome(std::string_view outcome) {
  if (outcome == "added") return Paint::green;
  if (outcome == "modified") return Paint::cyan;
  if (outcome == "removed" || outcome == "skipped" || outcome == "unknown") return Paint::yellow;
  return outcome == "failed" ? Paint::red : Paint::plain;
}

Paint paint_of_state(std::string_view state) {
  if (state == "succeeded") return Paint::green;
  if (state == "failed") return Paint::red;
  return state == "running" || state == "queued" ? Paint::plain : Paint::yellow;
}

Paint paint_of_severity(std::string_view severity) {
  if (severity == "error") return Paint::red;
  return severity == "warning" ? Paint::yellow : Paint::dim;
}

}  // namespace ferry::host
