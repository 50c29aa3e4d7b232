// The body of a request as a list of pieces, of which files stay files: nothing large is held in memory, the length is
// known before the first byte goes, and it can be sent again.
//
// Borrows what the exchange refers to.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "host/http/http_client.hpp"

namespace ferry::host {

class HttpConnection;

class RequestBody {
 public:
  // boundary: for multipart/form-data, if the exchange has parts. Throws Failure(connector, bad_part) for names that
  // cannot be written.
  RequestBody(const HttpExchange&, const std::string& boundary);
  RequestBody(const RequestBody&) = delete;
  RequestBody& operator=(const RequestBody&) = delete;

  std::uint64_t size() const { return size_; }
  const std::string& content_type() const { return content_type_; }  // "": the exchange's own headers say
  // The bytes that can travel together with the head: the first piece, if it is small text.
  std::string_view first_text() const;
  // Sends what follows first_text(). False: a refusal arrived before all was sent.
  bool send(HttpConnection&) const;

 private:
  void add(HttpContent);
  void add_text(std::string);

  std::deque<std::string> texts_;  // does not move what it holds
  std::vector<HttpContent> pieces_;
  std::uint64_t size_ = 0;
  std::string content_type_;
};

}  // namespace ferry::host
