#include "host/cli/completion.hpp"

#include "host/base/text.hpp"

namespace ferry::host {

std::string option_pattern(const OptionSpec& option) {
  return "--" + option.name + (option.letter ? std::string("|-") + option.letter : "");
}

std::string options_with_values(const std::vector<OptionSpec>& options) {
  std::vector<std::string> patterns;
  for (const OptionSpec& option : options)
    if (!option.is_flag()) patterns.push_back(option_pattern(option));
  return join(patterns, "|");
}

}  // namespace ferry::host
