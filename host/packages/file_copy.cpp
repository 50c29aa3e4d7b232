#include "host/packages/file_copy.hpp"

#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <optional>

#include "host/base/digest.hpp"
#include "host/base/failure.hpp"
#include "host/base/files.hpp"
#include "host/packages/file_window.hpp"

namespace ferry::host {
namespace {

constexpr std::size_t buffer_bytes = 1u << 20;
constexpr std::size_t compared_bytes = 128u << 10;  // of each file: what the processor's cache holds
constexpr std::size_t kernel_step = 16u << 20;      // between two looks at the cancellation

std::uint64_t size_of(int fd, const std::string& name) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) throw_errno("reading " + name, errno);
  return S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0;
}

bool clone(const CopyJob& job) { return ::ioctl(job.to, FICLONE, job.from) == 0; }

void report(const CopyJob& job, std::uint64_t done, std::uint64_t total) {
  if (job.progress) job.progress(done, std::max(done, total));
}

// Calls take(bytes) for the rest of `fd` from its current offset.
template <class Take>
void for_each_piece(int fd, const std::string& name, const Cancellation& cancellation, Take take) {
  const auto buffer = std::make_unique_for_overwrite<char[]>(buffer_bytes);
  for (;;) {
    cancellation.throw_if_cancelled();
    const ssize_t got = ::read(fd, buffer.get(), buffer_bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_errno("reading " + name, errno);
    if (got == 0) return;
    take(std::string_view(buffer.get(), static_cast<std::size_t>(got)));
  }
}

void copy_rest_through_memory(const CopyJob& job, std::uint64_t done, std::uint64_t total,
                              const Cancellation& cancellation) {
  for_each_piece(job.from, job.from_name, cancellation, [&](std::string_view piece) {
    write_all(job.to, piece, "writing " + job.to_name);
    report(job, done += piece.size(), total);
  });
}

}  // namespace

void copy_content(const CopyJob& job, const Cancellation& cancellation) {
  cancellation.throw_if_cancelled();
  const std::uint64_t total = size_of(job.from, job.from_name);
  if (clone(job)) return report(job, total, total);
  std::uint64_t done = 0;
  for (;;) {
    cancellation.throw_if_cancelled();
    const ssize_t copied = ::copy_file_range(job.from, nullptr, job.to, nullptr, kernel_step, 0);
    if (copied < 0 && errno == EINTR) continue;
    if (copied < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EFBIG))
      throw_errno("writing " + job.to_name, errno);
    // Anything else may only mean that the kernel cannot do it between these two files. Some kernels say 0 instead.
    if (copied < 0 || (copied == 0 && done < total)) return copy_rest_through_memory(job, done, total, cancellation);
    if (copied == 0) return;
    report(job, done += static_cast<std::uint64_t>(copied), total);
  }
}

void copy_through_memory(const CopyJob& job, const Cancellation& cancellation) {
  copy_rest_through_memory(job, 0, size_of(job.from, job.from_name), cancellation);
}

bool same_content(const CopyJob& job, const Cancellation& cancellation) {
  const std::uint64_t total = size_of(job.from, job.from_name);
  if (total != size_of(job.to, job.to_name)) return false;
  const auto buffer = std::make_unique_for_overwrite<char[]>(2 * compared_bytes);
  char* const beside = buffer.get() + compared_bytes;
  // How many bytes from there on are the same; nullopt if not all are.
  const auto same_at = [&](std::uint64_t at) -> std::optional<std::size_t> {
    const std::string_view one(buffer.get(), read_at(job.from, buffer.get(), compared_bytes, at));
    if (one != std::string_view(beside, read_at(job.to, beside, compared_bytes, at))) return std::nullopt;
    return one.size();
  };
  // The end first: there the archives of one thing at two times differ, as their directories do.
  if (!same_at(total - std::min<std::uint64_t>(total, compared_bytes))) return false;
  for (std::uint64_t done = 0;;) {
    cancellation.throw_if_cancelled();
    const std::optional<std::size_t> same = same_at(done);
    if (!same) return false;
    if (*same == 0) return done == total;
    report(job, done += *same, total);
  }
}

std::string copy_content_hashing(const CopyJob& job, const Cancellation& cancellation) {
  cancellation.throw_if_cancelled();
  Sha256 hash;
  std::uint64_t done = 0;
  std::uint64_t total = size_of(job.from, job.from_name);
  const bool cloned = clone(job);
  // What was cloned is hashed from the clone: the original may change meanwhile.
  if (cloned) total = size_of(job.to, job.to_name);
  for_each_piece(cloned ? job.to : job.from, cloned ? job.to_name : job.from_name, cancellation,
                 [&](std::string_view piece) {
                   if (!cloned) write_all(job.to, piece, "writing " + job.to_name);
                   hash.update(piece.data(), piece.size());
                   report(job, done += piece.size(), total);
                 });
  return hash.finish();
}

}  // namespace ferry::host
