#include "samples/sandbox/dev2prod/package.hpp"

namespace sandbox::dev2prod {

namespace {

std::string file_of(std::size_t part) { return std::string(part_names()[part]) + ".json"; }

std::string list_of(const Items& items) {
  std::string list = "{\"items\":[";
  bool first = true;
  for (const auto& [id, text] : items) {
    if (!first) list += ',';
    list += text;
    first = false;
  }
  return list + "]}";
}

json::Object entry_of(Unzipped& archive, const std::string& name) {
  const std::string_view text = archive.entry(name);
  if (!text.data()) throw BadPackage{"The file is no package: it has no " + name + "."};
  try {
    return json::parse_object(text);
  } catch (const BadRequest& failure) {
    throw BadPackage{"The entry " + name + " of the package cannot be read. " + failure.message};
  }
}

PartOutcome import_part(Items& items, std::size_t part, const Items& given, bool full, const ItemFaults& faults) {
  PartOutcome outcome{part, 0, 0, 0, 0, 0, {}, {}};
  std::size_t left = given.size();
  for (const auto& [id, text] : given) {
    const bool last = --left == 0;
    if ((faults.fails && faults.fails(id)) || (last && faults.last_of_each_part_fails)) {
      ++outcome.failed;
      outcome.errors.push_back(id + ": the item could not be imported.");
    } else if (faults.skips && faults.skips(id)) {
      ++outcome.skipped;
      outcome.warnings.push_back(id + ": the item was skipped.");
    } else if (const auto present = items.find(id); present == items.end()) {
      ++outcome.added;
      items[id] = text;
    } else if (present->second != text) {
      ++outcome.modified;
      present->second = text;
    }
    // inferred: what is the same already is not counted.
  }
  // inferred: a package of everything takes away what it does not have; one of chosen items never does.
  for (auto item = items.begin(); full && item != items.end();) {
    if (given.count(item->first)) {
      ++item;
    } else {
      ++outcome.removed;
      item = items.erase(item);
    }
  }
  return outcome;
}

}  // namespace

Package choose(const Configuration& configuration, const PackageDefinition& definition) {
  Package package;
  package.full = definition.full;
  for (std::size_t part = 0; part < part_count; ++part) {
    const auto chosen = definition.chosen.find(part);
    if (definition.full || (chosen != definition.chosen.end() && chosen->second.empty())) {
      package.parts[part] = configuration[part];
    } else if (chosen != definition.chosen.end()) {
      Items& items = package.parts[part];
      for (const std::string& id : chosen->second) {
        const auto found = configuration[part].find(id);
        if (found != configuration[part].end()) items.insert(*found);
      }
    }
  }
  return package;
}

std::string write_package(const Package& package, const std::string& package_id, std::string_view padding) {
  constexpr std::size_t usual_size = 256u << 10;
  ZipWriter archive(usual_size + padding.size());
  json::Array parts = json::array();
  for (const auto& [part, items] : package.parts) {
    parts->add(json::object(
        {{"PackageName", std::string(part_names()[part])}, {"ItemCount", static_cast<std::int64_t>(items.size())}}));
  }
  archive.add("manifest.json", json::text(json::object({{"PackageId", package_id},
                                                        {"Type", std::string(package.full ? "full" : "granular")},
                                                        {"Parts", parts}})));
  for (const auto& [part, items] : package.parts) archive.add(file_of(part), list_of(items));
  if (!padding.empty()) archive.add("padding", padding);
  return archive.finish();
}

Package read_package(Blob file) {
  Unzipped archive(std::move(file));
  const json::Object manifest = entry_of(archive, "manifest.json");
  Package package;
  package.full = json::string(manifest, "Type") == "full";
  for (const json::Value& each : json::elements(manifest, "Parts")) {
    const std::string name = json::string(json::as_object(each), "PackageName");
    const std::size_t part = part_of(name);
    if (part == part_count) throw BadPackage{"The package speaks of '" + name + "', which is not known."};
    Items& items = package.parts[part];
    for (const json::Value& item : json::elements(entry_of(archive, file_of(part)), "items")) {
      const std::string id = json::string(json::as_object(item), "Id");
      if (id.empty()) throw BadPackage{"The part " + name + " of the package holds an item without an Id."};
      items[id] = json::text(item);
    }
  }
  if (package.parts.empty()) throw BadPackage{"The file is no package: its manifest names no parts."};
  return package;
}

Plan plan_import(const Configuration& before, const Package& package, const ItemFaults& faults) {
  Plan plan;
  plan.after = before;
  for (const std::size_t part : import_order()) {
    const auto given = package.parts.find(part);
    if (given == package.parts.end()) continue;
    PartOutcome outcome = import_part(plan.after[part], part, given->second, package.full, faults);
    // inferred: a part is told of if the package was made of it, or if there was something to do.
    const bool quiet = outcome.added + outcome.modified + outcome.removed + outcome.failed + outcome.skipped == 0;
    if (!package.full || !quiet) plan.parts.push_back(std::move(outcome));
  }
  return plan;
}

}  // namespace sandbox::dev2prod
