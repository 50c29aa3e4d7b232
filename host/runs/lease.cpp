#include "host/runs/lease.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

#include "host/base/failure.hpp"
#include "host/base/files.hpp"

namespace ferry::host {

Lease::Lease(const std::filesystem::path& directory, std::string id) : id_(std::move(id)) {
  make_private_directory(directory);
  path_ = directory / id_;
  fd_ = open_file(path_, O_RDWR | O_CREAT);
  if (::flock(fd_.get(), LOCK_EX | LOCK_NB) != 0) throw_errno("locking " + path_.string(), errno);
}

Lease::~Lease() { ::unlink(path_.c_str()); }

bool Lease::held(const std::filesystem::path& directory, const std::string& id) {
  if (id.empty() || id.find('/') != std::string::npos) return false;
  const std::filesystem::path path = directory / id;
  const UniqueFd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!fd) return false;
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return true;
  ::unlink(path.c_str());
  return false;
}

}  // namespace ferry::host
