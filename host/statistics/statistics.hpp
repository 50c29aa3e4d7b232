// ferry.statistics/1: the one report of a run, for every operation, of both jobs. Schema: statistics.schema.json.
//
// Connectors report facts; StatisticsCounter counts them. Values are ordinary; nothing here is thread-safe.
#pragma once

#include <Poco/JSON/Object.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ferry::host {

struct OutcomeCounts {
  std::uint64_t total = 0, added = 0, modified = 0, removed = 0, unchanged = 0, skipped = 0, failed = 0, unknown = 0;

  OutcomeCounts& operator+=(const OutcomeCounts&);
  bool operator==(const OutcomeCounts&) const = default;
};

struct Problem {
  std::string severity;        // error, warning, notice
  std::string type, id, name;  // "" where it concerns no single item
  std::string code, message;

  bool operator==(const Problem&) const = default;
};

// What became of one item, or of `count` items a platform does not name.
struct Item {
  std::string type, id, name, outcome;
  std::uint64_t count = 1;
  std::string code, message;   // why; of skipped and failed
  std::string target_id = {};  // where a mapping sends it to; "": to its own

  bool operator==(const Item&) const = default;
};

struct Transfer {
  std::uint64_t requests = 0, retries = 0, throttled_ms = 0, bytes_sent = 0, bytes_received = 0;
  std::uint64_t rate_limited = 0;  // answers with status 429

  Transfer& operator+=(const Transfer&);
};

struct RecordCounts {
  std::optional<std::uint64_t> fetched, received, committed;
};

struct RunIdentity {
  std::string id, operation, connection, connector_id, connector_version;
  bool preview = false;
  std::string state;  // queued running waiting succeeded partially_succeeded failed cancelled
  int attempt = 1;
  std::int64_t started_at = 0;              // unix ms
  std::optional<std::int64_t> finished_at;  // unix ms
};

// How the records of a type were synced.
struct SyncedType {
  std::string table;             // "": none
  std::string mode, state;       // full, incremental, from, sweep; as of a run
  std::uint64_t duplicates = 0;  // records of an identity that the run had brought already

  bool operator==(const SyncedType&) const = default;
};

struct StepStatistics;

struct Statistics {
  RunIdentity run;
  std::map<std::string, OutcomeCounts> items;  // by type
  std::map<std::string, SyncedType> synced;    // of a sync, by type: told with the type's item
  std::vector<Problem> problems;
  std::optional<Transfer> transfer;
  std::optional<RecordCounts> records;
  std::vector<StepStatistics> steps;  // of a run of several; the figures above are then their sum

  OutcomeCounts totals() const;
  bool has_errors() const;  // an item failed, or a problem is an error
  Poco::JSON::Object::Ptr to_json() const;
  std::string to_text() const;  // the document on one line
  static Statistics from_json(const Poco::JSON::Object&);
};

struct StepStatistics {
  std::string name;
  std::string state;   // as of a run, or not_started
  std::string reason;  // why it was not started, or not again
  std::optional<Statistics> statistics;
};

class StatisticsCounter {
 public:
  static constexpr std::size_t most_problems = 10'000;  // what is beyond is counted in one last problem

  // fact_json: as ferry_call.report takes it. The item it tells of, or nullopt for a problem. Failure(connector,
  // bad_fact) says what is wrong with it.
  std::optional<Item> count(std::string_view fact_json);
  void add_problem(Problem);

  const std::map<std::string, OutcomeCounts>& items() const noexcept { return items_; }
  std::vector<Problem> problems() const;
  bool has_errors() const noexcept { return errors_ > 0; }

 private:
  std::map<std::string, OutcomeCounts> items_;
  std::vector<Problem> problems_;
  std::uint64_t problems_left_out_ = 0;
  std::uint64_t errors_ = 0;
};

}  // namespace ferry::host
