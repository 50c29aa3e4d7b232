#include "host/cli/request_options.hpp"

#include "host/base/text.hpp"

namespace ferry::host {

std::vector<Selection> selections(const CommandLine& line) {
  std::vector<Selection> selected;
  for (const std::string& text : line.values("select")) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
      throw Failure(
          Fault::usage, "bad_selection",
          "--select wants TYPE=NAME_OR_ID, such as --select 'flow=Order intake'; found \"" + printable(text) + "\"");
    selected.push_back({text.substr(0, equals), text.substr(equals + 1)});
  }
  return selected;
}

std::vector<ItemMapping> mappings(const CommandLine& line) {
  std::vector<ItemMapping> mapped;
  for (const std::string& text : line.values("map")) {
    const std::size_t slash = text.find('/');
    const std::size_t equals = slash == std::string::npos ? slash : text.find('=', slash + 1);
    if (equals == std::string::npos || slash == 0 || equals == slash + 1 || equals + 1 == text.size())
      throw Failure(Fault::usage, "bad_mapping",
                    "--map wants TYPE/SOURCE=TARGET, such as --map 'flow/Order intake=Orders'; found \"" +
                        printable(text) + "\"");
    mapped.push_back({text.substr(0, slash), text.substr(slash + 1, equals - slash - 1), text.substr(equals + 1)});
  }
  return mapped;
}

ImportOptions import_options(const CommandLine& line, const Connection& target) {
  ImportOptions options;
  options.preview = line.has("dry-run");
  options.policy = line.value("on-existing", target.on_existing);
  options.prune = line.has("prune");
  options.mapping = mappings(line);
  return options;
}

}  // namespace ferry::host
