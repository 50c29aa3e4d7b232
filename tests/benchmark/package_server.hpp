// A platform that gives and takes one package of any size as fast as the kernel copies: GET sends it, PUT counts it.
//
// What it sends is one piece of random bytes over and over, so that a large package needs neither disk nor memory here.
// It runs in a process of its own, so that its work is not counted as ferry's or curl's.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace ferry::benchmark {

class PackageServer {
 public:
  explicit PackageServer(std::uint64_t package_size);  // throws std::runtime_error
  ~PackageServer();
  PackageServer(const PackageServer&) = delete;
  PackageServer& operator=(const PackageServer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  std::uint16_t port_ = 0;
  pid_t process_ = -1;
};

}  // namespace ferry::benchmark
