#include "host/runs/runner.hpp"

#include <fcntl.h>

#include <algorithm>

#include "host/base/files.hpp"
#include "host/base/json_text.hpp"
#include "host/base/text.hpp"
#include "host/runs/account.hpp"
#include "host/runs/connector_options.hpp"
#include "host/runs/idempotency.hpp"
#include "host/runs/run_ending.hpp"
#include "host/runs/run_listener.hpp"
#include "host/runs/work_directory.hpp"
#include "host/runs/worker_request.hpp"

namespace ferry::host {
namespace {

void check_operation(const Manifest& manifest, const RunRequest& request) {
  if (!manifest.offers(request.operation))
    throw Failure(Fault::usage, "unsupported_operation",
                  "the connector " + manifest.id + " " + manifest.version + " does not offer \"" + request.operation +
                      "\"; it offers: " + join(manifest.operations, ", "));
  if (request.operation == "export" || request.operation == "import")
    check_options(manifest, {request.operation}, request.options);
  if (request.operation != "import") return;
  const auto& policies = manifest.import_policies;
  if (std::find(policies.begin(), policies.end(), request.import.policy) == policies.end())
    throw Failure(Fault::usage, "unsupported_policy",
                  "the connector " + manifest.id + " cannot import with --on-existing " + request.import.policy +
                      "; it can: " + join(policies, ", "));
  if (request.import.prune && !manifest.imports_with("prune"))
    throw Failure(Fault::usage, "unsupported_option",
                  "the connector " + manifest.id +
                      " removes nothing that a package does not have: leave --prune (or prune: true) out");
  if (!request.import.mapping.empty() && !manifest.imports_with("mapping"))
    throw Failure(Fault::usage, "unsupported_option",
                  "the connector " + manifest.id + " imports a package as it is: leave --map (or map:) out");
}

// Refuses a package that says it was made by another connector. If nothing is known of it, the connector will look.
void check_package(const Manifest& manifest, const RunRequest& request) {
  if (!request.package) return;
  const Poco::JSON::Object::Ptr description = parse_object(request.package->description_json);
  const std::string maker = description ? description->optValue<std::string>("connector", "") : "";
  if (!maker.empty() && maker != manifest.id)
    throw Failure(Fault::usage, "foreign_package",
                  "the package was exported by the connector " + printable(maker) + ", and " + manifest.id +
                      " is to take it: choose a connection of " + printable(maker));
}

void check_secrets(const Connection& connection, const std::map<std::string, std::string>& secrets) {
  for (const auto& [name, value] : secrets)
    if (valid_utf8(value) != value)
      throw Failure(Fault::usage, "bad_secret",
                    "the secret \"" + name + "\" of " + connection.name +
                        " is no UTF-8 text, as which connectors get their secrets; is it the right one?");
}

RunError error_of(const WorkerDone& done, const RunRecord& record) {
  RunError error{done.fault, done.code, done.message};
  if (done.fault == Fault::connector)
    error.message =
        "the connector " + record.connector_id + " " + record.connector_version + " failed: " + done.message;
  else if (!record.connection.empty() && done.fault != Fault::cancelled)
    error.message = record.connection + ": " + done.message;
  return error;
}

class Run {
 public:
  Run(Environment& environment, const RunRequest& request, const Cancellation& cancellation, RecordReceiver* receiver)
      : environment_(environment), request_(request), cancellation_(cancellation), receiver_(receiver) {}

  // Everything that can be wrong before a run exists, but for a package that is not there yet.
  void check() {
    if (!request_.connection.empty()) {
      if (environment_.config == nullptr)
        throw Failure(Fault::usage, "bad_config", "a connection was named, but no configuration is loaded");
      connection_ = &environment_.config->connection(request_.connection);
    }
    manifest_ = &environment_.registry.find(connection_ != nullptr ? connection_->connector : request_.connector);
    check_operation(*manifest_, request_);
    check_package(*manifest_, request_);
    if (connection_ == nullptr) return;
    settings_ = environment_.config->check(*connection_, *manifest_);
    resolved_ = environment_.config->resolved(*connection_);
    connection_ = &resolved_;
    secrets_ = environment_.config->secrets(*connection_, environment_.redactor);
    check_secrets(*connection_, secrets_);
  }

  RunOutcome not_begun(RunError error) {
    check();
    prepare();
    environment_.store.begin(outcome_.record);
    environment_.observer.on_start(outcome_.record);
    outcome_.error = std::move(error);
    conclude();
    return std::move(outcome_);
  }

  RunOutcome carry_out() {
    check();
    if (environment_.traffic != nullptr && asks_platform()) traffic_ = environment_.traffic->next(request_);
    prepare();
    environment_.store.begin(outcome_.record);
    environment_.observer.on_start(outcome_.record);
    RunListener listener(environment_, outcome_, receiver_);
    outcome_.error = ended_with([&] { return execute(listener); });
    listener.conclude();
    conclude();
    return std::move(outcome_);
  }

 private:
  void prepare() {
    if (!request_.package && (request_.operation == "import" || request_.operation == "inspect"))
      throw Failure(Fault::usage, "no_package", "there is nothing to " + request_.operation + ": no package was given");
    RunRecord& record = outcome_.record;
    record.id = environment_.store.new_id();
    record.parent = request_.parent;
    record.operation = request_.operation;
    record.connection = request_.connection;
    record.stage = connection_ != nullptr ? connection_->stage : "";
    record.connector_id = manifest_->id;
    record.connector_version = manifest_->version;
    record.connector_sha256 = manifest_->library_sha256;
    record.ferry_version = FERRY_VERSION;
    record.state = "running";
    record.preview = request_.operation == "import" && request_.import.preview;
    record.started_at = environment_.clock.now_unix_ms();
    if (request_.package) {
      record.package_sha256 = request_.package->sha256;
      record.package_size = request_.package->size;
    }
    key_ = idempotency_key(environment_.store, environment_.packages, record.id, request_,
                           environment_.redactor.mask(request_json(request_, "")));
    record.request_json = environment_.redactor.mask(request_json(request_, key_));
  }

