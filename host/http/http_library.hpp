// HTTP as a library of its own beside the program, loaded by a worker at its connector's first request: sockets and TLS
// take several milliseconds to link, and most of ferry's processes speak to nobody.
//
// The library and the program are built and installed together, by one compiler: C++ crosses here, unlike at the border
// to a connector. One symbol is exported; it leads to this table. Never unloaded: its process ends.
#pragma once

#include "host/http/http_client.hpp"

namespace ferry::host {

struct HttpLibrary {
  const char* version;  // of ferry; the rest is read only if it is the program's own
  std::unique_ptr<HttpSender> (*make)(HttpSettings, Clock&, const Cancellation&, const Redactor&, TransferCounts&,
                                      HttpLog, HttpWait);
};

inline constexpr const char* http_library_symbol = "ferry_http_library";

}  // namespace ferry::host
