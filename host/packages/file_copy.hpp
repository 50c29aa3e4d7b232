// Copying the content of one open file into another, by reference where the file system can; comparing two.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "host/base/cancellation.hpp"

namespace ferry::host {

struct CopyJob {
  int from = -1;
  int to = -1;  // empty
  std::string from_name;
  std::string to_name;
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;  // may be empty
};

// All throw Failure: cancelled, or machine naming the path.
void copy_content(const CopyJob&, const Cancellation&);
// Without the kernel's short cuts: `to` may be anything that can be written to, and need not be empty.
void copy_through_memory(const CopyJob&, const Cancellation&);
// Whether both hold the same bytes, read side by side from their beginnings; neither offset moves. `to` need not be
// empty.
bool same_content(const CopyJob&, const Cancellation&);
// Copies and returns the sha256 of exactly the bytes that arrived.
std::string copy_content_hashing(const CopyJob&, const Cancellation&);

}  // namespace ferry::host
