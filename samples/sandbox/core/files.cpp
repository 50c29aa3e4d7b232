#include "samples/sandbox/core/files.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace sandbox {

void write_file(const std::filesystem::path& path, std::string_view content) {
  const std::filesystem::path beside = path.string() + ".new";
  {
    std::ofstream out(beside, std::ios::binary | std::ios::trunc);
    out.write(content.data(), static_cast<std::streamsize>(content.size()));
    out.flush();
    if (!out) throw std::runtime_error("Cannot write " + beside.string() + ": is its folder there, and is there room?");
  }
  std::error_code error;
  std::filesystem::rename(beside, path, error);
  if (error) throw std::runtime_error("Cannot write " + path.string() + ": " + error.message());
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream content;
  if (in) content << in.rdbuf();
  if (!in) throw std::runtime_error("Cannot read " + path.string() + ".");
  return content.str();
}

}  // namespace sandbox
