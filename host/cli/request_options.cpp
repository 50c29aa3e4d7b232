#include "host/cli/request_options.hpp"

#include "host/runs/connector_options.hpp"
#include "host/runs/request_text.hpp"

namespace ferry::host {

std::vector<Selection> selections(const CommandLine& line) {
  std::vector<Selection> selected;
  for (const std::string& text : line.values("select")) selected.push_back(parse_selection(text, "", "--select "));
  return selected;
}

std::vector<ItemMapping> mappings(const CommandLine& line) {
  std::vector<ItemMapping> mapped;
  for (const std::string& text : line.values("map")) mapped.push_back(parse_mapping(text, "", "--map "));
  return mapped;
}

std::string connector_options(const CommandLine& line) { return parse_options(line.values("option"), "", "--option "); }

ImportOptions import_options(const CommandLine& line, const Connection& target) {
  ImportOptions options;
  options.preview = line.has("dry-run");
  options.policy = line.value("on-existing", target.on_existing);
  options.prune = line.has("prune");
  options.mapping = mappings(line);
  return options;
}

}  // namespace ferry::host
