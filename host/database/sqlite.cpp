#include "host/database/sqlite.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "host/base/files.hpp"
#include "host/base/text.hpp"

namespace ferry::host {
namespace {

// errno of what failed last, 0 if that is not known. Of a commit SQLite remembers it with the journal alone.
int reason_of_failure(sqlite3* database) {
  if (const int reason = sqlite3_system_errno(database)) return reason;
  sqlite3_file* journal = nullptr;
  int reason = 0;
  sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &journal);
  if (journal != nullptr && journal->pMethods != nullptr)
    journal->pMethods->xFileControl(journal, SQLITE_FCNTL_LAST_ERRNO, &reason);
  return reason;
}

}  // namespace

Database::Database(const std::filesystem::path& file, DatabaseWords words, std::chrono::milliseconds busy)
    : file_(file), words_(std::move(words)), busy_(busy) {
  // SQLite would give it the mode of any new file. Its journals get the mode of the database.
  if (!file.empty())
    if (const UniqueFd private_file = open_file(file, O_RDWR | O_CREAT); ::fchmod(private_file.get(), 0600) != 0)
      throw_errno("protecting " + file.string(), errno);
  sqlite3* opened = nullptr;
  const int result =
      sqlite3_open_v2(file.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  handle_.reset(opened);
  if (result != SQLITE_OK) fail("opening it");
  sqlite3_busy_timeout(opened, static_cast<int>(busy.count()));
  execute("PRAGMA journal_mode = WAL");
  execute("PRAGMA synchronous = NORMAL");
  execute("PRAGMA foreign_keys = ON");
}

void Database::execute(const char* sql) {
  if (sqlite3_exec(get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail("using it");
}

void Database::fail(const std::string& doing) const {
  const int error = sqlite3_extended_errcode(get()) & 0xff;
  const std::string what = words_.subject + ", " + file_.string() + ": " + doing;
  // SQLite says of a full disk that it is one. A limit on the size of files, or a quota, it calls an I/O error.
  if (error == SQLITE_IOERR || error == SQLITE_CANTOPEN)
    if (const int reason = reason_of_failure(get()); reason == EFBIG || reason == EDQUOT || reason == ENOSPC)
      throw_errno(what, reason);
  std::string message = what + ": " + sqlite3_errmsg(get());
  const std::string elsewhere = words_.other_place.empty() ? "" : ", or choose " + words_.other_place;
  if (error == SQLITE_FULL) throw Failure(Fault::machine, "disk_full", message + "; make room there" + elsewhere);
  if (error == SQLITE_READONLY || error == SQLITE_CANTOPEN || error == SQLITE_PERM)
    message += "; ferry must be able to write there: correct the permissions" + elsewhere;
  if (error == SQLITE_NOTADB || error == SQLITE_CORRUPT) message += "; " + words_.if_damaged;
  if (error == SQLITE_BUSY) {
    message += "; another program holds it for longer than " + human_duration(busy_.count()) + "; try again later";
    throw Failure(Fault::machine, words_.busy_code.empty() ? words_.code : words_.busy_code, message);
  }
  throw Failure(Fault::machine, words_.code, message);
}

}  // namespace ferry::host
