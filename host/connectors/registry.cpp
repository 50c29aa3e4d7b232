#include "host/connectors/registry.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "ferry/connector.h"
#include "host/base/environment.hpp"
#include "host/base/text.hpp"
#include "host/connectors/trust.hpp"

namespace ferry::host {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> sorted_entries(const fs::path& directory) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error))
    if (!at->path().filename().native().starts_with(".")) entries.push_back(at->path());
  std::sort(entries.begin(), entries.end());
  return entries;
}

// Why a manifest that is well written still cannot be used here.
struct Misfit {
  std::string code;
  std::string reason;
};

std::optional<Misfit> misfit(const Manifest& manifest) {
  const std::string ours = abi_text(FERRY_ABI_MAJOR, FERRY_ABI_MINOR);
  if (!abi_fits(manifest)) {
    const bool newer = manifest.abi_major >= FERRY_ABI_MAJOR;
    return Misfit{newer ? "needs_newer_ferry" : "needs_older_ferry",
                  "needs ABI " + abi_text(manifest.abi_major, manifest.abi_minor) + ", this ferry has " + ours + ": " +
                      (newer ? "update ferry, or " : "") + "install " + manifest.name + " for ABI " + ours};
  }
  if (manifest.library.empty())
    return Misfit{"wrong_platform", "built for " + join(manifest.platforms, ", ") + ", this is " + this_platform() +
                                        ": install " + manifest.name + " for " + this_platform()};
  // Each folder on the way to the library, then the library.
  fs::path at = manifest.library.parent_path();
  const fs::path folder = fs::absolute(manifest.file).parent_path();
  for (; at != folder && at.has_relative_path(); at = at.parent_path())
    if (const std::string reason = distrust(at, Expected::directory); !reason.empty())
      return Misfit{"bad_library", at.string() + " " + reason};
  const std::string reason = distrust(manifest.library, Expected::file);
  if (reason == "not there")
    return Misfit{"missing_library", "its library " + manifest.library.string() + " is not there: install it again"};
  if (!reason.empty()) return Misfit{"bad_library", "its library " + manifest.library.string() + " " + reason};
  return std::nullopt;
}

}  // namespace

std::vector<fs::path> Registry::search_path(const std::vector<std::string>& explicit_paths) {
  std::vector<fs::path> directories;
  const auto add = [&](const fs::path& directory) {
    fs::path clean = directory.lexically_normal();
    if (!clean.has_filename() && clean.has_relative_path()) clean = clean.parent_path();
    if (std::find(directories.begin(), directories.end(), clean) == directories.end()) directories.push_back(clean);
  };
  const auto add_given = [&](const std::string& directory, const char* source) {
    if (!fs::path(directory).is_absolute())
      throw Failure(
          Fault::usage, "relative_path",
          std::string(source) + ": \"" + printable(directory) +
              "\" is not an absolute path; connectors are never looked for relative to the current directory");
    add(directory);
  };
  for (const std::string& directory : explicit_paths) add_given(directory, "--connector-path");
  for (const std::string& directory : split(environment("FERRY_CONNECTOR_PATH"), ':'))
    if (!directory.empty()) add_given(directory, "FERRY_CONNECTOR_PATH");

  // The XDG specification: a relative value is to be ignored.
  if (const fs::path data = environment("XDG_DATA_HOME"); data.is_absolute())
    add(data / "ferry/connectors");
  else if (const fs::path home = environment("HOME"); home.is_absolute())
    add(home / ".local/share/ferry/connectors");
  std::error_code error;
  if (const fs::path executable = fs::read_symlink("/proc/self/exe", error); !error)
    add(executable.parent_path().parent_path() / "lib/ferry/connectors");
  add("/usr/lib/ferry/connectors");
  return directories;
}

Registry::Registry(const std::vector<fs::path>& directories) {
  std::set<std::pair<dev_t, ino_t>> seen;
  for (const fs::path& directory : directories) {
    struct stat found {};
    if (::stat(directory.c_str(), &found) == 0 && !seen.emplace(found.st_dev, found.st_ino).second) continue;
    look_into(directory);
  }
  refuse_duplicates();
  std::sort(connectors_.begin(), connectors_.end(), [](const Manifest& a, const Manifest& b) { return a.id < b.id; });
}

