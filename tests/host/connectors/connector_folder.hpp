// Connectors on disk for tests: real folders, manifests and libraries (which nothing here ever loads).
#pragma once

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "host/base/failure.hpp"
#include "host/base/files.hpp"
#include "host/connectors/manifest.hpp"

namespace ferry::host::testing {

inline void write(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

inline void set_mode(const std::filesystem::path& path, unsigned mode) {
  std::filesystem::permissions(path, static_cast<std::filesystem::perms>(mode));
}

inline std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const std::size_t at = text.find(what);
  if (at == std::string::npos) throw std::logic_error("not in the text: " + what);
  return text.replace(at, what.size(), with);
}

inline std::string manifest_text(const std::string& id = "acme") {
  return R"({
  "manifest_version": 1,
  "id": ")" +
         id + R"(",
  "name": "Acme CRM",
  "version": "1.2.0",
  "publisher": "Example",
  "abi": {"major": 1, "minor": 0},
  "library": {
    ")" + this_platform() +
         R"(": {
      "path": "acme.so",
      "sha256": ")" +
         std::string(64, 'a') + R"("
    }
  },
  "operations": ["check", "export", "import"],
  "import_policies": ["abort", "replace"],
  "config_schema": {
    "type": "object",
    "properties": {"username": {"type": "string"}},
    "additionalProperties": false
  },
  "permissions": {
    "hosts": ["files.example.com", "*.example.org", "cdn.example.net:8443"],
    "secrets": ["password", "token"],
    "optional_secrets": ["token"]
  },
  "limits": {"memory_mb": 256, "start_ms": 2000, "idle_ms": 60000}
}
)";
}

class ConnectorFolders {
 public:
  std::filesystem::path root() const { return std::filesystem::canonical(directory_.path()); }

  // A whole connector in a folder of that name.
  std::filesystem::path add(const std::string& folder, const std::string& manifest) const {
    write(root() / folder / "connector.json", manifest);
    write(root() / folder / "acme.so", "not really a library");
    return root() / folder;
  }

 private:
  TemporaryDirectory directory_{std::filesystem::temp_directory_path()};
};

// The message of what `action` throws, or "nothing was thrown".
template <class Action>
std::string failure_of(Action&& action) {
  try {
    action();
  } catch (const Failure& e) {
    return std::string(fault_word(e.fault())) + "/" + e.code() + ": " + e.message();
  }
  return "nothing was thrown";
}

}  // namespace ferry::host::testing
