#include "host/base/clock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>

#include <array>
#include <cstdio>
#include <ctime>
#include <mutex>
#include <set>

#include "host/base/files.hpp"
#include "host/database/sqlite.hpp"
#include "host/runs/lease.hpp"
#include "host/runs/run_store.hpp"
#include "host/runs/work_directory.hpp"

namespace ferry::host {
namespace {

// Tables and columns are only added; an older record gets them when it is opened.
constexpr int schema_version = 3;
constexpr const char* schema = R"sql(
CREATE TABLE IF NOT EXISTS runs (
  id TEXT PRIMARY KEY, parent TEXT NOT NULL, operation TEXT NOT NULL, connection TEXT NOT NULL, stage TEXT NOT NULL,
  connector_id TEXT NOT NULL, connector_version TEXT NOT NULL, connector_sha256 TEXT NOT NULL,
  ferry_version TEXT NOT NULL, state TEXT NOT NULL, preview INTEGER NOT NULL, started_at INTEGER NOT NULL,
  finished_at INTEGER, package_sha256 TEXT NOT NULL, package_size INTEGER NOT NULL, backup_sha256 TEXT NOT NULL,
  request TEXT NOT NULL, statistics TEXT NOT NULL, fault TEXT, code TEXT, message TEXT, lease TEXT NOT NULL,
  waiting_until INTEGER);
CREATE INDEX IF NOT EXISTS runs_by_time ON runs (started_at);
CREATE INDEX IF NOT EXISTS runs_by_connection ON runs (connection, started_at);
CREATE INDEX IF NOT EXISTS runs_by_parent ON runs (parent);
CREATE INDEX IF NOT EXISTS runs_open ON runs (state) WHERE state IN ('running', 'waiting', 'queued');
CREATE TABLE IF NOT EXISTS run_items (
  run TEXT NOT NULL, type TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, outcome TEXT NOT NULL,
  count INTEGER NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL, target_id TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS run_items_by_run ON run_items (run);
CREATE TABLE IF NOT EXISTS run_steps (
  run TEXT NOT NULL, name TEXT NOT NULL, definition TEXT NOT NULL, state TEXT NOT NULL, step_run TEXT NOT NULL,
  statistics TEXT NOT NULL, PRIMARY KEY (run, name));
CREATE TABLE IF NOT EXISTS connector_state (
  connection TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (connection, key)) WITHOUT ROWID;
PRAGMA user_version = 3;
)sql";

constexpr std::string_view columns =
    "id, parent, operation, connection, stage, connector_id, connector_version, connector_sha256, ferry_version, "
    "state, preview, started_at, finished_at, package_sha256, package_size, backup_sha256, request, statistics, fault, "
    "code, message, waiting_until";

RunRecord read_record(const Statement& row) {
  RunRecord record;
  int column = 0;
  for (std::string* text :
       {&record.id, &record.parent, &record.operation, &record.connection, &record.stage, &record.connector_id,
        &record.connector_version, &record.connector_sha256, &record.ferry_version, &record.state})
    *text = row.text(column++);
  record.preview = row.integer(column++) != 0;
  record.started_at = row.integer(column++);
  if (!row.is_null(column)) record.finished_at = row.integer(column);
  ++column;
  record.package_sha256 = row.text(column++);
  record.package_size = static_cast<std::uint64_t>(row.integer(column++));
  record.backup_sha256 = row.text(column++);
  record.request_json = row.text(column++);
  record.statistics_json = row.text(column++);
  if (!row.is_null(column))
    record.error = RunError{parse_fault(row.text(column)), row.text(column + 1), row.text(column + 2)};
  column += 3;
  if (record.state == "waiting" && !row.is_null(column)) record.waiting_until = row.integer(column);
  return record;
}

std::string random_hex(std::size_t digits) {
  std::array<unsigned char, 16> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    throw_errno("asking for random bytes", errno);
  std::string text;
  for (std::size_t i = 0; i < digits; ++i) text += "0123456789abcdef"[bytes[i] & 15];
  return text;
}

// Held while the database is opened: SQLite's switch to write-ahead logging does not wait for another process that does
// the same, it fails.
class OpeningLock {
 public:
  explicit OpeningLock(const std::filesystem::path& directory) {
    make_private_directory(directory);
    fd_ = open_file(directory / "runs.lock", O_RDWR | O_CREAT);
    while (::flock(fd_.get(), LOCK_EX) != 0)
      if (errno != EINTR) throw_errno("locking " + (directory / "runs.lock").string(), errno);
  }

