// Reading the members of a YAML map with the errors that every file of ferry's gives: file, line, path, and the nearest
// known name. What is wrong is a Failure(usage, bad_config), and the first of them is the one that is told.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "host/config/yaml_tree.hpp"

namespace ferry::host {

class YamlMembers {
 public:
  explicit YamlMembers(const std::filesystem::path& file)
      : file_(file), folder_(std::filesystem::absolute(file).lexically_normal().parent_path()) {}

  const std::filesystem::path& file() const noexcept { return file_; }
  [[noreturn]] void fail(const YamlMember&, const std::string& path, const std::string& message) const;
  void expect(const YamlValue&, YamlValue::Kind, int line, const std::string& path) const;
  void refuse_unknown(const YamlValue& map, const std::vector<std::string>& known, const std::string& path) const;
  const YamlMember& required(const YamlMember& map, const char* name, const std::string& path) const;

  // Text without control characters, not empty.
  std::string text(const YamlMember&, const std::string& path) const;
  // A list of texts, none of them twice.
  std::vector<std::string> texts(const YamlMember&, const std::string& path) const;
  bool boolean(const YamlMember&, const std::string& path) const;
  int whole_number(const YamlMember&, const std::string& path, int least, int most) const;
  // range: the bounds, for the message: "100ms to 1h".
  std::chrono::milliseconds duration(const YamlMember&, const std::string& path, std::chrono::milliseconds least,
                                     std::chrono::milliseconds most, const std::string& range) const;
  // One of the words; `what` for the message, such as "a policy".
  std::string word(const YamlMember&, const std::string& path, const std::string& what,
                   const std::vector<std::string>& words) const;
  // The member's name as one that people give to a thing; `what` for the message, such as "a connection".
  void expect_name(const YamlMember&, const std::string& path, const std::string& what) const;
  // The text as a path that starts at the folder of the file, absolute.
  std::string path(const YamlMember&, const std::string& path) const;
  // A path that starts at the folder of the file.
  std::string absolute(const std::string& path) const { return (folder_ / path).lexically_normal().string(); }

 private:
  std::filesystem::path file_, folder_;
};

}  // namespace ferry::host
