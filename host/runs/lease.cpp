#include "host/runs/lease.hpp"

#include <fcntl.h>

#include <cerrno>

#include "host/base/failure.hpp"
#include "host/base/files.hpp"

namespace ferry::host {
namespace {

// Of the open file, not of the process: it goes with the descriptor, and asking about it does not take it.
struct flock whole_file() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

}  // namespace

Lease::Lease(const std::filesystem::path& directory, std::string id) : id_(std::move(id)) {
  make_private_directory(directory);
  path_ = directory / id_;
  fd_ = open_file(path_, O_RDWR | O_CREAT);
  struct flock lock = whole_file();
  if (::fcntl(fd_.get(), F_OFD_SETLK, &lock) != 0) throw_errno("locking " + path_.string(), errno);
}

Lease::~Lease() { ::unlink(path_.c_str()); }

bool Lease::held(const std::filesystem::path& directory, const std::string& id) {
  if (id.empty() || id.find('/') != std::string::npos) return false;
  const std::filesystem::path path = directory / id;
  const UniqueFd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!fd) {
    if (errno == ENOENT) return false;
    throw_errno("looking at " + path.string(), errno);
  }
  struct flock lock = whole_file();
  if (::fcntl(fd.get(), F_OFD_GETLK, &lock) != 0) throw_errno("looking at " + path.string(), errno);
  if (lock.l_type != F_UNLCK) return true;
  ::unlink(path.c_str());
  return false;
}

}  // namespace ferry::host
