// A SQLite file as a destination; destination.hpp tells what is in it.
#pragma once

#include <filesystem>
#include <memory>

#include "host/destinations/destination.hpp"

namespace ferry::host {

// The file is made by the first run that writes. name: what people call it, the path as they wrote it.
std::unique_ptr<Destination> open_sqlite(const std::filesystem::path& file, Now);

}  // namespace ferry::host
