// The destination fails in the middle of a sync: the error says so, nothing half is left, and the next run makes it
// right.
#include <signal.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/platforms/sync_survival/sync_journey.hpp"

namespace ferry::test {
namespace {

// Of a program that is not ferry.
class Holder {
 public:
  explicit Holder(const std::string& file) {
    if (sqlite3_open(file.c_str(), &handle_) != SQLITE_OK) throw std::runtime_error("opening " + file);
    sqlite3_busy_timeout(handle_, 10'000);
  }
  ~Holder() { sqlite3_close(handle_); }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;
  void take() { execute("BEGIN IMMEDIATE"); }
  void give_back() { execute("ROLLBACK"); }

 private:
  void execute(const char* sql) {
    if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
      throw std::runtime_error(sqlite3_errmsg(handle_));
  }
  sqlite3* handle_ = nullptr;
};

// A file system of its own, where the test may make one.
class SmallDisk {
 public:
  explicit SmallDisk(std::string folder) : folder_(std::move(folder)) {
    std::filesystem::create_directory(folder_);
    mounted_ = ::mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=400k,mode=0700") == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  bool is_there() const { return mounted_; }
  bool change(unsigned long flags, const char* options) const {
    return ::mount("tmpfs", folder_.c_str(), "tmpfs", MS_REMOUNT | flags, options) == 0;
  }

 private:
  const std::string folder_;
  bool mounted_ = false;
};

class SyncFaults : public SyncJourney {
 protected:
  static void SetUpTestSuite() { books_ = std::make_unique<Books>(std::vector<std::string>{"records=200"}); }
  static void TearDownTestSuite() {
    books_.reset();
    SyncJourney::TearDownTestSuite();
  }
  void SetUp() override {
    books_->begin_anew();
    configure({{.url = books_->url()}});
  }

  static constexpr const char* slow = R"({"match":"/accounting/","latency_ms":30})";

  // A sync of which some rows are committed, and more are to come.
  std::unique_ptr<Process> halfway(const Warehouse& warehouse) {
    books_->faults(slow);
    auto running = std::make_unique<Process>(sync_command(warehouse));
    EXPECT_TRUE(eventually([&] { return warehouse.tables->held("books", "CONTACTS").live >= 40; }));
    return running;
  }
  void expect_failed(const Finished& done, int exit_code, const std::string& code, const Words& says) {
    EXPECT_EQ(done.exit_code, exit_code) << done.err;
    for (const std::string& text : says) EXPECT_THAT(done.err, HasSubstr(text));
    ASSERT_FALSE(done.out.empty()) << done.err;
    expect_adds_up(done.out);
    const Json statistics = Json::parse(done.out);
    EXPECT_EQ(statistics["run"].text_or("state", ""), "failed");
    ASSERT_FALSE(statistics["problems"].items().empty());
    EXPECT_EQ(statistics["problems"].items().back().text_or("code", ""), code) << done.err;
    EXPECT_THAT(done.err, AllOf(Not(HasSubstr("exception")), Not(HasSubstr("std::"))));
  }
  // What is there is whole: rows, their number and the view belong together.
  static void expect_nothing_half(const Warehouse& warehouse) {
    for (const std::string& model : books_->models()) {
      const Held held = warehouse.tables->held("books", model);
      EXPECT_EQ(held.told, held.live) << model;
      EXPECT_EQ(held.in_view, held.live) << model;
      EXPECT_EQ(held.twice, 0u) << model;
    }
  }
  void expect_next_run_is_exact(const Warehouse& warehouse, const Words& words = {}) {
    books_->faults("[]");
    sync(warehouse, words);
    for (const std::string& model : books_->models())
      expect_exact(books_->content(model), warehouse.tables->held("books", model), model);
  }

