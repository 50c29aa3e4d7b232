// Writes down a run's traffic, as the connector saw it: one exchange a request of the connector, with the answer it got
// in the end. Repeats, redirects and waiting for rate limits are the host's business and do not show; a request that
// got no answer is recorded with its failure. Format: recorded_exchange.hpp, recording_info.hpp; secrets are masked by
// TrafficMask, once more when the exchange after it has shown what else is one. Binary bodies are kept as they are.
//
// One thread. Throws what the sender below throws; Failure(machine) if it cannot be written; (usage, too_large) for
// text too large to be searched for secrets.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "host/http/http_client.hpp"
#include "host/http/recorded_exchange.hpp"
#include "host/http/traffic_mask.hpp"
#include "host/http/url.hpp"

namespace ferry::host {

class Recorder final : public HttpSender {
 public:
  Recorder(std::filesystem::path folder, const std::string& base_url, std::unique_ptr<HttpSender> below,
           const Redactor& known, const Clock& clock);
  ~Recorder() override;

  void send(const HttpExchange&, HttpReceiver&) override;
  void finish() override;

 private:
  class Answer;

  void write_request(const HttpExchange&, const std::string& stem, RecordedExchange&);
  RecordedBody keep(std::string_view body, const std::string& content_type, const std::string& stem);
  RecordedBody keep_file(const FileBody&, const std::string& content_type, const std::string& stem);
  RecordedBody beside(std::string_view body, const std::string& content_type, const std::string& stem);
  void write(const RecordedExchange&, const std::string& stem);
  void mask_again();
  std::string next_stem(const std::string& method, const std::string& url) const;

  const std::filesystem::path folder_;
  const Url base_;
  std::unique_ptr<HttpSender> below_;
  TrafficMask mask_;
  std::vector<std::filesystem::path> texts_;  // written so far
  std::size_t masked_with_ = 0;               // secrets known when they were last masked
};

// Whether two URLs of an exchange are of the connection's own origin: then as a path, else whole.
std::string recorded_url(const Url& base, const std::string& url);
std::string content_type_of(const HttpHeaders&);

}  // namespace ferry::host
