#include "host/promotion/promotion.hpp"

#include <algorithm>

#include "host/base/json_text.hpp"
#include "host/promotion/target_edits.hpp"
#include "host/runs/connector_options.hpp"
#include "host/runs/run_ending.hpp"
#include "host/runs/target_lock.hpp"
#include "host/runs/worker_request.hpp"

namespace ferry::host {
namespace {

constexpr const char* cancelled_in_time = "cancelled before anything was changed";

bool overruled(std::string_view guard, const std::vector<std::string>& force) {
  return std::find(force.begin(), force.end(), guard) != force.end();
}

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
  run.options = request.connector_options;
  run.package = request.package;
  return run;
}

bool can_export(Runner& runner, const std::string& connection) {
  const Environment& environment = runner.environment();
  return environment.registry.find(environment.config->connection(connection).connector).offers("export");
}

// Held while the target is exported and changed.
TargetLock lock_target(Runner& runner, const ImportRequest& request, const Cancellation& cancellation) {
  const Environment& environment = runner.environment();
  const Connection connection = environment.config->resolved(environment.config->connection(request.connection));
  return TargetLock(environment.state_directory, connection.connector + " " + connection.url, cancellation, [&] {
    RunRecord waiting;
    waiting.operation = "import";
    waiting.connection = connection.name;
    waiting.connector_id = "ferry";
    environment.observer.on_log(waiting, FERRY_LOG_WARNING, "ferry",
                                "another import into " + connection.name + " is running; waiting for its end");
  });
}

// The target as it is before it is changed; nullopt: not wanted, or its connector cannot export.
std::optional<RunOutcome> back_up(Runner& runner, const ImportRequest& request, const Cancellation& cancellation) {
  if (!request.backup || request.options.preview || !can_export(runner, request.connection)) return std::nullopt;
  return runner.run(export_request(request.connection, request.parent), cancellation);
}

// What ferry knows nothing of, the connector looks into before the platform is asked for anything. What ferry packed
// itself was checked when it was taken into the store.
std::optional<RunError> look_into(Runner& runner, const ImportRequest& request, const Cancellation& cancellation) {
  const Environment& environment = runner.environment();
  const Manifest& manifest = environment.registry.find(environment.config->connection(request.connection).connector);
  if (request.options.preview || request.package.description_json != "{}" || !manifest.offers("inspect"))
    return std::nullopt;
  RunRequest look;
  look.operation = "inspect";
  look.connector = manifest.id;
  look.parent = request.parent;
  look.package = request.package;
  std::optional<RunError> error = runner.run(look, cancellation).error;
  if (error && error->fault == Fault::cancelled) error->message = cancelled_in_time;
  return error;
}

RunError without_backup(RunError error) {
  if (error.fault == Fault::cancelled)
    error.message = cancelled_in_time;
  else
    error.message =
        "the target could not be exported before changing it, so nothing was changed (--no-backup imports without): " +
        error.message;
  return error;
}

RunOutcome import_after(Runner& runner, const ImportRequest& request, const std::optional<RunOutcome>& backup,
                        const Cancellation& cancellation) {
  RunOutcome import = runner.run(import_run(request), cancellation);
  if (!backup || !backup->package) return import;
  import.record.backup_sha256 = backup->package->sha256;
  record_or_warn(import.statistics,
                 [&] { runner.environment().store.set_backup(import.record.id, backup->package->sha256); });
  return import;
}

RunRequest source_request(const PromoteRequest& request, const Manifest& manifest, const std::string& parent) {
  RunRequest source = export_request(request.from, parent);
  source.select = request.select;
  source.dependencies = request.dependencies;
  source.options = options_of(manifest, "export", request.connector_options);
  return source;
}

RunRequest target_request(const PromoteRequest& request, const Manifest& manifest) {
  RunRequest target;
  target.operation = "import";
  target.connection = request.to;
  target.import = request.options;
  target.options = options_of(manifest, "import", request.connector_options);
  return target;
}

std::string request_json(const PromoteRequest& request, const Manifest& manifest) {
  Poco::JSON::Object json(Poco::JSON_PRESERVE_KEY_ORDER);
  json.set("from", request.from);
  json.set("to", request.to);
  json.set("export", parse_object(request_json(source_request(request, manifest, ""), "")));
  json.set("import", parse_object(request_json(target_request(request, manifest), "")));
  json.set("backup", request.backup);
  Poco::JSON::Array::Ptr force = new Poco::JSON::Array;
  for (const std::string& guard : request.force) force->add(guard);
  json.set("force", force);
  return json_text(json);
}

}  // namespace

