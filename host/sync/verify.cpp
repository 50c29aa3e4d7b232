// The identities, hashes and contents of what the platform has are kept in a table on disk; the destination's rows are
// looked up in it one by one, so memory does not grow with either.
#include <algorithm>
#include <cstring>
#include <map>

#include "host/base/failure.hpp"
#include "host/base/json_text.hpp"
#include "host/base/text.hpp"
#include "host/database/sqlite.hpp"
#include "host/records/row_content.hpp"
#include "host/records/row_reader.hpp"
#include "host/runs/run_ending.hpp"
#include "host/runs/work_directory.hpp"
#include "host/sync/stream_catalog.hpp"
#include "host/sync/sync.hpp"
#include "host/sync/sync_record.hpp"

namespace ferry::host {
namespace {

constexpr std::size_t most_examples = 20;  // of a model and kind

// What must agree: the hash, which tells every difference of spelling, and what the columns hold, whatever is noted of
// it.
struct Print {
  RowHash hash, content;

  std::string_view bytes() const { return {reinterpret_cast<const char*>(this), sizeof *this}; }
};
static_assert(sizeof(Print) == 2 * sizeof(RowHash));

class PlatformRows final {
 public:
  PlatformRows(Database& database, std::size_t number)
      : table_(made(database, number)),
        put_(database, "INSERT OR REPLACE INTO " + table_ + " VALUES (?, ?, 0)"),
        drop_(database, "DELETE FROM " + table_ + " WHERE identity = ?"),
        look_(database, "UPDATE " + table_ + " SET seen = 1 WHERE identity = ? RETURNING print"),
        unseen_(database, "SELECT identity FROM " + table_ + " WHERE seen = 0 ORDER BY identity") {}

  void put(std::string_view identity, const Print& print) {
    run(put_.bind_borrowed(identity).bind_borrowed_blob(print.bytes()));
  }
  void drop(std::string_view identity) { run(drop_.bind_borrowed(identity)); }
  // nullopt: the platform has none; else whether it is the same.
  std::optional<bool> look_up(const std::string& identity, const Print& print) {
    std::optional<bool> same;
    look_.bind_borrowed(identity);
    while (look_.step()) same = look_.blob(0) == print.bytes();
    look_.reset();
    return same;
  }
  template <typename Take>
  void for_each_unseen(Take&& take) {
    while (unseen_.step()) take(unseen_.text(0));
    unseen_.reset();
  }

 private:
  static std::string made(Database& database, std::size_t number) {
    const std::string name = "records_" + std::to_string(number);
    database.execute(
        ("CREATE TABLE " + name + " (identity TEXT PRIMARY KEY, print BLOB, seen INTEGER) WITHOUT ROWID").c_str());
    return name;
  }
  static void run(Statement& statement) {
    statement.step();
    statement.reset();
  }

  std::string table_;
  Statement put_, drop_, look_, unseen_;
};

struct Model {
  Model(Database& database, std::size_t number, const ModelState& model_state, RowRules rules)
      : state(model_state), reader(state.model, state.layout, std::move(rules)), rows(database, number) {}

  ModelState state;
  RowReader reader;
  PlatformRows rows;
  std::uint64_t received = 0, rejected = 0;
  std::optional<std::uint64_t> fetched;
};

class IdentityReceiver final : public RecordReceiver {
 public:
  explicit IdentityReceiver(std::map<std::string, Model, std::less<>>& models) : models_(models) {}

  void on_records(std::string_view stream, std::string_view lines, std::uint64_t count) override {
    const auto found = models_.find(stream);
    if (found == models_.end())
      throw Failure(Fault::connector, "unexpected_stream",
                    "it delivered records of " + printable(shortened(stream, 80)) + ", which was not asked for");
    Model& model = found->second;
    const std::unique_ptr<RowBatch> batch = model.reader.read(lines, count);
    model.received += count;
    model.rejected += batch->rejected.size();
    // As the destination has them: what came since has no column to be compared with, and shows in the hash.
    const Layout& layout = model.state.layout;
    RowContent content;
    for (std::size_t i = 0; i < batch->rows.size(); ++i) {
      const std::span<const Value> values = batch->row(i);
      content.read(layout, [&](std::size_t column) -> std::optional<std::string_view> {
        return values[column].kind == Value::null ? std::nullopt : std::optional(values[column].text_value);
      });
      if (batch->rows[i].removed)
        model.rows.drop(content.identity());
      else
        model.rows.put(content.identity(), {batch->rows[i].hash, content.hash()});
    }
  }
  void on_checkpoint(std::string_view, std::string_view) override {}
  bool checks_records() const override { return true; }

