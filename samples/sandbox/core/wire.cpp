#include "samples/sandbox/core/wire.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>

namespace sandbox {

namespace {

constexpr std::size_t head_limit = 128u << 10;
constexpr std::size_t parts_a_call = 512;

}  // namespace

void Pause::wait(std::int64_t milliseconds) {
  std::unique_lock lock(mutex_);
  ended_.wait_for(lock, std::chrono::milliseconds(milliseconds), [this] { return is_ended_; });
}

void Pause::end() {
  const std::lock_guard lock(mutex_);
  is_ended_ = true;
  ended_.notify_all();
}

Wire::Wire(const Poco::Net::StreamSocket& socket, bool is_secure, Pause& pause)
    : socket_(socket), is_secure_(is_secure), pause_(pause), buffer_(64u << 10) {}

bool Wire::fill() {
  begin_ = end_ = 0;
  const int count = socket_.receiveBytes(buffer_.data(), static_cast<int>(buffer_.size()));
  if (count <= 0) return false;
  end_ = static_cast<std::size_t>(count);
  return true;
}

bool Wire::read_head(std::string& head) {
  head.clear();
  for (;;) {
    if (begin_ == end_ && !fill()) {
      if (head.empty()) return false;
      throw ClientGone{};
    }
    const std::size_t searched = head.size() < 3 ? 0 : head.size() - 3;
    const std::size_t size_before = head.size();
    head.append(buffer_.data() + begin_, end_ - begin_);
    if (size_before == 0) {
      // Some clients end a body with a line break that belongs to nothing.
      const std::size_t start = std::min(head.find_first_not_of("\r\n"), head.size());
      if (start > 0) {
        head.clear();
        begin_ += start;
        continue;
      }
    }
    const std::size_t end = head.find("\r\n\r\n", searched);
    if (end != std::string::npos) {
      begin_ += end + 4 - size_before;
      head.resize(end + 4);
      return true;
    }
    begin_ = end_;
    if (head.size() > head_limit) throw BadRequest{"The request's head is too large."};
  }
}

std::size_t Wire::read(char* buffer, std::size_t size) {
  if (begin_ < end_) {
    const std::size_t count = std::min(size, end_ - begin_);
    std::memcpy(buffer, buffer_.data() + begin_, count);
    begin_ += count;
    return count;
  }
  const int count = socket_.receiveBytes(buffer, static_cast<int>(std::min<std::size_t>(size, 1u << 30)));
  if (count <= 0) throw ClientGone{};
  return static_cast<std::size_t>(count);
}

std::string Wire::read_line() {
  std::string line;
  for (;;) {
    if (begin_ == end_ && !fill()) throw ClientGone{};
    const char character = buffer_[begin_++];
    if (character == '\n') break;
    line += character;
    if (line.size() > head_limit) throw BadRequest{"A line of the body's framing is too long."};
  }
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

void Wire::send_bytes(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t most = std::min<std::size_t>(bytes.size(), 1u << 30);
    const ssize_t count = is_secure_ ? socket_.sendBytes(bytes.data(), static_cast<int>(most))
                                     : ::send(socket_.impl()->sockfd(), bytes.data(), most, MSG_NOSIGNAL);
    if (count < 0 && !is_secure_ && errno == EINTR) continue;
    if (count <= 0) throw ClientGone{};
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void Wire::send(const std::vector<std::string_view>& pieces) {
  if (is_secure_) {
    // A TLS record for each small piece would cost more than copying them together.
    std::string together;
    for (const std::string_view piece : pieces) {
      if (piece.size() >= (64u << 10)) {
        send_bytes(together);
        together.clear();
        send_bytes(piece);
        continue;
      }
      together.append(piece);
      if (together.size() >= (64u << 10)) {
        send_bytes(together);
        together.clear();
      }
    }
    send_bytes(together);
    return;
  }
  std::vector<iovec> vectors;
  vectors.reserve(pieces.size());
  for (const std::string_view piece : pieces) {
    if (!piece.empty()) vectors.push_back({const_cast<char*>(piece.data()), piece.size()});
  }
  for (std::size_t at = 0; at < vectors.size();) {
    msghdr message{};
    message.msg_iov = &vectors[at];
    message.msg_iovlen = std::min(parts_a_call, vectors.size() - at);
    const ssize_t sent = ::sendmsg(socket_.impl()->sockfd(), &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) throw ClientGone{};
    std::size_t left = static_cast<std::size_t>(sent);
    while (at < vectors.size() && left >= vectors[at].iov_len) left -= vectors[at++].iov_len;
    if (left > 0) {
      vectors[at].iov_base = static_cast<char*>(vectors[at].iov_base) + left;
      vectors[at].iov_len -= left;
    }
  }
}

void Wire::send_slowly(const std::vector<std::string_view>& pieces, std::int64_t bytes_per_second) {
  constexpr std::int64_t slices_a_second = 20;
  const auto slice = static_cast<std::size_t>(std::max<std::int64_t>(1, bytes_per_second / slices_a_second));
  for (std::string_view piece : pieces) {
    while (!piece.empty()) {
      const std::size_t size = std::min(slice, piece.size());
      send_bytes(piece.substr(0, size));
      piece.remove_prefix(size);
      pause_.wait(static_cast<std::int64_t>(size) * 1000 / bytes_per_second);
    }
  }
}

WireBody::WireBody(Wire& wire, std::int64_t length, bool expects_continue)
    : wire_(wire), length_(length), left_(std::max<std::int64_t>(length, 0)), expects_continue_(expects_continue) {
  if (length_ == 0) ended_ = true;
}

std::size_t WireBody::read(char* buffer, std::size_t size) {
  if (ended_) return 0;
  if (expects_continue_) {
    expects_continue_ = false;
    wire_.send({"HTTP/1.1 100 Continue\r\n\r\n"});
  }
  if (length_ < 0 && left_ == 0) {
    if (!first_chunk_) wire_.read_line();
    first_chunk_ = false;
    const std::string line = wire_.read_line();
    const char* end = line.data() + line.size();
    const auto [stopped, error] = std::from_chars(line.data(), end, left_, 16);
    if (error != std::errc() || left_ < 0 || (stopped != end && *stopped != ';' && *stopped != ' ')) {
      throw BadRequest{"The chunked body is broken."};
    }
    if (left_ == 0) {
      while (!wire_.read_line().empty()) continue;
      ended_ = true;
      return 0;
    }
  }
  const std::size_t count = wire_.read(buffer, std::min(size, static_cast<std::size_t>(left_)));
  left_ -= static_cast<std::int64_t>(count);
  if (length_ >= 0 && left_ == 0) ended_ = true;
  return count;
}

bool WireBody::finish() {
  if (ended_) return true;
  if (expects_continue_) return false;
  constexpr std::int64_t limit = 1ll << 30;
  std::vector<char> block(256u << 10);
  for (std::int64_t drained = 0; drained < limit;) {
    const std::size_t count = read(block.data(), block.size());
    if (count == 0) return true;
    drained += static_cast<std::int64_t>(count);
  }
  return false;
}

}  // namespace sandbox
