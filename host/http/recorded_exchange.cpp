#include "host/http/recorded_exchange.hpp"

#include <algorithm>
#include <charconv>

#include "host/base/text.hpp"

namespace ferry::host {
namespace {

constexpr std::string_view mark = "=== ";
constexpr std::string_view in_file = ", body in ";
constexpr std::size_t largest_inline = 64u << 10;

void write_section(std::string& out, std::string_view kind, std::string_view first, const HttpHeaders& headers,
                   const RecordedBody& body) {
  out.append(mark).append(kind);
  if (!body.file.empty()) out.append(in_file).append(body.file);
  out += '\n';
  if (!first.empty()) out.append(first).append("\n");
  for (const auto& [name, value] : headers) out.append(name).append(": ").append(value).append("\n");
  if (body.file.empty() && !body.text.empty()) out.append("\n").append(body.text).append("\n");
}

class Reader {
 public:
  Reader(std::string_view text, const std::filesystem::path& file) : rest_(text), file_(file) {}

  RecordedExchange read() {
    RecordedExchange exchange;
    take_line();
    bool answered = false;
    for (bool first = true; !at_end_; first = false) {
      const std::string kind = take_mark(first);
      if (answered) fail("nothing may follow an answer");
      if (first) {
        take_request(exchange);
      } else if (kind == "part") {
        take_part(exchange);
      } else if (kind == "answer") {
        take_answer(exchange);
        answered = true;
      } else if (kind == "failure") {
        take_failure(exchange);
        answered = true;
      } else {
        fail("expected a part, an answer or a failure, found \"" + printable(shortened(kind, 40)) + "\"");
      }
    }
    if (!answered) fail("there is no answer");
    return exchange;
  }

 private:
  [[noreturn]] void fail(const std::string& why) const { fail(why, line_number_); }
  [[noreturn]] void fail(const std::string& why, std::size_t line) const {
    throw Failure(Fault::usage, "bad_recording",
                  file_.string() + ":" + std::to_string(line) + ": " + why + "; correct it, or record it again");
  }

  void take_line() {
    at_end_ = rest_.empty();
    ++line_number_;
    const std::size_t end = std::min(rest_.find('\n'), rest_.size());
    line_ = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
  }
  bool at_mark() const { return at_end_ || line_.starts_with(mark); }

  std::string take_mark(bool first) {
    if (!line_.starts_with(mark)) fail("expected a line that begins with \"=== \"");
    std::string_view kind = line_.substr(mark.size());
    body_file_.clear();
    if (const std::size_t at = kind.find(in_file); at != std::string_view::npos) {
      body_file_ = kind.substr(at + in_file.size());
      kind = kind.substr(0, at);
      if (body_file_.empty() || body_file_.find('/') != std::string::npos)
        fail("a body's file must stand beside this one");
    }
    std::string out(kind);
    if (first && out != "request") fail("expected \"=== request\", found \"" + printable(shortened(out, 40)) + "\"");
    take_line();
    return out;
  }

  std::string take_first() {
    if (at_mark()) fail("a line is missing");
    std::string first(line_);
    first_line_ = line_number_;
    take_line();
    return first;
  }

  HttpHeaders take_headers() {
    HttpHeaders headers;
    for (; !at_mark() && !line_.empty(); take_line()) {
      const std::size_t colon = line_.find(':');
      if (colon == 0 || colon == std::string_view::npos) fail("expected NAME: VALUE");
      std::string_view value = line_.substr(colon + 1);
      value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
      headers.emplace_back(line_.substr(0, colon), value);
    }
    return headers;
  }

  RecordedBody take_body() {
    RecordedBody body{"", body_file_};
    if (at_mark()) return body;
    take_line();  // the empty one
    bool begun = false;
    for (; !at_mark(); take_line()) {
      if (begun) body.text += '\n';
      body.text.append(line_);
      begun = true;
    }
    if (!body.file.empty() && !body.text.empty()) fail("the body stands in a file and here");
    return body;
  }

  void take_request(RecordedExchange& exchange) {
    const std::string first = take_first();
    const std::size_t space = first.find(' ');
    if (space == std::string::npos || space == 0) fail("expected METHOD URL", first_line_);
    exchange.method = first.substr(0, space);
    exchange.url = first.substr(space + 1);
    exchange.headers = take_headers();
    exchange.body = take_body();
  }

  void take_part(RecordedExchange& exchange) {
    RecordedPart part;
    for (auto& [name, value] : take_headers()) {
      std::string* const member = name == "Name"           ? &part.name
                                  : name == "File-Name"    ? &part.file_name
                                  : name == "Content-Type" ? &part.content_type
                                                           : nullptr;
      if (member == nullptr) fail("a part has Name, File-Name and Content-Type, no \"" + printable(name) + "\"");
      *member = value;
    }
    part.body = take_body();
    exchange.parts.push_back(std::move(part));
  }

  void take_answer(RecordedExchange& exchange) {
    const std::string first = take_first();
    const auto [end, error] = std::from_chars(first.data(), first.data() + first.size(), exchange.status);
    const std::string after(end, first.data() + first.size());
    if (error != std::errc() || exchange.status < 100 || exchange.status > 599 || (!after.empty() && after[0] != ' '))
      fail("expected a status, such as 200", first_line_);
    if (!after.empty()) exchange.answer_url = after.substr(1);
    exchange.answer_headers = take_headers();
    exchange.answer = take_body();
  }

  void take_failure(RecordedExchange& exchange) {
    const std::string first = take_first();
    const std::size_t space = first.find(' ');
    if (space == std::string::npos || fault_word(parse_fault(first.substr(0, space))) != first.substr(0, space))
      fail("expected FAULT CODE, such as \"platform timeout\"", first_line_);
    exchange.failure.emplace(parse_fault(first.substr(0, space)), first.substr(space + 1), take_body().text);
  }

  std::string_view rest_, line_;
  const std::filesystem::path& file_;
  std::string body_file_;
  std::size_t line_number_ = 0, first_line_ = 0;
  bool at_end_ = false;
};

}  // namespace

std::string RecordedExchange::text() const {
  std::string out;
  write_section(out, "request", method + " " + url, headers, body);
  for (const RecordedPart& part : parts) {
    HttpHeaders about = {{"Name", part.name}};
    if (!part.file_name.empty()) about.emplace_back("File-Name", part.file_name);
    if (!part.content_type.empty()) about.emplace_back("Content-Type", part.content_type);
    write_section(out, "part", "", about, part.body);
  }
  if (failure)
    write_section(out, "failure", std::string(fault_word(failure->fault())) + " " + failure->code(), {},
                  {failure->message(), ""});
  else
    write_section(out, "answer", std::to_string(status) + (answer_url.empty() ? "" : " " + answer_url), answer_headers,
                  answer);
  return out;
}

RecordedExchange RecordedExchange::parse(std::string_view text, const std::filesystem::path& file) {
  return Reader(text, file).read();
}

bool is_text(std::string_view bytes) {
  return bytes.find('\0') == std::string_view::npos && valid_utf8(bytes) == bytes;
}

bool fits_inline(std::string_view body) {
  return body.size() <= largest_inline && !body.starts_with(mark) && body.find("\n=== ") == std::string_view::npos &&
         is_text(body);
}

}  // namespace ferry::host
