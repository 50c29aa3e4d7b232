#include "host/runs/account.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "host/base/digest.hpp"
#include "host/base/failure.hpp"
#include "host/base/files.hpp"
#include "host/base/text.hpp"

namespace ferry::host {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t salt_bytes = 32;

// Whoever comes first makes it, under another name, so that it is never seen half written.
std::string salt_of(const fs::path& directory) {
  const fs::path file = directory / "salt";
  std::error_code error;
  if (!fs::exists(file, error)) {
    make_private_directory(directory);
    std::array<char, salt_bytes> bytes{};
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
      throw_errno("asking for random bytes", errno);
    const std::string salt(bytes.data(), bytes.size());
    const fs::path made = directory / ("salt." + Sha256::of(salt).substr(0, 16));
    replace_file(made, salt);
    if (::link(made.c_str(), file.c_str()) != 0 && errno != EEXIST) throw_errno("making " + file.string(), errno);
    fs::remove(made, error);
  }
  return read_file(file);
}

// Length before text: no two lists of texts are the same bytes.
void add(std::string& out, std::string_view text) { out += std::to_string(text.size()) + ":" + std::string(text); }

bool names_account(const std::string& setting) {
  const std::string lowered = lower(setting);
  for (const char* word : {"user", "login", "client", "tenant", "account"})
    if (lowered.find(word) != std::string::npos) return true;
  return false;
}

}  // namespace

fs::path rate_directory(const fs::path& state_directory) { return state_directory / "rate-limits"; }

std::string account_fingerprint(const fs::path& state_directory, const Connection& connection,
                                const std::map<std::string, std::string>& secrets) {
  std::string text = salt_of(rate_directory(state_directory));
  for (const auto& [name, value] : secrets) {
    add(text, name);
    add(text, value);
  }
  for (const std::string& name : connection.settings->getNames())
    if (names_account(name)) {
      add(text, name);
      add(text, connection.settings->get(name).toString());
    }
  return Sha256::of(text);
}

}  // namespace ferry::host
