#include "host/connectors/trust.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace ferry::host {
namespace {

std::string kind_of_file(mode_t mode) {
  if (S_ISLNK(mode)) return "a symbolic link, which is not followed";
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISREG(mode)) return "a file";
  if (S_ISFIFO(mode)) return "a FIFO";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

}  // namespace

std::string distrust(const std::filesystem::path& path, Expected expected) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0)
    return errno == ENOENT || errno == ENOTDIR ? "not there"
                                               : std::string("cannot be looked at: ") + std::strerror(errno);
  const bool right_kind = expected == Expected::directory ? S_ISDIR(found.st_mode) : S_ISREG(found.st_mode);
  if (!right_kind) return "is " + kind_of_file(found.st_mode);
  if (found.st_uid != 0 && found.st_uid != ::geteuid())
    return "belongs to the user with the number " + std::to_string(found.st_uid) +
           ", neither to root nor to you; change the owner, or use a copy of your own";
  if ((found.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    char mode[8];
    std::snprintf(mode, sizeof mode, "%04o", static_cast<unsigned>(found.st_mode & 07777));
    return std::string("can be written by others (mode ") + mode + "); correct it: chmod go-w " + path.string();
  }
  return "";
}

}  // namespace ferry::host
