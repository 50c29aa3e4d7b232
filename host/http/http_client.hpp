// HTTP on behalf of a connector: the one place where ferry talks to a platform.
//
// HttpClient does one exchange at a time: connects (TLS verified), sends, follows redirects within the allowed hosts,
// repeats what may be repeated, streams the answer to a receiver. One client serves one operation and is used by one
// thread; Cancellation may be used by any. A status such as 404 is an answer, not a failure. Failures are
// host::Failure:
//   usage        bad_url, host_not_allowed (also of a redirect), bad_allowed_host, bad_proxy, ca_file
//   connector    bad_method, bad_header, bad_part
//   platform     no whole answer: dns, connection_refused, unreachable, timeout, tls, closed, truncated, not_http,
//                too_large, proxy, rate_limited, bad_redirect, insecure_redirect, too_many_redirects
//   credentials  proxy_auth
//   machine      a file that cannot be read, no descriptors left
//   cancelled    within a second, wherever the exchange stands
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "host/base/cancellation.hpp"
#include "host/base/clock.hpp"
#include "host/base/redactor.hpp"
#include "host/http/look_up.hpp"
#include "host/http/rate_limit.hpp"

namespace ferry::host {

// Recorded traffic, each a folder of one run: recorder.hpp, replay.hpp. At most one of the two is named.
struct TrafficSettings {
  std::string record;  // where to write the traffic down
  std::string replay;  // what to answer from instead of a network
  bool strict = false;
};

// The budget of the connection's account, shared by all that use the directory: rate_budget.hpp, rate_model.hpp.
struct RateSettings {
  std::string directory;                              // "": of this client alone
  std::string account;                                // tells accounts of one origin apart; no secret
  RateLimit declared;                                 // of the connection's own origin
  std::chrono::milliseconds waiting_after{10'000};    // a longer wait is told
  std::chrono::milliseconds longest_wait{3'600'000};  // a longer one is a failure (rate_limited)
};

struct HttpSettings {
  std::string base_url;                    // of the connection; its origin is always allowed
  std::vector<std::string> allowed_hosts;  // host, host:port or *.domain, beside the origin
  bool verify_tls = true;
  std::string ca_file;                            // PEM, trusted beside the system's authorities; "": those alone
  std::string http_proxy, https_proxy, no_proxy;  // as in the environment
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds idle_timeout{60'000};  // longest silence while sending or receiving
  int max_attempts = 5;
  std::chrono::milliseconds backoff_base{250};
  std::chrono::milliseconds backoff_cap{20'000};
  int max_redirects = 5;
  int max_unpack_ratio = 200;  // a packed body larger than some MiB that unpacks to more times its size is refused
  RateSettings rate;
  TrafficSettings traffic;
};

// What went over the wire, for the statistics. Written by the client, read by any thread.
struct TransferCounts {
  std::atomic<std::uint64_t> requests{0}, retries{0}, throttled_ms{0}, bytes_sent{0}, bytes_received{0};
  std::atomic<std::uint64_t> rate_limited{0};  // answers with status 429
};

// Bytes of an open file from its beginning: read without moving its offset, so that a repeated request begins again.
struct FileBody {
  int fd = -1;
  std::uint64_t size = 0;
};
using HttpContent = std::variant<std::string_view, FileBody>;

struct HttpFormPart {
  std::string name, file_name, content_type;  // file_name "": a plain field
  HttpContent content;
};

struct HttpExchange {
  std::string method = "GET";
  std::string url;  // absolute, or a path appended to base_url
  // Host, Connection, Content-Length and the like are the client's own and ignored here.
  std::vector<std::pair<std::string, std::string>> headers;
  HttpContent body = std::string_view();
  std::vector<HttpFormPart> parts;  // if any: multipart/form-data instead of body
  std::string idempotency_key;
  bool repeatable = false;   // although the method is not idempotent
  bool restartable = false;  // the receiver takes on_head again after a broken body
  bool no_retry = false;     // the first answer counts, whatever its status; redirects are followed all the same
  std::chrono::milliseconds idle_timeout{0};  // 0: the settings'
};

struct HttpHead {
  int status = 0;
  std::string url;  // after redirects
  std::vector<std::pair<std::string, std::string>> headers;
  std::int64_t content_length = -1;  // of the body as delivered; -1: not announced, or unpacked on the way
};

// A wait for a rate limit begins, which ends at that time (unix ms); 0: it is over.
using HttpWait = std::function<void(std::int64_t until_unix_ms)>;

// The world outside beside the clock; a test brings its own.
struct HttpOutside {
  LookUp look_up;                  // empty: the system's
  std::function<double()> random;  // from [0, 1), for the jitter; empty: the system's
  HttpWait waiting;                // empty: nobody wants to know
};

// What arrives: gzip and deflate unpacked (their Content-Encoding and Content-Length headers removed), chunks joined.
// Exceptions thrown by a receiver end the exchange and pass through.
class HttpReceiver {
 public:
  virtual ~HttpReceiver() = default;
  virtual void on_head(const HttpHead&) = 0;
  virtual void on_body(std::string_view piece) = 0;
};

class HttpSender {
 public:
  virtual ~HttpSender() = default;
  virtual void send(const HttpExchange&, HttpReceiver&) = 0;
  // After the operation. Failure(usage): what was sent is not what should have been (replay.hpp).
  virtual void finish() {}
};

// One line for the run's log (level as in ferry_log); called from send only.
using HttpLog = std::function<void(int level, const std::string& message)>;

class HttpClient final : public HttpSender {
 public:
  HttpClient(HttpSettings, Clock&, const Cancellation&, const Redactor&, TransferCounts&, HttpLog,
             HttpOutside outside = {});
  ~HttpClient() override;

  void send(const HttpExchange&, HttpReceiver&) override;

 private:
  class Impl;
  template <typename Work>
  void with_texts_masked(const Work&) const;

  const Redactor& redactor_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ferry::host
