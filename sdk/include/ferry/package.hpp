// ferry/package.hpp - writing and reading packages through the host. The host builds, checks and hashes archives.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "ferry/call.hpp"

namespace ferry {

class PackageWriter {
 public:
  PackageWriter(Call call, const ferry_package_writer* writer) noexcept : call_(call), writer_(writer) {}

  const ferry_package_writer* abi() const noexcept { return writer_; }

  // The next bytes of the platform's own archive, or of the entry begun last.
  void write(std::string_view bytes) const {
    call_.require(writer_->write(writer_, bytes.data(), bytes.size()), "writing the package");
  }
  void entry(std::string_view name, std::string_view content) const {
    begin_entry(name);
    write(content);
  }
  void begin_entry(std::string_view name) const {
    call_.require(writer_->begin_entry(writer_, to_abi(name)), "beginning a package entry");
  }
  void describe(const Json& description) const {
    const std::string text = description.dump();
    call_.require(writer_->describe(writer_, to_abi(text)), "describing the package");
  }
  void restart() const { call_.require(writer_->restart(writer_), "restarting the package"); }

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
  std::uint64_t archive_size() const noexcept { return reader_->archive_size; }
  std::string_view sha256() const noexcept { return to_view(reader_->archive_sha256); }
  Json description() const { return Json::parse(to_view(reader_->description_json)); }

  std::uint64_t entry_count() const noexcept { return reader_->entry_count(reader_); }
  Entry entry(std::uint64_t index) const {
    ferry_package_entry found{sizeof found, 0, {nullptr, 0}, 0};
    call_.require(reader_->entry_at(reader_, index, &found), "listing the package");
    return {index, std::string(to_view(found.name)), found.bytes};
  }
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
    const ferry_status status =
        reader_->read_entry(reader_, entry.index, &context, [](void* user, const void* data, std::size_t size) noexcept {
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
