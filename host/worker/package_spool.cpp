#include "host/worker/package_spool.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "host/base/digest.hpp"
#include "host/base/files.hpp"
#include "host/base/json_text.hpp"

namespace ferry::host {
namespace {
// Half of what a reader of the archive takes: written anew, with its own members, it may have grown.
constexpr std::size_t longest_description = 512 * 1024;
}  // namespace

TrailingHash::TrailingHash(int fd) : fd_(fd), thread_([this] { follow(); }) {}

TrailingHash::~TrailingHash() {
  {
    std::lock_guard lock(mutex_);
    finished_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void TrailingHash::written(std::uint64_t total_bytes) {
  {
    std::lock_guard lock(mutex_);
    available_ = total_bytes;
  }
  changed_.notify_one();
}

std::string TrailingHash::finish() {
  {
    std::lock_guard lock(mutex_);
    finished_ = true;
  }
  changed_.notify_all();
  thread_.join();
  if (failure_) std::rethrow_exception(failure_);
  return result_;
}

void TrailingHash::follow() try {
  Sha256 digest;
  std::vector<char> buffer(512 * 1024);
  std::uint64_t at = 0;
  for (;;) {
    std::uint64_t available;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return finished_ || available_ > at; });
      available = available_;
      if (available == at) break;
    }
    while (at < available) {
      const std::size_t wanted = std::min<std::uint64_t>(buffer.size(), available - at);
      const ssize_t got = ::pread(fd_, buffer.data(), wanted, static_cast<off_t>(at));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) throw_errno("reading the package back to hash it", got < 0 ? errno : EIO);
      digest.update(buffer.data(), static_cast<std::size_t>(got));
      at += static_cast<std::uint64_t>(got);
    }
  }
  result_ = digest.finish();
} catch (...) {
  failure_ = std::current_exception();
}

PackageSpool::PackageSpool(int fd, std::string connector_id) : fd_(fd), connector_id_(std::move(connector_id)) {}

void PackageSpool::write(std::string_view bytes) {
  if (archive_) return archive_->write(bytes.data(), bytes.size());
  if (!sha256_.empty())
    throw Failure(Fault::connector, "bad_package", "it wrote to its package after it had asked for the package's hash");
  if (!hash_) hash_ = std::make_unique<TrailingHash>(fd_);
  write_all(fd_, bytes, "writing the package to the package store");
  size_ += bytes.size();
  hash_->written(size_);
}

void PackageSpool::begin_entry(std::string_view name) {
  if (hash_)
    throw Failure(Fault::connector, "bad_package",
                  "it began the entry " + std::string(name) +
                      " after it had written bytes of an archive; an export uses one of the two ways");
  if (!archive_) archive_ = std::make_unique<ArchiveWriter>(fd_);
  archive_->begin_entry(name);
}

void PackageSpool::describe(const std::string& description_json) {
  if (description_json.size() > longest_description)
    throw Failure(Fault::connector, "bad_description",
                  "it described its package in " + std::to_string(description_json.size()) +
                      " bytes; at most 512 KiB are allowed");
  if (!parse_object(description_json))
    throw Failure(Fault::connector, "bad_description", "it described its package with what is no JSON object");
  described_ = description_json;
}

void PackageSpool::restart() {
  archive_.reset();
  hash_.reset();
  sha256_.clear();
  size_ = 0;
  described_ = "{}";
  if (::ftruncate(fd_, 0) != 0 || ::lseek(fd_, 0, SEEK_SET) != 0)
    throw_errno("emptying the package's spool file", errno);
}

std::string PackageSpool::sha256() {
  if (!hash_)
    throw Failure(Fault::connector, "bad_package", "it asked for the hash of an archive of which it wrote no bytes");
  if (sha256_.empty()) sha256_ = hash_->finish();
  return sha256_;
}

std::string PackageSpool::description() const {
  const Poco::JSON::Object::Ptr given = parse_object(described_);
  Poco::JSON::Object json(Poco::JSON_PRESERVE_KEY_ORDER);
  json.set("format", "ferry.package/1");
  json.set("connector", connector_id_);
  for (const auto& [name, value] : *given)
    if (!json.has(name)) json.set(name, value);
  return json_text(json);
}

std::optional<PackageFacts> PackageSpool::finish() {
  PackageFacts facts;
  facts.description_json = description();
  if (archive_) {
    archive_->begin_entry(description_entry);
    archive_->write(facts.description_json.data(), facts.description_json.size());
    archive_->finish();
    struct stat status {};
    if (::fstat(fd_, &status) != 0) throw_errno("looking at the package's spool file", errno);
    facts.size = static_cast<std::uint64_t>(status.st_size);
    facts.sha256 = Sha256::of_fd(fd_);
    return facts;
  }
  if (!hash_) return std::nullopt;
  facts.size = size_;
  facts.sha256 = sha256();
  return facts;
}

}  // namespace ferry::host
