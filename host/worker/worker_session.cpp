#include "host/worker/worker_session.hpp"

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <chrono>
#include <sstream>

#include "host/base/text.hpp"

namespace ferry::host {
namespace {

constexpr std::size_t largest_fact = 1u << 20;
constexpr std::size_t facts_in_a_frame = 32 * 1024;
constexpr std::size_t largest_batch = 16u << 20;
constexpr std::size_t longest_log = 16 * 1024;

std::string text_of(const Poco::JSON::Object& json) {
  std::ostringstream out;
  json.stringify(out);
  return out.str();
}

std::int64_t steady_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

}  // namespace

WorkerSession::WorkerSession(FrameSender& sender, WorkerStart start) : sender_(sender), start_(std::move(start)) {
  for (const auto& [name, value] : start_.secrets) redactor_.add(value);
}

void WorkerSession::log(int level, std::string_view message, std::string_view fields_json) {
  if (level < start_.log_level) return;
  Poco::JSON::Object json;
  json.set("level", level);
  json.set("message", valid_utf8(redactor_.mask(shortened(message, longest_log))));
  if (!fields_json.empty()) json.set("fields", valid_utf8(redactor_.mask(shortened(fields_json, longest_log))));
  sender_.send(FrameType::log, text_of(json));
}

void WorkerSession::mask(std::string_view value) {
  redactor_.add(value);
  sender_.send(FrameType::mask, value);
}

void WorkerSession::report(std::string_view fact_json) {
  if (fact_json.size() > largest_fact) {
    const Failure failure(
        Fault::connector, "bad_fact",
        "it reported a fact of " + std::to_string(fact_json.size()) + " bytes; at most 1 MiB is allowed");
    fatal_failure_ = failure;
    throw failure;
  }
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
  Poco::JSON::Object json;
  json.set("stream", std::string(stream));
  json.set("state", std::string(state_json));
  sender_.send(FrameType::checkpoint, text_of(json));
}

void WorkerSession::enter_stage(const std::string& stage) {
  {
    std::lock_guard lock(progress_mutex_);
    progress_.stage = stage;
  }
  send_progress(true);
}

void WorkerSession::set_progress(std::uint64_t done, std::uint64_t total, std::string_view phase) {
  std::string masked = valid_utf8(redactor_.mask(shortened(phase, 200)));
  std::lock_guard lock(progress_mutex_);
  progress_.done = done;
  progress_.total = total;
  progress_.phase = std::move(masked);
}

void WorkerSession::send_progress(bool even_if_unchanged) {
  std::lock_guard lock(progress_mutex_);
  progress_.requests = transfer_.requests;
  progress_.retries = transfer_.retries;
  progress_.throttled_ms = transfer_.throttled_ms;
  progress_.bytes_sent = transfer_.bytes_sent;
  progress_.bytes_received = transfer_.bytes_received;
  progress_.package_bytes = package_bytes_;
  if (progress_ == sent_progress_ && !even_if_unchanged) return;
  sent_progress_ = progress_;
  sender_.send(FrameType::progress, progress_.to_json());
}

void WorkerSession::sleep(std::chrono::milliseconds duration) {
  {
    std::lock_guard lock(progress_mutex_);
    progress_.busy_until_ms = steady_ms() + duration.count();
  }
  flush_facts();
  send_progress(false);
  clock_.sleep(duration, cancellation_);
}

std::string WorkerSession::ask(std::string_view request_json) {
  std::unique_lock lock(answers_mutex_);
  const std::uint32_t id = next_request_++;
  if (!sender_.send(FrameType::request, request_json, id))
    throw Failure(Fault::connector, "host_gone", "the host has closed the channel");
  answered_.wait(lock, [&] { return answers_.contains(id); });
  return std::move(answers_.extract(id).mapped());
}

void WorkerSession::answer(std::uint32_t id, std::string_view reply_json) {
  {
    std::lock_guard lock(answers_mutex_);
    answers_[id] = reply_json;
  }
  answered_.notify_all();
}

void WorkerSession::remember(const Failure& failure) {
  last_error_ = redactor_.mask(failure.what());
  last_failure_.emplace(failure.fault(), failure.code(), last_error_);
  if (failure.fault() == Fault::machine || failure.code() == "bad_batch") fatal_failure_ = last_failure_;
}

void WorkerSession::said_fail(ferry_status status, std::string_view message, std::string_view detail_json) {
  if (said_) {
    log(FERRY_LOG_WARNING, "the connector called fail twice; the first call counts");
    return;
  }
  said_ = Said{status, valid_utf8(redactor_.mask(shortened(message, longest_log))),
               valid_utf8(redactor_.mask(shortened(detail_json, longest_log)))};
}

WorkerDone WorkerSession::conclude(ferry_status returned) const {
  WorkerDone done;
  if (fatal_failure_) {
    done.status = status_of(*fatal_failure_);
    done.fault = fatal_failure_->fault();
    done.code = fatal_failure_->code();
    done.message = fatal_failure_->what();
    return done;
  }
  if (returned == FERRY_OK) {
    if (!said_) return done;
    done.status = FERRY_INTERNAL;
    done.code = "bad_status";
    done.message = "it said that the operation failed (" + said_->message + ") and returned FERRY_OK";
    return done;
  }
  if (cancellation_.cancelled() && returned == FERRY_CANCELLED) {
    done.status = FERRY_CANCELLED;
    done.fault = Fault::cancelled;
    done.code = "cancelled";
    done.message = "cancelled";
    return done;
  }
  done.status = returned;
  done.fault = fault_of_status(returned);
  done.code = code_of_status(returned);
  done.message = said_ ? said_->message : "";
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
  send_progress(true);
  sender_.send(FrameType::done, done.to_json());
}

}  // namespace ferry::host
