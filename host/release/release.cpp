#include "host/release/release.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "host/base/json_text.hpp"
#include "host/base/text.hpp"
#include "host/release/schedule.hpp"
#include "host/release/step_work.hpp"
#include "host/runs/run_ending.hpp"
#include "host/statistics/run_state.hpp"

namespace ferry::host {
namespace {

using Unit = Schedule::Unit;
using Part = Schedule::Part;

bool went_well(const StepReport& report) { return report.state == "succeeded" || report.state == "ready"; }

class ReleaseRun {
 public:
  ReleaseRun(Runner& runner, const ReleaseRequest& request, ReleaseObserver& observer, const Cancellation& cancellation)
      : environment_(runner.environment()), request_(request), observer_(observer), cancellation_(cancellation) {}

  ReleaseReport carry_out() {
    choose_steps();
    make_work();
    const std::vector<RecordedStep> before = steps_to_resume();
    begin();
    Schedule schedule(steps_, targets_, {request_.preview, request_.continue_on_error});
    carry_over(before, schedule);
    work_off(schedule);
    for (std::size_t i = 0; i < steps_.size(); ++i) close(i, schedule);
    conclude();
    observer_.on_end(report_.record);
    return std::move(report_);
  }

 private:
  void choose_steps() {
    for (const std::string& name : request_.only) request_.release.step(name);
    std::set<std::string> chosen(request_.only.begin(), request_.only.end());
    for (const ReleaseStep& step : request_.release.steps)
      if (chosen.empty() || chosen.count(step.name) != 0) steps_.push_back(step);
    if (chosen.empty()) return;
    for (ReleaseStep& step : steps_) {
      if (!step.package_step.empty() && chosen.count(step.package_step) == 0)
        throw Failure(Fault::usage, "missing_step",
                      "the step " + step.name + " takes its package from the step " + step.package_step +
                          ", which --only leaves out; add --only " + step.package_step);
      std::erase_if(step.needs, [&](const std::string& need) { return chosen.count(need) == 0; });
    }
  }

  // No platform is asked before every step can begin.
  void make_work() {
    if (environment_.config == nullptr)
      throw Failure(Fault::usage, "bad_config", "connections were named, but no configuration is loaded");
    for (ReleaseStep& step : steps_) {
      const std::string where =
          request_.release.file.string() + ":" + std::to_string(step.line) + ": steps." + step.name + ": ";
      try {
        const Connection& connection = environment_.config->connection(step.connection);
        targets_.push_back(connection.url);
        if (step.options.policy.empty()) step.options.policy = connection.on_existing;
        step.options.preview = request_.preview;
        report_.steps.push_back({step,
                                 "ready",
                                 "",
                                 "",
                                 {},
                                 {},
                                 {},
                                 {},
                                 "",
                                 environment_.registry.find(connection.connector).imports_with("prune")});
        work_.push_back(make_step_work(environment_, step, report_.record.id, observer_, cancellation_));
      } catch (const Failure& failure) {
        throw Failure(failure.fault(), failure.code(), where + failure.message());
      }
    }
  }

  std::vector<RecordedStep> steps_to_resume() {
    if (request_.resume.empty()) return {};
    const RunRecord before = environment_.store.show(request_.resume);
    const std::string name = "the run " + before.id;
    if (before.operation != "run")
      throw Failure(Fault::usage, "cannot_resume", name + " is no run of a release file: it was " + before.operation);
    if (before.state == "running" || before.state == "waiting")
      throw Failure(Fault::guard, "cannot_resume", name + " is still running");
    if (before.state == "succeeded")
      throw Failure(Fault::usage, "cannot_resume", name + " succeeded: there is nothing left to do");
    if (before.preview != request_.preview)
      throw Failure(Fault::usage, "cannot_resume",
                    name + (before.preview ? " was a dry run: nothing of it was carried out"
                                           : " was no dry run: leave --dry-run out to go on with it"));
    resumed_ = before.id;
    return environment_.store.steps(before.id);
  }

