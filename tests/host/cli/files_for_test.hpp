// A directory of its own for a test, commands run by a shell, and what they print.
#pragma once

#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "host/base/files.hpp"

namespace ferry::host {

class TestFiles {
 public:
  TestFiles() : directory_(std::filesystem::temp_directory_path()) {}

  std::filesystem::path path(const std::string& name) const { return directory_.path() / name; }
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }
  std::string read(const std::string& name) const {
    std::ifstream file(path(name), std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }

 private:
  TemporaryDirectory directory_;
};

struct Finished {
  int code = -1;
  std::string out, error;
};

// Runs a shell command with its output taken apart.
inline Finished shell(const TestFiles& files, const std::string& command) {
  const std::string line =
      "{ " + command + "\n} >" + files.path("stdout").string() + " 2>" + files.path("stderr").string() + " </dev/null";
  const int status = std::system(line.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, files.read("stdout"), files.read("stderr")};
}

}  // namespace ferry::host
