#include "samples/sandbox/dev2prod/configuration.hpp"

#include <algorithm>
#include <cstdio>

#include "samples/sandbox/core/seeded.hpp"
#include "samples/sandbox/dev2prod/options.hpp"

namespace sandbox::dev2prod {

namespace {

// How many items a part has, as the source stands now; how many of the first of them it has changed since it was
// cloned, and how many of the last it has added.
struct PartSize {
  std::string_view name;
  int items, changed, added;
};
constexpr PartSize sizes[] = {{"metadata", 300, 300, 0},
                              {"workflow", 24, 5, 2},
                              {"formLayouts", 117, 10, 3},
                              {"customAction", 12, 0, 0},
                              {"indexConfiguration", 26, 26, 0},
                              {"featureInstances", 26, 0, 0},
                              {"uiComponentConfig", 8, 1, 0},
                              {"notificationTemplateDefinitions", 88, 0, 0},
                              {"notificationTemplateBodies", 97, 4, 0},
                              {"SLTTenantSetting", 0, 0, 0},
                              {"data", 40, 2, 1},
                              {"userOptionMetadata", 5, 0, 0},
                              {"rulesInEntity", 30, 3, 0},
                              {"many2manyRelations", 6, 0, 0},
                              {"attachments", 4, 0, 0},
                              {"customAppSltSettings", 2, 0, 0},
                              {"resourceBundles", 3, 1, 0}};

std::string item_id(std::string_view part, int number) {
  char digits[16];
  std::snprintf(digits, sizeof digits, "-%03d", number);
  return std::string(part) + digits;
}

std::string item_text(const Settings& settings, const std::string& id, int version) {
  return json::text(json::object({{"Id", id},
                                  {"DisplayLabel", id},
                                  {"Version", version},
                                  {"Body", hex_of(settings.seed, id + std::to_string(version), 64)}}));
}

}  // namespace

const std::array<std::string_view, part_count>& part_names() {
  static const std::array<std::string_view, part_count> names = [] {
    std::array<std::string_view, part_count> made;
    std::transform(std::begin(sizes), std::end(sizes), made.begin(), [](const PartSize& size) { return size.name; });
    return made;
  }();
  return names;
}

const std::array<std::size_t, part_count>& import_order() {
  static const std::array<std::size_t, part_count> order{0, 9, 4, 1, 2, 3, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16};
  return order;
}

std::size_t part_of(std::string_view name) {
  const auto& names = part_names();
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

Configuration make_configuration(const Settings& settings) {
  const std::string source =
      option(settings, "clone", "true") == "false" ? "none" : option(settings, "clone_of", "dev");
  const bool own = source == "none";
  const std::string revision = option(settings, "revision", own || source == settings.name ? "1" : "0");
  if (revision != "0" && revision != "1")
    throw BadRequest{"The option revision must be 0 or 1, not '" + revision + "'."};
  const bool old = revision == "0";
  const std::string prefix = own ? settings.name + "-" : "";
  Configuration made;
  for (std::size_t part = 0; part < part_count; ++part) {
    const PartSize& size = sizes[part];
    for (int number = 1; number <= size.items - (old ? size.added : 0); ++number) {
      const std::string id = prefix + item_id(size.name, number);
      made[part][id] = item_text(settings, id, !old && number <= size.changed ? 2 : 1);
    }
  }
  // What the source has removed since: only a package of everything takes it away from a clone.
  if (old) {
    const std::string id = "customAction-old";
    made[part_of("customAction")][id] = item_text(settings, id, 1);
  }
  return made;
}

const Packages& packages() {
  static const Packages known = [] {
    const auto whole = [](std::initializer_list<std::string_view> names) {
      PackageDefinition definition;
      for (const std::string_view name : names) definition.chosen[part_of(name)] = {};
      return definition;
    };
    Packages made;
    made["54320"].full = true;
    made["54321"] = whole({"workflow", "formLayouts", "featureInstances", "notificationTemplateDefinitions",
                           "notificationTemplateBodies"});
    made["54322"] = whole({"metadata", "SLTTenantSetting", "indexConfiguration"});
    PackageDefinition& few = made["54323"];
    few.chosen[part_of("workflow")] = {"workflow-001", "workflow-002", "workflow-024"};
    few.chosen[part_of("formLayouts")] = {"formLayouts-001", "formLayouts-050", "formLayouts-117"};
    few.chosen[part_of("notificationTemplateBodies")] = {"notificationTemplateBodies-001"};
    return made;
  }();
  return known;
}

json::Object json_of(const Configuration& configuration) {
  json::Object whole = json::object();
  for (std::size_t part = 0; part < part_count; ++part) {
    json::Object items = json::object();
    for (const auto& [id, text] : configuration[part]) items->set(id, text);
    whole->set(std::string(part_names()[part]), items);
  }
  return whole;
}

Configuration configuration_of(const json::Object& whole) {
  Configuration configuration;
  for (std::size_t part = 0; part < part_count; ++part) {
    const json::Object items = json::child(whole, std::string(part_names()[part]));
    if (!items) throw BadRequest{"The part " + std::string(part_names()[part]) + " is missing."};
    for (const std::string& id : items->getNames()) configuration[part][id] = json::string(items, id);
  }
  return configuration;
}

}  // namespace sandbox::dev2prod
