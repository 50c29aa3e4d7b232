#include "host/runs/sqlite.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "host/base/files.hpp"

namespace ferry::host {

Database::Database(const std::filesystem::path& file) : file_(file) {
  // SQLite would give it the mode of any new file. Its journals get the mode of the database.
  if (const UniqueFd private_file = open_file(file, O_RDWR | O_CREAT); ::fchmod(private_file.get(), 0600) != 0)
    throw_errno("protecting " + file.string(), errno);
  sqlite3* opened = nullptr;
  const int result = sqlite3_open_v2(file.c_str(), &opened,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, nullptr);
  handle_.reset(opened);
  if (result != SQLITE_OK) fail("opening it");
  sqlite3_busy_timeout(opened, 10'000);
  execute("PRAGMA journal_mode = WAL");
  execute("PRAGMA synchronous = NORMAL");
  execute("PRAGMA foreign_keys = ON");
}

void Database::execute(const char* sql) {
  if (sqlite3_exec(get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail("using it");
}

void Database::fail(const std::string& doing) const {
  const int error = sqlite3_extended_errcode(get());
  std::string message = "the record of runs, " + file_.string() + ": " + doing + ": " + sqlite3_errmsg(get());
  if ((error & 0xff) == SQLITE_FULL)
    throw Failure(Fault::machine, "disk_full", message + "; make room there, or choose another --state-dir");
  if ((error & 0xff) == SQLITE_READONLY || (error & 0xff) == SQLITE_CANTOPEN || (error & 0xff) == SQLITE_PERM)
    message += "; ferry must be able to write there: correct the permissions, or choose another --state-dir";
  if ((error & 0xff) == SQLITE_NOTADB || (error & 0xff) == SQLITE_CORRUPT)
    message += "; move the file away, and ferry begins a new one";
  if ((error & 0xff) == SQLITE_BUSY) message += "; another program holds it for longer than 10 s";
  throw Failure(Fault::machine, "state_store", message);
}

}  // namespace ferry::host
