// The record of runs: what is written comes back, whoever writes, whoever dies.
#include "host/runs/run_store.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <set>
#include <thread>

#include "host/base/files.hpp"
#include "host/runs/lease.hpp"
#include "host/runs/work_directory.hpp"
#include "tests/support/failure_of.hpp"

namespace ferry::host {
namespace {

using ferry::test::failure_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class RunStoreTest : public testing::Test {
 protected:
  std::filesystem::path directory() const { return home_.path() / "state"; }

  RunRecord begun(RunStore& store, std::int64_t started_at = 0, const std::string& connection = "flows") {
    RunRecord record;
    record.id = store.new_id();
    record.operation = "export";
    record.connection = connection;
    record.state = "running";
    record.started_at = started_at;
    store.begin(record);
    return record;
  }
  void execute(const std::string& sql) const {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open((directory() / "runs.db").c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(database);
    sqlite3_close(database);
  }
  // Runs `work` in a process of its own and gives what it writes to the descriptor; the process is killed then.
  std::string killed(const std::function<void(int out)>& work) const {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      work(ends[1]);
      ::close(ends[1]);
      for (;;) ::pause();
    }
    ::close(ends[1]);
    std::string text;
    char buffer[256];
    for (ssize_t got; (got = ::read(ends[0], buffer, sizeof buffer)) > 0;)
      text.append(buffer, static_cast<std::size_t>(got));
    ::close(ends[0]);
    before_kill_(text);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    return text;
  }

  TemporaryDirectory home_{testing::TempDir()};
  std::function<void(const std::string& text)> before_kill_ = [](const std::string&) {};
};

TEST_F(RunStoreTest, EveryColumnComesBack) {
  RunRecord record;
  {
    RunStore store(directory());
    record.id = store.new_id();
    record.parent = "parent-1";
    record.operation = "import";
    record.connection = "flows-prod";
    record.stage = "prod";
    record.connector_id = "node-red";
    record.connector_version = "1.2.3";
    record.connector_sha256 = "aa";
    record.ferry_version = "0.1.0";
    record.state = "running";
    record.preview = true;
    record.started_at = 1'795'000'000'123;
    record.package_sha256 = "bb";
    record.package_size = 5ull << 40;
    record.request_json = "{\"a\":\"ü\"}";
    store.begin(record);
    const RunRecord open = store.show(record.id);
    EXPECT_EQ(open.state, "running");
    EXPECT_FALSE(open.finished_at);
    EXPECT_FALSE(open.error);

    record.state = "failed";
    record.finished_at = 1'795'000'001'000;
    record.package_sha256 = "cc";
    record.package_size = 7;
    record.backup_sha256 = "dd";
    record.statistics_json = "{}";
    record.error = RunError{Fault::platform, "timeout", std::string("with a \0 in it", 14)};
    store.finish(record);
  }
  RunStore again(directory());
  const RunRecord same = again.show(record.id);
  EXPECT_EQ(same.id, record.id);
  EXPECT_EQ(same.parent, record.parent);
  EXPECT_EQ(same.operation, record.operation);
  EXPECT_EQ(same.connection, record.connection);
  EXPECT_EQ(same.stage, record.stage);
  EXPECT_EQ(same.connector_id, record.connector_id);
  EXPECT_EQ(same.connector_version, record.connector_version);
  EXPECT_EQ(same.connector_sha256, record.connector_sha256);
  EXPECT_EQ(same.ferry_version, record.ferry_version);
  EXPECT_EQ(same.state, record.state);
  EXPECT_TRUE(same.preview);
  EXPECT_EQ(same.started_at, record.started_at);
  EXPECT_EQ(same.finished_at, record.finished_at);
  EXPECT_EQ(same.package_sha256, record.package_sha256);
  EXPECT_EQ(same.package_size, record.package_size);
  EXPECT_EQ(same.backup_sha256, record.backup_sha256);
  EXPECT_EQ(same.request_json, record.request_json);
  EXPECT_EQ(same.statistics_json, record.statistics_json);
  ASSERT_TRUE(same.error);
  EXPECT_EQ(same.error->fault, Fault::platform);
  EXPECT_EQ(same.error->code, "timeout");
  EXPECT_EQ(same.error->message, record.error->message);
  again.set_backup(record.id, "ee");
  EXPECT_EQ(again.show(record.id).backup_sha256, "ee");
}

TEST_F(RunStoreTest, ListsTheNewestFirstAndWhatBeganTogetherAsItWasRecorded) {
  RunStore store(directory());
  const std::string second = begun(store, 2000).id, first = begun(store, 1000, "other").id;
  std::vector<std::string> together;
  for (int i = 0; i < 20; ++i) together.insert(together.begin(), begun(store, 3000).id);
  std::vector<std::string> expected = together, listed;
  expected.push_back(second);
  expected.push_back(first);
  for (const RunRecord& record : store.list()) listed.push_back(record.id);
  EXPECT_EQ(listed, expected);
  EXPECT_EQ(store.list(3).size(), 3u);
  ASSERT_EQ(store.list(50, "other").size(), 1u);
  EXPECT_EQ(store.list(50, "other")[0].id, first);
}

TEST_F(RunStoreTest, ChildrenComeInTheirOrder) {
  RunStore store(directory());
  RunRecord parent = begun(store);
  std::vector<std::string> expected, found;
  for (int i = 0; i < 5; ++i) {
    RunRecord child;
    child.id = store.new_id();
    child.parent = parent.id;
    child.state = "running";
    store.begin(child);
    expected.push_back(child.id);
  }
  for (const RunRecord& child : store.children(parent.id)) found.push_back(child.id);
  EXPECT_EQ(found, expected);
}

TEST_F(RunStoreTest, ShowTakesAUniquePart) {
  RunStore store(directory());
  for (const char* id : {"20261121-201530-7f3a12", "20261121-201530-7f3b99", "20261122-090000-aaaa12"}) {
    RunRecord record;
    record.id = id;
    record.state = "running";
    record.started_at = id[7] - '0';
    store.begin(record);
  }
  EXPECT_EQ(store.show("20261122").id, "20261122-090000-aaaa12");
  EXPECT_EQ(store.show("3a12").id, "20261121-201530-7f3a12");
  EXPECT_EQ(store.show("20261121-201530-7f3b99").id, "20261121-201530-7f3b99");
  EXPECT_EQ(failure_of([&] { store.show("20261121"); }),
            "usage unknown_run: \"20261121\" is part of several run ids (20261121-201530-7f3b99, "
            "20261121-201530-7f3a12): give more of it");
  EXPECT_THAT(failure_of([&] { store.show("2026"); }), HasSubstr(", …): give more of it"));
  for (const char* part : {"a12", "", "%", "____", "99999999"})
    EXPECT_THAT(failure_of([&] { store.show(part); }), StartsWith("usage unknown_run: no run \"")) << part;
}

TEST_F(RunStoreTest, ItemsComeInPages) {
  RunStore store(directory());
  const RunRecord record = begun(store);
  std::vector<Item> items;
  for (int i = 0; i < 250; ++i)
    items.push_back({"flow", std::to_string(i), "näme", "failed", static_cast<std::uint64_t>(i), "code", "why",
                     i % 2 == 0 ? "t" + std::to_string(i) : ""});
  store.add_items(record.id, {items.begin(), items.begin() + 100});
  store.add_items(record.id, {items.begin() + 100, items.end()});
  store.add_items("another", {items[0]});
  std::vector<Item> found;
  for (std::size_t offset = 0;; offset += 100) {
    const std::vector<Item> page = store.items(record.id, 100, offset);
    if (page.empty()) break;
    found.insert(found.end(), page.begin(), page.end());
  }
  EXPECT_EQ(found, items);
}

TEST_F(RunStoreTest, StateHasANameSpaceEach) {
  RunStore store(directory());
  const std::string bytes("\0value\xff", 7);
  store.set_state("a", "key", bytes);
  store.set_state("b", "key", "other");
  store.set_state("a", "key", bytes + "!");
  EXPECT_EQ(store.state("a", "key"), bytes + "!");
  EXPECT_EQ(store.state("b", "key"), "other");
  EXPECT_EQ(store.state("a", "none"), std::nullopt);
  store.remove_state("a", "key");
  store.remove_state("a", "key");
  EXPECT_EQ(store.state("a", "key"), std::nullopt);
  EXPECT_EQ(store.state("b", "key"), "other");
}

TEST_F(RunStoreTest, ARunOfADeadProcessIsClosedAndWhatItLeftIsRemoved) {
  before_kill_ = [&](const std::string& id) {
    RunStore store(directory());
    EXPECT_EQ(store.show(id).state, "running") << "its process lives";
    EXPECT_EQ(store.list().at(0).state, "running");
  };
  const std::string id = killed([&](int out) {
    static RunStore store(directory());
    const RunRecord record = begun(store);
    static const WorkDirectory work(directory(), record.id);
    std::ofstream(work.path() / "half-done") << "x";
    write_all(out, record.id, "pipe");
  });
  ASSERT_TRUE(std::filesystem::exists(WorkDirectory::of(directory(), id)));
  RunStore store(directory());
  const RunRecord mine = begun(store);
  const RunRecord record = store.show(id);
  EXPECT_EQ(record.state, "failed");
  ASSERT_TRUE(record.error);
  EXPECT_EQ(record.error->fault, Fault::machine);
  EXPECT_EQ(record.error->code, "host_died");
  EXPECT_THAT(record.error->message, HasSubstr("--dry-run"));
  EXPECT_FALSE(std::filesystem::exists(WorkDirectory::of(directory(), id)));
  EXPECT_EQ(store.show(mine.id).state, "running") << "one's own run is not taken for dead";
}

TEST_F(RunStoreTest, AskingAboutALeaseDoesNotTakeIt) {
  const std::filesystem::path leases = home_.path() / "leases";
  {
    const Lease lease(leases, "one");
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        for (int n = 0; n < 200; ++n) EXPECT_TRUE(Lease::held(leases, "one"));
      });
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_FALSE(Lease::held(leases, "one"));
  // Two that ask at once about a lease nobody holds must both see that.
  for (int round = 0; round < 100; ++round) {
    std::ofstream(leases / "dead") << "";
    std::thread other([&] { EXPECT_FALSE(Lease::held(leases, "dead")); });
    EXPECT_FALSE(Lease::held(leases, "dead"));
    other.join();
  }
  EXPECT_FALSE(Lease::held(leases, "../leases/dead"));
}

TEST_F(RunStoreTest, ManyThreadsAndProcessesWriteAtOnce) {
  constexpr int processes = 3, threads_each = 4, runs_each = 15;
  std::vector<pid_t> children;
  for (int p = 0; p < processes; ++p) {
    const pid_t child = ::fork();
    if (child == 0) {
      bool good = true;
      try {
        RunStore store(directory());
        std::vector<std::thread> threads;
        for (int t = 0; t < threads_each; ++t)
          threads.emplace_back([&] {
            try {
              for (int i = 0; i < runs_each; ++i) {
                RunRecord record = begun(store, i);
                store.add_items(record.id, {{"flow", "1", "", "added", 1, "", ""}});
                store.set_state("flows", "cursor", record.id);
                record.state = "succeeded";
                store.finish(record);
                (void)store.list(5);
              }
            } catch (const std::exception& error) {
              ::dprintf(2, "%s\n", error.what());
              good = false;
            }
          });
        for (std::thread& thread : threads) thread.join();
      } catch (const std::exception& error) {
        ::dprintf(2, "%s\n", error.what());
        good = false;
      }
      ::_exit(good ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  RunStore store(directory());
  const std::vector<RunRecord> all = store.list(10'000);
  EXPECT_EQ(all.size(), static_cast<std::size_t>(processes * threads_each * runs_each));
  for (const RunRecord& record : all) EXPECT_EQ(record.state, "succeeded") << record.id;
}

TEST_F(RunStoreTest, IdsOfOneSecondAreNew) {
  RunStore store(directory());
  std::set<std::string> ids;
  for (int i = 0; i < 3000; ++i) ids.insert(store.new_id());
  EXPECT_EQ(ids.size(), 3000u);
  EXPECT_THAT(*ids.begin(), testing::MatchesRegex("20[0-9]+-[0-9]+-[0-9a-f]+"));
}

TEST_F(RunStoreTest, NobodyElseMayReadIt) {
  const auto mode = [](const std::filesystem::path& path) { return std::filesystem::status(path).permissions(); };
  const mode_t before = ::umask(022);
  { RunStore store(directory()); }
  EXPECT_EQ(mode(directory() / "runs.db"), std::filesystem::perms(0600));
  EXPECT_EQ(mode(directory()), std::filesystem::perms(0700));
  std::filesystem::permissions(directory() / "runs.db", std::filesystem::perms(0644));
  RunStore store(directory());
  begun(store);
  for (const auto& file : std::filesystem::directory_iterator(directory())) {
    if (file.is_regular_file()) {
      EXPECT_EQ(mode(file.path()), std::filesystem::perms(0600)) << file.path();
    }
  }
  ::umask(before);
}

TEST_F(RunStoreTest, TheRecordOfAnOlderFerryIsTakenOver) {
  std::string id;
  {
    RunStore store(directory());
    id = begun(store).id;
    store.add_items(id, {{"flow", "a", "A", "added", 1, "", ""}});
  }
  execute(
      "ALTER TABLE run_items DROP COLUMN target_id; ALTER TABLE runs DROP COLUMN waiting_until; "
      "PRAGMA user_version = 1");
  { RunStore store(directory()); }
  execute("ALTER TABLE runs DROP COLUMN waiting_until; PRAGMA user_version = 2");
  RunStore store(directory());
  store.set_waiting(begun(store).id, 5);
  const Item item{"flow", "b", "B", "modified", 1, "", "", "c"};
  store.add_items(id, {item});
  EXPECT_THAT(store.items(id, 10), ElementsAre(Item{"flow", "a", "A", "added", 1, "", ""}, item));
}

TEST_F(RunStoreTest, KnowsTheConnectionsOfItsRuns) {
  RunStore store(directory());
  for (const char* name : {"prod", "dev", "", "prod"}) begun(store, 0, name);
  EXPECT_THAT(store.connections(), ElementsAre("dev", "prod"));
}

TEST_F(RunStoreTest, ARunThatWaitsSaysUntilWhen) {
  RunStore store(directory());
  RunRecord record = begun(store);
  store.set_waiting(record.id, 1'800'000'000'000);
  RunRecord found = store.show(record.id);
  EXPECT_EQ(found.state, "waiting");
  EXPECT_EQ(found.waiting_until, 1'800'000'000'000);
  store.set_waiting(record.id, std::nullopt);
  found = store.show(record.id);
  EXPECT_EQ(found.state, "running");
  EXPECT_EQ(found.waiting_until, std::nullopt);
  store.set_waiting(record.id, 1'800'000'000'000);
  record.state = "succeeded";
  record.finished_at = 1;
  store.finish(record);
  store.set_waiting(record.id, 1'900'000'000'000);  // told too late
  found = store.show(record.id);
  EXPECT_EQ(found.state, "succeeded");
  EXPECT_EQ(found.waiting_until, std::nullopt);
}

TEST_F(RunStoreTest, TheRecordOfANewerFerryIsLeftAlone) {
  { RunStore store(directory()); }
  execute("PRAGMA user_version = 99");
  EXPECT_THAT(
      failure_of([&] { RunStore store(directory()); }),
      testing::AllOf(StartsWith("machine state_store: the record of runs in "),
                     HasSubstr("was written by a newer ferry: update this one, or choose another --state-dir")));
}

TEST_F(RunStoreTest, ADamagedFileIsNamedWithWhatToDo) {
  std::filesystem::create_directory(directory());
  std::ofstream(directory() / "runs.db") << std::string(10'000, 'x');
  EXPECT_THAT(
      failure_of([&] { RunStore store(directory()); }),
      testing::AllOf(StartsWith("machine state_store: the record of runs, " + (directory() / "runs.db").string()),
                     HasSubstr("move the file away, and ferry begins a new one")));
}

TEST_F(RunStoreTest, ADamagedPageIsAFailureAndNoCrash) {
  {
    RunStore store(directory());
    for (int i = 0; i < 200; ++i) begun(store);
  }
  {
    std::fstream file(directory() / "runs.db", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096);
    file << std::string(40'000, '\x5a');
  }
  EXPECT_THAT(failure_of([&] {
                RunStore store(directory());
                store.list(1000);
              }),
              StartsWith("machine state_store"));
}

// A thread may give up its rights alone, so that this holds for root as well.
TEST_F(RunStoreTest, ADirectoryThatMayNotBeWrittenIsNamed) {
  { RunStore store(directory()); }
  std::filesystem::permissions(home_.path(), std::filesystem::perms(0755));
  std::filesystem::permissions(directory(), std::filesystem::perms(0555));
  std::string failure;
  std::thread([&] {
    if (::geteuid() == 0) ::syscall(SYS_setresuid, -1, 65534, -1);
    failure = failure_of([&] { RunStore store(directory()); });
  }).join();
  std::filesystem::permissions(directory(), std::filesystem::perms(0755));
  EXPECT_THAT(failure, testing::AllOf(StartsWith("machine permission: "), HasSubstr(directory().string())));
}

}  // namespace
}  // namespace ferry::host
