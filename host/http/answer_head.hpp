// The head of an answer: status line and header fields.
//
// Tolerant where servers differ harmlessly (bare LF, folded lines, no reason), strict where a wrong guess would lose or
// invent bytes. Throws TransportError(protocol).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ferry::host {

class HttpConnection;
using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct AnswerHead {
  int status = 0;
  int minor_version = 1;  // HTTP/1.x
  HttpHeaders headers;
};

bool same_name(std::string_view a, std::string_view b);  // header names know no case
// The first value, or "".
std::string_view header_value(const HttpHeaders&, std::string_view name);
bool has_header(const HttpHeaders&, std::string_view name);
// Does a header, a list separated by commas, hold the word?
bool header_has_word(const HttpHeaders&, std::string_view name, std::string_view word);

// Length of the head with its empty line, or 0 while it is not whole.
std::size_t head_length(std::string_view bytes);
AnswerHead parse_head(std::string_view head);

// Receives and consumes one head. Throws TransportError(closed) if the connection ends before the first byte,
// (truncated) if within.
AnswerHead receive_head(HttpConnection&);

}  // namespace ferry::host