 private:
  UniqueFd fd_;
};

}  // namespace

class RunStore::Impl {
 public:
  explicit Impl(const std::filesystem::path& directory) : Impl(directory, OpeningLock(directory)) {}
  Impl(const std::filesystem::path& directory, const OpeningLock&)
      : directory_(directory), leases_(directory / "leases"), database_(directory / "runs.db", words()) {
    Statement version(database_, "PRAGMA user_version");
    version.step();
    if (version.integer(0) > schema_version)
      throw Failure(Fault::machine, "state_store",
                    "the record of runs in " + directory.string() +
                        " was written by a newer ferry: update this one, or choose another --state-dir");
    const std::int64_t found = version.integer(0);
    version.reset();  // an open statement would hold the database
    if (found == 1 || found == 2) database_.execute("ALTER TABLE runs ADD COLUMN waiting_until INTEGER");
    if (found == 1) database_.execute("ALTER TABLE run_items ADD COLUMN target_id TEXT NOT NULL DEFAULT ''");
    if (found < schema_version) database_.execute(schema);
  }

  static DatabaseWords words() {
    return {"the record of runs", "state_store", "", "another --state-dir",
            "move the file away, and ferry begins a new one"};
  }

  // Six digits alone do not tell apart the runs of a second, if there are many.
  std::string new_id() {
    std::lock_guard lock(mutex_);
    const std::time_t now = std::time(nullptr);
    if (now != issued_at_) issued_.clear();
    issued_at_ = now;
    std::tm time{};
    ::gmtime_r(&now, &time);
    char prefix[32];
    std::strftime(prefix, sizeof prefix, "%Y%m%d-%H%M%S-", &time);
    for (;;) {
      std::string id = prefix + random_hex(6);
      Statement query(database_, "SELECT 1 FROM runs WHERE id = ?");
      if (!query.bind(id).step() && issued_.insert(id).second) return id;
    }
  }

  void begin(const RunRecord& record) {
    std::lock_guard lock(mutex_);
    if (!lease_) {
      close_orphans();
      lease_ = std::make_unique<Lease>(leases_, random_hex(16));
    }
    Statement insert(database_, "INSERT INTO runs (" + std::string(columns) +
                                    ", lease) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,NULL,?,?,?,?,'',NULL,NULL,NULL,NULL,?)");
    insert.bind(record.id).bind(record.parent).bind(record.operation).bind(record.connection).bind(record.stage);
    insert.bind(record.connector_id).bind(record.connector_version).bind(record.connector_sha256);
    insert.bind(record.ferry_version).bind(record.state).bind(record.preview ? 1 : 0).bind(record.started_at);
    insert.bind(record.package_sha256).bind(static_cast<std::int64_t>(record.package_size)).bind(record.backup_sha256);
    insert.bind(record.request_json).bind(lease_->id()).step();
  }

  void add_items(const std::string& run, const std::vector<Item>& items) {
    std::lock_guard lock(mutex_);
    Transaction transaction(database_);
    Statement insert(database_, "INSERT INTO run_items VALUES (?,?,?,?,?,?,?,?,?)");
    for (const Item& item : items) {
      insert.bind(run).bind(item.type).bind(item.id).bind(item.name).bind(item.outcome);
      insert.bind(static_cast<std::int64_t>(item.count)).bind(item.code).bind(item.message);
      insert.bind(item.target_id).step();
      insert.reset();
    }
    transaction.commit();
  }

  void set_waiting(const std::string& run, std::optional<std::int64_t> until) {
    std::lock_guard lock(mutex_);
    Statement(database_, "UPDATE runs SET state = ?, waiting_until = ? WHERE id = ? AND finished_at IS NULL")
        .bind(until ? "waiting" : "running")
        .bind(until)
        .bind(run)
        .step();
  }

  void set_backup(const std::string& run, const std::string& sha256) {
    std::lock_guard lock(mutex_);
    Statement(database_, "UPDATE runs SET backup_sha256 = ? WHERE id = ?").bind(sha256).bind(run).step();
  }

