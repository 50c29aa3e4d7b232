#include "options.hpp"

#include <algorithm>
#include <initializer_list>

namespace ferry::spark {

namespace {

std::string word(const Json& settings, std::string_view name, std::string_view otherwise,
                 std::initializer_list<std::string_view> known) {
  const std::string_view found = settings.text_or(name, otherwise);
  if (found.empty() || std::find(known.begin(), known.end(), found) != known.end()) return std::string(found);
  std::string message = std::string(name) + ": \"" + std::string(found) + "\" is unknown; it can be ";
  for (std::size_t left = known.size(); const std::string_view one : known)
    message.append(one).append(--left == 0 ? "" : ", ");
  throw Error(FERRY_BAD_CONFIG, message);
}

std::int64_t number(const Json& settings, std::string_view name, std::int64_t otherwise) {
  const Json* found = settings.find(name);
  return found != nullptr && found->is_number() ? found->as_int() : otherwise;
}

}  // namespace

Options Options::read(const Json& settings) {
  constexpr std::int64_t minute_ms = 60'000, default_minutes = 30, default_limit = 209'715'200;
  Options out;
  if (settings["folders"].is_array())
    for (const Json& folder : settings["folders"].items()) out.folders.push_back(folder.as_string());
  out.file_filter = word(settings, "file_filter", "migrate", {"migrate", "onpremises"});
  out.version_filter = word(settings, "version_filter", "", {"latest", "all"});
  out.update_version_type = word(settings, "update_version_type", "", {"major", "minor", "patch", "copy"});
  out.package_size_limit = static_cast<std::uint64_t>(number(settings, "package_size_limit", default_limit));
  out.patience.turn_ms = number(settings, "wait_minutes", default_minutes) * minute_ms;
  out.patience.job_ms = number(settings, "job_minutes", default_minutes) * minute_ms;
  return out;
}

}  // namespace ferry::spark
