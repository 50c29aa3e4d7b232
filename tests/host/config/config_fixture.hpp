// Configurations on disk for tests.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "host/base/failure.hpp"
#include "host/base/files.hpp"
#include "host/config/config.hpp"

namespace ferry::host::testing {

class ConfigFolder {
 public:
  std::filesystem::path root() const { return std::filesystem::canonical(directory_.path()); }

  std::filesystem::path write(const std::string& text, const std::string& name = "ferry.yaml") const {
    std::filesystem::create_directories((root() / name).parent_path());
    std::ofstream(root() / name) << text;
    return root() / name;
  }

  // "fault/code: message" of what `action` throws, without this folder's path.
  template <class Action>
  std::string failure_of(Action&& action) const {
    try {
      action();
    } catch (const Failure& e) {
      std::string message = std::string(fault_word(e.fault())) + "/" + e.code() + ": " + e.message();
      const std::string prefix = root().string() + "/";
      for (std::size_t at = message.find(prefix); at != std::string::npos; at = message.find(prefix))
        message.erase(at, prefix.size());
      return message;
    }
    return "nothing was thrown";
  }

  std::string load_failure(const std::string& text) const {
    return failure_of([&] { Config::load(write(text)); });
  }

 private:
  TemporaryDirectory directory_{std::filesystem::temp_directory_path()};
};

// A connection "c" that needs nothing more; `more` are further lines of it, from line 5 on.
inline std::string with_connection(const std::string& more) {
  return "connections:\n  c:\n    connector: acme\n    url: http://h\n" + more;
}

// Root reads everything: be somebody else for the life of the object.
class NotRoot {
 public:
  NotRoot() : was_root_(::geteuid() == 0) {
    if (was_root_ && ::seteuid(65534) != 0) std::abort();
  }
  ~NotRoot() {
    if (was_root_ && ::seteuid(0) != 0) std::abort();
  }
  NotRoot(const NotRoot&) = delete;
  NotRoot& operator=(const NotRoot&) = delete;

 private:
  bool was_root_;
};

// Sets a variable for the life of the object; without a value it is unset.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    const char* before = std::getenv(name);
    was_set_ = before != nullptr;
    if (was_set_) before_ = before;
    value == nullptr ? ::unsetenv(name) : ::setenv(name, value, 1);
  }
  ~Variable() { was_set_ ? ::setenv(name_, before_.c_str(), 1) : ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  bool was_set_ = false;
  std::string before_;
};

}  // namespace ferry::host::testing