void Registry::look_into(const fs::path& directory) {
  // A search directory may be named by a link; what it leads to is what must be trusted.
  std::error_code error;
  const fs::path real = fs::canonical(directory, error);
  const std::string reason = distrust(error ? directory : real, Expected::directory);
  if (!reason.empty()) {
    Candidate refused;
    refused.path = directory;
    refused.verdict = reason;
    candidates_.push_back(refused);
    return;
  }
  if (fs::symlink_status(real / "connector.json", error).type() != fs::file_type::not_found) return consider(real);

  std::size_t passed = 0;
  const std::size_t before = candidates_.size();
  for (const fs::path& entry : sorted_entries(real)) {
    const fs::file_status status = fs::symlink_status(entry, error);
    if (status.type() == fs::file_type::directory) {
      const auto manifest = fs::symlink_status(entry / "connector.json", error).type();
      manifest == fs::file_type::not_found ? static_cast<void>(++passed) : consider(entry);
    } else if (status.type() != fs::file_type::regular) {
      Candidate refused;
      refused.path = entry;
      refused.verdict = distrust(entry, Expected::directory);
      refused.id = entry.filename();
      refused.code = "permission";
      candidates_.push_back(refused);
    }
  }
  if (candidates_.size() > before && passed == 0) return;
  Candidate summary;
  summary.path = directory;
  summary.verdict = passed == 0
                        ? "holds no connector"
                        : std::to_string(passed) + (passed == 1 ? " folder" : " folders") + " without connector.json";
  candidates_.push_back(summary);
}

void Registry::consider(const fs::path& folder) {
  // A folder may be in one search directory and be another.
  for (const Candidate& earlier : candidates_)
    if (earlier.path == folder) return;
  Candidate candidate;
  candidate.path = folder;
  candidate.id = folder.filename();
  candidate.code = "permission";
  const fs::path file = folder / "connector.json";
  candidate.verdict = distrust(folder, Expected::directory);
  if (candidate.verdict.empty())
    if (const std::string reason = distrust(file, Expected::file); !reason.empty())
      candidate.verdict = "its connector.json " + reason;
  if (candidate.verdict.empty()) {
    try {
      Manifest manifest = read_manifest(file);
      candidate.id = manifest.id;
      if (const auto reason = misfit(manifest)) {
        candidate.verdict = reason->reason;
        candidate.code = reason->code;
      } else {
        candidate.verdict = "taken";
        candidate.taken = true;
        candidate.code.clear();
        connectors_.push_back(std::move(manifest));
      }
    } catch (const Failure& e) {
      candidate.verdict = e.message();
      candidate.fault = e.fault();
      candidate.code = e.code();
      candidate.broken = true;
    }
  }
  candidates_.push_back(std::move(candidate));
}

void Registry::refuse_duplicates() {
  std::map<std::string, std::vector<Candidate*>> by_id;
  for (Candidate& candidate : candidates_)
    if (candidate.taken) by_id[candidate.id].push_back(&candidate);
  for (auto& [id, same] : by_id) {
    if (same.size() == 1) continue;
    for (Candidate* candidate : same) {
      std::vector<std::string> others;
      for (const Candidate* other : same)
        if (other != candidate) others.push_back(other->path.string());
      candidate->verdict = "has the same id \"" + id + "\" as " + join(others, ", ") + ": remove all but one";
      candidate->taken = false;
      candidate->fault = Fault::usage;
      candidate->code = "duplicate_connector";
    }
    std::erase_if(connectors_, [&id = id](const Manifest& manifest) { return manifest.id == id; });
  }
}

std::string Registry::trace() const {
  std::string text;
  for (const Candidate& candidate : candidates_) text += "\n  " + candidate.path.string() + ": " + candidate.verdict;
  return text.empty() ? "\nnowhere was looked: no directory was given" : "\nlooked at:" + text;
}

const Manifest& Registry::find(const std::string& id) const {
  const Candidate* refused = nullptr;
  for (const Candidate& candidate : candidates_) {
    if (candidate.id != id || (candidate.code.empty() && !candidate.taken)) continue;
    if (candidate.taken)
      for (const Manifest& manifest : connectors_)
        if (manifest.id == id) return manifest;
    if (refused == nullptr) refused = &candidate;
    if (candidate.broken) {
      refused = &candidate;
      break;
    }
  }
  const std::string shown = "the connector \"" + printable(shortened(id, 100)) + "\"";
  if (refused != nullptr)
    throw Failure(refused->fault, refused->code,
                  shown + " cannot be used: " + refused->path.string() + ": " + refused->verdict + trace());
  std::vector<std::string> known;
  for (const Manifest& manifest : connectors_) known.push_back(manifest.id);
  throw Failure(Fault::usage, "unknown_connector",
                shown + " is not installed" +
                    (known.empty() ? "; name a directory that has it with --connector-path" : suggestion(id, known)) +
                    trace());
}

}  // namespace ferry::host