 private:
  std::map<std::string, Model, std::less<>>& models_;
};

class Verification {
 public:
  Verification(Runner& runner, Destination& destination, const DestinationConfig& place, const std::string& connection,
               const std::vector<std::string>& models, const Cancellation& cancellation)
      : environment_(runner.environment()),
        runner_(runner),
        destination_(destination),
        place_(place),
        wanted_(models),
        cancellation_(cancellation) {
    read_.operation = "read";
    read_.connection = connection;
  }

  VerifyReport carry_out() {
    if (environment_.config == nullptr)
      throw Failure(Fault::usage, "bad_config", "a connection was named, but no configuration is loaded");
    settings_ = environment_.config->sync(environment_.config->connection(read_.connection));
    read_.options = json_text(*settings_.options);
    runner_.check(read_);
    const std::string description = destination_.description();
    const std::vector<ModelState> states = chosen_states(description);
    report_.record =
        begin_record(environment_, "verify", read_.connection, "", false, *request_of(place_, description));
    report_.error = ended_with([&]() -> std::optional<RunError> {
      const TargetLock lock = lock_models(environment_, report_.record, description, cancellation_);
      return compare(states);
    });
    conclude();
    return std::move(report_);
  }

 private:
  std::vector<ModelState> chosen_states(const std::string& description) {
    std::vector<ModelState> all = destination_.models(read_.connection), chosen;
    std::vector<std::string> names;
    for (const ModelState& state : all) names.push_back(state.model);
    if (all.empty())
      throw Failure(Fault::usage, "nothing_synced",
                    description + " holds no data models of " + read_.connection + "; ferry sync " + read_.connection +
                        " brings them there");
    for (const std::string& name : wanted_) {
      const auto found =
          std::find_if(all.begin(), all.end(), [&](const ModelState& state) { return state.model == name; });
      if (found == all.end())
        throw Failure(Fault::usage, "unknown_model",
                      description + " has no model " + printable(shortened(name, 80)) + " of " + read_.connection +
                          suggestion(name, names));
      chosen.push_back(*found);
    }
    return wanted_.empty() ? all : chosen;
  }

  std::optional<RunError> compare(const std::vector<ModelState>& states) {
    const WorkDirectory directory(environment_.state_directory, report_.record.id);
    // Of no use after a crash, so it need not survive one.
    Database database(directory.path() / "records.db",
                      {"the records to compare with", "machine_files", "", "another --state-dir", "run again"});
    database.execute("PRAGMA journal_mode = OFF");
    database.execute("PRAGMA synchronous = OFF");
    database.execute("PRAGMA cache_size = -16000");
    database.execute("BEGIN");
    std::map<std::string, Model, std::less<>> models;
    const StreamCatalog catalog = StreamCatalog::of(runner_, read_.connection, report_.record.id, false, cancellation_);
    for (const ModelState& state : states) add(state, catalog, database, models);
    if (models.empty()) return std::nullopt;
    read_.parent = report_.record.id;
    IdentityReceiver receiver(models);
    const RunOutcome outcome = runner_.run(read_, cancellation_, &receiver);
    report_.statistics.transfer = outcome.statistics.transfer;
    for (const Problem& problem : outcome.statistics.problems)
      if (!outcome.error || problem.message != outcome.error->message) report_.statistics.problems.push_back(problem);
    for (auto& [name, model] : models) {
      const auto said = outcome.statistics.items.find(name);
      if (said != outcome.statistics.items.end()) model.fetched = said->second.total;
      if (!model.fetched && !outcome.error) model.fetched = model.received;
    }
    if (outcome.error) return outcome.error;
    for (auto& [name, model] : models) {
      if (model.fetched != model.received)
        return RunError{Fault::connector, "record_gap",
                        name + ": the connector read " + std::to_string(*model.fetched) + " records, and " +
                            std::to_string(model.received) + " arrived"};
      compare_model(model);
    }
    return std::nullopt;
  }

