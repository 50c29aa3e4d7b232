// Writing records fast and in the platform's own form: members in the
// documents' order, times as "2024-01-02T03:04:05.000Z", amounts as JavaScript
// prints numbers.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace sandbox::integration_labs {

// Appends, at a place in memory that has room for it, and gives the place
// behind it.
inline char* put(char* at, std::string_view text) {
  const char* const from = text.data();
  const std::size_t size = text.size();
  // Two moves that overlap: most of a record are pieces of these sizes, for which a call of memcpy is long.
  if (size >= 16 && size <= 32) {
    std::memcpy(at, from, 16);
    std::memcpy(at + size - 16, from + size - 16, 16);
  } else if (size >= 8 && size < 16) {
    std::memcpy(at, from, 8);
    std::memcpy(at + size - 8, from + size - 8, 8);
  } else if (size >= 4 && size < 8) {
    std::memcpy(at, from, 4);
    std::memcpy(at + size - 4, from + size - 4, 4);
  } else {
    std::memcpy(at, from, size);
  }
  return at + size;
}
char* put_number(char* at, std::uint64_t value);
char* put_cents(char* at, std::uint64_t cents);   // 120, 120.5, 120.55
char* put_time(char* at, std::int64_t epoch_ms);  // quoted
char* put_date(char* at, std::int64_t epoch_ms);  // quoted, the day alone
constexpr std::size_t most_of_a_number = 24, most_of_a_time = 26;

// A date, or a date and time in UTC; nullopt for anything else.
std::optional<std::int64_t> parse_time(std::string_view text);
std::optional<std::uint64_t> parse_number(std::string_view text);

std::string base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);

}  // namespace sandbox::integration_labs
