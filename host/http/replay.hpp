// Answers a connector's requests from recorded traffic, without a network.
//
// A request is matched by method, path, query and body, whatever the order in which requests come: what differs each
// time is not compared (likeness.hpp), headers are not either. The same request asked several times gets its recordings
// in the order in which they were made. Otherwise:
//                                    lenient (for looking at a run)       strict (for tests)
//   asked more often than recorded   the last answer again                Failure
//   only other values in the body    that answer, if no better one is     Failure
//   not recorded                     Failure                              Failure
//   recorded, never asked            nothing                              Failure of finish()
// The failures are (usage, not_recorded) and (usage, not_replayed); a strict replay repeats the first of them in
// finish(), so that a connector cannot explain it away. Other failures: (usage, no_recording | bad_recording).
//
// One thread.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "host/http/http_client.hpp"
#include "host/http/likeness.hpp"
#include "host/http/recorded_exchange.hpp"
#include "host/http/traffic_mask.hpp"
#include "host/http/url.hpp"

namespace ferry::host {

class Replay final : public HttpSender {
 public:
  Replay(std::filesystem::path folder, bool strict, const std::string& base_url, const Redactor&, TransferCounts&,
         HttpLog);

  void send(const HttpExchange&, HttpReceiver&) override;
  void finish() override;

 private:
  struct Entry {
    std::filesystem::path file;
    RecordedExchange exchange;
    bool used = false;
  };
  struct Asked;

  Asked asked_of(const HttpExchange&);
  std::string body_text(const HttpContent&, const std::string& content_type, bool& binary);
  std::string url_for_comparison(const std::string& url) const;
  Comparison compare(const Entry&, const Asked&) const;
  Comparison compare_bodies(const RecordedBody&, const std::string& asked, bool binary,
                            const std::string& content_type) const;
  Entry& find(const Asked&);
  void deliver(const Entry&, const std::string& asked_url, HttpReceiver&);

  const std::filesystem::path folder_;
  const bool strict_;
  const Url base_;
  TransferCounts& counts_;
  HttpLog log_;
  TrafficMask mask_;
  std::optional<Url> recorded_base_;
  Comparer comparer_;
  std::vector<Entry> entries_;
  std::optional<Failure> first_miss_;
};

}  // namespace ferry::host