  void finish(const RunRecord& record) {
    std::lock_guard lock(mutex_);
    Statement update(
        database_,
        "UPDATE runs SET state = ?, finished_at = ?, package_sha256 = ?, package_size = ?, backup_sha256 = ?, "
        "statistics = ?, fault = ?, code = ?, message = ? WHERE id = ?");
    update.bind(record.state).bind(record.finished_at).bind(record.package_sha256);
    update.bind(static_cast<std::int64_t>(record.package_size)).bind(record.backup_sha256).bind(record.statistics_json);
    if (record.error)
      update.bind(fault_word(record.error->fault)).bind(record.error->code).bind(record.error->message);
    else
      update.bind_null().bind_null().bind_null();
    update.bind(record.id).step();
  }

  std::vector<RunRecord> list(std::size_t limit, const std::string& connection) {
    std::lock_guard lock(mutex_);
    close_orphans();
    Statement query(database_, "SELECT " + std::string(columns) +
                                   " FROM runs WHERE ?1 = '' OR connection = ?1 "
                                   "ORDER BY started_at DESC, rowid DESC LIMIT ?2");
    query.bind(connection).bind(static_cast<std::int64_t>(limit));
    return records(query);
  }

  std::vector<std::string> connections() {
    std::lock_guard lock(mutex_);
    Statement query(database_, "SELECT DISTINCT connection FROM runs WHERE connection <> '' ORDER BY connection");
    std::vector<std::string> found;
    while (query.step()) found.push_back(query.text(0));
    return found;
  }

  RunRecord show(const std::string& part) {
    std::lock_guard lock(mutex_);
    close_orphans();
    Statement query(database_,
                    "SELECT " + std::string(columns) +
                        " FROM runs WHERE id = ?1 OR (length(?1) >= 4 AND (substr(id, 1, length(?1)) = ?1 OR "
                        "substr(id, -length(?1)) = ?1)) ORDER BY id = ?1 DESC, started_at DESC, rowid DESC LIMIT 3");
    std::vector<RunRecord> found = records(query.bind(part));
    if (found.empty())
      throw Failure(Fault::usage, "unknown_run", "no run \"" + part + "\" is recorded; see: ferry runs list");
    if (found.size() > 1 && found[0].id != part)
      throw Failure(Fault::usage, "unknown_run",
                    "\"" + part + "\" is part of several run ids (" + found[0].id + ", " + found[1].id +
                        (found.size() > 2 ? ", …" : "") + "): give more of it");
    return found[0];
  }

  std::vector<RunRecord> children(const std::string& run) {
    std::lock_guard lock(mutex_);
    close_orphans();
    Statement query(database_,
                    "SELECT " + std::string(columns) + " FROM runs WHERE parent = ? ORDER BY started_at, rowid");
    return records(query.bind(run));
  }

  std::vector<Item> items(const std::string& run, std::size_t limit, std::size_t offset) {
    std::lock_guard lock(mutex_);
    Statement query(database_,
                    "SELECT type, id, name, outcome, count, code, message, target_id FROM run_items WHERE run = ? "
                    "ORDER BY rowid LIMIT ? OFFSET ?");
    query.bind(run).bind(static_cast<std::int64_t>(limit)).bind(static_cast<std::int64_t>(offset));
    std::vector<Item> found;
    while (query.step())
      found.push_back({query.text(0), query.text(1), query.text(2), query.text(3),
                       static_cast<std::uint64_t>(query.integer(4)), query.text(5), query.text(6), query.text(7)});
    return found;
  }

  void save_step(const std::string& run, const RecordedStep& step) {
    std::lock_guard lock(mutex_);
    Statement(database_, "INSERT OR REPLACE INTO run_steps VALUES (?,?,?,?,?,?)")
        .bind(run)
        .bind(step.name)
        .bind(step.definition)
        .bind(step.state)
        .bind(step.run)
        .bind(step.statistics_json)
        .step();
  }

  std::vector<RecordedStep> steps(const std::string& run) {
    std::lock_guard lock(mutex_);
    Statement query(database_,
                    "SELECT name, definition, state, step_run, statistics FROM run_steps WHERE run = ? ORDER BY rowid");
    query.bind(run);
    std::vector<RecordedStep> found;
    while (query.step()) found.push_back({query.text(0), query.text(1), query.text(2), query.text(3), query.text(4)});
    return found;
  }

