#include "host/http/resolver.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <poll.h>
#include <sys/eventfd.h>

#include <atomic>
#include <cerrno>
#include <memory>
#include <system_error>
#include <thread>

#include "host/base/failure.hpp"
#include "host/base/unique_fd.hpp"
#include "host/http/transport_error.hpp"

namespace ferry::host {
namespace {

using Addresses = std::vector<Poco::Net::SocketAddress>;

struct Lookup {
  LookUp look_up;
  std::string host;
  std::uint16_t port;
  UniqueFd done;  // readable once result and addresses are there
  std::atomic<bool> finished{false};
  int result = 0;
  Addresses addresses;
};

bool is_address(const std::string& host) {
  unsigned char bytes[16];
  return ::inet_pton(AF_INET, host.c_str(), bytes) == 1 || ::inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

}  // namespace

int system_look_up(const std::string& host, std::uint16_t port, Addresses& addresses) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  const std::string service = std::to_string(port);
  int result = ::getaddrinfo(host.c_str(), service.c_str(), &hints, &list);
  // A machine with nothing but loopback has no "configured" address, yet its own services can be reached.
  if (result == EAI_NONAME || result == EAI_ADDRFAMILY || result == EAI_NODATA) {
    hints.ai_flags = 0;
    result = ::getaddrinfo(host.c_str(), service.c_str(), &hints, &list);
  }
  if (result != 0) return result;
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next)
    if (entry->ai_family == AF_INET || entry->ai_family == AF_INET6)
      addresses.emplace_back(entry->ai_addr, entry->ai_addrlen);
  ::freeaddrinfo(list);
  return addresses.empty() ? EAI_NONAME : 0;
}

Addresses resolve(const LookUp& look_up, const std::string& host, std::uint16_t port, std::chrono::milliseconds timeout,
                  const Cancellation& cancellation) {
  if (is_address(host)) return {Poco::Net::SocketAddress(host, port)};
  auto lookup = std::make_shared<Lookup>();
  lookup->look_up = look_up;
  lookup->host = host;
  lookup->port = port;
  lookup->done = UniqueFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!lookup->done) throw_errno("creating an event descriptor", errno);
  try {
    std::thread([lookup] {
      try {
        lookup->result = lookup->look_up(lookup->host, lookup->port, lookup->addresses);
      } catch (...) {
        lookup->result = EAI_FAIL;
      }
      lookup->finished.store(true, std::memory_order_release);
      ::eventfd_write(lookup->done.get(), 1);
    }).detach();
  } catch (const std::system_error& error) {
    throw_errno("starting a thread to look up " + host, error.code().value());
  }

  const auto end = std::chrono::steady_clock::now() + timeout;
  while (!lookup->finished.load(std::memory_order_acquire)) {
    cancellation.throw_if_cancelled();
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
    if (left <= 0)
      throw TransportError(Trouble::dns_temporary,
                           "looking up \"" + host + "\" took longer than " + std::to_string(timeout.count()) + " ms");
    pollfd events[] = {{lookup->done.get(), POLLIN, 0}, {cancellation.wait_fd(), POLLIN, 0}};
    ::poll(events, 2, static_cast<int>(left));
  }
  cancellation.throw_if_cancelled();
  if (lookup->result == 0) return std::move(lookup->addresses);
  if (lookup->result == EAI_NONAME || lookup->result == EAI_NODATA || lookup->result == EAI_ADDRFAMILY)
    throw TransportError(Trouble::dns, "the host \"" + host + "\" is not known");
  throw TransportError(lookup->result == EAI_FAIL ? Trouble::dns : Trouble::dns_temporary,
                       "the host \"" + host + "\" could not be looked up (" + ::gai_strerror(lookup->result) + ")");
}

}  // namespace ferry::host