  void begin() {
    RunRecord& record = report_.record;
    record.id = environment_.store.new_id();
    record.operation = "run";
    record.connector_id = "ferry";
    record.connector_version = record.ferry_version = FERRY_VERSION;
    record.state = "running";
    record.preview = request_.preview;
    record.started_at = environment_.clock.now_unix_ms();
    Poco::JSON::Object json(Poco::JSON_PRESERVE_KEY_ORDER);
    json.set("file", std::filesystem::absolute(request_.release.file).lexically_normal().string());
    Poco::JSON::Array::Ptr names = new Poco::JSON::Array;
    for (const ReleaseStep& step : steps_) names->add(step.name);
    json.set("steps", names);
    json.set("continue_on_error", request_.continue_on_error);
    if (!resumed_.empty()) json.set("resumes", resumed_);
    record.request_json = environment_.redactor.mask(json_text(json));
    environment_.store.begin(record);
    observer_.on_release(record, steps_);
  }

  void carry_over(const std::vector<RecordedStep>& before, Schedule& schedule) {
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      const auto found = std::find_if(before.begin(), before.end(), [&](const RecordedStep& step) {
        return step.name == steps_[i].name && step.definition == steps_[i].definition && step.state == "succeeded";
      });
      if (found == before.end()) continue;
      StepReport& report = report_.steps[i];
      if (steps_[i].operation == "export" && !restore_package(*found, report)) continue;
      report.state = "succeeded";
      report.reason = "carried out in the run " + resumed_;
      report.run = found->run;
      if (const Poco::JSON::Object::Ptr document = parse_object(found->statistics_json))
        report.statistics = Statistics::from_json(*document);
      schedule.carried_over(i);
      save(report);
      observer_.on_step(report.step.name, report.state, "");
    }
  }

  // False: what it exported is no longer kept, so it is exported again.
  bool restore_package(const RecordedStep& step, StepReport& report) {
    if (step.run.empty()) return false;
    const RunRecord run = environment_.store.show(step.run);
    if (run.package_sha256.empty()) return false;
    report.package = environment_.packages.find(run.package_sha256);
    return report.package.has_value();
  }

  void work_off(Schedule& schedule) {
    std::mutex mutex;
    std::condition_variable changed;
    const int most = request_.parallel > 0 ? request_.parallel : request_.release.parallel;
    const std::size_t count = std::min<std::size_t>(static_cast<std::size_t>(most), steps_.size());
    const auto take = [&] {
      std::unique_lock lock(mutex);
      for (;;) {
        if (cancellation_.cancelled()) schedule.cancel();
        Unit unit{};
        if (schedule.next(unit)) {
          lock.unlock();
          const bool well = carry_out(unit, schedule);
          lock.lock();
          schedule.ended(unit, well);
          changed.notify_all();
        } else if (schedule.finished()) {
          changed.notify_all();
          return;
        } else {
          // Whoever runs now will say when it ended; a cancellation reaches it, too.
          changed.wait(lock);
        }
      }
    };
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < count; ++i) threads.emplace_back(take);
    for (std::thread& thread : threads) thread.join();
  }

  bool carry_out(const Unit& unit, const Schedule& schedule) {
    StepReport& report = report_.steps[unit.step];
    StepWork& work = *work_[unit.step];
    report.state = "running";
    observer_.on_step(report.step.name, "running", "");
    report.error = ended_with([&] {
      if (unit.part == Part::prepare) {
        if (!report.step.package_step.empty()) work.take(package_of(report.step.package_step));
        work.prepare(report);
      } else {
        work.apply(report);
      }
      return report.error;
    });
    const bool last = unit.part == Part::apply || !schedule.changes(unit.step);
    if (report.error)
      report.state = report.error->fault == Fault::cancelled ? "cancelled" : "failed";
    else if (last)
      report.state = report.outcome && report.outcome->statistics.has_errors() ? "partially_succeeded" : "succeeded";
    else
      report.state = "ready";
    const bool well = went_well(report);
    if (last || !well) {
      work.finish(report, std::nullopt);
      if (request_.preview && report.step.changes() && !schedule.early(unit.step))
        report.statistics.problems.push_back({"notice", "", "", "", "previewed_as_is",
                                              "this preview shows the target as it is now: another step of the release "
                                              "changes it, or the source, first"});
      save(report);
    }
    observer_.on_step(report.step.name, report.state, "");
    return well;
  }

