#include <algorithm>

#include "samples/sandbox/core/answers.hpp"
#include "samples/sandbox/smartiq/sync.hpp"

namespace sandbox::smartiq {

namespace {

enum class Policy { always, if_not_exists, if_newer };

struct Pack {
  std::array<std::vector<ItemPointer>, kind_count> items;
  std::array<Policy, kind_count> policies{};
};

Policy read_policy(const KindFacts& facts, const Slice& value) {
  const std::string word = value.string();
  // inferred: words are read without case, as .NET reads enumerations.
  if (same_text(word, "Always")) return Policy::always;
  if (same_text(word, "IfNotExists")) return Policy::if_not_exists;
  if (same_text(word, "IfNewer") && facts.if_newer) return Policy::if_newer;
  throw BadRequest{"The option '" + std::string(facts.import_option) + "' must be Always" +
                   (facts.if_newer ? ", IfNotExists or IfNewer" : " or IfNotExists") + ", not " +
                   std::string(value.raw().substr(0, 40)) + "."};
}

Pack read_pack(const Slice& text) {
  if (!text.is(Slice::Type::object)) throw BadRequest{"The sync pack must be an object."};
  Pack pack;
  for (const auto& [name, value] : text.members()) {
    for (std::size_t kind = 0; kind < kind_count; ++kind) {
      const KindFacts& facts = kinds()[kind];
      if (!same_text(name, facts.list) || value.is(Slice::Type::null)) continue;
      if (!value.is(Slice::Type::array)) throw BadRequest{"'" + name + "' must be a list."};
      for (const Slice& each : value.elements()) {
        pack.items[kind].push_back(make_item(static_cast<Kind>(kind), each.raw()));
      }
    }
    if (!same_text(name, "options") || !value.is(Slice::Type::object)) continue;
    for (const auto& [option, word] : value.members()) {
      for (std::size_t kind = 0; kind < kind_count; ++kind) {
        if (same_text(option, kinds()[kind].import_option)) pack.policies[kind] = read_policy(kinds()[kind], word);
      }
    }
  }
  return pack;
}

// "2018-11-06T02:32:09.65Z": the fraction has as many digits as it needs.
bool newer(std::string_view left, std::string_view right) {
  const auto comparable = [](std::string_view time) {
    std::string text(time.substr(0, time.find('Z')));
    if (text.size() == 19) text += '.';
    text.resize(27, '0');
    return text;
  };
  return comparable(left) > comparable(right);
}

bool has_references(const Store& store, Kind kind, const Item& item) {
  const auto any_of = [&](Kind wanted) {
    return std::any_of(item.refers_to.begin(), item.refers_to.end(),
                       [&](const std::string& id) { return store[wanted].by_id(id) != nullptr; });
  };
  if (kind == data_objects) return any_of(data_sources);
  if (kind == published_projects) return any_of(projects) && any_of(publish_folders);
  return true;
}

// inferred: what an export left blank is not in the pack, so the destination's own stays.
ItemPointer with_own_values(Kind kind, const ItemPointer& item, const Item& present) {
  std::string text = item->text;
  if (kind == data_sources) {
    for (const std::string_view member : {"connectionString", "defaultData"}) {
      const std::optional<Slice> given = Slice::parse(text).member(member);
      const std::optional<Slice> own = Slice::parse(present.text).member(member);
      if (own && (!given || given->raw() == "\"\"")) text = with_member(text, member, own->raw());
    }
  }
  // Groups and roles are one where their names are; the id stays what it is here (inferred).
  if (item->id != present.id) text = with_member(text, "id", quoted(present.id));
  return text == item->text ? item : make_item(kind, text);
}

ItemResult import_item(Store& store, Kind kind, const ItemPointer& item, Policy policy, const ImportRules& rules) {
  const auto result = [&](Outcome outcome, std::string reason = "") {
    return ItemResult{kind, item->id, item->name, outcome, std::move(reason)};
  };
  Shelf& shelf = store[kind];
  const Identity identity = kinds()[kind].identity;
  const ItemPointer with_id = shelf.by_id(item->id);
  const ItemPointer with_name = item->name.empty() ? nullptr : shelf.by_name(item->name);
  const ItemPointer present = identity == Identity::name ? with_name : with_id;
  if (identity == Identity::id_and_name) {
    if (with_id && with_id->name != item->name) {
      return result(Outcome::conflict, "The object with this id is named '" + with_id->name + "' here.");
    }
    if (!with_id && with_name) {
      return result(Outcome::conflict, "The object with this name has the id " + with_name->id + " here.");
    }
  }
  if (rules.fails && rules.fails(*item)) return result(Outcome::failed, "The object could not be saved.");
  if (rules.skips && rules.skips(*item)) return result(Outcome::skipped, "The object was passed over.");
  // What a conflict kept away takes with it what refers to it (inferred).
  if (!has_references(store, kind, *item)) return result(Outcome::conflict, "What it refers to is not here.");
  if (!present) {
    if (identity == Identity::name && with_id) {
      return result(Outcome::conflict, "The object with this id is named '" + with_id->name + "' here.");
    }
    shelf.put(item);
    return result(Outcome::added);
  }
  if (policy == Policy::if_not_exists) return result(Outcome::kept, "It exists.");
  if (policy == Policy::if_newer && !newer(item->modified, present->modified)) {
    return result(Outcome::kept, "It is not newer than the one here.");
  }
  const ItemPointer updated = with_own_values(kind, item, *present);
  if (updated->text == present->text) return result(Outcome::unchanged);
  shelf.put(updated);
  return result(Outcome::updated);
}

}  // namespace

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::added: return "added";
    case Outcome::updated: return "updated";
    case Outcome::unchanged: return "unchanged";
    case Outcome::kept: return "kept";
    case Outcome::conflict: return "conflict";
    case Outcome::skipped: return "skipped";
    case Outcome::failed: return "failed";
  }
  return "";
}

std::vector<ItemResult> import_pack(Store& store, const Slice& text, const ImportRules& rules) {
  const Pack pack = read_pack(text);
  std::vector<ItemResult> results;
  for (const Kind kind : import_order()) {
    for (const ItemPointer& item : pack.items[kind]) {
      if (results.size() == rules.stop_after) return results;
      results.push_back(import_item(store, kind, item, pack.policies[kind], rules));
    }
  }
  return results;
}

}  // namespace sandbox::smartiq
