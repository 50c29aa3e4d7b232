#include "host/http/rate_budget.hpp"

#include <fcntl.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "host/base/failure.hpp"
#include "host/base/files.hpp"

namespace ferry::host {
namespace {

constexpr std::uint64_t magic = 0x3265746172796672;  // "rfyrate2"

// Bytes that are locked and never written; the state itself stands before them.
constexpr long places_begin[2] = {1L << 20, 2L << 20};
constexpr long places = 4096;
constexpr long state_byte = 0;

struct Head {
  std::uint64_t magic, checksum, size;
};

std::uint64_t checksum_of(const void* data, std::size_t size) {
  std::uint64_t hash = 1469598103934665603ULL;  // FNV-1a, by words: against torn writes, not against people
  for (std::size_t i = 0; i + 8 <= size; i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, static_cast<const char*>(data) + i, 8);
    hash = (hash ^ word) * 1099511628211ULL;
  }
  return hash;
}

// The part of the state that holds something.
std::size_t size_of(const RateState& state) {
  return offsetof(RateState, marks) + static_cast<std::size_t>(state.mark_count) * sizeof(RateState::Mark);
}

bool lock_bytes(int fd, int command, short type, long begin, long size) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = begin;
  lock.l_len = size;
  while (::fcntl(fd, command, &lock) != 0) {
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EACCES) return false;
    throw_errno("locking a rate limit's budget", errno);
  }
  return true;
}

// The kernel names any lock of the range, not the first one.
int locks_between(int fd, long begin, long end) {
  if (begin >= end) return 0;
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = begin;
  lock.l_len = end - begin;
  if (::fcntl(fd, F_OFD_GETLK, &lock) != 0) throw_errno("counting the requests of a rate limit", errno);
  if (lock.l_type == F_UNLCK) return 0;
  return 1 + locks_between(fd, begin, lock.l_start) +
         locks_between(fd, lock.l_start + std::max<long>(lock.l_len, 1), end);
}

}  // namespace

class RateBudget::Lock {
 public:
  explicit Lock(int fd) : fd_(fd) { lock_bytes(fd_, F_OFD_SETLKW, F_WRLCK, state_byte, 1); }
  ~Lock() {
    struct flock lock {};
    lock.l_type = F_UNLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = state_byte;
    lock.l_len = 1;
    ::fcntl(fd_, F_OFD_SETLK, &lock);
  }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  int fd_;
};

RateBudget::RateBudget(const std::filesystem::path& file) {
  if (file.empty()) {
    fd_.reset(::memfd_create("ferry-rate-budget", MFD_CLOEXEC));
    if (!fd_) throw_errno("making a rate limit's budget", errno);
    return;
  }
  make_private_directory(file.parent_path());
  fd_ = open_file(file, O_RDWR | O_CREAT);
}

void RateBudget::use(const std::function<void(RateState&)>& work) {
  const Lock lock(fd_.get());
  load();
  work(state_);
  save();
}

void RateBudget::load() {
  struct {
    Head head;
    RateState state;
  } kept{};
  const ssize_t got = ::pread(fd_.get(), &kept, sizeof kept, 0);
  if (got < 0) throw_errno("reading a rate limit's budget", errno);
  const auto size = static_cast<std::size_t>(got);
  const std::size_t bytes = std::min<std::size_t>(size - std::min(size, sizeof(Head)), sizeof(RateState));
  const bool whole =
      bytes >= offsetof(RateState, marks) && kept.head.magic == magic && kept.head.size <= bytes &&
      kept.state.mark_count >= 0 && kept.state.mark_count <= static_cast<std::int64_t>(RateState::most_marks) &&
      kept.head.size == size_of(kept.state) && kept.head.checksum == checksum_of(&kept.state, kept.head.size);
  if (whole)
    std::memcpy(&state_, &kept.state, kept.head.size);
  else
    state_ = RateState{};
}

void RateBudget::save() {
  struct {
    Head head;
    RateState state;
  } kept;
  const std::size_t size = size_of(state_);
  kept.head = {magic, checksum_of(&state_, size), size};
  std::memcpy(&kept.state, &state_, size);
  const ssize_t written = ::pwrite(fd_.get(), &kept, sizeof(Head) + size, 0);
  if (written < 0) throw_errno("keeping a rate limit's budget", errno);
}

void RateBudget::take(Place place) {
  const auto kind = static_cast<std::size_t>(place);
  for (long byte = places_begin[kind]; byte < places_begin[kind] + places; ++byte)
    if (lock_bytes(fd_.get(), F_OFD_SETLK, F_WRLCK, byte, 1)) {
      taken_[kind] = byte;
      return;
    }
  throw Failure(Fault::machine, "rate_budget", "more requests of one account than ferry can count are under way");
}

void RateBudget::give_back(Place place) noexcept {
  auto& taken = taken_[static_cast<std::size_t>(place)];
  if (!taken) return;
  struct flock lock {};
  lock.l_type = F_UNLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = *taken;
  lock.l_len = 1;
  ::fcntl(fd_.get(), F_OFD_SETLK, &lock);
  taken.reset();
}

int RateBudget::others(Place place) const {
  const long begin = places_begin[static_cast<std::size_t>(place)];
  return locks_between(fd_.get(), begin, begin + places);
}

}  // namespace ferry::host
