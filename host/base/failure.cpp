#include "host/base/failure.hpp"

#include <array>
#include <cerrno>
#include <cstring>

namespace ferry::host {
namespace {
constexpr std::array<std::string_view, 7> words = {"usage",     "machine", "credentials", "platform",
                                                   "connector", "guard",   "cancelled"};
}

std::string_view fault_word(Fault fault) noexcept { return words[static_cast<std::size_t>(fault)]; }

Fault parse_fault(std::string_view word) {
  for (std::size_t i = 0; i < words.size(); ++i)
    if (words[i] == word) return static_cast<Fault>(i);
  return Fault::connector;
}

Fault fault_of_status(ferry_status status) noexcept {
  switch (status) {
    case FERRY_CANCELLED: return Fault::cancelled;
    case FERRY_UNSUPPORTED:
    case FERRY_BAD_CONFIG:
    case FERRY_BAD_DATA: return Fault::usage;
    case FERRY_AUTH: return Fault::credentials;
    case FERRY_RATE_LIMITED:
    case FERRY_TRANSIENT:
    case FERRY_REMOTE: return Fault::platform;
    case FERRY_REFUSED: return Fault::guard;
    default: return Fault::connector;
  }
}

std::string_view code_of_status(ferry_status status) noexcept {
  switch (status) {
    case FERRY_OK: return "ok";
    case FERRY_CANCELLED: return "cancelled";
    case FERRY_UNSUPPORTED: return "unsupported";
    case FERRY_BAD_CONFIG: return "bad_config";
    case FERRY_AUTH: return "auth";
    case FERRY_RATE_LIMITED: return "rate_limited";
    case FERRY_TRANSIENT: return "transient";
    case FERRY_REMOTE: return "remote";
    case FERRY_BAD_DATA: return "bad_data";
    case FERRY_REFUSED: return "refused";
    default: return "internal";
  }
}

ferry_status status_of(const Failure& failure) noexcept {
  if (failure.code() == code_of_status(FERRY_RATE_LIMITED)) return FERRY_RATE_LIMITED;
  if (failure.code() == code_of_status(FERRY_UNSUPPORTED)) return FERRY_UNSUPPORTED;
  switch (failure.fault()) {
    case Fault::usage: return FERRY_BAD_CONFIG;
    case Fault::credentials: return FERRY_AUTH;
    case Fault::machine:
    case Fault::platform: return FERRY_TRANSIENT;
    case Fault::guard: return FERRY_REFUSED;
    case Fault::cancelled: return FERRY_CANCELLED;
    case Fault::connector: break;
  }
  return FERRY_INTERNAL;
}

void throw_errno(const std::string& what, int error) {
  std::string message = what + ": " + std::strerror(error);
  if (error == ENOSPC || error == EDQUOT)
    throw Failure(Fault::machine, "disk_full", message + "; make room there, or choose another place");
  if (error == EFBIG)
    throw Failure(Fault::machine, "disk_full",
                  message + "; raise the limit on the size of files (ulimit -f), or choose another place");
  throw Failure(Fault::machine, error == EACCES || error == EPERM ? "permission" : "system", message);
}

}  // namespace ferry::host
