#include "host/runs/request_text.hpp"

#include <string_view>

#include "host/base/text.hpp"

namespace ferry::host {
namespace {

constexpr std::string_view kept_prefix = "sha256:";

[[noreturn]] void refuse(const char* code, const std::string& text, const std::string& where, const std::string& option,
                         const std::string& form, const std::string& example) {
  throw Failure(
      Fault::usage, code,
      where + option + "wants " + form + ", such as " + option + example + "; found \"" + printable(text) + "\"");
}

}  // namespace

Selection parse_selection(const std::string& text, const std::string& where, const std::string& option) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
    refuse("bad_selection", text, where, option, "TYPE=NAME_OR_ID", "'flow=Order intake'");
  return {text.substr(0, equals), text.substr(equals + 1)};
}

ItemMapping parse_mapping(const std::string& text, const std::string& where, const std::string& option) {
  const std::size_t slash = text.find('/');
  const std::size_t equals = slash == std::string::npos ? slash : text.find('=', slash + 1);
  if (equals == std::string::npos || slash == 0 || equals == slash + 1 || equals + 1 == text.size())
    refuse("bad_mapping", text, where, option, "TYPE/SOURCE=TARGET", "'flow/Order intake=Orders'");
  return {text.substr(0, slash), text.substr(slash + 1, equals - slash - 1), text.substr(equals + 1)};
}

bool names_kept_package(const std::string& text) { return text.starts_with(kept_prefix); }

Package kept_package(const PackageStore& packages, const std::filesystem::path& state_directory,
                     const std::string& text) {
  if (const std::optional<Package> found = packages.find(text.substr(kept_prefix.size()))) return *found;
  throw Failure(Fault::usage, "unknown_package",
                "no package in " + state_directory.string() + " begins with " + printable(text) +
                    "; `ferry runs show ID` names the packages of a run");
}

}  // namespace ferry::host
