// A SQLite file as a destination; destination.hpp tells what is in it.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>

#include "host/destinations/destination.hpp"

namespace ferry::host {

// The file is made by the first run that writes. Other programs that hold it are waited for, for so long at most; then
// Failure(machine, destination_busy).
std::unique_ptr<Destination> open_sqlite(const std::filesystem::path& file, Now,
                                         std::chrono::milliseconds wait = std::chrono::seconds(60));

}  // namespace ferry::host
