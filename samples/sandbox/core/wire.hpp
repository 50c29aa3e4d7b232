// The bytes of one connection: heads and bodies in, answers out. Used by the thread of the connection alone; broken
// connections are thrown as Poco exceptions or ClientGone.
#pragma once

#include <Poco/Net/StreamSocket.h>

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "samples/sandbox/core/environment.hpp"

namespace sandbox {

struct ClientGone {};

// Sleeps that end when the listener does.
class Pause {
 public:
  void wait(std::int64_t milliseconds);
  void end();  // every wait under way and to come returns at once

 private:
  std::mutex mutex_;
  std::condition_variable ended_;
  bool is_ended_ = false;
};

class Wire {
 public:
  Wire(const Poco::Net::StreamSocket&, bool is_secure, Pause&);

  bool read_head(
      std::string& head);  // false: the client closed before another request; throws BadRequest if it is huge
  std::size_t read(char* buffer, std::size_t size);  // at least one byte; throws ClientGone at the end
  std::string read_line();                           // without its CR LF

  void send(const std::vector<std::string_view>& pieces);
  void send_slowly(const std::vector<std::string_view>& pieces, std::int64_t bytes_per_second);

 private:
  bool fill();
  void send_bytes(std::string_view);

  Poco::Net::StreamSocket socket_;
  bool is_secure_;
  Pause& pause_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;
};

// The body that a request's headers announce. `expects_continue`: the client waits for "100 Continue" before it sends.
class WireBody : public BodyReader {
 public:
  WireBody(Wire&, std::int64_t length, bool expects_continue);

  std::int64_t length() const override { return length_; }
  std::size_t read(char* buffer, std::size_t size) override;

  // Reads what the handler left; false if that is so much, or so unsure to come, that the connection must be closed.
  bool finish();

 private:
  Wire& wire_;
  std::int64_t length_;
  std::int64_t left_;  // of the body, or of the present chunk
  bool expects_continue_, ended_ = false, first_chunk_ = true;
};

}  // namespace sandbox
