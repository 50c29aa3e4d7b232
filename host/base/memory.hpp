// How the process deals with memory it frees.
#pragma once

#include <malloc.h>

namespace ferry::host {

// Bodies of pages and batches of records are freed and asked for again all the time: memory given back to the system in
// between would be cleared and mapped anew for each. What is kept so is bounded.
inline void keep_freed_memory() noexcept {
  ::mallopt(M_MMAP_THRESHOLD, 4 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 8 << 20);
}

}  // namespace ferry::host
