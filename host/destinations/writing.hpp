// What writers into all databases say alike.
#pragma once

#include <span>
#include <string>

#include "host/base/failure.hpp"
#include "host/base/text.hpp"
#include "host/destinations/destination.hpp"
#include "host/records/layout.hpp"
#include "host/records/row_batch.hpp"

namespace ferry::host {

inline constexpr std::size_t longest_quarantined = 64 * 1024;
inline constexpr std::int64_t most_quarantined = 10'000;  // of a model

// The key of a row, as people are told it.
inline std::string identity_of(const Layout& layout, std::span<const Value> values) {
  std::string text;
  for (const std::size_t index : layout.key()) {
    if (!text.empty()) text += '/';
    text += values[index].text_value;
  }
  return text;
}

// What is still known of a model whose table someone dropped says nothing of what is there.
inline void begin_anew(ModelState& state) {
  state.table_gone = true;
  state.checkpoint.clear();
  state.generation_open = false;
  state.rows = 0;
  state.last_full_at.reset();
  state.last_sweep_at.reset();
}

// Of the models that are open, by name.
template <typename Models>
auto& open_model(Models& models, const std::string& name) {
  const auto found = models.find(name);
  if (found == models.end())
    throw Failure(Fault::connector, "unexpected_stream",
                  "it delivered records of " + printable(shortened(name, 80)) + ", which was not asked for");
  return found->second;
}

}  // namespace ferry::host
