#include <gtest/gtest.h>
#include <sqlite3.h>

#include "host/base/files.hpp"
#include "host/destinations/names.hpp"
#include "host/destinations/sqlite_destination.hpp"
#include "tests/host/destinations/conformance.hpp"

namespace ferry::host {
namespace {

// A file, looked at by a connection of its own.
class SqlitePlace final : public DestinationUnderTest {
 public:
  std::unique_ptr<Destination> open(Now now) override { return open_sqlite(file_, std::move(now)); }

  TextRows query(const std::string& sql) override {
    sqlite3* opened = nullptr;
    sqlite3_open(file_.c_str(), &opened);
    const std::unique_ptr<sqlite3, int (*)(sqlite3*)> database(opened, sqlite3_close);
    TextRows rows;
    char* error = nullptr;
    sqlite3_exec(
        opened, sql.c_str(),
        [](void* to, int count, char** values, char**) {
          std::vector<std::string> row;
          for (int i = 0; i < count; ++i) row.emplace_back(values[i] == nullptr ? "NULL" : values[i]);
          static_cast<TextRows*>(to)->push_back(std::move(row));
          return 0;
        },
        &rows, &error);
    if (error != nullptr) ADD_FAILURE() << sql << ": " << error;
    sqlite3_free(error);
    return rows;
  }
  std::string own(const std::string& table) const override { return table; }
  void drop_table(const std::string& table) override { query("DROP TABLE " + table); }
  void make_foreign_table(const std::string& space, const std::string& model) override {
    query("CREATE TABLE " + safe_name(space + "_" + model, {}, 60) + " (theirs TEXT)");
  }

 private:
  TemporaryDirectory directory_{std::filesystem::temp_directory_path()};
  std::filesystem::path file_ = directory_.path() / "warehouse.db";
};

INSTANTIATE_TEST_SUITE_P(Sqlite, Conformance,
                         testing::Values(ConformanceCase{"SQLite", [] { return std::make_unique<SqlitePlace>(); }}));

}  // namespace
}  // namespace ferry::host
