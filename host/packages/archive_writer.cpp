// Writes the format itself, with zlib, rather than through Poco::Zip::Compress, which does not fit here: it takes every
// name through Poco::Path ("~/a" becomes the home directory of whoever runs ferry), adds directory entries nobody gave
// and sorts the directory, needs each entry as a seekable stream of known length (so every large entry is written
// twice), and keeps about a kilobyte a name. What it wrote took 3 to 6 times as long for 5,000 small entries.
//
// Entries of up to a piece (1 MiB) are packed in memory, with plain sizes in their local header. A larger one is
// streamed: its local header is Zip64 from the start, since its length is not known, and is completed in place.
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <unordered_set>

#include "host/base/failure.hpp"
#include "host/packages/archive.hpp"
#include "host/packages/descriptor_path.hpp"
#include "host/packages/entry_name.hpp"
#include "host/packages/zip_format.hpp"

namespace ferry::host {
namespace {

constexpr std::size_t piece_bytes = 1u << 20;
constexpr std::size_t output_bytes = 256u << 10;
// Fixed: the level is part of "the same entries give the same bytes". Higher ones cost more than they save on JSON, and
// pack zeros beyond 1000 : 1, which the reader would take for a bomb; this one stays below 230.
constexpr int level = 3;
constexpr std::uint16_t dos_date_1980_01_01 = 0x0021;
constexpr std::uint16_t version_plain = 20;
constexpr std::uint16_t version_zip64 = 45;
constexpr std::uint16_t made_by_unix = 3 << 8 | version_zip64;
constexpr std::uint32_t regular_file_0644 = 0100644u << 16;
constexpr std::size_t crc_at = 14;  // in a local header

[[noreturn]] void fail(const std::string& code, const std::string& message) {
  throw Failure(Fault::connector, code, "building a package: " + message);
}

// One raw deflate stream after another, without allocating anew.
class Deflater {
 public:
  Deflater() {
    if (deflateInit2(&stream_, level, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY) != Z_OK)
      throw Failure(Fault::machine, "out_of_memory", "packing: no memory for zlib");
  }
  ~Deflater() { deflateEnd(&stream_); }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  void begin() { deflateReset(&stream_); }
  // Appends to `out` what comes out.
  void add(std::string_view bytes, int flush, std::string& out) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      const std::size_t before = out.size();
      const std::size_t room = deflateBound(&stream_, stream_.avail_in) + 64;
      out.resize(before + room);
      stream_.next_out = reinterpret_cast<Bytef*>(out.data() + before);
      stream_.avail_out = static_cast<uInt>(room);
      deflate(&stream_, flush);
      out.resize(before + (room - stream_.avail_out));
    } while (stream_.avail_out == 0);
  }

 private:
  z_stream stream_{};
};

std::uint32_t crc_of(std::uint32_t crc, std::string_view bytes) {
  return static_cast<std::uint32_t>(
      ::crc32_z(crc, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<z_size_t>(bytes.size())));
}

std::uint64_t capped32(std::uint64_t value) { return std::min<std::uint64_t>(value, zip::magic32); }

}  // namespace

class ArchiveWriter::Impl {
 public:
  Impl(int fd, ArchiveLimits limits) : fd_(fd), limits_(limits) {
    output_.reserve(output_bytes);
    piece_.reserve(piece_bytes);
  }

  void begin_entry(std::string_view name) {
    end_entry();
    if (finished_) fail("bad_call", "an entry was begun after the archive was finished");
    if (const NameVerdict verdict = check_entry_name(name); !verdict.code.empty())
      fail("bad_entry_name", "the entry " + quoted_entry_name(name) + " " + std::string(verdict.reason));
    if (clean_entry_name(name) != name)
      fail("bad_entry_name", "the entry " + quoted_entry_name(name) + " is no clean path; write " +
                                 quoted_entry_name(clean_entry_name(name)));
    if (name.size() > limits_.name_bytes)
      fail("bad_entry_name", "the entry " + quoted_entry_name(name) + " has a name of " + std::to_string(name.size()) +
                                 " bytes; " + std::to_string(limits_.name_bytes) + " are allowed");
    if (!names_.emplace(name).second)
      fail("bad_entry_name", "the entry " + quoted_entry_name(name) + " was begun twice");
    if (names_.size() > limits_.entries || (all_names_bytes_ += name.size()) > limits_.all_names_bytes)
      fail("too_many_entries", "at " + quoted_entry_name(name) + " there are more entries than an archive may have (" +
                                   std::to_string(limits_.entries) + " entries, " +
                                   std::to_string(limits_.all_names_bytes) + " bytes of names)");
    entry_ = Entry{};
    entry_.name = name;
    entry_.header_at = at();
    open_ = true;
  }

