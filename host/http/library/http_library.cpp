#include "host/http/http_library.hpp"

#include "host/http/recorder.hpp"
#include "host/http/replay.hpp"

namespace {

using namespace ferry::host;

std::unique_ptr<HttpSender> make(HttpSettings settings, Clock& clock, const Cancellation& cancellation,
                                 const Redactor& redactor, TransferCounts& counts, HttpLog log, HttpWait waiting) {
  const TrafficSettings traffic = settings.traffic;
  const std::string base_url = settings.base_url;
  if (!traffic.replay.empty())
    return std::make_unique<Replay>(traffic.replay, traffic.strict, base_url, redactor, counts, std::move(log));
  auto client = std::make_unique<HttpClient>(std::move(settings), clock, cancellation, redactor, counts, std::move(log),
                                             HttpOutside{{}, {}, std::move(waiting)});
  if (traffic.record.empty()) return client;
  return std::make_unique<Recorder>(traffic.record, base_url, std::move(client), redactor, clock);
}

constexpr HttpLibrary library{FERRY_VERSION, make};

}  // namespace

extern "C" __attribute__((visibility("default"))) const HttpLibrary* ferry_http_library() { return &library; }
