#include "host/base/redactor.hpp"

#include <algorithm>

#include "ferry/json.hpp"
#include "ferry/percent.hpp"
#include "host/base/text.hpp"

namespace ferry::host {
namespace {

// The base64 texts of `secret` at each of the three alignments, without the characters that neighbours influence:
// "user:password" is masked also where only the password is known.
std::vector<std::string> base64_spellings(std::string_view secret) {
  static constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<std::string> spellings;
  for (std::size_t shift = 0; shift < 3; ++shift) {
    std::string bytes(shift, '\0');
    bytes += secret;
    const std::size_t first_bit = shift * 8, last_bit = bytes.size() * 8;
    std::string text;
    for (std::size_t bit = (first_bit + 5) / 6 * 6; bit + 6 <= last_bit; bit += 6) {
      unsigned value = 0;
      for (std::size_t i = bit; i < bit + 6; ++i)
        value = value << 1 | (static_cast<unsigned char>(bytes[i / 8]) >> (7 - i % 8) & 1u);
      text += alphabet[value];
    }
    if (text.size() >= Redactor::shortest_secret) spellings.push_back(std::move(text));
  }
  return spellings;
}

}  // namespace

void Redactor::add(std::string_view secret) {
  if (secret.size() < shortest_secret) return;
  std::lock_guard lock(mutex_);
  if (std::find(secrets_.begin(), secrets_.end(), secret) != secrets_.end()) return;
  secrets_.emplace_back(secret);
  std::vector<std::string> spellings = base64_spellings(secret);
  spellings.emplace_back(secret);
  spellings.push_back(percent_encoded(secret, "-_.~"));
  std::string quoted;
  Json::append_quoted(quoted, secret);
  spellings.push_back(quoted.substr(1, quoted.size() - 2));
  if (secret.find('\n') != std::string_view::npos)
    for (std::string& line : split(secret, '\n'))
      if (line.size() >= shortest_line) spellings.push_back(std::move(line));
  for (std::string& spelling : spellings)
    if (std::find(spellings_.begin(), spellings_.end(), spelling) == spellings_.end())
      spellings_.push_back(std::move(spelling));
  std::stable_sort(spellings_.begin(), spellings_.end(),
                   [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
}

std::string Redactor::mask(std::string_view text) const {
  std::string out(text);
  std::lock_guard lock(mutex_);
  for (const std::string& spelling : spellings_)
    for (std::size_t at = out.find(spelling); at != std::string::npos; at = out.find(spelling, at + mask_text.size()))
      out.replace(at, spelling.size(), mask_text);
  return out;
}

std::vector<std::string> Redactor::secrets() const {
  std::lock_guard lock(mutex_);
  return secrets_;
}

}  // namespace ferry::host
