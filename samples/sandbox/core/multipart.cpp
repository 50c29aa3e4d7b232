// multipart/form-data as it streams in: each part is copied once, from the block it arrived in to where it stays.
#include <Poco/Exception.h>
#include <Poco/Net/MessageHeader.h>
#include <Poco/Net/NameValueCollection.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <sstream>

#include "samples/sandbox/core/answers.hpp"

namespace sandbox {

namespace {

constexpr std::size_t block_size = 256u << 10;
constexpr std::size_t header_limit = 64u << 10;

constexpr std::size_t large = 1u << 20;

// The last large part's memory, for the next one: a package of 200 MB is 50,000 page faults otherwise, which take
// longer than to receive it.
class Spare {
 public:
  std::string take(std::size_t capacity) {
    std::string taken;
    {
      const std::lock_guard lock(mutex_);
      if (spare_.capacity() >= capacity) taken.swap(spare_);
    }
    taken.clear();
    taken.reserve(capacity);
    return taken;
  }
  void give(std::string&& memory) {
    const std::lock_guard lock(mutex_);
    if (memory.capacity() > spare_.capacity()) spare_ = std::move(memory);
  }

 private:
  std::mutex mutex_;
  std::string spare_;
};

const std::shared_ptr<Spare>& spare() {
  static const auto only = std::make_shared<Spare>();
  return only;
}

Blob blob_of(std::string&& content) {
  if (content.size() < large) return std::make_shared<const std::string>(std::move(content));
  return {new std::string(std::move(content)), [keeper = spare()](std::string* memory) {
            keeper->give(std::move(*memory));
            delete memory;
          }};
}

// By its first character, which is rare in what is sent in bulk: several times as fast as memmem.
std::size_t position(std::string_view text, std::string_view mark) {
  for (std::size_t at = 0; at + mark.size() <= text.size(); ++at) {
    const void* found = std::memchr(text.data() + at, mark[0], text.size() - mark.size() + 1 - at);
    if (found == nullptr) break;
    at = static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
    if (text.compare(at, mark.size(), mark) == 0) return at;
  }
  return std::string_view::npos;
}

class PartScanner {
 public:
  PartScanner(BodyReader& body, std::size_t limit) : body_(body), limit_(limit), block_(2 * block_size) {}

  // Everything before `mark`, which is swallowed. A body that ends first is broken.
  std::string take_until(std::string_view mark, std::size_t limit) {
    std::string taken;
    for (;;) {
      const std::string_view held(block_.data() + begin_, end_ - begin_);
      const std::size_t found = position(held, mark);
      const std::size_t before =
          found != std::string_view::npos ? found : held.size() - std::min(held.size(), mark.size() - 1);
      if (taken.size() + before > limit) throw BadRequest{"A part of the form is too large."};
      append(taken, held.substr(0, before));
      begin_ += before;
      if (found != std::string_view::npos) {
        begin_ += mark.size();
        return taken;
      }
      if (!read_more()) throw BadRequest{"The multipart body ends before its closing boundary."};
    }
  }

  std::string take(std::size_t size) {
    while (end_ - begin_ < size) {
      if (!read_more()) throw BadRequest{"The multipart body ends before its closing boundary."};
    }
    std::string taken(block_.data() + begin_, size);
    begin_ += size;
    return taken;
  }

  void skip_rest() {
    do begin_ = end_;
    while (read_more());
  }

 private:
  void append(std::string& taken, std::string_view more) {
    if (taken.size() < large && taken.size() + more.size() >= large && body_.length() > 0) {
      std::string roomy = spare()->take(std::min(limit_, static_cast<std::size_t>(body_.length())));
      roomy.append(taken);
      taken.swap(roomy);
    }
    taken.append(more);
  }

  bool read_more() {
    std::memmove(block_.data(), block_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    const std::size_t count = body_.read(block_.data() + end_, block_.size() - end_);
    total_ += count;
    if (total_ > limit_) throw BadRequest{"The form is too large."};
    end_ += count;
    return count > 0;
  }

  BodyReader& body_;
  std::size_t limit_, total_ = 0;
  std::vector<char> block_;
  std::size_t begin_ = 0, end_ = 0;
};

std::string boundary_of(const Request& request) {
  std::string media_type;
  Poco::Net::NameValueCollection parameters;
  Poco::Net::MessageHeader::splitParameters(std::string(request.header("Content-Type")), media_type, parameters);
  if (!same_text(media_type, "multipart/form-data")) throw BadRequest{"The content type is not multipart/form-data."};
  const std::string boundary = parameters.get("boundary", "");
  if (boundary.empty()) throw BadRequest{"The content type names no boundary."};
  return boundary;
}

FormPart part_of(const std::string& header_text) {
  Poco::Net::MessageHeader header;
  try {
    std::istringstream lines(header_text);
    header.read(lines);
  } catch (const Poco::Exception&) {
    throw BadRequest{"A part of the form has a broken header."};
  }
  std::string disposition;
  Poco::Net::NameValueCollection parameters;
  Poco::Net::MessageHeader::splitParameters(header.get("Content-Disposition", ""), disposition, parameters);
  if (!same_text(disposition, "form-data") || !parameters.has("name")) {
    throw BadRequest{"A part of the form has no name."};
  }
  return {parameters.get("name"), parameters.get("filename", ""), header.get("Content-Type", ""), nullptr};
}

}  // namespace

std::vector<FormPart> read_form(const Request& request, std::size_t limit) {
  const std::string boundary = boundary_of(request);
  if (!request.body) throw BadRequest{"The multipart body is empty."};
  if (request.body->length() > 0 && static_cast<std::size_t>(request.body->length()) > limit) {
    throw BadRequest{"The form is too large."};
  }
  PartScanner scanner(*request.body, limit);
  scanner.take_until("--" + boundary, header_limit);
  std::vector<FormPart> parts;
  for (;;) {
    const std::string after = scanner.take(2);
    if (after == "--") break;
    // White space may stand between a boundary and the end of its line.
    if (after != "\r\n") scanner.take_until("\r\n", header_limit);
    FormPart part = part_of(scanner.take_until("\r\n\r\n", header_limit) + "\r\n\r\n");
    part.content = blob_of(scanner.take_until("\r\n--" + boundary, limit));
    parts.push_back(std::move(part));
  }
  scanner.skip_rest();
  return parts;
}

}  // namespace sandbox