  Package package_of(const std::string& step) const {
    for (const StepReport& report : report_.steps)
      if (report.step.name == step && report.package) return *report.package;
    throw Failure(Fault::machine, "no_package", "the step " + step + " gave no package");
  }

  // What a step is that did not come to its end.
  void close(std::size_t i, const Schedule& schedule) {
    StepReport& report = report_.steps[i];
    if (report.state != "ready") return;
    const std::string culprit = schedule.stopped_by(i);
    report.reason = culprit.empty() ? "the release was cancelled" : "the step " + culprit + " did not succeed";
    report.state = "not_started";
    const RunError abandoned{culprit.empty() ? Fault::cancelled : Fault::guard,
                             culprit.empty() ? "cancelled" : "not_applied",
                             report.reason + ", so nothing was changed here"};
    work_[i]->finish(report, abandoned);
    save(report);
    observer_.on_step(report.step.name, report.state, "");
  }

  void save(const StepReport& report) {
    environment_.store.save_step(report_.record.id, {report.step.name, report.step.definition, report.state, report.run,
                                                     environment_.redactor.mask(report.statistics.to_text())});
  }

  void conclude() {
    RunRecord& record = report_.record;
    record.finished_at = environment_.clock.now_unix_ms();
    Statistics& total = report_.statistics;
    bool all_well = true, some_well = false;
    for (StepReport& report : report_.steps) {
      add_section(report);
      all_well = all_well && report.state == "succeeded";
      some_well = some_well || ended_well(report.state);
      if (report.error && !report_.error)
        report_.error = RunError{report.error->fault, report.error->code,
                                 "step " + report.step.name + ": " + report.error->message};
    }
    if (cancellation_.cancelled()) {
      record.state = "cancelled";
      report_.error = RunError{Fault::cancelled, "cancelled",
                               "the release was cancelled; its steps say what was done. To go on: ferry run " +
                                   request_.release.file.string() + " --resume " + record.id};
    } else {
      record.state = all_well ? "succeeded" : some_well ? "partially_succeeded" : "failed";
    }
    record.error = report_.error;
    total.run = identity_of(record);
    if (report_.error) total.problems.push_back({"error", "", "", "", report_.error->code, report_.error->message});
    record.statistics_json = environment_.redactor.mask(total.to_text());
    record_end(environment_.store, record, total);
  }

  void add_section(const StepReport& report) {
    Statistics& total = report_.statistics;
    StepStatistics section{report.step.name, report.state, report.reason, std::nullopt};
    if (!report.statistics.run.id.empty()) section.statistics = report.statistics;
    total.steps.push_back(std::move(section));
    for (const auto& [type, counts] : report.statistics.items) total.items[type] += counts;
    if (!report.statistics.transfer) return;
    if (!total.transfer) total.transfer.emplace();
    *total.transfer += *report.statistics.transfer;
  }

  Environment& environment_;
  const ReleaseRequest& request_;
  ReleaseObserver& observer_;
  const Cancellation& cancellation_;
  std::vector<ReleaseStep> steps_;
  std::vector<std::string> targets_;
  std::vector<std::unique_ptr<StepWork>> work_;
  std::string resumed_;
  ReleaseReport report_;
};

}  // namespace

ReleaseReport run_release(Runner& runner, const ReleaseRequest& request, ReleaseObserver& observer,
                          const Cancellation& cancellation) {
  return ReleaseRun(runner, request, observer, cancellation).carry_out();
}

}  // namespace ferry::host
