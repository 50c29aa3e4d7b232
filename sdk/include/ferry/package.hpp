// ferry/package.hpp - writing and reading packages through the host. The host builds, checks and hashes archives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ferry/host.hpp"

namespace ferry {

class PackageWriter {
 public:
  PackageWriter(Call call, const ferry_package_writer* writer) noexcept : call_(call), writer_(writer) {}

  const ferry_package_writer* abi() const noexcept { return writer_; }

  // The next bytes of the platform's own archive, or of the entry begun last.
  void write(std::string_view bytes) const {
    if (!FERRY_HAS(writer_, write)) throw Host::missing("package.write");
    call_.require(writer_->write(writer_, bytes.data(), bytes.size()), "writing the package");
  }
  void entry(std::string_view name, std::string_view content) const {
    begin_entry(name);
    write(content);
  }
  void begin_entry(std::string_view name) const {
    if (!FERRY_HAS(writer_, begin_entry)) throw Host::missing("package.begin_entry");
    call_.require(writer_->begin_entry(writer_, to_abi(name)), "beginning a package entry");
  }
  void describe(const Json& description) const {
    if (!FERRY_HAS(writer_, describe)) throw Host::missing("package.describe");
    const std::string text = description.dump();
    call_.require(writer_->describe(writer_, to_abi(text)), "describing the package");
  }
  void restart() const {
    if (!FERRY_HAS(writer_, restart)) throw Host::missing("package.restart");
    call_.require(writer_->restart(writer_), "restarting the package");
  }
  // Of the platform's own archive, which is complete with this: 64 lower-case hex digits, computed by the host while it
  // was written.
  std::string sha256() const {
    if (!FERRY_HAS(writer_, sha256)) throw Host::missing("package.sha256");
    std::string hex(64, '0');
    call_.require(writer_->sha256(writer_, hex.data()), "hashing the package");
    return hex;
  }

 private:
  Call call_;
  const ferry_package_writer* writer_;
};

class PackageReader {
 public:
  struct Entry {
    std::uint64_t index;
    std::string name;
    std::uint64_t bytes;
  };

  PackageReader(Call call, const ferry_package_reader* reader) noexcept : call_(call), reader_(reader) {}

  const ferry_package_reader* abi() const noexcept { return reader_; }
  std::uint64_t archive_size() const noexcept {
    return FERRY_HAS_VALUE(reader_, archive_size) ? reader_->archive_size : 0;
  }
  std::string_view sha256() const noexcept {
    return FERRY_HAS_VALUE(reader_, archive_sha256) ? to_view(reader_->archive_sha256) : std::string_view();
  }
  // What the exporting connector described; an empty object if nothing is known.
  Json description() const {
    const std::string_view text =
        FERRY_HAS_VALUE(reader_, description_json) ? to_view(reader_->description_json) : std::string_view();
    return text.empty() ? Json::object() : Json::parse(text);
  }
  // Does the package hold everything its connection had when it was exported?
  bool complete() const { return description().bool_or("complete", false); }

  // The archive's own bytes, for platforms that take it as it is; 0 only at the end.
  std::size_t read_at(std::uint64_t offset, void* buffer, std::size_t capacity) const {
    if (!FERRY_HAS(reader_, read_at)) throw Host::missing("package.read_at");
    std::size_t got = 0;
    call_.require(reader_->read_at(reader_, offset, buffer, capacity, &got), "reading the package");
    return got;
  }

  std::uint64_t entry_count() const {
    if (!FERRY_HAS(reader_, entry_count)) throw Host::missing("package.entry_count");
    return reader_->entry_count(reader_);
  }
  std::vector<Entry> entries() const {
    std::vector<Entry> all;
    for (std::uint64_t i = 0, count = entry_count(); i < count; ++i) all.push_back(entry(i));
    return all;
  }
  Entry entry(std::uint64_t index) const {
    if (!FERRY_HAS(reader_, entry_at)) throw Host::missing("package.entry_at");
    ferry_package_entry found{sizeof found, 0, {nullptr, 0}, 0};
    call_.require(reader_->entry_at(reader_, index, &found), "listing the package");
    return {index, std::string(to_view(found.name)), found.bytes};
  }
  // Walks the entries: for many names, take entries() once.
  std::optional<Entry> find(std::string_view name) const {
    for (std::uint64_t i = 0, count = entry_count(); i < count; ++i)
      if (Entry found = entry(i); found.name == name) return found;
    return std::nullopt;
  }
  // piece: void(std::string_view); exceptions it throws pass through.
  template <class Piece>
  void read(const Entry& entry, Piece&& piece) const {
    struct Context {
      Piece& piece;
      std::exception_ptr thrown;
    } context{piece, nullptr};
    if (!FERRY_HAS(reader_, read_entry)) throw Host::missing("package.read_entry");
    const ferry_status status = reader_->read_entry(
        reader_, entry.index, &context, [](void* user, const void* data, std::size_t size) noexcept {
          auto& in = *static_cast<Context*>(user);
          try {
            in.piece(std::string_view(static_cast<const char*>(data), size));
            return static_cast<ferry_status>(FERRY_OK);
          } catch (...) {
            in.thrown = std::current_exception();
            return static_cast<ferry_status>(FERRY_CANCELLED);
          }
        });
    if (context.thrown) std::rethrow_exception(context.thrown);
    call_.require(status, "reading the package entry " + entry.name);
  }
  // The whole entry; Error(FERRY_BAD_DATA) if it is longer than `limit` bytes.
  std::string text(const Entry& entry, std::uint64_t limit = 64u << 20) const {
    if (entry.bytes > limit)
      throw Error(FERRY_BAD_DATA, "the package entry " + entry.name + " has " + std::to_string(entry.bytes) +
                                      " bytes; at most " + std::to_string(limit) + " are allowed");
    std::string out;
    out.reserve(entry.bytes);
    read(entry, [&](std::string_view piece) { out += piece; });
    return out;
  }

 private:
  Call call_;
  const ferry_package_reader* reader_;
};

}  // namespace ferry
