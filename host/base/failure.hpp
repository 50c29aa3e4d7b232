// A failure that a person will read: what was tried, what was found, what to do, and who must act.
//
// Thrown by every room of the host; caught where a run ends (host/runs) or the program does (host/cli). `code` is one
// stable lower-case word for programs. The text never holds a secret: whoever builds it from outside material masks it.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "ferry/connector.h"

namespace ferry::host {

enum class Fault {
  usage,        // the user: command line, configuration, input file
  machine,      // the user: this machine (disk full, permission, missing library)
  credentials,  // the user: renew the credential or have rights granted
  platform,     // the platform or the network: try again later
  connector,    // the connector's author
  guard,        // the user: a guard stopped the work before anything was changed
  cancelled     // nobody
};

class Failure : public std::runtime_error {
 public:
  Failure(Fault fault, std::string code, const std::string& message)
      : std::runtime_error(message), fault_(fault), code_(std::move(code)) {}

  Fault fault() const noexcept { return fault_; }
  const std::string& code() const noexcept { return code_; }
  std::string message() const { return what(); }

 private:
  Fault fault_;
  std::string code_;
};

std::string_view fault_word(Fault) noexcept;             // "usage", "machine", ...
Fault parse_fault(std::string_view word);                // the reverse; Fault::connector if unknown
Fault fault_of_status(ferry_status) noexcept;            // for a status a connector returned
std::string_view code_of_status(ferry_status) noexcept;  // "bad_config", "auth", ...
ferry_status status_of(const Failure&) noexcept;         // for a host function that reports to a connector

// "what: strerror" with Fault::machine; disk full gets the code disk_full and says what to do.
[[noreturn]] void throw_errno(const std::string& what, int error);

}  // namespace ferry::host
