#include "host/sync/write_lines.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <map>

#include "host/base/failure.hpp"
#include "host/base/files.hpp"
#include "host/base/json_text.hpp"
#include "host/records/json_lines.hpp"
#include "host/runs/run_ending.hpp"
#include "host/sync/sync_plan.hpp"
#include "host/sync/sync_record.hpp"

namespace ferry::host {
namespace {

class LineOutput {
 public:
  LineOutput(const DestinationConfig& place, int standard_output)
      : name_(place.file == "-" ? "standard output" : place.file), fd_(standard_output) {
    if (place.file == "-") return;
    file_ = open_file(place.file, O_RDWR | O_CREAT | O_APPEND);
    fd_ = file_.get();
  }

  const std::string& name() const noexcept { return name_; }

  void write(std::string_view lines) {
    if (file_.get() < 0) {
      write_some(lines);
      return;
    }
    // Others may append as well: they wait until these lines are whole, or gone.
    while (::flock(fd_, LOCK_EX) != 0)
      if (errno != EINTR) throw_errno("locking " + name_, errno);
    try {
      struct stat before {};
      if (::fstat(fd_, &before) != 0) throw_errno("reading " + name_, errno);
      try {
        if (!ends_with_a_line(before.st_size)) write_some("\n");
        write_some(lines);
      } catch (...) {
        if (S_ISREG(before.st_mode) && ::ftruncate(fd_, before.st_size) != 0) throw;
        throw;
      }
    } catch (...) {
      ::flock(fd_, LOCK_UN);
      throw;
    }
    ::flock(fd_, LOCK_UN);
  }

 private:
  // A writer that was killed may have left the beginning of one: it stays alone on its line.
  bool ends_with_a_line(off_t size) const {
    char last = '\n';
    return size == 0 || ::pread(fd_, &last, 1, size - 1) != 1 || last == '\n';
  }

  void write_some(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
      if (written < 0 && errno == EPIPE)
        throw Failure(Fault::cancelled, "reader_gone", "whoever read the records does not read any more");
      if (written < 0 && errno != EINTR) throw_errno("writing records to " + name_, errno);
      if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  std::string name_;
  UniqueFd file_;
  int fd_;
};

class LineWriter final : public RecordReceiver {
 public:
  // output: null withholds what would be written.
  explicit LineWriter(LineOutput* output) : output_(output) {}

  void on_records(std::string_view stream, std::string_view lines, std::uint64_t count) override {
    const std::string& begin = beginning_of(stream);
    text_.clear();
    for_each_line(lines, [&](std::string_view line) {
      text_ += begin;
      text_ += "\"record\":";
      text_ += line;
      text_ += "}\n";
    });
    put();
    received[std::string(stream)] += count;
  }

  void on_checkpoint(std::string_view stream, std::string_view state_json) override {
    text_ = beginning_of(stream) + "\"checkpoint\":";
    const std::size_t start = text_.size();
    text_ += state_json;
    std::replace(text_.begin() + static_cast<std::ptrdiff_t>(start), text_.end(), '\n', ' ');
    text_ += "}\n";
    put();
  }

  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

  std::map<std::string, std::uint64_t> received;

 private:
  void put() {
    if (output_ == nullptr) return;
    try {
      output_->write(text_);
    } catch (...) {
      failure_ = std::current_exception();
      throw;
    }
  }

  // {"model":"INVOICES",
  const std::string& beginning_of(std::string_view stream) {
    std::string& begin = beginnings_[std::string(stream)];
    if (begin.empty()) {
      Poco::JSON::Object json;
      json.set("model", std::string(stream));
      begin = json_text(json);
      begin.back() = ',';
    }
    return begin;
  }

  LineOutput* output_;
  std::string text_;
  std::map<std::string, std::string> beginnings_;
  std::exception_ptr failure_;
};

}  // namespace

SyncReport write_lines(Runner& runner, const DestinationConfig& place, int standard_output, const SyncRequest& request,
                       const Cancellation& cancellation) {
  Environment& environment = runner.environment();
  if (environment.config == nullptr)
    throw Failure(Fault::usage, "bad_config", "a connection was named, but no configuration is loaded");
  const SyncSettings settings = environment.config->sync(environment.config->connection(request.connection));
  RunRequest read;
  read.operation = "read";
  read.connection = request.connection;
  read.options = json_text(*settings.options);
  runner.check(read);
  std::optional<LineOutput> output;
  if (!request.preview) output.emplace(place, standard_output);

  SyncReport report;
  report.destination = output ? output->name() : place.name;
  report.record = begin_record(environment, "sync", request.connection, request.parent, request.preview,
                               *request_of(request, place, report.destination));
  LineWriter writer(output ? &*output : nullptr);
  report.error = ended_with([&]() -> std::optional<RunError> {
    const StreamCatalog catalog =
        StreamCatalog::of(runner, request.connection, report.record.id, request.mode == SyncMode::full, cancellation);
    const SyncPlan plan = plan_sync(request, settings, catalog, {}, report.record.started_at);
    report.statistics.problems = plan.notices;
    if (plan.models.empty()) return std::nullopt;
    for (const PlannedModel& planned : plan.models) {
      read.streams.push_back(planned.read);
      SyncedModel model;
      model.model = planned.stream.name;
      model.mode = planned.mode();
      report.models.push_back(std::move(model));
    }
    read.parent = report.record.id;
    const RunOutcome outcome = runner.run(read, cancellation, &writer);
    report.statistics.transfer = outcome.statistics.transfer;
    for (const Problem& problem : outcome.statistics.problems)
      if (!outcome.error || problem.message != outcome.error->message) report.statistics.problems.push_back(problem);
    for (SyncedModel& model : report.models) {
      const auto said = outcome.statistics.items.find(model.model);
      if (said != outcome.statistics.items.end()) model.fetched = said->second.total;
      if (!model.fetched && !outcome.error) model.fetched = writer.received[model.model];
    }
    writer.rethrow();
    return outcome.error;
  });

  RecordCounts records{0, 0, 0};
  for (SyncedModel& model : report.models) {
    model.received = model.tally.counts.total = writer.received[model.model];
    model.state = model.fetched == model.received                           ? "succeeded"
                  : report.error && report.error->fault == Fault::cancelled ? "cancelled"
                                                                            : "failed";
    if (model.fetched && model.state == "failed" && !report.error)
      report.error = RunError{Fault::connector, "record_gap",
                              model.model + ": the connector read " + std::to_string(*model.fetched) +
                                  " records, and " + std::to_string(model.received) + " arrived"};
    report.statistics.items[model.model] = model.tally.counts;
    report.statistics.synced[model.model] = {"", model.mode, model.state, 0};
    if (!model.fetched)
      records.fetched.reset();
    else if (records.fetched)
      *records.fetched += *model.fetched;
    *records.received += model.received;
    *records.committed += model.received;
  }
  if (request.preview) records.committed.reset();
  report.statistics.records = records;
  end_record(environment, report.record, report.statistics, report.error, {});
  return report;
}

}  // namespace ferry::host
