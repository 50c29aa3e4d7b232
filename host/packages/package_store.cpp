#include "host/packages/package_store.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "host/base/failure.hpp"
#include "host/base/files.hpp"
#include "host/base/text.hpp"
#include "host/packages/archive.hpp"
#include "host/packages/file_copy.hpp"

namespace ferry::host {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t hash_digits = 64;
constexpr std::size_t shortest_prefix = 8;
constexpr std::size_t longest_description = 1u << 20;
constexpr std::string_view no_description = "{}";

bool is_hash_prefix(std::string_view text) {
  return text.size() >= shortest_prefix && text.size() <= hash_digits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

fs::path spool_directory(const fs::path& store) { return store / "spool"; }
fs::path shard_of(const fs::path& store, std::string_view hash) { return store / hash.substr(0, 2); }
fs::path package_path(const fs::path& store, const std::string& hash) {
  return shard_of(store, hash) / (hash + ".zip");
}
fs::path description_path(const fs::path& store, const std::string& hash) {
  return shard_of(store, hash) / (hash + ".json");
}

bool is_package(const fs::path& path) {
  const std::string name = path.stem().string();
  return path.extension() == ".zip" && name.size() == hash_digits && is_hash_prefix(name);
}

void sync(int fd, const fs::path& path) {
  if (::fsync(fd) != 0) throw_errno("writing " + path.string(), errno);
}

void sync_directory(const fs::path& path) { sync(open_file(path, O_RDONLY | O_DIRECTORY).get(), path); }

// Whether `path` is the file `fd` is open on.
bool still_named(int fd, const fs::path& path) {
  struct stat open_one {};
  struct stat named {};
  return ::fstat(fd, &open_one) == 0 && ::lstat(path.c_str(), &named) == 0 && open_one.st_ino == named.st_ino &&
         open_one.st_dev == named.st_dev;
}

// Whoever writes a spool holds its lock: what can be locked belongs to nobody any more.
void remove_abandoned_spools(const fs::path& directory) {
  std::error_code error;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    const UniqueFd fd(::open(at->path().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!fd || ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) continue;
    if (still_named(fd.get(), at->path())) ::unlink(at->path().c_str());
  }
}

void move_in(int fd, const fs::path& from, const fs::path& to) {
  if (::fchmod(fd, 0400) != 0) throw_errno("protecting " + from.string(), errno);
  sync(fd, from);
  if (::rename(from.c_str(), to.c_str()) != 0) throw_errno("moving a package to " + to.string(), errno);
}

std::string stored_description(const fs::path& store, const std::string& hash) {
  const fs::path path = description_path(store, hash);
  if (!fs::exists(path)) return std::string(no_description);
  return read_file(path, longest_description);
}

// Reading the archive at `fd` refuses what must not get in. A package that is no ZIP at all is none of our business:
// some platforms have formats of their own, and whoever opens it as an archive will say so.
std::string carried_description(int fd, const fs::path& file) {
  try {
    return ArchiveReader(fd).description();
  } catch (const Failure& failure) {
    if (failure.code() == "not_an_archive") return {};
    throw Failure(failure.fault(), failure.code(), file.string() + ": " + failure.message());
  }
}

// What the store has with the bytes of `file`; its description is not read.
std::optional<Package> same_package(const fs::path& store, int file, const std::string& name,
                                    const Cancellation& cancellation, const PackageStore::Progress& progress) {
  struct stat wanted {};
  if (::fstat(file, &wanted) != 0) throw_errno("reading " + name, errno);
  std::error_code error;
  for (fs::recursive_directory_iterator at(store, error), end; !error && at != end; at.increment(error)) {
    const fs::path& path = at->path();
    struct stat kept {};
    if (!is_package(path) || ::stat(path.c_str(), &kept) != 0 || kept.st_size != wanted.st_size) continue;
    const UniqueFd other(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (other && same_content({file, other.get(), name, path.string(), progress}, cancellation))
      return Package{path.stem().string(), static_cast<std::uint64_t>(kept.st_size), path, {}};
  }
  return std::nullopt;
}

// A file beside `target`, removed unless renamed. Its mode is the one the user's umask gives any new file.
class Beside {
 public:
  explicit Beside(const fs::path& target) {
    for (int attempt = 0; !fd_; ++attempt) {
      path_ = target.string() + ".partial-" + std::to_string(::getpid()) + "-" + std::to_string(attempt);
      fd_.reset(::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
      if (fd_ || errno == EEXIST) continue;
      const int error = errno;
      path_.clear();
      if (error == ENOENT || error == ENOTDIR)
        throw Failure(Fault::usage, "bad_target", target.string() + ": its directory does not exist; create it first");
      throw_errno("writing " + target.string(), error);
    }
  }
  ~Beside() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  Beside(const Beside&) = delete;
  Beside& operator=(const Beside&) = delete;

  int fd() const noexcept { return fd_.get(); }
  void become(const fs::path& target) {
    if (::rename(path_.c_str(), target.c_str()) != 0) throw_errno("writing " + target.string(), errno);
    path_.clear();
  }

 private:
  std::string path_;
  UniqueFd fd_;
};

}  // namespace

PackageStore::Spool::Spool(fs::path path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

PackageStore::Spool::Spool(Spool&& other) noexcept : path_(std::exchange(other.path_, {})), fd_(std::move(other.fd_)) {}

PackageStore::Spool::~Spool() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

PackageStore::PackageStore(fs::path directory) : directory_(std::move(directory)) {
  make_private_directory(spool_directory(directory_));
  remove_abandoned_spools(spool_directory(directory_));
}

PackageStore::Spool PackageStore::spool() {
  for (;;) {
    std::string path = (spool_directory(directory_) / "XXXXXX").string();
    UniqueFd fd(::mkostemp(path.data(), O_CLOEXEC));
    if (!fd) throw_errno("creating a file in " + spool_directory(directory_).string(), errno);
    Spool spool(path, std::move(fd));
    // Between the two calls another process that opens the store may have taken the file for an abandoned one.
    if (::flock(spool.fd(), LOCK_EX | LOCK_NB) == 0) {
      if (still_named(spool.fd(), spool.path())) return spool;
    } else if (errno != EWOULDBLOCK && errno != EINTR) {
      throw_errno("locking " + path, errno);
    }
  }
}

std::string PackageStore::describe(const std::string& sha256, const std::string& description_json) {
  if (description_json.empty() || description_json == no_description) return stored_description(directory_, sha256);
  Spool description = spool();
  write_all(description.fd(), description_json, "writing " + description.path().string());
  move_in(description.fd(), description.path(), description_path(directory_, sha256));
  description.path_.clear();
  return description_json;
}

Package PackageStore::keep(Spool spool, const std::string& sha256, const std::string& description_json) {
  if (sha256.size() != hash_digits || !is_hash_prefix(sha256))
    throw Failure(Fault::machine, "bad_hash",
                  "keeping a package: \"" + shortened(printable(sha256), 80) +
                      "\" is no sha256; 64 lower-case hex digits are expected");
  struct stat status {};
  if (::fstat(spool.fd(), &status) != 0) throw_errno("reading " + spool.path().string(), errno);
  Package package{sha256, static_cast<std::uint64_t>(status.st_size), package_path(directory_, sha256), {}};
  const fs::path shard = shard_of(directory_, sha256);
  make_private_directory(shard);
  // The description goes first: no package is ever seen without it.
  package.description_json = describe(sha256, description_json);
  // The same hash is the same bytes: replacing does no harm, and heals a file the disk lost.
  move_in(spool.fd(), spool.path(), package.path);
  spool.path_.clear();
  sync_directory(shard);
  sync_directory(directory_);
  return package;
}

Package PackageStore::adopt(const fs::path& file, const Cancellation& cancellation, const Progress& progress) {
  const UniqueFd from = open_file(file, O_RDONLY);
  if (fs::is_directory(file))
    throw Failure(Fault::usage, "file_not_found", file.string() + ": is a directory, not a package");
  if (std::optional<Package> known = same_package(directory_, from.get(), file.string(), cancellation, progress)) {
    known->description_json = describe(known->sha256, carried_description(from.get(), file));
    return *known;
  }
  Spool copy = spool();
  const std::string hash =
      copy_content_hashing({from.get(), copy.fd(), file.string(), copy.path().string(), progress}, cancellation);
  const std::string description = carried_description(copy.fd(), file);
  return keep(std::move(copy), hash, description);
}

std::optional<Package> PackageStore::find(const std::string& sha256_or_prefix) const {
  const std::string wanted = lower(sha256_or_prefix);
  if (!is_hash_prefix(wanted))
    throw Failure(Fault::usage, "bad_prefix",
                  "\"" + shortened(printable(sha256_or_prefix), 80) + "\" names no package: write at least the first " +
                      std::to_string(shortest_prefix) + " of the 64 digits (0-9, a-f) of its sha256");
  std::vector<std::string> found;
  std::error_code error;
  for (fs::directory_iterator at(shard_of(directory_, wanted), error), end; !error && at != end; at.increment(error)) {
    const std::string hash = at->path().stem().string();
    if (is_package(at->path()) && hash.starts_with(wanted)) found.push_back(hash);
  }
  if (found.empty()) return std::nullopt;
  std::sort(found.begin(), found.end());
  if (found.size() > 1)
    throw Failure(Fault::usage, "ambiguous_package",
                  "\"" + wanted + "\" is the beginning of " + std::to_string(found.size()) +
                      " packages; write more digits of the one that is meant:\n  " + join(found, "\n  "));
  const fs::path path = package_path(directory_, found[0]);
  return Package{found[0], fs::file_size(path), path, stored_description(directory_, found[0])};
}

void PackageStore::copy_to(const Package& package, int fd, const std::string& name, const Cancellation& cancellation,
                           const Progress& progress) const {
  const UniqueFd from = open_file(package.path, O_RDONLY);
  copy_through_memory({from.get(), fd, package.path.string(), name, progress}, cancellation);
}

void PackageStore::copy_out(const Package& package, const fs::path& target, const Cancellation& cancellation,
                            const Progress& progress) const {
  const UniqueFd from = open_file(package.path, O_RDONLY);
  // A symbolic link stays one, and a pipe or a device is written to: a rename would replace it.
  std::error_code error;
  const fs::path real = fs::is_symlink(target, error) ? fs::weakly_canonical(target) : target;
  const fs::file_status status = fs::status(real, error);
  if (fs::is_directory(status))
    throw Failure(Fault::usage, "bad_target", target.string() + ": is a directory; name a file in it");
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    const UniqueFd to = open_file(real, O_WRONLY);
    return copy_to(package, to.get(), target.string(), cancellation, progress);
  }
  Beside copy(real);
  copy_content({from.get(), copy.fd(), package.path.string(), target.string(), progress}, cancellation);
  cancellation.throw_if_cancelled();
  copy.become(real);
}

}  // namespace ferry::host
