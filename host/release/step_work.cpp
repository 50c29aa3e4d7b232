#include "host/release/step_work.hpp"

#include <unistd.h>

#include "host/runs/request_text.hpp"

namespace ferry::host {
namespace {

// What a run of the step says, as said of the step.
class StepObserver final : public RunObserver {
 public:
  StepObserver(const ReleaseStep& step, RunObserver& logs, ReleaseObserver& steps)
      : step_(step), logs_(logs), steps_(steps) {}

  void on_start(const RunRecord& run) override { steps_.on_step(step_.name, "running", phase_of(run)); }
  void on_progress(const RunRecord& run, const RunProgress& progress) override {
    steps_.on_step_progress(step_.name, phase_of(run), progress);
  }
  void on_log(const RunRecord& run, int level, const std::string& source, const std::string& message) override {
    logs_.on_log(run, level, source, step_.name + ": " + message);
  }

 private:
  std::string phase_of(const RunRecord& run) const {
    if (run.preview) return "preview";
    return run.operation == "export" && step_.changes() && run.connection == step_.connection ? "backup"
                                                                                              : run.operation;
  }

  const ReleaseStep& step_;
  RunObserver& logs_;
  ReleaseObserver& steps_;
};

Environment with_observer(Environment environment, RunObserver& observer) {
  return {environment.config,          environment.registry, environment.store, environment.packages,
          environment.clock,           environment.redactor, observer,          environment.executable,
          environment.state_directory, environment.log_level};
}

class Work : public StepWork {
 public:
  Work(const Environment& environment, const ReleaseStep& step, const std::string& parent, ReleaseObserver& observer,
       const Cancellation& cancellation)
      : step_(step),
        parent_(parent),
        cancellation_(cancellation),
        observer_(step_, environment.observer, observer),
        runner_(with_observer(environment, observer_)) {}

 protected:
  RunRequest request() const {
    RunRequest request;
    request.operation = step_.operation;
    request.connection = step_.connection;
    request.parent = parent_;
    request.select = step_.select;
    request.dependencies = step_.dependencies;
    request.import = step_.options;
    request.options = step_.connector_options;
    return request;
  }
  static void tell(StepReport& report, RunOutcome outcome) {
    report.error = outcome.error;
    report.run = outcome.record.id;
    report.package = outcome.package;
    report.outcome = std::move(outcome);
  }

  const ReleaseStep step_;
  const std::string& parent_;
  const Cancellation& cancellation_;
  StepObserver observer_;
  Runner runner_;
};

// check and export: one run, which changes nothing.
class SingleRun final : public Work {
 public:
  using Work::Work;
  void check() {
    runner_.check(request());
    const std::filesystem::path folder = std::filesystem::path(step_.output).parent_path();
    if (!step_.output.empty() && ::access(folder.c_str(), W_OK | X_OK) != 0)
      throw_errno("writing a package into " + folder.string(), errno);
  }
  void prepare(StepReport& report) override {
    tell(report, runner_.run(request(), cancellation_));
    if (report.package && !report.error && !step_.output.empty())
      runner_.environment().packages.copy_out(*report.package, step_.output, cancellation_);
  }
};

class Import final : public Work {
 public:
  using Work::Work;
  void check() {
    runner_.check(request());
    if (!step_.package.empty() && !names_kept_package(step_.package) && ::access(step_.package.c_str(), R_OK) != 0)
      throw_errno("reading the package " + step_.package, errno);
  }
  void take(const Package& package) override { package_ = package; }
  void prepare(StepReport& report) override {
    if (!package_) package_ = package();
    RunRequest preview = request();
    preview.package = package_;
    preview.import.preview = true;
    tell(report, runner_.run(preview, cancellation_));
    if (!report.error) report.error = objection(*report.outcome, step_.force);
    preview_ = report.outcome;
  }
  void apply(StepReport& report) override {
    ImportReport done = import_with_backup(
        runner_, {step_.connection, *package_, step_.options, step_.backup, parent_, step_.connector_options},
        cancellation_);
    compare_with_preview(*preview_, done.import);
    report.backup_sha256 = done.import.record.backup_sha256;
    tell(report, std::move(done.import));
  }

 private:
  Package package() {
    const Environment& environment = runner_.environment();
    if (!names_kept_package(step_.package)) return environment.packages.adopt(step_.package, cancellation_);
    return kept_package(environment.packages, environment.state_directory, step_.package);
  }

  std::optional<Package> package_;
  std::optional<RunOutcome> preview_;
};

class PromotionWork final : public Work {
 public:
  using Work::Work;
  void check() { check_promotion(runner_, promotion_request()); }
  void prepare(StepReport& report) override {
    promotion_.emplace(runner_, promotion_request(), cancellation_);
    report.run = promotion_->record().id;
    promotion_->prepare();
    tell_end(report);
  }
  void apply(StepReport& report) override {
    promotion_->apply();
    tell_end(report);
  }
  void finish(StepReport& report, const std::optional<RunError>& abandoned) override {
    if (!promotion_) return;
    PromoteReport done = promotion_->finish(abandoned);
    report.statistics = std::move(done.statistics);
    report.backup_sha256 = done.record.backup_sha256;
    report.outcome = done.last();
  }

 private:
  PromoteRequest promotion_request() const {
    return {step_.from,   step_.connection, step_.select, step_.dependencies,     step_.options,
            step_.backup, step_.force,      parent_,      step_.connector_options};
  }
  void tell_end(StepReport& report) const {
    report.error = promotion_->report().error;
    report.outcome = promotion_->report().last();
  }

  std::optional<Promotion> promotion_;
};

template <typename Kind>
std::unique_ptr<StepWork> checked(const Environment& environment, const ReleaseStep& step, const std::string& parent,
                                  ReleaseObserver& observer, const Cancellation& cancellation) {
  auto work = std::make_unique<Kind>(environment, step, parent, observer, cancellation);
  work->check();
  return work;
}

}  // namespace

void StepWork::finish(StepReport& report, const std::optional<RunError>&) {
  if (report.outcome) report.statistics = report.outcome->statistics;
}

std::unique_ptr<StepWork> make_step_work(const Environment& environment, const ReleaseStep& step,
                                         const std::string& parent, ReleaseObserver& observer,
                                         const Cancellation& cancellation) {
  if (step.operation == "promote") return checked<PromotionWork>(environment, step, parent, observer, cancellation);
  if (step.operation == "import") return checked<Import>(environment, step, parent, observer, cancellation);
  return checked<SingleRun>(environment, step, parent, observer, cancellation);
}

}  // namespace ferry::host
