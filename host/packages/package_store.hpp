// The archive store: every package ferry exported or imported, kept by its sha256.
//
//   spool() -> a file to write to -> keep() moves it in under its hash. Nothing half-written is ever visible, and what
//   a crash leaves behind is removed when the store is opened next.
// Layout: DIR/<sha256[0:2]>/<sha256>.zip with <sha256>.json (the description) beside it; DIR/spool/. Packages are
// read-only files. Several processes may use one store.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "host/base/cancellation.hpp"
#include "host/base/unique_fd.hpp"

namespace ferry::host {

struct Package {
  std::string sha256;  // lower-case hex
  std::uint64_t size = 0;
  std::filesystem::path path;
  std::string description_json = "{}";
};

class PackageStore {
 public:
  // Reports bytes done and total while something large is copied.
  using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

  explicit PackageStore(std::filesystem::path directory);

  // A file being written; removed unless kept. Its lock tells other processes that its writer is alive.
  class Spool {
   public:
    Spool(std::filesystem::path path, UniqueFd fd);
    Spool(Spool&&) noexcept;
    Spool& operator=(Spool&&) = delete;
    ~Spool();
    int fd() const noexcept { return fd_.get(); }
    const std::filesystem::path& path() const noexcept { return path_; }

   private:
    friend class PackageStore;
    std::filesystem::path path_;
    UniqueFd fd_;
  };
  Spool spool();

  // sha256: of the whole file, as computed while it was written; it is believed, not computed again. The same package
  // may be kept any number of times; a description of "{}" leaves the one the store has.
  Package keep(Spool, const std::string& sha256, const std::string& description_json);
  // The package a file is: one the store has with the very same bytes, which are compared and not copied again; or else
  // a new one, the file copied in (by reference where the file system can) and hashed. The description is the one the
  // archive carries, or the one the store already has for it. What ArchiveReader refuses is refused here too,
  // naming the file, except not_an_archive: some platforms' packages are no ZIP.
  Package adopt(const std::filesystem::path& file, const Cancellation&, const Progress& = {});
  // By full hash or a prefix of at least 8 digits; nullopt if there is none. Failure(usage): bad_prefix if it is
  // shorter or no beginning of a hash, ambiguous_package, which lists them, if it is not unique.
  std::optional<Package> find(const std::string& sha256_or_prefix) const;
  // Writes a copy beside `target` and renames it: the target is whole or untouched. A pipe or a device is written to
  // directly. The copy is not synced: what a power failure must not take is in the store.
  void copy_out(const Package&, const std::filesystem::path& target, const Cancellation&, const Progress& = {}) const;
  // Writes it to an open descriptor, from where that stands. name: of the descriptor, for messages.
  void copy_to(const Package&, int fd, const std::string& name, const Cancellation&, const Progress& = {}) const;

 private:
  // The description the package has from now on.
  std::string describe(const std::string& sha256, const std::string& description_json);

  std::filesystem::path directory_;
};

}  // namespace ferry::host
