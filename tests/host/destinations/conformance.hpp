// What every destination must do alike, as tests over a factory: conformance_test.cpp has them, and each destination's
// own test file runs them with INSTANTIATE_TEST_SUITE_P(NAME, Conformance, testing::Values(ConformanceCase{...})).
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "host/destinations/destination.hpp"
#include "host/records/row_reader.hpp"

namespace ferry::host {

using TextRows = std::vector<std::vector<std::string>>;

// One place where data is kept, empty at first.
class DestinationUnderTest {
 public:
  virtual ~DestinationUnderTest() = default;
  // Opens it; any number of times, also while others are open.
  virtual std::unique_ptr<Destination> open(Now) = 0;
  // What an SQL statement gives, as texts; NULL is "NULL".
  virtual TextRows query(const std::string& sql) = 0;
  // One of ferry's own tables, as to be written in SQL.
  virtual std::string own(const std::string& table) const = 0;
  // As a person would, with what depends on it where the database asks for that.
  virtual void drop_table(const std::string& table) = 0;
  // A table that is not ferry's, with the name that the model in the space would have.
  virtual void make_foreign_table(const std::string& space, const std::string& model) = 0;
};

struct ConformanceCase {
  std::string name;
  std::function<std::unique_ptr<DestinationUnderTest>()> make;
};

inline void PrintTo(const ConformanceCase& one, std::ostream* out) { *out << one.name; }

// One model's part in one run, as a test wants it.
struct SyncOptions {
  ReadKind kind = ReadKind::changes;
  bool resume = false, preview = false;
  bool killed = false;  // the writer goes after its last commit, with nothing finished
  RemovalPolicy removals = RemovalPolicy::mark;
  UndoRules undo = {};
  Contract contract = Contract::evolve;
  std::string checkpoint = {}, model = "INVOICES", connection = "books", space = "books";
  std::size_t batch = 2;  // records
  std::string result = "succeeded";
};

class Conformance : public testing::TestWithParam<ConformanceCase> {
 protected:
  void SetUp() override;

  static Layout invoices();  // id: text, number: integer, amount: number, paid: boolean, lines: json, gone: boolean
  // Writes the records (JSON objects) as one run. A full read ends its generation.
  ModelTally sync(const std::string& run, const std::vector<std::string>& records, const SyncOptions& = {});
  ModelTally sync(const std::string& run, const std::vector<std::string>& records, const SyncOptions&, const Layout&,
                  DestinationWriter::Opened* opened = nullptr);
  ModelState state(const std::string& model = "INVOICES", const std::string& connection = "books");
  // The rows of the view: id, number, amount.
  TextRows rows(const std::string& columns = "id, number, amount");
  TextRows query(const std::string& sql) { return place_->query(sql); }

  std::unique_ptr<DestinationUnderTest> place_;
  std::unique_ptr<Destination> destination_;
  std::int64_t now_ = 1'700'000'000'000;
};

// "2 1 0 3 0": total, added, modified, removed, unchanged, failed.
std::string counts_text(const ModelTally&);
std::unique_ptr<RowBatch> batch_of(RowReader&, const std::vector<std::string>& records);
// Fault and code of the failure the work ends with, "guard foreign_table"; "" if it ends well.
std::string failure_of(const std::function<void()>& work);

}  // namespace ferry::host
