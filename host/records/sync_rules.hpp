// The choices a person makes about a sync, as words of their own: the configuration reads them, records and
// destinations keep them.
#pragma once

#include <cstdint>

namespace ferry::host {

// How a model's schema may change: new members become columns and types widen; or both stop the run before anything
// is written; or new members are dropped and counted.
enum class Contract : std::uint8_t { evolve, freeze, discard };

// What becomes of the row of a record that the platform removed.
enum class RemovalPolicy : std::uint8_t { mark, remove };

// What of a run is kept so that it can be undone.
struct UndoRules {
  bool enabled = true;
  std::int64_t keep_ms = 7ll * 24 * 3600 * 1000;
  std::uint64_t most_bytes = 1ull << 30;  // of before-images in the whole destination, about; the oldest run goes first
};

}  // namespace ferry::host