  std::optional<std::string> state(const std::string& connection, const std::string& key) {
    std::lock_guard lock(mutex_);
    Statement query(database_, "SELECT value FROM connector_state WHERE connection = ? AND key = ?");
    query.bind(connection).bind(key);
    if (!query.step()) return std::nullopt;
    return query.text(0);
  }

  void set_state(const std::string& connection, const std::string& key, const std::string& value) {
    std::lock_guard lock(mutex_);
    Statement(database_, "INSERT INTO connector_state VALUES (?,?,?) ON CONFLICT DO UPDATE SET value = excluded.value")
        .bind(connection)
        .bind(key)
        .bind(value)
        .step();
  }

  void remove_state(const std::string& connection, const std::string& key) {
    std::lock_guard lock(mutex_);
    Statement(database_, "DELETE FROM connector_state WHERE connection = ? AND key = ?")
        .bind(connection)
        .bind(key)
        .step();
  }

 private:
  static std::vector<RunRecord> records(Statement& query) {
    std::vector<RunRecord> found;
    while (query.step()) found.push_back(read_record(query));
    return found;
  }

  // A run that is open under a lease nobody holds has lost its host. What it left behind goes.
  void close_orphans() {
    std::vector<std::pair<std::string, std::string>> open;
    {
      Statement query(database_, "SELECT id, lease FROM runs WHERE state IN ('running', 'waiting', 'queued')");
      while (query.step()) open.emplace_back(query.text(0), query.text(1));
    }
    for (const auto& [run, lease] : open) {
      if ((lease_ && lease == lease_->id()) || Lease::held(leases_, lease)) continue;
      Statement(
          database_,
          "UPDATE runs SET state = 'failed', fault = 'machine', code = 'host_died', message = 'ferry itself ended "
          "before the run did (killed, crashed, or the machine went down); what the platform had taken by then is "
          "not known: run the same command with --dry-run to see' WHERE id = ? AND lease = ? AND state IN "
          "('running', 'waiting', 'queued')")
          .bind(run)
          .bind(lease)
          .step();
      WorkDirectory::remove(WorkDirectory::of(directory_, run));
    }
  }

  const std::filesystem::path directory_, leases_;
  std::mutex mutex_;
  std::time_t issued_at_ = 0;
  std::set<std::string> issued_;  // of that second
  Database database_;
  std::unique_ptr<Lease> lease_;
};

RunStore::RunStore(const std::filesystem::path& state_directory) : impl_(std::make_unique<Impl>(state_directory)) {}
RunStore::~RunStore() = default;

std::string RunStore::new_id() { return impl_->new_id(); }
void RunStore::begin(const RunRecord& record) { impl_->begin(record); }
void RunStore::add_items(const std::string& run, const std::vector<Item>& items) { impl_->add_items(run, items); }
void RunStore::set_waiting(const std::string& run, std::optional<std::int64_t> until) {
  impl_->set_waiting(run, until);
}
void RunStore::set_backup(const std::string& run, const std::string& sha256) { impl_->set_backup(run, sha256); }
void RunStore::finish(const RunRecord& record) { impl_->finish(record); }
std::vector<RunRecord> RunStore::list(std::size_t limit, const std::string& connection) {
  return impl_->list(limit, connection);
}
std::vector<std::string> RunStore::connections() { return impl_->connections(); }
RunRecord RunStore::show(const std::string& id_or_part) { return impl_->show(id_or_part); }
std::vector<RunRecord> RunStore::children(const std::string& run) { return impl_->children(run); }
std::vector<Item> RunStore::items(const std::string& run, std::size_t limit, std::size_t offset) {
  return impl_->items(run, limit, offset);
}
void RunStore::save_step(const std::string& run, const RecordedStep& step) { impl_->save_step(run, step); }
std::vector<RecordedStep> RunStore::steps(const std::string& run) { return impl_->steps(run); }
std::optional<std::string> RunStore::state(const std::string& connection, const std::string& key) {
  return impl_->state(connection, key);
}
void RunStore::set_state(const std::string& connection, const std::string& key, const std::string& value) {
  impl_->set_state(connection, key, value);
}
void RunStore::remove_state(const std::string& connection, const std::string& key) {
  impl_->remove_state(connection, key);
}

}  // namespace ferry::host
