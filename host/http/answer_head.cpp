#include "host/http/answer_head.hpp"

#include <algorithm>

#include "host/base/text.hpp"
#include "host/http/connection.hpp"
#include "host/http/transport_error.hpp"

namespace ferry::host {
namespace {

constexpr std::size_t longest_head = 192u << 10;  // below the connection's buffer

[[noreturn]] void not_http(const std::string& why) {
  throw TransportError(Trouble::protocol, "the answer is not HTTP: " + why);
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

void parse_status_line(std::string_view line, AnswerHead& head) {
  const auto is_digit = [&](std::size_t at) { return at < line.size() && line[at] >= '0' && line[at] <= '9'; };
  if (line.substr(0, 7) != "HTTP/1." || !is_digit(7) || line.substr(8, 1) != " " || !is_digit(9) || !is_digit(10) ||
      !is_digit(11) || (line.size() > 12 && line[12] != ' '))
    not_http("it begins with \"" + printable(shortened(line, 60)) + "\"");
  head.minor_version = line[7] - '0';
  head.status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
  if (head.status < 100 || head.status > 599) not_http("the status " + std::to_string(head.status) + " does not exist");
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) { return a.size() == b.size() && lower(a) == lower(b); }

std::string_view header_value(const HttpHeaders& headers, std::string_view name) {
  for (const auto& [key, value] : headers)
    if (same_name(key, name)) return value;
  return {};
}

bool has_header(const HttpHeaders& headers, std::string_view name) {
  return std::any_of(headers.begin(), headers.end(), [&](const auto& header) { return same_name(header.first, name); });
}

bool header_has_word(const HttpHeaders& headers, std::string_view name, std::string_view word) {
  for (const auto& [key, value] : headers) {
    if (!same_name(key, name)) continue;
    for (const std::string& part : split(value, ','))
      if (same_name(trimmed(part), word)) return true;
  }
  return false;
}

std::size_t head_length(std::string_view bytes) {
  for (std::size_t at = bytes.find('\n'); at != std::string_view::npos; at = bytes.find('\n', at + 1)) {
    if (bytes.substr(at + 1, 1) == "\n") return at + 2;
    if (bytes.substr(at + 1, 2) == "\r\n") return at + 3;
  }
  return 0;
}

AnswerHead parse_head(std::string_view text) {
  AnswerHead head;
  bool first = true;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    std::string_view line = text.substr(start, end - start);
    start = end + 1;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (first) {
      parse_status_line(line, head);
      first = false;
    } else if (line.empty()) {
      break;
    } else if (line[0] == ' ' || line[0] == '\t') {
      if (head.headers.empty()) not_http("a header line begins with a space");
      head.headers.back().second.append(" ").append(trimmed(line));
    } else {
      const std::size_t colon = line.find(':');
      if (colon == std::string_view::npos || colon == 0)
        not_http("\"" + printable(shortened(line, 60)) + "\" is not a header line");
      head.headers.emplace_back(trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
    }
  }
  return head;
}

AnswerHead receive_head(HttpConnection& connection) {
  std::size_t length = 0;
  while ((length = head_length(connection.buffered())) == 0) {
    const std::string_view buffered = connection.buffered();
    // Told early: what does not begin like an answer will not end like one, and a talkative stranger never stops.
    constexpr std::string_view beginning = "HTTP/1.";
    const std::size_t compared = std::min(beginning.size(), buffered.size());
    if (buffered.substr(0, compared) != beginning.substr(0, compared))
      not_http("it begins with \"" + printable(shortened(buffered.substr(0, buffered.find('\n')), 60)) + "\"");
    if (buffered.size() > longest_head) not_http("its head is longer than " + human_bytes(longest_head));
    const bool begun = !buffered.empty();
    bool ended = false;
    try {
      ended = !connection.fill();
    } catch (const TransportError& error) {
      if (error.trouble() != Trouble::closed || !begun) throw;
      ended = true;
    }
    if (ended && begun) throw TransportError(Trouble::truncated, "the answer ended too early, within its head");
    if (ended) throw TransportError(Trouble::closed, "the connection was closed before an answer came");
  }
  AnswerHead head = parse_head(connection.buffered().substr(0, length));
  connection.consume(length);
  return head;
}

}  // namespace ferry::host
