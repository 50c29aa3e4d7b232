// What the benchmarks of sync share: a sandbox with the same kind of records in several amounts, ferry's command line,
// the limit program's, and rounds in which contenders take turns.
//
// An environment of the sandbox is a connection of that name. Throws std::runtime_error.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/benchmark/measure.hpp"
#include "tests/support/sandbox/sandbox.hpp"

namespace ferry::benchmark {

struct Contender {
  std::function<void()> prepare, work;  // only the work is measured
};

// As best_of without preparing.
std::vector<Cost> best_of(int rounds, const std::vector<Contender>&);

class SyncBench {
 public:
  explicit SyncBench(const Settings&);

  static const std::vector<std::string>& models();
  // Of each model, in the environments load, small, side and large.
  std::int64_t records(const std::string& environment) const;
  const std::string& url(const std::string& environment) const;
  // The first page of a model, as ferry and the limit program ask for it.
  std::string first_page(const std::string& environment, const std::string& model) const;
  // Reads every page once, so that the sandbox has them ready.
  void warm(const std::string& environment) const;
  // Every model of the environment gets so many changed records.
  void modify(const std::string& environment, std::int64_t count) const;
  // How often the environment was asked for anything.
  std::int64_t requests(const std::string& environment) const;

  // destination: a file of SQLite, or a connection string.
  std::vector<std::string> ferry(const std::string& environment, const std::string& destination,
                                 const std::vector<std::string>& options = {}) const;
  std::vector<std::string> limit(const std::string& environment, const std::string& destination) const;

  const Settings& settings() const noexcept { return settings_; }

 private:
  const Settings settings_;
  test::Sandbox sandbox_;
};

void remove_database(const std::string& file);
// The number that a query of a SQLite file gives; nothing while the file or its tables are not there yet.
std::optional<std::int64_t> number_in(const std::string& file, const std::string& sql);
// Fails the benchmark if the number is another: what did not do the work is no measure.
void expect_number(const std::string& file, const std::string& sql, std::int64_t expected);

}  // namespace ferry::benchmark
