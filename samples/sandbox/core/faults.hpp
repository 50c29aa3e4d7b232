// The faults an environment has been given. The admin port sets them; the server takes those of the wire, the platform
// asks for those of its jobs, items and tokens. All functions may be called from any thread at once.
//
// Faults are a list. For a request, latency, bytes_per_second and content_type of all that match come together; of
// `status`, `drop` and `truncate_at` only the first that matches acts, so that a list is a sequence: two times 429,
// then one 503. What has acted `count` times is spent and acts no more.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "samples/sandbox/core/environment.hpp"
#include "samples/sandbox/core/json.hpp"

namespace sandbox {

class FaultBox {
 public:
  void set(std::vector<Faults>);  // replaces; expire_tokens refuses all tokens given out so far, once for each set()
  void clear();                   // as at the first start
  std::vector<Faults> list() const;

  // The server's: what happens to this request ("POST /dev/api/v4/import"); counts it as used.
  std::optional<Faults> take(std::string_view method_and_path);

  // The platform's: "", "fail", "hang" or "partial" for the job that begins now; counts it as used.
  std::string take_job();
  bool fails(std::string_view name_or_id) const;
  bool skips(std::string_view name_or_id) const;
  // How often tokens were expired: a token is good only under the epoch it was given out in.
  std::int64_t token_epoch() const;

 private:
  struct Entry {
    Faults faults;
    std::int64_t requests_before, requests_left, jobs_left;  // left -1: without end
  };
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
  std::int64_t token_epoch_ = 0;
};

Faults faults_of(const json::Object&);  // BadRequest for an unknown member or a value that means nothing
json::Object json_of(const Faults&);

}  // namespace sandbox
