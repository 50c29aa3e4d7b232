#include "host/config/secrets.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "host/base/failure.hpp"
#include "host/base/unique_fd.hpp"

namespace ferry::host {
namespace {

constexpr std::size_t largest_secret = 64 * 1024;

std::string read_all(int fd, const std::string& what) {
  std::string content;
  char buffer[4096];
  for (;;) {
    const ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_errno(what, errno);
    if (got == 0) return content;
    content.append(buffer, static_cast<std::size_t>(got));
    if (content.size() > largest_secret)
      throw Failure(Fault::usage, "missing_secret",
                    what + " holds more than 64 KiB, which is no secret; is this the right file?");
  }
}

}  // namespace

std::string secret_file_problem(const std::filesystem::path& path, uid_t owner, mode_t mode) {
  if (owner != 0 && owner != ::geteuid())
    return "belongs to the user with the number " + std::to_string(owner) +
           ", neither to root nor to you; use a file of your own";
  char shown[8];
  std::snprintf(shown, sizeof shown, "%04o", static_cast<unsigned>(mode & 07777));
  if ((mode & (S_IWGRP | S_IWOTH)) != 0)
    return std::string("can be written by others (mode ") + shown + "); correct it: chmod go-w,o-r " + path.string();
  if ((mode & S_IROTH) != 0 && !path.native().starts_with("/run/secrets/"))
    return std::string("can be read by everybody (mode ") + shown + "); correct it: chmod o-r " + path.string();
  return "";
}

std::string read_secret_file(const std::filesystem::path& path, const std::string& about) {
  const std::string what = about + "the file " + path.string();
  // Without O_NONBLOCK a pipe that nobody writes to would be waited for.
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd && (errno == ENOENT || errno == ENOTDIR))
    throw Failure(Fault::usage, "missing_secret",
                  what + " is not there; write the secret into it, or refer to another file");
  if (!fd && errno == EACCES)
    throw Failure(Fault::machine, "permission", what + " may not be read; make it readable for you, and for you only");
  if (!fd) throw_errno(what, errno);
  struct stat found {};
  if (::fstat(fd.get(), &found) != 0) throw_errno(what, errno);
  if (!S_ISREG(found.st_mode))
    throw Failure(Fault::usage, "missing_secret",
                  what + " is not a regular file; refer to a file that holds the secret alone");
  // Where the open file really is, whatever links led to it.
  std::error_code error;
  std::filesystem::path real = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd.get()), error);
  if (error) real = path;
  if (const std::string problem = secret_file_problem(real, found.st_uid, found.st_mode); !problem.empty())
    throw Failure(Fault::machine, "permission", what + " " + problem);

  std::string secret = read_all(fd.get(), what);
  if (secret.ends_with('\n')) secret.pop_back();
  if (secret.ends_with('\r')) secret.pop_back();
  if (secret.empty())
    throw Failure(Fault::usage, "missing_secret",
                  what + " is empty; write the secret into it, or refer to another file");
  return secret;
}

std::string read_secret_variable(const std::string& name, const std::string& about) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr || *value == '\0')
    throw Failure(Fault::usage, "missing_secret",
                  about + "the environment variable " + name + (value == nullptr ? " is not set" : " is empty") +
                      "; set it, or refer to a file with file:PATH");
  return value;
}

std::string read_secret(const SecretReference& reference, const std::string& about) {
  return reference.kind == "file" ? read_secret_file(reference.where, about)
                                  : read_secret_variable(reference.where, about);
}

}  // namespace ferry::host