  std::optional<RunError> execute(RunListener& listener) {
    const WorkDirectory directory(environment_.state_directory, outcome_.record.id);
    WorkerStart start = worker_start(directory.path());
    WorkerLimits limits;
    limits.start = std::chrono::milliseconds(manifest_->start_ms);
    limits.idle = std::chrono::milliseconds(manifest_->idle_ms);

    std::optional<PackageStore::Spool> spool;
    UniqueFd package;
    int descriptor = -1;
    if (request_.operation == "export") {
      spool.emplace(environment_.packages.spool());
      descriptor = spool->fd();
    } else if (request_.package) {
      package = open_file(request_.package->path, O_RDONLY);
      start.package = {request_.package->sha256, request_.package->size, request_.package->description_json};
      descriptor = package.get();
    }

    const WorkerDone done = run_worker(environment_.executable, start, descriptor, limits, listener, cancellation_);
    if (done.status != FERRY_OK || !done.code.empty()) return error_of(done, outcome_.record);
    if (spool) keep(std::move(*spool), done);
    return std::nullopt;
  }

  void keep(PackageStore::Spool spool, const WorkerDone& done) {
    if (!done.package)
      throw Failure(Fault::connector, "no_package",
                    "the connector " + manifest_->id + " " + manifest_->version +
                        " failed: its export ended well and gave no package");
    outcome_.package =
        environment_.packages.keep(std::move(spool), done.package->sha256, done.package->description_json);
    outcome_.record.package_sha256 = outcome_.package->sha256;
    outcome_.record.package_size = outcome_.package->size;
  }

  // What was sent and not confirmed is known to the statistics; whoever interrupted it must be told as well.
  std::string cancelled_too_late() const {
    const std::uint64_t unknown = outcome_.statistics.totals().unknown;
    if (outcome_.error->fault != Fault::cancelled || outcome_.record.preview || unknown == 0) return "";
    return "; the deployment had been sent by then and may have been carried out, so what became of " +
           std::to_string(unknown) + (unknown == 1 ? " item" : " items") +
           " is not known: look at the target, or run the same command with --dry-run";
  }

  bool asks_platform() const { return connection_ != nullptr && request_.operation != "inspect"; }

  WorkerStart worker_start(const std::filesystem::path& directory) const {
    WorkerStart start;
    start.operation = request_.operation;
    start.run_id = outcome_.record.id;
    start.connector_id = manifest_->id;
    start.connector_version = manifest_->version;
    start.library = manifest_->library;
    start.library_sha256 = manifest_->library_sha256;
    start.operations = manifest_->operations;
    start.config_json = config_json(connection_, settings_);
    start.request_json = request_json(request_, key_);
    start.secrets = secrets_;
    start.granted_secrets = manifest_->secrets;
    if (asks_platform()) {
      start.http = http_settings(*connection_, *manifest_);
      start.http->traffic = traffic_;
      start.http->rate.directory = rate_directory(environment_.state_directory);
      start.http->rate.account = account_fingerprint(environment_.state_directory, *connection_, secrets_);
    }
    start.memory_mb = manifest_->memory_mb;
    start.log_level = environment_.log_level;
    start.directory = directory;
    return start;
  }

  void conclude() {
    RunRecord& record = outcome_.record;
    record.finished_at = environment_.clock.now_unix_ms();
    record.state = state_at_end(outcome_.error, outcome_.statistics);
    if (outcome_.error) {
      outcome_.error->message = environment_.redactor.mask(outcome_.error->message) + cancelled_too_late();
      // Whoever has only the document must find there why the run failed.
      outcome_.statistics.problems.push_back({"error", "", "", "", outcome_.error->code, outcome_.error->message});
    }
    record.error = outcome_.error;
    outcome_.statistics.run = identity_of(record);
    record.statistics_json = outcome_.statistics.to_text();
    record_end(environment_.store, record, outcome_.statistics);
    environment_.observer.on_end(outcome_);
  }

  Environment& environment_;
  const RunRequest& request_;
  const Cancellation& cancellation_;
  RecordReceiver* receiver_;
  const Connection* connection_ = nullptr;
  Connection resolved_;  // with the url it has now
  const Manifest* manifest_ = nullptr;
  Poco::JSON::Object::Ptr settings_ = new Poco::JSON::Object;
  std::map<std::string, std::string> secrets_;
  TrafficSettings traffic_;
  std::string key_;  // of an import: by which the platform recognises it
  RunOutcome outcome_;
};

}  // namespace

Runner::Runner(Environment environment) : environment_(std::move(environment)) {}

void Runner::check(const RunRequest& request) { Run(environment_, request, Cancellation(), nullptr).check(); }

RunOutcome Runner::not_begun(const RunRequest& request, RunError error) {
  return Run(environment_, request, Cancellation(), nullptr).not_begun(std::move(error));
}

RunOutcome Runner::run(const RunRequest& request, const Cancellation& cancellation, RecordReceiver* receiver) {
  return Run(environment_, request, cancellation, receiver).carry_out();
}

}  // namespace ferry::host
