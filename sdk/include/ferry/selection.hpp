// ferry/selection.hpp - which artefacts a selector means, and what they depend on.
//
//   Selection chosen = select(all, request.select, request.dependencies);
//   for (std::size_t i : chosen.items) ...all[i]...
//
// A selector's key is an id or a name; an id wins over a name that reads the same. What is unknown or ambiguous is
// Error(FERRY_BAD_CONFIG) that lists what was found or suggests near names. Nothing is guessed.
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ferry/artefact.hpp"
#include "ferry/requests.hpp"

namespace ferry {

namespace detail {

// Edits (insert, delete, replace, swap of neighbours) from one text to another, ASCII case ignored.
inline std::size_t edit_distance(std::string_view left, std::string_view right) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  std::vector<std::size_t> before(right.size() + 1), above(right.size() + 1), row(right.size() + 1);
  std::iota(above.begin(), above.end(), std::size_t{0});
  for (std::size_t i = 1; i <= left.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const bool same = lower(left[i - 1]) == lower(right[j - 1]);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (same ? 0u : 1u)});
      if (i > 1 && j > 1 && lower(left[i - 1]) == lower(right[j - 2]) && lower(left[i - 2]) == lower(right[j - 1]))
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[right.size()];
}

// "; did you mean A, B?" or "".
inline std::string suggest(std::string_view word, const std::set<std::string_view>& known) {
  std::vector<std::pair<std::size_t, std::string_view>> near;
  const std::size_t limit = std::max<std::size_t>(1, word.size() / 3);
  for (const std::string_view candidate : known) {
    const std::size_t lengths = std::max(candidate.size(), word.size()) - std::min(candidate.size(), word.size());
    if (lengths > limit) continue;
    if (const std::size_t distance = edit_distance(word, candidate); distance <= limit)
      near.emplace_back(distance, candidate);
  }
  std::sort(near.begin(), near.end());
  std::string out;
  for (std::size_t i = 0; i < near.size() && i < 3; ++i) {
    out += i == 0 ? "; did you mean " : ", ";
    out += '"';
    out += near[i].second;
    out += '"';
  }
  return out.empty() ? out : out + "?";
}

// The one artefact of that type ("": any) whose id, or else whose name, is key.
// asked: what the user wrote, for the text of the error. where: "the connection", "the package", "the target".
inline std::size_t find_one(const ArtefactIndex& index, std::string_view type, std::string_view key,
                            std::string_view asked, std::string_view where) {
  const std::span<const Artefact> all = index.artefacts();
  std::vector<std::size_t> by_id, by_name;
  if (!type.empty()) {
    if (const auto found = index.find(type, key)) by_id.push_back(*found);
    const auto named = index.named(type, key);
    by_name.assign(named.begin(), named.end());
  } else {
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i].id == key) by_id.push_back(i);
      if (!all[i].name.empty() && all[i].name == key) by_name.push_back(i);
    }
  }
  const std::vector<std::size_t>& found = by_id.empty() ? by_name : by_id;
  if (found.size() == 1) return found.front();
  if (found.size() > 1) {
    std::string message =
        std::string(asked) + ": " + std::string(where) + " has " + std::to_string(found.size()) + " of that name: ";
    for (std::size_t i = 0; i < found.size() && i < 5; ++i)
      message += (i == 0 ? "" : ", ") + all[found[i]].type + " " + all[found[i]].id;
    if (found.size() > 5) message += ", ...";
    throw Error(FERRY_BAD_CONFIG, message + "; give the type and the id of the one you mean");
  }
  std::set<std::string_view> types, keys;
  for (const Artefact& artefact : all) {
    types.insert(artefact.type);
    if (!type.empty() && artefact.type != type) continue;
    keys.insert(artefact.id);
    if (!artefact.name.empty()) keys.insert(artefact.name);
  }
  if (!type.empty() && !types.contains(type)) {
    std::string message =
        std::string(asked) + ": " + std::string(where) + " has nothing of type \"" + std::string(type) + "\"";
    std::string near = suggest(type, types);
    if (near.empty() && !types.empty()) {
      near = "; its types are ";
      for (std::size_t left = types.size(); const std::string_view known : types)
        (near += known) += --left == 0 ? "" : ", ";
    }
    throw Error(FERRY_BAD_CONFIG, message + near);
  }
  throw Error(FERRY_BAD_CONFIG, std::string(asked) + ": " + std::string(where) + " has no " +
                                    (type.empty() ? std::string("artefact") : std::string(type)) +
                                    " with that id or name" + suggest(key, keys));
}

}  // namespace detail

struct Selection {
  struct Dangling {
    std::size_t item;  // who refers
    Reference to;      // what is not among all
  };
  std::vector<std::size_t> items;  // positions in `all`, ascending
  std::vector<Dangling> dangling;
};

// No selectors: everything. dependencies: with all they refer to, and so on.
inline Selection select(std::span<const Artefact> all, std::span<const Selector> selectors, bool dependencies) {
  const ArtefactIndex index(all, "the connection", FERRY_REMOTE);
  std::vector<bool> chosen(all.size(), selectors.empty());
  std::vector<std::size_t> open;
  for (const Selector& selector : selectors) {
    const std::string asked = selector.type.empty() ? "selecting \"" + selector.key + "\""
                                                    : "selecting " + selector.type + "=" + selector.key;
    const std::size_t found = detail::find_one(index, selector.type, selector.key, asked, "the connection");
    if (!chosen[found]) open.push_back(found);
    chosen[found] = true;
  }
  while (dependencies && !open.empty()) {
    const std::size_t item = open.back();
    open.pop_back();
    for (const Reference& reference : all[item].references)
      if (const auto found = index.find(reference.type, reference.id); found && !chosen[*found]) {
        chosen[*found] = true;
        open.push_back(*found);
      }
  }
  Selection selection;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!chosen[i]) continue;
    selection.items.push_back(i);
    for (const Reference& reference : all[i].references)
      if (!index.find(reference.type, reference.id)) selection.dangling.push_back({i, reference});
  }
  return selection;
}

}  // namespace ferry