  void add(const ModelState& state, const StreamCatalog& catalog, Database& database,
           std::map<std::string, Model, std::less<>>& models) {
    const auto found = std::find_if(catalog.streams().begin(), catalog.streams().end(),
                                    [&](const CatalogStream& stream) { return stream.name == state.model; });
    if (found == catalog.streams().end() || !found->readable) {
      if (!wanted_.empty()) catalog.stream(state.model);
      problem("warning", state.model, "not_in_catalog", "the connection does not offer it any more; it was not read");
      return;
    }
    const ModelSync settings = settings_.model(state.model);
    StreamRead read;
    read.stream = state.model;
    // What was never read from the beginning is not expected to be there from the beginning.
    if (!settings.from.empty() && !found->cursor.empty() && !state.last_full_at) {
      read.mode = "from";
      read.from = settings.from;
    }
    read_.streams.push_back(read);
    // A frozen schema would stop the reading; here a new member is a difference like any other.
    const Contract contract = settings.contract == Contract::freeze ? Contract::evolve : settings.contract;
    models.try_emplace(state.model, database, models.size(), state,
                       RowRules{contract, found->removed_when, settings.max_record});
  }

  void compare_model(Model& model) {
    VerifiedModel verified;
    verified.model = model.state.model;
    verified.records = model.received;
    const auto example = [&](std::uint64_t& count, const char* outcome, const char* code, const std::string& identity) {
      if (++count <= most_examples) verified.examples.push_back({verified.model, identity, "", outcome, 1, code, ""});
    };
    destination_.visit(model.state, [&](const RowContent& content, const RowHash& hash) {
      if ((++verified.rows & 0xfff) == 0 && cancellation_.cancelled())
        throw Failure(Fault::cancelled, "cancelled", "the verification was cancelled");
      const std::optional<bool> same = model.rows.look_up(content.identity(), {hash, content.hash()});
      if (!same)
        example(verified.unexpected, "removed", "unexpected", content.identity());
      else if (*same)
        ++verified.same;
      else
        example(verified.different, "modified", "different", content.identity());
    });
    model.rows.for_each_unseen(
        [&](const std::string& identity) { example(verified.missing, "added", "missing", identity); });
    if (model.rejected > 0)
      problem("warning", verified.model, "records_not_comparable",
              std::to_string(model.rejected) + " records cannot be written as rows, so they were not compared");
    if (verified.missing + verified.different + verified.unexpected > 0)
      problem("error", verified.model, "differs",
              std::to_string(verified.missing) + " records are missing in the destination, " +
                  std::to_string(verified.different) + " are different, and it has " +
                  std::to_string(verified.unexpected) + " that the platform does not have");
    report_.models.push_back(std::move(verified));
  }

  void problem(const char* severity, const std::string& model, const char* code, const std::string& message) {
    report_.statistics.problems.push_back({severity, model, "", "", code, message});
  }

  // As what a full sync would do now.
  void conclude() {
    std::vector<Item> examples;
    for (const VerifiedModel& model : report_.models) {
      OutcomeCounts& counts = report_.statistics.items[model.model];
      counts.added = model.missing;
      counts.modified = model.different;
      counts.removed = model.unexpected;
      counts.unchanged = model.same;
      counts.total = model.missing + model.different + model.unexpected + model.same;
      examples.insert(examples.end(), model.examples.begin(), model.examples.end());
    }
    end_record(environment_, report_.record, report_.statistics, report_.error, examples);
  }

  Environment& environment_;
  Runner& runner_;
  Destination& destination_;
  const DestinationConfig& place_;
  const std::vector<std::string>& wanted_;
  const Cancellation& cancellation_;
  RunRequest read_;
  SyncSettings settings_;
  VerifyReport report_;
};

}  // namespace

VerifyReport verify(Runner& runner, Destination& destination, const DestinationConfig& place,
                    const std::string& connection, const std::vector<std::string>& models,
                    const Cancellation& cancellation) {
  return Verification(runner, destination, place, connection, models, cancellation).carry_out();
}

}  // namespace ferry::host
