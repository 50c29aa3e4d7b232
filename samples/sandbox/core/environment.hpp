// One environment of one platform in the sandbox: it takes an HTTP request as the real platform would and answers it.
//
// The server (server.hpp) owns sockets, TLS, framing, faults of the wire, persistence and the admin port; a platform's
// folder holds its paths, its rules and its data, and nothing about sockets. answer() is called by many threads at
// once. Nothing here, or in the platforms' folders, includes anything of ferry: the sandbox is written from the
// platforms' documents, so that an error in a connector is not repeated in its counterpart.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sandbox {

using Headers = std::vector<std::pair<std::string, std::string>>;

// The bytes of a request, as they arrive.
class BodyReader {
 public:
  virtual ~BodyReader() = default;
  virtual std::int64_t length() const = 0;                       // -1: chunked
  virtual std::size_t read(char* buffer, std::size_t size) = 0;  // 0 only at the end; throws if the client is gone
};

struct Request {
  std::string method;
  std::string target;                                      // as sent: path and query, still encoded
  std::string path;                                        // decoded, begins with '/'
  std::vector<std::pair<std::string, std::string>> query;  // decoded, in order
  Headers headers;
  std::string origin;  // "http://127.0.0.1:8801": what the client called us; for absolute URLs in answers
  BodyReader* body = nullptr;

  std::string_view header(std::string_view name) const;  // case-insensitive; "" if absent
  std::optional<std::string> parameter(std::string_view name) const;
  std::string text(std::size_t limit = 256u << 20) const;  // the whole body; throws BadRequest beyond the limit
};

// Bytes that several answers share, so that a 200 MB package is neither copied nor built twice.
using Blob = std::shared_ptr<const std::string>;

struct Answer {
  int status = 200;
  std::string content_type = "application/json";
  Headers headers;
  std::string text;                      // the body ...
  Blob blob;                             // ... or, if set, this
  std::vector<std::string_view> pieces;  // ... or, if not empty, these one after the other; `owner` keeps them alive
  std::shared_ptr<const void> owner;
};

// A file or field of a multipart/form-data body.
struct FormPart {
  std::string name, file_name, content_type;
  Blob content;
};
// Any order, any number; throws BadRequest where the body is no well-formed multipart/form-data or beyond the limit.
std::vector<FormPart> read_form(const Request&, std::size_t limit);

// What makes an environment misbehave. Set over the admin port or in the configuration; the server applies those of the
// wire to whatever the platform answers, the platform itself those of its jobs, items and tokens.
struct Faults {
  // The wire. `match`: only requests whose "METHOD /path" contains this text. `count`: for the next so many of them
  // (-1: always), but not for the first `after`.
  std::string match;
  std::int64_t after = 0;
  std::int64_t count = -1;
  std::int64_t latency_ms = 0;
  int status = 0;           // answer this instead: 429, 500, 503 ...
  std::string retry_after;  // with 429 and 503: the header's value; "date": an HTTP date two seconds ahead
  std::string retry_after_header = "Retry-After";
  bool applied_first = false;     // the platform does the work, then `status` or `drop` loses the answer, or it is late
  bool drop = false;              // closes the connection without an answer
  std::int64_t truncate_at = -1;  // closes it after so many bytes of the body
  std::int64_t bytes_per_second = 0;
  std::string content_type;
  // The platform.
  bool expire_tokens = false;                       // every token given out so far is refused from now on
  std::string job;                                  // "", "fail", "hang", "partial"
  std::vector<std::string> fail_items, skip_items;  // names or ids
};

class FaultBox;  // thread-safe holder of an environment's faults; core/faults.hpp

struct Settings {
  std::string platform, name, tenant;  // "spark", "dev", "dev"
  std::uint64_t seed = 1;
  std::map<std::string, std::string> options;  // of the platform, e.g. package_bytes, job_ms, records, clone_of
  FaultBox* faults = nullptr;                  // outlives the environment
  std::function<std::int64_t()> now_ms;        // epoch milliseconds; tests bring their own
};

class Environment {
 public:
  virtual ~Environment() = default;
  virtual Answer answer(const Request&) = 0;
  // What must survive a restart of the sandbox, as JSON text, and its reverse. Called between requests.
  virtual std::string state() const = 0;
  virtual void restore(std::string_view state) = 0;
  // For tests: imports_applied, jobs_running and the like, beside the server's own count of requests.
  virtual std::map<std::string, std::int64_t> counters() const = 0;
};

struct BadRequest {
  std::string message;
};

std::unique_ptr<Environment> make_spark(const Settings&);
std::unique_ptr<Environment> make_smartiq(const Settings&);
std::unique_ptr<Environment> make_dev2prod(const Settings&);
std::unique_ptr<Environment> make_integration_labs(const Settings&);

}  // namespace sandbox