std::optional<RunError> objection(const RunOutcome& preview, const std::vector<std::string>& force) {
  const OutcomeCounts totals = preview.statistics.totals();
  if (totals.unknown > 0 && !overruled("preview_unknown", force))
    return RunError{Fault::guard, "preview_unknown",
                    "the preview cannot tell what would happen to " + std::to_string(totals.unknown) +
                        (totals.unknown == 1 ? " item" : " items") +
                        ", so nothing was changed; --force preview_unknown imports all the same"};
  if (preview.statistics.has_errors() && !overruled("preview_errors", force))
    return RunError{Fault::guard, "preview_errors",
                    "the preview shows problems, so nothing was changed; solve them, or --force preview_errors "
                    "imports the rest"};
  return std::nullopt;
}

void compare_with_preview(const RunOutcome& preview, RunOutcome& import) {
  if (import.error || preview.statistics.items == import.statistics.items) return;
  import.statistics.problems.push_back({"warning", "", "", "", "preview_differs",
                                        "the import did not do exactly what its preview said: the target changed in "
                                        "between, or the connector's preview is wrong"});
}

class Promotion::Impl {
 public:
  Impl(Runner& runner, PromoteRequest request, const Cancellation& cancellation)
      : environment_(runner.environment()),
        runner_(runner),
        request_(std::move(request)),
        cancellation_(cancellation) {}

  void check() {
    check_connections();
    against_order_ = stage_objection();
    if (against_order_ && !request_.options.preview)
      throw Failure(against_order_->fault, against_order_->code, against_order_->message);
    check_steps();
  }

  void begin() {
    const Connection& target = environment_.config->connection(request_.to);
    const Manifest& manifest = this->manifest();
    RunRecord& record = report_.record;
    record.id = environment_.store.new_id();
    record.parent = request_.parent;
    record.operation = "promote";
    record.connection = request_.to;
    record.stage = target.stage;
    record.connector_id = manifest.id;
    record.connector_version = manifest.version;
    record.connector_sha256 = manifest.library_sha256;
    record.ferry_version = FERRY_VERSION;
    record.state = "running";
    record.preview = request_.options.preview;
    record.started_at = environment_.clock.now_unix_ms();
    record.request_json = environment_.redactor.mask(request_json(request_, manifest));
    environment_.store.begin(record);
  }

  const PromoteReport& report() const { return report_; }

  bool prepare() {
    return guarded([&] { return export_and_preview(); });
  }
  bool apply() {
    return guarded([&] { return back_up_and_import(); });
  }

  PromoteReport finish(std::optional<RunError> abandoned) {
    if (!report_.error) report_.error = std::move(abandoned);
    conclude();
    return std::move(report_);
  }

 private:
  void check_connections() const {
    if (environment_.config == nullptr)
      throw Failure(Fault::usage, "bad_config", "connections were named, but no configuration is loaded");
    const Config& config = *environment_.config;
    const Connection &from = config.connection(request_.from), &to = config.connection(request_.to);
    if (from.name == to.name)
      throw Failure(Fault::usage, "same_connection", "a promotion needs two connections, and both are " + from.name);
    if (from.connector != to.connector)
      throw Failure(Fault::usage, "different_connectors",
                    from.name + " is a connection of " + from.connector + ", " + to.name + " one of " + to.connector +
                        ": artefacts go from one platform to the same platform");
  }

  const Manifest& manifest() const {  // of both ends
    return environment_.registry.find(environment_.config->connection(request_.to).connector);
  }

  std::optional<RunError> stage_objection() const {
    const Config& config = *environment_.config;
    const Connection &from = config.connection(request_.from), &to = config.connection(request_.to);
    const auto source = config.stage_order(from), target = config.stage_order(to);
    if (!source || !target || *source < *target || overruled("stage_order", request_.force)) return std::nullopt;
    return RunError{Fault::guard, "stage_order",
                    from.name + " is " + from.stage + " and " + to.name + " is " + to.stage +
                        ": a promotion goes up the order of stages, so nothing was changed; --force stage_order "
                        "promotes all the same"};
  }

  // No platform is asked before every step can begin.
  void check_steps() {
    check_options(manifest(), {"export", "import"}, request_.connector_options);
    runner_.check(source_request(request_, manifest(), ""));
    runner_.check(target_request(request_, manifest()));
  }

  // Does the work, which gives why it stopped here. Is anything left to do?
  template <typename Work>
  bool guarded(Work&& work) {
    report_.error = ended_with(std::forward<Work>(work));
    return !report_.error && !request_.options.preview;
  }

