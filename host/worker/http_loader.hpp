// Loads the library of HTTP (host/http/http_library.hpp) that stands beside the program.
#pragma once

#include "host/http/http_library.hpp"

namespace ferry::host {

// The same table at every call. Failure(machine, installation): it is not there, or belongs to another ferry.
const HttpLibrary& load_http_library();

}  // namespace ferry::host
