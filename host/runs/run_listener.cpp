#include "host/runs/run_listener.hpp"

#include "host/base/json_text.hpp"
#include "host/base/text.hpp"
#include "host/records/json_lines.hpp"
#include "host/statistics/outcomes.hpp"

namespace ferry::host {
namespace {
constexpr std::size_t items_saved_at_once = 500;
constexpr std::size_t longest_printed_line = 4096;
}  // namespace

RunListener::RunListener(Environment& environment, RunOutcome& outcome, RecordReceiver* receiver)
    : environment_(environment),
      outcome_(outcome),
      receiver_(receiver),
      log_(environment.state_directory / "logs" / (outcome.record.id + ".jsonl"), environment.clock) {}

void RunListener::on_fact(std::string_view fact_json) {
  // The worker masked it; but what runs in the worker is somebody else's code.
  if (std::optional<Item> item = counter_.count(environment_.redactor.mask(fact_json)))
    if (item->outcome != "unchanged" && !only_delivered(item->outcome)) remember(std::move(*item));
}

void RunListener::remember(Item item) {
  if (outcome_.changes.size() < RunOutcome::most_changes)
    outcome_.changes.push_back(item);
  else
    ++outcome_.changes_left_out;
  unsaved_.push_back(std::move(item));
  if (unsaved_.size() >= items_saved_at_once) save_items();
}

// An import that is under way is not stopped because its items cannot be recorded.
void RunListener::save_items() {
  if (unsaved_.empty() || items_lost_) return;
  try {
    environment_.store.add_items(outcome_.record.id, unsaved_);
  } catch (const Failure& failure) {
    items_lost_ = true;
    counter_.add_problem({"warning", "", "", "", "items_not_recorded",
                          std::string("the list of changed items could not be recorded: ") + failure.what()});
  }
  unsaved_.clear();
}

void RunListener::on_records(std::string_view stream, std::uint64_t count, std::string_view lines) {
  if (receiver_ == nullptr || !receiver_->checks_records()) check_json_lines(lines, count);
  records_ += count;
  if (receiver_ != nullptr) receiver_->on_records(stream, lines, count);
}

void RunListener::on_checkpoint(std::string_view stream, std::string_view state_json) {
  if (receiver_ != nullptr) receiver_->on_checkpoint(stream, state_json);
}

void RunListener::on_progress(const WorkerProgress& progress) {
  transfer_ = {progress.requests,   progress.retries,        progress.throttled_ms,
               progress.bytes_sent, progress.bytes_received, progress.rate_limited};
  note_waiting(progress.waiting_until_ms);
  environment_.observer.on_progress(
      outcome_.record, {environment_.redactor.mask(progress.phase), progress.done, progress.total, transfer_,
                        progress.waiting_until_ms, progress.waiting_for_limit, records_});
}

void RunListener::note_waiting(std::int64_t until) {
  if (outcome_.record.waiting_until.value_or(0) == until) return;
  outcome_.record.waiting_until = until == 0 ? std::nullopt : std::optional(until);
  outcome_.record.state = until == 0 ? "running" : "waiting";
  try {
    environment_.store.set_waiting(outcome_.record.id, outcome_.record.waiting_until);
  } catch (const Failure&) {  // that it waits is shown as long as it does; what comes of it counts
  }
}

void RunListener::on_log(int level, const std::string& source, const std::string& message) {
  std::string masked = environment_.redactor.mask(message);
  if (source != "connector") masked = shortened(masked, longest_printed_line);
  log_.write(level, source, masked);
  environment_.observer.on_log(outcome_.record, level, source, masked);
}

void RunListener::on_mask(std::string_view value) { environment_.redactor.add(value); }

std::string RunListener::on_request(std::string_view request_json) {
  Poco::JSON::Object answer;
  try {
    const Poco::JSON::Object::Ptr request = parse_object(request_json);
    if (!request) throw Failure(Fault::connector, "bad_frame", "the request is no JSON object");
    serve_state(*request, answer);
  } catch (const Failure& failure) {
    answer.set("error", failure.message());
  }
  return json_text(answer);
}

void RunListener::serve_state(const Poco::JSON::Object& request, Poco::JSON::Object& answer) {
  const auto what = request.optValue<std::string>("do", "");
  const auto key = request.optValue<std::string>("key", "");
  // Of the connector as well: a connection that is given another one must not hand it what its predecessor kept.
  const std::string space = outcome_.record.connector_id + "/" + outcome_.record.connection;
  if (what == "state_get") {
    const std::optional<std::string> value = environment_.store.state(space, key);
    answer.set("found", value.has_value());
    if (value) answer.set("value", *value);
  } else if (what == "state_put") {
    environment_.store.set_state(space, key, request.optValue<std::string>("value", ""));
  } else if (what == "state_remove") {
    environment_.store.remove_state(space, key);
  } else {
    throw Failure(Fault::machine, "protocol", "this ferry does not know the request \"" + what + "\"");
  }
}

void RunListener::conclude() {
  save_items();
  outcome_.statistics.items = counter_.items();
  outcome_.statistics.problems = counter_.problems();
  outcome_.statistics.transfer = transfer_;
  if (outcome_.record.operation == "read") outcome_.statistics.records = RecordCounts{records_, records_, std::nullopt};
}

}  // namespace ferry::host
