#include "host/worker/frames.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "host/base/failure.hpp"

namespace ferry::host {
namespace {

constexpr std::size_t head_size = 12;
constexpr std::size_t read_size = 256 * 1024;

void put(char* at, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) at[i] = static_cast<char>(value >> (8 * i) & 0xff);
}

std::uint32_t get(const char* at, std::size_t bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i)
    value |= static_cast<std::uint32_t>(static_cast<unsigned char>(at[i])) << (8 * i);
  return value;
}

}  // namespace

bool FrameSender::send(FrameType type, std::string_view payload, std::uint32_t id) {
  return send(type, payload, {}, id);
}

bool FrameSender::send(FrameType type, std::string_view first, std::string_view second, std::uint32_t id) {
  if (first.size() + second.size() > max_payload)
    throw Failure(Fault::machine, "frame_too_large",
                  "a message of " + std::to_string(first.size() + second.size()) +
                      " bytes between ferry and its worker: at most " + std::to_string(max_payload) +
                      " are possible; ask for less at once");
  std::array<char, head_size> head{};
  put(head.data(), first.size() + second.size(), 4);
  put(head.data() + 4, static_cast<std::uint16_t>(type), 2);
  put(head.data() + 8, id, 4);
  std::array<iovec, 3> pieces = {{{head.data(), head.size()},
                                  {const_cast<char*>(first.data()), first.size()},
                                  {const_cast<char*>(second.data()), second.size()}}};
  std::lock_guard lock(mutex_);
  std::size_t at = 0;
  while (at < pieces.size()) {
    if (pieces[at].iov_len == 0) {
      ++at;
      continue;
    }
    msghdr message{};
    message.msg_iov = &pieces[at];
    message.msg_iovlen = pieces.size() - at;
    ssize_t sent = ::sendmsg(fd_, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return false;
    while (sent > 0) {
      const std::size_t step = std::min(static_cast<std::size_t>(sent), pieces[at].iov_len);
      pieces[at].iov_base = static_cast<char*>(pieces[at].iov_base) + step;
      pieces[at].iov_len -= step;
      sent -= static_cast<ssize_t>(step);
      if (pieces[at].iov_len == 0) ++at;
    }
  }
  return true;
}

FrameReader::State FrameReader::read(const std::function<void(const Frame&)>& take, Wait wait) {
  if (buffer_.size() < filled_ + read_size) buffer_.resize(filled_ + read_size);
  ssize_t got;
  do {
    got = ::recv(fd_, buffer_.data() + filled_, buffer_.size() - filled_, wait == Wait::no ? MSG_DONTWAIT : 0);
  } while (got < 0 && errno == EINTR);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return State::idle;
  if (got <= 0) return State::closed;
  filled_ += static_cast<std::size_t>(got);

  std::size_t at = 0;
  while (filled_ - at >= head_size) {
    const char* head = buffer_.data() + at;
    const std::uint32_t length = get(head, 4);
    if (length > max_payload || get(head + 6, 2) != 0)
      throw Failure(Fault::connector, "bad_frame",
                    "it wrote to ferry's own channel: what came is no frame (a length of " + std::to_string(length) +
                        " bytes was announced)");
    if (filled_ - at - head_size < length) {
      if (buffer_.size() < head_size + length) buffer_.reserve(head_size + length + read_size);
      break;
    }
    take({static_cast<FrameType>(get(head + 4, 2)), get(head + 8, 4), {head + head_size, length}});
    at += head_size + length;
  }
  std::memmove(buffer_.data(), buffer_.data() + at, filled_ - at);
  filled_ -= at;
  return State::open;
}

}  // namespace ferry::host
