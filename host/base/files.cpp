#include "host/base/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "host/base/failure.hpp"

namespace ferry::host {

UniqueFd open_file(const std::filesystem::path& path, int flags, unsigned mode) {
  UniqueFd fd(::open(path.c_str(), flags | O_CLOEXEC, mode));
  if (fd) return fd;
  const int error = errno;
  if (error == ENOENT || error == ENOTDIR)
    throw Failure(Fault::usage, "file_not_found", path.string() + ": no such file");
  if (error == EISDIR) throw Failure(Fault::usage, "file_not_found", path.string() + ": is a directory, not a file");
  throw_errno(path.string(), error);
}

std::string read_file(const std::filesystem::path& path, std::size_t limit) {
  const UniqueFd fd = open_file(path, O_RDONLY);
  std::string content;
  char buffer[64 * 1024];
  for (;;) {
    const ssize_t got = ::read(fd.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EISDIR)
      throw Failure(Fault::usage, "file_not_found", path.string() + ": is a directory, not a file");
    if (got < 0) throw_errno(path.string(), errno);
    if (got == 0) return content;
    content.append(buffer, static_cast<std::size_t>(got));
    if (content.size() > limit)
      throw Failure(Fault::usage, "too_large",
                    path.string() + ": more than " + std::to_string(limit) + " bytes; is this the right file?");
  }
}

void write_all(int fd, std::string_view bytes, const std::string& what) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw_errno(what, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void make_private_directory(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::file_status found = std::filesystem::status(path, error);
  if (std::filesystem::is_directory(found)) return;
  if (std::filesystem::exists(found)) throw_errno(path.string(), ENOTDIR);
  if (path.has_parent_path() && path.parent_path() != path) make_private_directory(path.parent_path());
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    throw_errno("creating the directory " + path.string(), errno);
}

void replace_file(const std::filesystem::path& path, std::string_view bytes, unsigned mode) {
  std::string temporary = path.string() + ".XXXXXX";
  UniqueFd fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd) throw_errno("creating " + temporary, errno);
  try {
    ::fchmod(fd.get(), mode);
    write_all(fd.get(), bytes, "writing " + path.string());
    if (::fsync(fd.get()) != 0) throw_errno("writing " + path.string(), errno);
    if (::rename(temporary.c_str(), path.c_str()) != 0) throw_errno("replacing " + path.string(), errno);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
}

TemporaryDirectory::TemporaryDirectory(const std::filesystem::path& parent) {
  make_private_directory(parent);
  std::string pattern = (parent / "XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw_errno("creating a directory in " + parent.string(), errno);
  path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace ferry::host
