#include "host/worker/http_loader.hpp"

#include <boost/dll/shared_library.hpp>

#include <filesystem>
#include <string_view>

#include "host/base/failure.hpp"

namespace ferry::host {
namespace {

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw Failure(Fault::machine, "installation",
                "ferry's own library " + path + " " + why + ": was ferry updated while it ran? Start it again, or " +
                    "install it again");
}

const HttpLibrary& load() {
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe");
  const std::string path = (program.parent_path() / FERRY_HTTP_LIBRARY).lexically_normal().string();
  // Deliberately never freed: what it made may outlive every object here.
  static auto* const opened = new boost::dll::shared_library();
  try {
    opened->load(path, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
  } catch (const std::exception& error) {
    refuse(path, std::string("cannot be loaded (") + error.what() + ")");
  }
  if (!opened->has(http_library_symbol)) refuse(path, "is another library");
  const HttpLibrary& library = *opened->get<const HttpLibrary*()>(http_library_symbol)();
  if (std::string_view(library.version) != FERRY_VERSION)
    refuse(path, std::string("is of ferry ") + library.version + ", this is ferry " + FERRY_VERSION);
  return library;
}

}  // namespace

const HttpLibrary& load_http_library() {
  static const HttpLibrary& library = load();
  return library;
}

}  // namespace ferry::host
