// What the tests of this room share.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "host/base/failure.hpp"
#include "host/base/unique_fd.hpp"
#include "host/packages/archive.hpp"

namespace ferry::test {

// An open file without a name, holding `bytes`.
host::UniqueFd file_of(const std::string& bytes);
std::string content_of(int fd);
// Every entry's content by its name.
std::map<std::string, std::string> unpack_all(int fd, const host::ArchiveLimits& limits = {});

// "code: text" of the failure `work` ends with, "" if it succeeds.
std::string failure_of(const std::function<void()>& work);

}  // namespace ferry::test
