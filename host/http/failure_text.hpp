// From what went wrong on the wire to what a person reads.
#pragma once

#include <string>

#include "host/base/failure.hpp"
#include "host/http/transport_error.hpp"

namespace ferry::host {

// what: "GET https://host/path", fit to be shown. attempts: how often it was tried.
Failure failure_of(const TransportError&, const std::string& what, int attempts);

}  // namespace ferry::host
