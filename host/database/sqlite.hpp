// A thin face on SQLite's C interface: statements that bind, step and read, failures that say what was tried.
#pragma once

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "host/base/failure.hpp"

namespace ferry::host {

// How failures of a database are told.
struct DatabaseWords {
  std::string subject;      // "the record of runs"
  std::string code;         // of what has none of its own
  std::string busy_code;    // of a database that another program holds; "": code
  std::string other_place;  // what to choose instead: "another --state-dir"
  std::string if_damaged;   // what to do with a file that is no database
};

// In WAL mode, synchronous = NORMAL: a commit survives the end of the process; after a power cut the last ones may be
// missing, each of them as a whole. Used by one thread at a time: whoever shares one has a lock of their own.
class Database {
 public:
  // Made if need be; readable and writable by its owner only; "": a temporary one that goes with the object. Waits for
  // other programs for at most `busy`.
  Database(const std::filesystem::path& file, DatabaseWords, std::chrono::milliseconds busy = std::chrono::seconds(10));

  void execute(const char* sql);
  sqlite3* get() const noexcept { return handle_.get(); }
  // Failure(machine): disk_full, or a code of the words.
  [[noreturn]] void fail(const std::string& doing) const;

 private:
  std::filesystem::path file_;
  DatabaseWords words_;
  std::chrono::milliseconds busy_;
  std::unique_ptr<sqlite3, int (*)(sqlite3*)> handle_{nullptr, sqlite3_close};
};

class Statement {
 public:
  Statement(const Database& database, std::string_view sql) : database_(&database) {
    sqlite3_stmt* made = nullptr;
    if (sqlite3_prepare_v2(database.get(), sql.data(), static_cast<int>(sql.size()), &made, nullptr) != SQLITE_OK)
      database.fail("preparing a statement");
    handle_.reset(made);
  }

  Statement& bind(std::string_view text) {
    sqlite3_bind_text64(handle_.get(), ++bound_, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    return *this;
  }
  Statement& bind(std::int64_t value) {
    sqlite3_bind_int64(handle_.get(), ++bound_, value);
    return *this;
  }
  Statement& bind_real(double value) {
    sqlite3_bind_double(handle_.get(), ++bound_, value);
    return *this;
  }
  Statement& bind_blob(std::string_view bytes) {
    sqlite3_bind_blob64(handle_.get(), ++bound_, bytes.data(), bytes.size(), SQLITE_TRANSIENT);
    return *this;
  }
  // The bytes outlive the next step() and are not changed before.
  Statement& bind_borrowed(std::string_view text) {
    sqlite3_bind_text64(handle_.get(), ++bound_, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
    return *this;
  }
  Statement& bind_borrowed_blob(std::string_view bytes) {
    sqlite3_bind_blob64(handle_.get(), ++bound_, bytes.data(), bytes.size(), SQLITE_STATIC);
    return *this;
  }
  Statement& bind_null() {
    sqlite3_bind_null(handle_.get(), ++bound_);
    return *this;
  }
  Statement& bind(const std::optional<std::int64_t>& value) { return value ? bind(*value) : bind_null(); }

  // true: there is a row.
  bool step() {
    const int result = sqlite3_step(handle_.get());
    if (result == SQLITE_ROW) return true;
    if (result != SQLITE_DONE) database_->fail("using it");
    return false;
  }
  void reset() {
    sqlite3_reset(handle_.get());
    bound_ = 0;
  }
  std::string text(int column) const {
    const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(handle_.get(), column));
    return data == nullptr ? std::string()
                           : std::string(data, static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column)));
  }
  // Borrowed until the next step() or reset().
  std::string_view blob(int column) const {
    const void* data = sqlite3_column_blob(handle_.get(), column);
    return {static_cast<const char*>(data), static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column))};
  }
  std::optional<std::int64_t> optional_integer(int column) const {
    return is_null(column) ? std::nullopt : std::optional(integer(column));
  }
  sqlite3_stmt* get() const noexcept { return handle_.get(); }
  std::int64_t integer(int column) const { return sqlite3_column_int64(handle_.get(), column); }
  bool is_null(int column) const { return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL; }

 private:
  const Database* database_;
  std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> handle_{nullptr, sqlite3_finalize};
  int bound_ = 0;
};

// Commits when told to; rolls back otherwise.
class Transaction {
 public:
  explicit Transaction(Database& database) : database_(database) { database_.execute("BEGIN IMMEDIATE"); }
  ~Transaction() {
    if (!committed_) sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit() {
    database_.execute("COMMIT");
    committed_ = true;
  }

 private:
  Database& database_;
  bool committed_ = false;
};

}  // namespace ferry::host
