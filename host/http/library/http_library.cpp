#include "host/http/http_library.hpp"

namespace {

constexpr ferry::host::HttpLibrary library{
    FERRY_VERSION,
    [](ferry::host::HttpSettings settings, ferry::host::Clock& clock, const ferry::host::Cancellation& cancellation,
       const ferry::host::Redactor& redactor, ferry::host::TransferCounts& counts,
       ferry::host::HttpLog log) -> std::unique_ptr<ferry::host::HttpSender> {
      return std::make_unique<ferry::host::HttpClient>(std::move(settings), clock, cancellation, redactor, counts,
                                                       std::move(log));
    }};

}  // namespace

extern "C" __attribute__((visibility("default"))) const ferry::host::HttpLibrary* ferry_http_library() {
  return &library;
}