  static inline std::unique_ptr<Books> books_;
};

TEST_F(SyncFaults, TheDiskIsFull) {
  const SmallDisk disk(path("disk"));
  if (!disk.is_there()) GTEST_SKIP() << "no file system can be mounted here";
  const Warehouse warehouse = sqlite("disk/warehouse.db");
  expect_failed(run(sync_command(warehouse)), usage, "disk_full", {"warehouse.db", "full", "make room"});
  expect_nothing_half(warehouse);
  ASSERT_TRUE(disk.change(0, "size=64m"));
  expect_next_run_is_exact(warehouse);
}

TEST_F(SyncFaults, TheFileMayNotGrow) {
  const Warehouse warehouse = sqlite();
  Command limited = sync_command(warehouse);
  const Words shell = {"/bin/bash", "-c", "ulimit -f 300; exec \"$@\"", "bash"};  // KiB
  limited.arguments.insert(limited.arguments.begin(), shell.begin(), shell.end());
  const Finished done = run(limited);
  expect_failed(done, usage, "disk_full", {"warehouse.db", "File too large", "ulimit -f"});
  EXPECT_GT(warehouse.tables->held("books", "CONTACTS").live, 0u) << "the record of runs met it first";
  expect_nothing_half(warehouse);
  expect_next_run_is_exact(warehouse);
}

TEST_F(SyncFaults, TheFileCannotBeWritten) {
  const SmallDisk disk(path("disk"));
  const Warehouse warehouse = sqlite("disk/warehouse.db");
  if (disk.is_there()) {
    ASSERT_TRUE(disk.change(0, "size=64m"));
  }
  sync(warehouse);
  books_->change({"INVOICES", 3, 3, 0, ""});
  // For root, only the file system can forbid it.
  if (disk.is_there())
    ASSERT_TRUE(disk.change(MS_RDONLY, ""));
  else
    ASSERT_EQ(::chmod((path("disk/warehouse.db")).c_str(), 0400), 0);
  const Finished done = run(sync_command(warehouse));
  EXPECT_EQ(done.exit_code, usage) << done.out;
  EXPECT_THAT(done.err, HasSubstr("warehouse.db"));
  if (disk.is_there())
    ASSERT_TRUE(disk.change(0, "size=64m"));
  else
    ASSERT_EQ(::chmod((path("disk/warehouse.db")).c_str(), 0600), 0);
  expect_nothing_half(warehouse);
  expect_next_run_is_exact(warehouse);
}

TEST_F(SyncFaults, AnotherProgramHoldsTheFileForAWhile) {
  const Warehouse warehouse = sqlite();
  sync(warehouse);
  books_->change({"INVOICES", 3, 3, 0, ""});
  Holder holder(path("warehouse.db"));
  holder.take();
  Process running(sync_command(warehouse));
  const std::string files = "/proc/" + std::to_string(running.id()) + "/fd";
  const auto waits = [&] {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(files, ignored))
      if (std::filesystem::read_symlink(entry, ignored) == path("warehouse.db")) return true;
    return false;
  };
  EXPECT_TRUE(eventually(waits));
  holder.give_back();
  EXPECT_EQ(running.finish().exit_code, succeeded);
  expect_next_run_is_exact(warehouse);
}

TEST_F(SyncFaults, AnotherProgramHoldsTheFileForTooLong) {
  configure({{.url = books_->url()}});
  write("ferry.yaml", "destinations:\n  w: {sqlite: warehouse.db, wait: 300ms}\n" + content("ferry.yaml"));
  Warehouse warehouse = sqlite();
  warehouse.to = "w";
  const std::unique_ptr<Process> running = halfway(warehouse);
  Holder holder(path("warehouse.db"));
  holder.take();
  expect_failed(running->finish(), usage, "destination_busy", {"warehouse.db", "another program holds it", "300 ms"});
  holder.give_back();
  expect_nothing_half(warehouse);
  expect_next_run_is_exact(warehouse);
}

TEST_F(SyncFaults, TheServerIsRestarted) {
  const Warehouse warehouse = postgres();
  const std::unique_ptr<Process> running = halfway(warehouse);
  server().restart();
  expect_failed(running->finish(), platform, "destination_lost", {});
  expect_nothing_half(warehouse);
  expect_next_run_is_exact(warehouse);
}

TEST_F(SyncFaults, TheConnectionToTheServerIsCut) {
  const Warehouse warehouse = postgres();
  const std::unique_ptr<Process> running = halfway(warehouse);
  server().cut_connections();
  expect_failed(running->finish(), platform, "destination_lost", {});
  expect_nothing_half(warehouse);
  expect_next_run_is_exact(warehouse);
}

TEST_F(SyncFaults, TheServerIsNotThere) {
  const Warehouse warehouse = postgres();
  server().stop();
  const Finished done = run(sync_command(warehouse));
  server().start();
  EXPECT_EQ(done.exit_code, platform) << done.err;
  expect_next_run_is_exact(warehouse);
}

TEST_F(SyncFaults, ThePermissionIsLost) {
  Warehouse warehouse = postgres();
  const std::string database = warehouse.address.substr(warehouse.address.find("dbname=") + 7);
  const std::string name = database.substr(0, database.find(' '));
  server().query("DROP ROLE IF EXISTS clerk");
  server().query("CREATE ROLE clerk LOGIN");
  server().query("GRANT CREATE ON DATABASE " + name + " TO clerk", name);
  warehouse.address = server().conninfo(name, "clerk");
  sync(warehouse);
  books_->change({"INVOICES", 3, 3, 0, ""});
  server().query("ALTER TABLE books.invoices OWNER TO postgres", name);
  server().query("GRANT SELECT ON books.invoices TO clerk", name);
  const Held before = warehouse.tables->held("books", "INVOICES");
  expect_failed(run(sync_command(warehouse)), credentials, "destination_denied", {"invoices"});
  EXPECT_TRUE(before == warehouse.tables->held("books", "INVOICES"));
  server().query("ALTER TABLE books.invoices OWNER TO clerk", name);
  expect_next_run_is_exact(warehouse);
}

}  // namespace
}  // namespace ferry::test
