// The two sync calls: what an export pulls in, and what an import does with each object of a pack.
//
// Pure functions of a store and a request; nothing here knows of HTTP. Failures: BadRequest for a request or a pack
// that means nothing; UnknownProject for a project that is not there.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "samples/sandbox/smartiq/store.hpp"

namespace sandbox::smartiq {

struct UnknownProject {
  std::string id;
};

using Selection = std::array<std::vector<ItemPointer>, kind_count>;

// The body of projects/sync/export. Each object is in the selection once; an option that is absent is true.
Selection select_for_export(const Store&, const Slice& request);

enum class Outcome { added, updated, unchanged, kept, conflict, skipped, failed };
std::string_view name_of(Outcome);

struct ItemResult {
  Kind kind;
  std::string id, name;
  Outcome outcome;
  std::string reason;
};

struct ImportRules {
  std::function<bool(const Item&)> fails, skips;          // faults; may be empty
  std::size_t stop_after = static_cast<std::size_t>(-1);  // objects; the rest is left as it was
};

// The body of projects/sync/import, applied to `store`. The pack is read whole before anything is changed.
std::vector<ItemResult> import_pack(Store& store, const Slice& pack, const ImportRules&);

}  // namespace sandbox::smartiq
