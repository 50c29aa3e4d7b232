// The body of an answer: how long it is, and its pieces as they come, straight out of the connection's buffer.
//
// Throws TransportError(truncated, protocol, idle_timeout) and what the sink throws.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "host/http/answer_head.hpp"

namespace ferry::host {

class AnswerBody {
 public:
  // Throws TransportError(protocol) where the head leaves the length in doubt.
  AnswerBody(const AnswerHead&, const std::string& method);

  std::int64_t announced() const { return announced_; }  // Content-Length, -1: none. Of HEAD: what GET would have
  bool none() const { return framing_ == Framing::none; }
  // After the body, can the connection be used again?
  bool keeps_connection() const { return keep_ && framing_ != Framing::until_closed; }

  void receive(HttpConnection&, const std::function<void(std::string_view)>& sink) const;

 private:
  enum class Framing { none, sized, chunked, until_closed };
  void receive_sized(HttpConnection&, const std::function<void(std::string_view)>& sink) const;
  static void receive_chunked(HttpConnection&, const std::function<void(std::string_view)>& sink);

  Framing framing_ = Framing::none;
  std::int64_t announced_ = -1;
  bool keep_ = true;
};

}  // namespace ferry::host
