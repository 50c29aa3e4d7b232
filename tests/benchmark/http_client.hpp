// A client that costs as little as one can: one connection, one buffer, bodies counted and thrown away but for their
// end.
//
// What it measures is the server. Throws std::runtime_error where the connection breaks or the answer is no success.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/unique_fd.hpp"

namespace ferry::benchmark {

class HttpClient {
 public:
  struct Answer {
    std::uint64_t bytes = 0;  // of the body
    std::string_view end;     // the body's last bytes, at most a buffer; valid until the next request
  };

  explicit HttpClient(const std::string& url);  // "http://127.0.0.1:PORT/..."

  // headers: each with its CR LF. body: its pieces, sent one after the other.
  Answer send(std::string_view method, const std::string& target, const std::string& headers,
              const std::vector<std::string_view>& body = {});
  // The whole body, at most a buffer.
  std::string text(std::string_view method, const std::string& target, const std::string& headers,
                   const std::string& body = "");

 private:
  void write(std::string_view bytes, int flags);
  std::size_t read(std::size_t at);

  std::string host_;
  host::UniqueFd socket_;
  std::vector<char> buffer_;
};

// Every page that follows a first one, whose cursors stand in a member "next" at the end; the bytes of their bodies.
std::uint64_t read_pages(HttpClient&, const std::string& first, const std::string& headers);

}  // namespace ferry::benchmark