  void write(std::string_view bytes) {
    if (!open_) fail("bad_call", "bytes were written before an entry was begun");
    if (bytes.size() > limits_.unpacked_bytes - total_unpacked_)
      fail("archive_bomb", "at the entry " + quoted_entry_name(entry_.name) + " the content exceeds " +
                               std::to_string(limits_.unpacked_bytes) + " bytes");
    total_unpacked_ += bytes.size();
    while (!bytes.empty()) {
      if (piece_.size() == piece_bytes) pack_piece();
      const std::string_view part = bytes.substr(0, piece_bytes - piece_.size());
      piece_ += part;
      bytes.remove_prefix(part.size());
    }
  }

  void finish() {
    end_entry();
    if (finished_) fail("bad_call", "the archive was finished twice");
    finished_ = true;
    const std::uint64_t directory_at = at();
    const std::uint64_t entries = entries_;
    put(directory_);
    const std::uint64_t end_at = at();
    std::string end;
    zip::Putter putter(end);
    if (entries >= zip::magic16 || end_at >= zip::magic32) {
      putter.u32(zip::end64_signature).u64(zip::end64_bytes - 12).u16(made_by_unix).u16(version_zip64);
      putter.u32(0).u32(0).u64(entries).u64(entries).u64(directory_.size()).u64(directory_at);
      putter.u32(zip::locator64_signature).u32(0).u64(end_at).u32(1);
    }
    const std::uint64_t entries16 = std::min<std::uint64_t>(entries, zip::magic16);
    putter.u32(zip::end_signature).u16(0).u16(0).u16(entries16).u16(entries16);
    putter.u32(capped32(directory_.size())).u32(capped32(directory_at)).u16(0);
    put(end);
    flush();
  }

 private:
  struct Entry {
    std::string name;
    std::uint64_t header_at = 0;
    std::uint64_t packed = 0;
    std::uint64_t unpacked = 0;
    std::uint32_t crc = 0;
    std::uint16_t method = zip::method_deflated;
    bool streamed = false;
  };

  // A full piece with more to come: the entry is a streamed one.
  void pack_piece() {
    packed_.clear();
    account_piece();
    if (!entry_.streamed) {
      entry_.streamed = true;
      deflater_.begin();
      deflater_.add(piece_, Z_SYNC_FLUSH, packed_);
      // What is packed already (images, nested archives) is stored. The first piece decides, because it is the same
      // however the caller slices.
      if (packed_.size() > piece_.size() / 8 * 7) entry_.method = zip::method_stored;
      put(local_header());
    } else if (entry_.method == zip::method_deflated) {
      deflater_.add(piece_, Z_NO_FLUSH, packed_);
    }
    put_piece();
  }

  void account_piece() {
    entry_.crc = crc_of(entry_.crc, piece_);
    entry_.unpacked += piece_.size();
  }

  void put_piece() {
    const std::string& bytes = entry_.method == zip::method_stored ? piece_ : packed_;
    put(bytes);
    entry_.packed += bytes.size();
    piece_.clear();
  }

  void end_entry() {
    if (!open_) return;
    open_ = false;
    packed_.clear();
    account_piece();
    if (entry_.streamed) {
      if (entry_.method == zip::method_deflated) deflater_.add(piece_, Z_FINISH, packed_);
      put_piece();
      complete_local_header();
    } else {
      deflater_.begin();
      deflater_.add(piece_, Z_FINISH, packed_);
      if (packed_.size() >= piece_.size()) entry_.method = zip::method_stored;
      entry_.packed = entry_.method == zip::method_stored ? piece_.size() : packed_.size();
      put(local_header());
      put(entry_.method == zip::method_stored ? piece_ : packed_);
      piece_.clear();
    }
    if (entry_.unpacked > ArchiveLimits::small_bytes && entry_.unpacked / limits_.ratio > entry_.packed) {
      lost_ = true;
      fail("archive_bomb", "the entry " + quoted_entry_name(entry_.name) + " packs more than " +
                               std::to_string(limits_.ratio) + " : 1, which no reader would trust");
    }
    add_to_directory();
  }

