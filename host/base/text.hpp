// Small things about text: suggestions, figures for people, splitting.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ferry::host {

// The known word nearest to `word`, or "" if none is near enough to be meant.
std::string nearest(std::string_view word, const std::vector<std::string>& known);
// "; did you mean \"x\"?", or "; known: a, b, c", for the end of an error message.
std::string suggestion(std::string_view word, const std::vector<std::string>& known);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::vector<std::string> split(std::string_view text, char separator);
std::string lower(std::string_view text);
std::string human_bytes(std::uint64_t bytes);           // "1.4 MiB"
std::string human_duration(std::int64_t milliseconds);  // "850 ms", "3.2 s", "4 min 10 s"
// Replaces control characters, so that outside text cannot steer a terminal or break a line.
std::string printable(std::string_view text);
// Cuts at a character boundary and says so.
std::string shortened(std::string_view text, std::size_t limit);
// Makes valid UTF-8: what is not becomes U+FFFD.
std::string valid_utf8(std::string_view text);

}  // namespace ferry::host