  std::optional<RunError> export_and_preview() {
    report_.export_run = runner_.run(source_request(request_, manifest(), report_.record.id), cancellation_);
    if (report_.export_run.error) return report_.export_run.error;
    ImportRequest target = import_request();
    target.options.preview = true;
    report_.preview = runner_.run(import_run(target), cancellation_);
    if (report_.preview->error) return report_.preview->error;
    tell_edits();
    return against_order_ ? against_order_ : objection(*report_.preview, request_.force);
  }

  // Now, before they are overwritten, and again in what is told at the end.
  void tell_edits() {
    edits_ = target_edits(runner_, *report_.preview, *report_.export_run.package, report_.record.id, cancellation_);
    for (const Problem& edit : edits_)
      environment_.observer.on_log(report_.preview->record, FERRY_LOG_WARNING, "ferry",
                                   edit.type + " " + edit.name + ": " + edit.message);
  }

  std::optional<RunError> back_up_and_import() {
    const ImportRequest target = import_request();
    const TargetLock lock = lock_target(runner_, target, cancellation_);
    report_.backup = back_up(runner_, target, cancellation_);
    if (report_.backup && report_.backup->error) return without_backup(*report_.backup->error);
    report_.import = import_after(runner_, target, report_.backup, cancellation_);
    compare_with_preview(*report_.preview, *report_.import);
    return report_.import->error;
  }

  ImportRequest import_request() const {
    return {request_.to,     *report_.export_run.package, request_.options,
            request_.backup, report_.record.id,           options_of(manifest(), "import", request_.connector_options)};
  }

  void conclude() {
    RunRecord& record = report_.record;
    const RunOutcome& last = report_.last();
    record.finished_at = environment_.clock.now_unix_ms();
    record.package_sha256 = report_.export_run.record.package_sha256;
    record.package_size = report_.export_run.record.package_size;
    if (report_.import) record.backup_sha256 = report_.import->record.backup_sha256;
    record.state = state_at_end(report_.error, last.statistics);
    record.error = report_.error;

    report_.statistics = last.statistics;
    Statistics& statistics = report_.statistics;
    statistics.problems.insert(statistics.problems.end(), edits_.begin(), edits_.end());
    statistics.run = identity_of(record);
    if (report_.error && (statistics.problems.empty() || statistics.problems.back().message != report_.error->message))
      statistics.problems.push_back({"error", "", "", "", report_.error->code, report_.error->message});
    record.statistics_json = statistics.to_text();
    record_end(environment_.store, record, statistics);
  }

  Environment& environment_;
  Runner& runner_;
  const PromoteRequest request_;
  const Cancellation& cancellation_;
  std::vector<Problem> edits_;
  std::optional<RunError> against_order_;  // kept for the end of a preview
  PromoteReport report_;
};

Promotion::Promotion(Runner& runner, PromoteRequest request, const Cancellation& cancellation)
    : impl_(std::make_unique<Impl>(runner, std::move(request), cancellation)) {
  impl_->check();
  impl_->begin();
}
Promotion::~Promotion() = default;
const RunRecord& Promotion::record() const { return impl_->report().record; }
const PromoteReport& Promotion::report() const { return impl_->report(); }
bool Promotion::prepare() { return impl_->prepare(); }
bool Promotion::apply() { return impl_->apply(); }
PromoteReport Promotion::finish(std::optional<RunError> abandoned) { return impl_->finish(std::move(abandoned)); }

ImportReport import_with_backup(Runner& runner, const ImportRequest& request, const Cancellation& cancellation) {
  ImportReport report;
  runner.check(import_run(request));  // the target is not asked for a backup before an import that cannot begin
  std::optional<RunError> obstacle = look_into(runner, request, cancellation);
  std::optional<TargetLock> lock;
  if (!obstacle) {
    if (!request.options.preview) lock.emplace(lock_target(runner, request, cancellation));
    report.backup = back_up(runner, request, cancellation);
    if (report.backup && report.backup->error) obstacle = without_backup(*report.backup->error);
  }
  report.import = obstacle ? runner.not_begun(import_run(request), *obstacle)
                           : import_after(runner, request, report.backup, cancellation);
  return report;
}

const RunOutcome& PromoteReport::last() const {
  if (import) return *import;
  if (preview) return *preview;
  return export_run;
}

void check_promotion(Runner& runner, const PromoteRequest& request) {
  const Cancellation never;
  Promotion::Impl(runner, request, never).check();
}

PromoteReport promote(Runner& runner, const PromoteRequest& request, const Cancellation& cancellation) {
  Promotion promotion(runner, request, cancellation);
  if (promotion.prepare()) promotion.apply();
  return promotion.finish();
}

}  // namespace ferry::host
