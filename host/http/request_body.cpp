#include "host/http/request_body.hpp"

#include <algorithm>
#include <utility>

#include "host/base/failure.hpp"
#include "host/base/text.hpp"
#include "host/http/connection.hpp"

namespace ferry::host {
namespace {

constexpr std::size_t small_text = 32u << 10;

// As browsers write names (HTML's form data rules), so that nothing in a name can end its header.
std::string form_quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"')
      out += "%22";
    else if (c == '\r')
      out += "%0D";
    else if (c == '\n')
      out += "%0A";
    else
      out += c;
  }
  return out + "\"";
}

std::uint64_t size_of(const HttpContent& content) {
  if (const auto* file = std::get_if<FileBody>(&content)) return file->size;
  return std::get<std::string_view>(content).size();
}

}  // namespace

RequestBody::RequestBody(const HttpExchange& exchange, const std::string& boundary) {
  if (exchange.parts.empty()) {
    add(exchange.body);
    return;
  }
  content_type_ = "multipart/form-data; boundary=" + boundary;
  std::string separator = "--" + boundary + "\r\n";
  for (const HttpFormPart& part : exchange.parts) {
    if (part.content_type.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
      throw Failure(Fault::connector, "bad_part",
                    "the content type of the form part \"" + printable(part.name) + "\" holds a line break");
    std::string head = separator + "Content-Disposition: form-data; name=" + form_quoted(part.name);
    if (!part.file_name.empty()) head += "; filename=" + form_quoted(part.file_name);
    if (!part.content_type.empty()) head += "\r\nContent-Type: " + part.content_type;
    add_text(head + "\r\n\r\n");
    add(part.content);
    separator = "\r\n--" + boundary + "\r\n";
  }
  add_text("\r\n--" + boundary + "--\r\n");
}

void RequestBody::add(HttpContent content) {
  size_ += size_of(content);
  pieces_.push_back(content);
}

void RequestBody::add_text(std::string text) {
  texts_.push_back(std::move(text));
  add(std::string_view(texts_.back()));
}

std::string_view RequestBody::first_text() const {
  const auto* text = pieces_.empty() ? nullptr : std::get_if<std::string_view>(&pieces_.front());
  return text != nullptr && text->size() <= small_text ? *text : std::string_view();
}

bool RequestBody::send(HttpConnection& connection) const {
  const bool first_is_sent = !first_text().empty();
  for (std::size_t i = first_is_sent ? 1 : 0; i < pieces_.size(); ++i) {
    const bool more = i + 1 < pieces_.size();
    if (const auto* file = std::get_if<FileBody>(&pieces_[i])) {
      if (!connection.send_file(file->fd, file->size)) return false;
    } else if (!connection.send(std::get<std::string_view>(pieces_[i]), more)) {
      return false;
    }
  }
  return true;
}

}  // namespace ferry::host
