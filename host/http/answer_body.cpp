#include "host/http/answer_body.hpp"

#include <algorithm>
#include <charconv>

#include "host/base/text.hpp"
#include "host/http/connection.hpp"
#include "host/http/transport_error.hpp"

namespace ferry::host {
namespace {

using Sink = std::function<void(std::string_view)>;

[[noreturn]] void doubtful(const std::string& why) {
  throw TransportError(Trouble::protocol, "the answer is not HTTP: " + why);
}

std::string received_text(std::uint64_t received) { return "after " + human_bytes(received); }

template <typename Number>
Number parsed(std::string_view text, int base, const char* what) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || text[0] == '-')
    doubtful("\"" + printable(shortened(text, 40)) + "\" is not a " + what);
  return number;
}

// One line of the chunked framing, without its end.
std::string receive_line(HttpConnection& connection, std::uint64_t received) {
  constexpr std::size_t longest = 16u << 10;
  for (;;) {
    const std::string_view buffered = connection.buffered();
    const std::size_t end = buffered.find('\n');
    if (end != std::string_view::npos) {
      std::string line(buffered.substr(0, end));
      if (!line.empty() && line.back() == '\r') line.pop_back();
      connection.consume(end + 1);
      return line;
    }
    if (buffered.size() > longest) doubtful("a line of its chunked body never ends");
    if (!connection.fill())
      throw TransportError(Trouble::truncated,
                           "the body ended too early, " + received_text(received) + ", between two chunks");
  }
}

// Passes on at most `limit` bytes, waiting for at least one; 0: the connection ended.
std::size_t receive_piece(HttpConnection& connection, std::uint64_t limit, const Sink& sink) {
  if (connection.buffered().empty() && !connection.fill()) return 0;
  const std::string_view buffered = connection.buffered();
  const std::string_view piece =
      buffered.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(limit, buffered.size())));
  sink(piece);
  connection.consume(piece.size());
  return piece.size();
}

// A connection that breaks within a body is a body cut short.
template <typename Work>
void with_breaks_told(const std::uint64_t& received, const Work& work) {
  try {
    work();
  } catch (const TransportError& error) {
    if (error.trouble() != Trouble::closed) throw;
    throw TransportError(Trouble::truncated,
                         "the body ended too early, " + received_text(received) + ": " + std::string(error.what()));
  }
}

}  // namespace

AnswerBody::AnswerBody(const AnswerHead& head, const std::string& method) {
  keep_ = head.minor_version >= 1 ? !header_has_word(head.headers, "Connection", "close")
                                  : header_has_word(head.headers, "Connection", "keep-alive");
  bool chunked = false;
  for (const auto& [name, value] : head.headers) {
    if (same_name(name, "Transfer-Encoding")) {
      if (!same_name(value, "chunked"))
        doubtful("its transfer encoding \"" + printable(shortened(value, 40)) + "\" was not asked for");
      chunked = true;
    } else if (same_name(name, "Content-Length")) {
      // A list of equal numbers is one number, by RFC 9110 8.6.
      for (const std::string& part : split(value, ',')) {
        const std::size_t begin = std::min(part.find_first_not_of(' '), part.size());
        const auto size = parsed<std::int64_t>(std::string_view(part).substr(begin), 10, "length");
        if (announced_ >= 0 && announced_ != size) doubtful("it announces two different lengths");
        announced_ = size;
      }
    }
  }
  if (chunked) announced_ = -1;
  if (method == "HEAD" || head.status == 204 || head.status == 304)
    framing_ = Framing::none;
  else if (chunked)
    framing_ = Framing::chunked;
  else if (announced_ >= 0)
    framing_ = announced_ == 0 ? Framing::none : Framing::sized;
  else
    framing_ = Framing::until_closed;
}

void AnswerBody::receive(HttpConnection& connection, const Sink& sink) const {
  switch (framing_) {
    case Framing::none: return;
    case Framing::sized: return receive_sized(connection, sink);
    case Framing::chunked: return receive_chunked(connection, sink);
    case Framing::until_closed: {
      std::uint64_t received = 0;
      with_breaks_told(received, [&] {
        while (const std::size_t size = receive_piece(connection, UINT64_MAX, sink)) received += size;
      });
    }
  }
}

void AnswerBody::receive_sized(HttpConnection& connection, const Sink& sink) const {
  const auto size = static_cast<std::uint64_t>(announced_);
  std::uint64_t received = 0;
  with_breaks_told(received, [&] {
    while (received < size) {
      const std::size_t got = receive_piece(connection, size - received, sink);
      if (got == 0)
        throw TransportError(Trouble::truncated, "the body ended too early, after " + std::to_string(received) +
                                                     " of " + std::to_string(size) + " bytes");
      received += got;
    }
  });
}

void AnswerBody::receive_chunked(HttpConnection& connection, const Sink& sink) {
  std::uint64_t received = 0;
  with_breaks_told(received, [&] {
    for (;;) {
      const std::string line = receive_line(connection, received);
      std::string_view digits = std::string_view(line).substr(0, line.find(';'));
      while (!digits.empty() && (digits.back() == ' ' || digits.back() == '\t')) digits.remove_suffix(1);
      auto left = parsed<std::uint64_t>(digits, 16, "chunk's length");
      if (left == 0) break;
      while (left > 0) {
        const std::size_t got = receive_piece(connection, left, sink);
        if (got == 0)
          throw TransportError(Trouble::truncated,
                               "the body ended too early, " + received_text(received) + ", within a chunk");
        left -= got;
        received += got;
      }
      if (!receive_line(connection, received).empty()) doubtful("a chunk of its body is longer than announced");
    }
    for (int trailers = 0; !receive_line(connection, received).empty();)
      if (++trailers > 100) doubtful("its trailer never ends");
  });
}

}  // namespace ferry::host
