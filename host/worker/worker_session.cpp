#include "host/worker/worker_session.hpp"

#include "host/base/json_text.hpp"
#include "host/base/text.hpp"
#include "host/http/recording_info.hpp"
#include "host/http/replay_clock.hpp"

namespace ferry::host {
namespace {

constexpr std::size_t largest_fact = 1u << 20;
constexpr std::size_t facts_in_a_frame = 32 * 1024;
constexpr std::size_t largest_batch = 16u << 20;
constexpr std::size_t largest_state = 1u << 20;
constexpr std::size_t longest_log = 16 * 1024;
constexpr std::size_t longest_phase = 200;
constexpr std::size_t largest_masked_value = 64 * 1024;
constexpr std::size_t most_masked_values = 10'000;

std::int64_t steady_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

// Masked before it is cut: half a secret is no longer found.
std::string presentable(const Redactor& redactor, std::string_view text, std::size_t limit) {
  return valid_utf8(shortened(redactor.mask(text), limit));
}

// Where recorded traffic is replayed, nothing needs waiting for.
std::unique_ptr<Clock> clock_for(const std::optional<HttpSettings>& http) {
  if (!http || http->traffic.replay.empty()) return std::make_unique<SystemClock>();
  return std::make_unique<ReplayClock>(RecordingInfo::load(http->traffic.replay).recorded_at);
}

}  // namespace

WorkerSession::WorkerSession(FrameSender& sender, HostListener& listener, WorkerStart start)
    : sender_(sender), listener_(listener), start_(std::move(start)), clock_(clock_for(start_.http)) {
  for (const auto& [name, value] : start_.secrets) redactor_.add(value);
}

void WorkerSession::log(int level, std::string_view message, std::string_view fields_json) {
  if (level < start_.log_level) return;
  Poco::JSON::Object json;
  json.set("level", level);
  json.set("message", presentable(redactor_, message, longest_log));
  if (!fields_json.empty()) json.set("fields", presentable(redactor_, fields_json, longest_log));
  sender_.send(FrameType::log, json_text(json));
}

void WorkerSession::mask(std::string_view value) {
  if (value.size() > largest_masked_value || ++masked_values_ > most_masked_values)
    throw Failure(Fault::connector, "bad_mask",
                  "it asked for more to be masked than ferry can search for: at most " +
                      std::to_string(most_masked_values) + " values of at most 64 KiB");
  redactor_.add(value);
  sender_.send(FrameType::mask, value);
}

void WorkerSession::report(std::string_view fact_json) {
  if (fact_json.size() > largest_fact)
    throw Failure(Fault::connector, "bad_fact",
                  "it reported a fact of " + std::to_string(fact_json.size()) + " bytes; at most 1 MiB is allowed");
  std::string line = redactor_.mask(fact_json);
  for (char& character : line)
    if (character == '\n') character = ' ';  // white space between tokens; inside a text it is not allowed anyway
  std::lock_guard lock(facts_mutex_);
  facts_ += line;
  facts_ += '\n';
  if (facts_.size() < facts_in_a_frame) return;
  sender_.send(FrameType::fact, facts_);
  facts_.clear();
}

void WorkerSession::flush_facts() {
  std::lock_guard lock(facts_mutex_);
  if (facts_.empty()) return;
  sender_.send(FrameType::fact, facts_);
  facts_.clear();
}

void WorkerSession::deliver_records(std::string_view stream, std::uint64_t count, std::string_view lines) {
  if (stream.empty() || stream.size() > 255 || lines.size() > largest_batch || (!lines.empty() && lines.back() != '\n'))
    throw Failure(
        Fault::connector, "bad_batch",
        "it delivered a batch that is not as ferry/connector.h says: a stream name of 1 to 255 bytes, at most "
        "16 MiB of JSON lines, each ended by a line break");
  std::string head;
  head += static_cast<char>(stream.size() & 0xff);
  head += static_cast<char>(stream.size() >> 8);
  head += stream;
  for (int i = 0; i < 8; ++i) head += static_cast<char>(count >> (8 * i) & 0xff);
  cancellation_.throw_if_cancelled();
  sender_.send(FrameType::records, head, lines, 0);
}

void WorkerSession::deliver_checkpoint(std::string_view stream, std::string_view state_json) {
  if (stream.empty() || stream.size() > 255 || state_json.size() > largest_state)
    throw Failure(Fault::connector, "bad_checkpoint",
                  "it delivered a checkpoint that is not as ferry/connector.h says: a stream name of 1 to 255 bytes, a "
                  "state of at most 1 MiB");
  flush_facts();
  Poco::JSON::Object json;
  json.set("stream", std::string(stream));
  json.set("state", std::string(state_json));
  sender_.send(FrameType::checkpoint, json_text(json));
}

void WorkerSession::enter_stage(const std::string& stage) {
  {
    std::lock_guard lock(progress_mutex_);
    progress_.stage = stage;
  }
  flush_facts();
  send_progress();
}

void WorkerSession::set_progress(std::uint64_t done, std::uint64_t total, std::string_view phase) {
  std::string masked = presentable(redactor_, phase, longest_phase);
  std::lock_guard lock(progress_mutex_);
  progress_.done = done;
  progress_.total = total;
  progress_.phase = std::move(masked);
}

void WorkerSession::send_progress() {
  std::lock_guard lock(progress_mutex_);
  progress_.requests = transfer_.requests;
  progress_.retries = transfer_.retries;
  progress_.throttled_ms = transfer_.throttled_ms;
  progress_.bytes_sent = transfer_.bytes_sent;
  progress_.bytes_received = transfer_.bytes_received;
  progress_.package_bytes = package_bytes_;
  progress_.busy_until_ms = busy_until_ms_;
  progress_.rate_limited = transfer_.rate_limited;
  progress_.waiting_until_ms = waiting_until_ms_;
  progress_.waiting_for_limit = waiting_for_limit_;
  if (progress_ == sent_progress_) return;
  sent_progress_ = progress_;
  sender_.send(FrameType::progress, progress_.to_json());
}

void WorkerSession::set_busy(std::chrono::milliseconds at_most) {
  busy_until_ms_ = at_most.count() > 0 ? steady_ms() + at_most.count() : 0;
}

void WorkerSession::set_waiting(std::int64_t until_unix_ms, bool for_limit) {
  waiting_until_ms_ = until_unix_ms;
  waiting_for_limit_ = for_limit;
  send_progress();
}

void WorkerSession::sleep(std::chrono::milliseconds duration) {
  set_busy(duration);
  flush_facts();
  const bool long_wait = start_.http && duration >= start_.http->rate.waiting_after;
  if (long_wait) set_waiting(clock_->now_unix_ms() + duration.count());
  send_progress();
  clock_->sleep(duration, cancellation_);
  set_busy(std::chrono::milliseconds(0));
  if (long_wait) set_waiting(0);
}

std::string WorkerSession::ask(std::string_view request_json) {
  const auto send = [&] {
    answer_.reset();
    return sender_.send(FrameType::request, request_json, ++asked_);
  };
  if (!listener_.converse(send, [&] { return answer_.has_value(); }))
    throw Failure(Fault::machine, "host_gone", "ferry has closed its worker's channel");
  return *std::move(answer_);
}

void WorkerSession::answer(std::uint32_t id, std::string_view reply_json) {
  if (id == asked_) answer_ = reply_json;
}

void WorkerSession::remember(const Failure& failure) {
  last_error_ = presentable(redactor_, failure.what(), longest_log);
  last_failure_.emplace(failure.fault(), failure.code(), last_error_);
  const bool fatal = failure.fault() == Fault::machine || failure.fault() == Fault::connector;
  if (fatal && !fatal_failure_) fatal_failure_ = last_failure_;
}

void WorkerSession::said_fail(ferry_status status, std::string_view message, std::string_view detail_json) {
  if (said_) {
    log(FERRY_LOG_WARNING, "the connector called fail twice; the first call counts");
    return;
  }
  said_ = Said{status, presentable(redactor_, message, longest_log), presentable(redactor_, detail_json, longest_log)};
}

WorkerDone WorkerSession::conclude(ferry_status returned) {
  if (fatal_failure_) return WorkerDone::failed(*fatal_failure_);
  if (returned == FERRY_OK) {
    if (!said_) return {};
    return WorkerDone::failed(
        Failure(Fault::connector, "bad_status",
                "it said that the operation failed (" + said_->message + ") and returned FERRY_OK"));
  }
  const bool stopped_here = last_failure_ && last_failure_->fault() == Fault::cancelled;
  if (cancellation_.cancelled() && (returned == FERRY_CANCELLED || stopped_here))
    return WorkerDone::failed(Failure(Fault::cancelled, "cancelled", "cancelled"));
  if (returned == FERRY_CANCELLED)
    return WorkerDone::failed(Failure(Fault::connector, "bad_status",
                                      "it returned FERRY_CANCELLED although nobody had asked it to stop" +
                                          (said_ ? ": " + said_->message : std::string())));
  if (said_ && said_->status != returned)
    log(FERRY_LOG_WARNING, "the connector said that it fails with the status \"" +
                               std::string(code_of_status(said_->status)) + "\" and returned \"" +
                               std::string(code_of_status(returned)) + "\", which counts");
  WorkerDone done;
  done.status = returned;
  done.fault = fault_of_status(returned);
  done.code = code_of_status(returned);
  if (said_) done.message = said_->message;
  if (said_) done.detail_json = said_->detail_json;
  // What the connector passes on is the host's own failure: its code and whose fault it is are known exactly.
  if (last_failure_ && (done.message.empty() || done.message.find(last_error_) != std::string::npos)) {
    done.code = last_failure_->code();
    done.fault = last_failure_->fault();
    if (done.message.empty()) done.message = last_error_;
  }
  if (done.message.empty())
    done.message = "it failed with the status \"" + std::string(code_of_status(returned)) + "\" and gave no reason";
  return done;
}

void WorkerSession::send_done(const WorkerDone& done) {
  flush_facts();
  send_progress();
  sender_.send(FrameType::done, done.to_json());
}

}  // namespace ferry::host
