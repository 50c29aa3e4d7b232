#include "host/promotion/promotion.hpp"

#include <algorithm>

namespace ferry::host {
namespace {

RunRequest export_request(const std::string& connection, const std::string& parent) {
  RunRequest request;
  request.operation = "export";
  request.connection = connection;
  request.parent = parent;
  return request;
}

RunRequest import_run(const ImportRequest& request) {
  RunRequest run;
  run.operation = "import";
  run.connection = request.connection;
  run.parent = request.parent;
  run.import = request.options;
  run.package = request.package;
  return run;
}

bool can_export(Runner& runner, const std::string& connection) {
  const Environment& environment = runner.environment();
  return environment.registry.find(environment.config->connection(connection).connector).offers("export");
}

// What would keep a real import from doing all of what was asked.
std::optional<RunError> objection(const RunOutcome& preview) {
  if (preview.error) return preview.error;
  const OutcomeCounts totals = preview.statistics.totals();
  if (totals.unknown > 0)
    return RunError{Fault::guard, "preview_unknown",
                    "the preview cannot tell what would happen to " + std::to_string(totals.unknown) +
                        " items, so nothing was changed; --force imports all the same"};
  if (preview.statistics.has_errors())
    return RunError{Fault::guard, "preview_errors",
                    "the preview shows problems, so nothing was changed; solve them, or --force imports the rest"};
  return std::nullopt;
}

// A preview is a promise: an import that did something else says so.
void compare_with_preview(const RunOutcome& preview, RunOutcome& import) {
  if (import.error || preview.statistics.items == import.statistics.items) return;
  import.statistics.problems.push_back({"warning", "", "", "", "preview_differs",
                                        "the import did not do exactly what its preview said: the target changed in "
                                        "between, or the connector's preview is wrong"});
}

class Promotion {
 public:
  Promotion(Runner& runner, const PromoteRequest& request, const Cancellation& cancellation)
      : runner_(runner), request_(request), cancellation_(cancellation) {}

  PromoteReport carry_out() {
    check_stages();
    begin();
    try {
      steps();
    } catch (const Failure& failure) {
      report_.error = RunError{failure.fault(), failure.code(), failure.what()};
    }
    conclude();
    return std::move(report_);
  }

 private:
  void check_stages() const {
    const Config& config = *runner_.environment().config;
    const Connection &from = config.connection(request_.from), &to = config.connection(request_.to);
    if (from.name == to.name)
      throw Failure(Fault::usage, "same_connection", "a promotion needs two connections, and both are " + from.name);
    if (from.connector != to.connector)
      throw Failure(Fault::usage, "different_connectors",
                    from.name + " is a connection of " + from.connector + ", " + to.name + " one of " + to.connector +
                        ": artefacts go from one platform to the same platform");
    const auto source = config.stage_order(from), target = config.stage_order(to);
    if (source && target && *source >= *target && !request_.force)
      throw Failure(
          Fault::guard, "stage_order",
          from.name + " is " + from.stage + " and " + to.name + " is " + to.stage +
              ": a promotion goes up the order of stages; nothing was changed. --force promotes all the same");
  }

  void begin() {
    RunStore& store = runner_.environment().store;
    const Config& config = *runner_.environment().config;
    const Manifest& manifest = runner_.environment().registry.find(config.connection(request_.to).connector);
    RunRecord& record = report_.record;
    record.id = store.new_id();
    record.operation = "promote";
    record.connection = request_.to;
    record.stage = config.connection(request_.to).stage;
    record.connector_id = manifest.id;
    record.connector_version = manifest.version;
    record.connector_sha256 = manifest.library_sha256;
    record.ferry_version = FERRY_VERSION;
    record.state = "running";
    record.preview = request_.options.preview;
    record.started_at = runner_.environment().clock.now_unix_ms();
    record.request_json = "{\"from\":\"" + request_.from + "\",\"to\":\"" + request_.to + "\"}";
    store.begin(record);
  }

  void steps() {
    RunRequest export_run = export_request(request_.from, report_.record.id);
    export_run.select = request_.select;
    export_run.dependencies = request_.dependencies;
    report_.export_run = runner_.run(export_run, cancellation_);
    if (report_.export_run.error) {
      report_.error = report_.export_run.error;
      return;
    }
    ImportRequest import{request_.to, *report_.export_run.package, request_.options, request_.backup,
                         report_.record.id};
    import.options.preview = true;
    report_.preview = runner_.run(import_run(import), cancellation_);
    std::optional<RunError> against = objection(*report_.preview);
    if (against && against->fault == Fault::guard && report_.preview->error == std::nullopt && request_.force)
      against.reset();
    if (request_.options.preview) {
      if (report_.preview->error) report_.error = against;
      return;
    }
    if (against) {
      report_.error = against;
      return;
    }
    import.options.preview = false;
    ImportReport done = import_with_backup(runner_, import, cancellation_);
    report_.backup = std::move(done.backup);
    compare_with_preview(*report_.preview, done.import);
    report_.error = done.import.error;
    report_.import = std::move(done.import);
  }

  void conclude() {
    RunRecord& record = report_.record;
    const RunOutcome& last = report_.last();
    record.finished_at = runner_.environment().clock.now_unix_ms();
    record.package_sha256 = report_.export_run.record.package_sha256;
    record.package_size = report_.export_run.record.package_size;
    if (report_.backup && report_.backup->package) record.backup_sha256 = report_.backup->package->sha256;
    if (report_.error)
      record.state = report_.error->fault == Fault::cancelled ? "cancelled" : "failed";
    else
      record.state = last.statistics.has_errors() ? "partially_succeeded" : "succeeded";
    record.error = report_.error;

    report_.statistics = last.statistics;
    Statistics& statistics = report_.statistics;
    statistics.run = {
        record.id,    "promote", record.connection, record.connector_id, record.connector_version, record.preview,
        record.state, 1,         record.started_at, record.finished_at};
    if (report_.error && (statistics.problems.empty() || statistics.problems.back().message != report_.error->message))
      statistics.problems.push_back({"error", "", "", "", report_.error->code, report_.error->message});
    record.statistics_json = statistics.to_text();
    runner_.environment().store.finish(record);
  }

  Runner& runner_;
  const PromoteRequest& request_;
  const Cancellation& cancellation_;
  PromoteReport report_;
};

}  // namespace

ImportReport import_with_backup(Runner& runner, const ImportRequest& request, const Cancellation& cancellation) {
  ImportReport report;
  if (request.backup && !request.options.preview && can_export(runner, request.connection)) {
    report.backup = runner.run(export_request(request.connection, request.parent), cancellation);
    if (report.backup->error) {
      RunError error = *report.backup->error;
      error.message =
          "the target could not be exported before changing it, so nothing was changed (--no-backup imports "
          "without): " +
          error.message;
      throw Failure(error.fault, error.code, error.message);
    }
  }
  report.import = runner.run(import_run(request), cancellation);
  if (report.backup) {
    report.import.record.backup_sha256 = report.backup->package->sha256;
    runner.environment().store.set_backup(report.import.record.id, report.backup->package->sha256);
  }
  return report;
}

const RunOutcome& PromoteReport::last() const {
  if (import) return *import;
  if (preview) return *preview;
  return export_run;
}

PromoteReport promote(Runner& runner, const PromoteRequest& request, const Cancellation& cancellation) {
  return Promotion(runner, request, cancellation).carry_out();
}

}  // namespace ferry::host