  std::string local_header() const {
    std::string header;
    zip::Putter putter(header);
    putter.u32(zip::local_signature).u16(entry_.streamed ? version_zip64 : version_plain).u16(zip::flag_utf8);
    putter.u16(entry_.method).u16(0).u16(dos_date_1980_01_01).u32(entry_.crc);
    putter.u32(entry_.streamed ? zip::magic32 : entry_.packed).u32(entry_.streamed ? zip::magic32 : entry_.unpacked);
    putter.u16(entry_.name.size()).u16(entry_.streamed ? 20 : 0).bytes(entry_.name);
    if (entry_.streamed) putter.u16(zip::extra_zip64).u16(16).u64(entry_.unpacked).u64(entry_.packed);
    return header;
  }

  void complete_local_header() {
    flush();
    const std::string header = local_header();
    write_at(std::string_view(header).substr(crc_at), entry_.header_at + crc_at);
  }

  void add_to_directory() {
    std::string wide;
    zip::Putter widths(wide);
    if (entry_.unpacked >= zip::magic32) widths.u64(entry_.unpacked);
    if (entry_.packed >= zip::magic32) widths.u64(entry_.packed);
    if (entry_.header_at >= zip::magic32) widths.u64(entry_.header_at);
    ++entries_;
    zip::Putter putter(directory_);
    const std::uint16_t version = entry_.streamed || !wide.empty() ? version_zip64 : version_plain;
    putter.u32(zip::central_signature).u16(made_by_unix).u16(version).u16(zip::flag_utf8).u16(entry_.method);
    putter.u16(0).u16(dos_date_1980_01_01).u32(entry_.crc).u32(capped32(entry_.packed)).u32(capped32(entry_.unpacked));
    putter.u16(entry_.name.size()).u16(wide.empty() ? 0 : wide.size() + 4).u16(0).u16(0).u16(0);
    putter.u32(regular_file_0644).u32(capped32(entry_.header_at)).bytes(entry_.name);
    if (!wide.empty()) putter.u16(zip::extra_zip64).u16(wide.size()).bytes(wide);
  }

  std::uint64_t at() const { return written_ + output_.size(); }

  void put(std::string_view bytes) {
    if (output_.size() + bytes.size() > output_bytes) flush();
    if (bytes.size() > output_bytes) {
      write_at(bytes, written_);
      written_ += bytes.size();
    } else {
      output_ += bytes;
    }
  }

  void flush() {
    write_at(output_, written_);
    written_ += output_.size();
    output_.clear();
  }

  void write_at(std::string_view bytes, std::uint64_t where) {
    if (lost_) fail("bad_call", "it went on after an entry was lost");
    lost_ = true;
    while (!bytes.empty()) {
      const ssize_t done = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(where));
      if (done < 0 && errno == EINTR) continue;
      if (done < 0) throw_errno("writing the package " + descriptor_path(fd_), errno);
      bytes.remove_prefix(static_cast<std::size_t>(done));
      where += static_cast<std::uint64_t>(done);
    }
    lost_ = false;
  }

  const int fd_;
  const ArchiveLimits limits_;
  Deflater deflater_;
  Entry entry_;
  bool open_ = false;
  bool finished_ = false;
  bool lost_ = false;  // a failure left the archive incomplete: it must not be finished
  std::uint64_t entries_ = 0;
  std::uint64_t total_unpacked_ = 0;
  std::uint64_t all_names_bytes_ = 0;
  std::uint64_t written_ = 0;
  std::string output_;     // not yet written
  std::string piece_;      // of the open entry, not yet packed
  std::string packed_;     // a piece, packed
  std::string directory_;  // the central directory so far
  std::unordered_set<std::string> names_;
};

ArchiveWriter::ArchiveWriter(int fd, ArchiveLimits limits) : impl_(std::make_unique<Impl>(fd, limits)) {}
ArchiveWriter::~ArchiveWriter() = default;
void ArchiveWriter::begin_entry(std::string_view name) { impl_->begin_entry(name); }
void ArchiveWriter::write(const void* data, std::size_t size) {
  impl_->write(std::string_view(static_cast<const char*>(data), size));
}
void ArchiveWriter::finish() { impl_->finish(); }

}  // namespace ferry::host
