#include "host/worker/worker_process.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "host/base/json_text.hpp"
#include "host/worker/child_process.hpp"
#include "host/worker/frames.hpp"
#include "host/worker/output_lines.hpp"

namespace ferry::host {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

std::int64_t steady_ms() { return std::chrono::duration_cast<milliseconds>(Clock::now().time_since_epoch()).count(); }

std::string seconds_text(milliseconds duration) {
  const auto tenths = duration.count() / 100;
  return std::to_string(tenths / 10) + (tenths % 10 != 0 ? "." + std::to_string(tenths % 10) : "") + " s";
}

class Supervision {
 public:
  Supervision(const std::filesystem::path& executable, const WorkerStart& start, int package,
              const WorkerLimits& limits, WorkerListener& listener, const Cancellation& cancellation)
      : start_(start),
        limits_(limits),
        listener_(listener),
        cancellation_(cancellation),
        child_(executable, worker_argument, package),
        sender_(child_.channel()),
        reader_(child_.channel()),
        out_([this](const std::string& line) { listener_.on_log(FERRY_LOG_INFO, "stdout", line); }),
        err_([this](const std::string& line) { listener_.on_log(FERRY_LOG_WARNING, "stderr", line); }) {}

  WorkerDone run() {
    guarded([&] {
      sender_.send(FrameType::hello, hello_json());
      sender_.send(FrameType::start, start_.to_json());
      while (!done_ && !closed_) turn();
    });
    const bool ended = child_.wait(limits_.term_grace);
    const int status = child_.reap();
    guarded([&] { take_last_output(); });
    if (done_) return *done_;
    return ended ? sudden_end(status) : cut_off();
  }

 private:
  // A Failure ends the worker, and is the result unless there is one already.
  template <class Work>
  void guarded(Work&& work) {
    try {
      work();
    } catch (const Failure& failure) {
      if (!done_) done_ = WorkerDone::failed(failure);
      child_.signal_group(SIGKILL);
    }
  }

  // One wait for whatever comes first.
  void turn() {
    std::array<pollfd, 5> events = {{{child_.channel(), POLLIN, 0},
                                     {out_open_ ? child_.out() : -1, POLLIN, 0},
                                     {err_open_ ? child_.err() : -1, POLLIN, 0},
                                     {cancelling_ ? -1 : cancellation_.wait_fd(), POLLIN, 0},
                                     {ended_ ? -1 : child_.exit_event(), POLLIN, 0}}};
    const auto wait = std::chrono::ceil<milliseconds>(next_deadline() - Clock::now()).count();
    ::poll(events.data(), events.size(), ended_ ? 0 : static_cast<int>(std::clamp<std::int64_t>(wait, 0, 3'600'000)));
    const Clock::time_point woken = Clock::now();
    if (events[1].revents != 0) out_open_ = out_.collect(child_.out());
    if (events[2].revents != 0) err_open_ = err_.collect(child_.err());
    // What the connector had masked before it printed it is known before the print is shown.
    const FrameReader::State state = reader_.read([this](const Frame& frame) { take(frame); }, FrameReader::Wait::no);
    out_.tell();
    err_.tell();
    // Somebody who left the group may hold the channel of an ended worker open: what is in it is all that will come.
    closed_ = state == FrameReader::State::closed || (ended_ && state == FrameReader::State::idle);
    if (done_ || closed_) return;
    if (events[4].revents != 0) {
      ended_ = true;
      child_.signal_group(SIGKILL);
    }
    if (events[3].revents != 0) begin_cancelling();
    // The time the listener took is not the connector's.
    const auto spent = Clock::now() - woken;
    begun_ += spent;
    last_activity_ = std::min(last_activity_ + spent, Clock::now());
    enforce_deadlines();
  }

  bool running() const { return stage_ == "run" || stage_ == "destroy"; }

  Clock::time_point next_deadline() const {
    if (cancelling_) return *cancel_deadline_;
    return running() ? last_activity_ + limits_.idle : begun_ + limits_.start;
  }

  void enforce_deadlines() {
    if (Clock::now() < next_deadline()) return;
    if (cancelling_) {
      if (!terminated_) {
        terminated_ = true;
        cancel_deadline_ = Clock::now() + limits_.term_grace;
        child_.signal_group(SIGTERM);
        return;
      }
      throw unresponsive();
    }
    if (running()) {
      if (steady_ms() < busy_until_ms_) {  // ferry waits for it: for a platform, or as long as it asked to
        last_activity_ = Clock::now();
        return;
      }
      throw Failure(Fault::connector, "hung",
                    "it hung " + doing() + ": no fact, byte or progress for " + seconds_text(limits_.idle) +
                        " (limits.idle_ms of its manifest), so its process was ended");
    }
    throw Failure(Fault::connector, "hung",
                  "it hung " + doing() + " for " + seconds_text(limits_.start) +
                      " (limits.start_ms of its manifest), so its process was ended");
  }

  // It had to be ended, be it by SIGTERM or by SIGKILL.
  Failure unresponsive() const {
    return Failure(Fault::cancelled, "unresponsive",
                   "cancelled; the connector did not stop by itself within " + seconds_text(limits_.cancel_grace) +
                       ", so its process was ended");
  }

  void begin_cancelling() {
    cancelling_ = true;
    cancel_deadline_ = Clock::now() + limits_.cancel_grace;
    sender_.send(FrameType::cancel, {});
  }

  void take(const Frame& frame) {
    if (done_) return;
    if (!greeted_) return greet(frame);
    switch (frame.type) {
      case FrameType::fact: take_facts(frame.payload); break;
      case FrameType::records: take_records(frame.payload); break;
      case FrameType::checkpoint: take_checkpoint(frame.payload); break;
      case FrameType::progress: take_progress(WorkerProgress::from_json(std::string(frame.payload))); break;
      case FrameType::log: take_log(frame.payload); break;
      case FrameType::mask: listener_.on_mask(frame.payload); break;
      case FrameType::request:
        active();
        sender_.send(FrameType::reply, listener_.on_request(frame.payload), frame.id);
        break;
      case FrameType::done: done_ = WorkerDone::from_json(std::string(frame.payload)); break;
      case FrameType::pong: break;
      default: bad_frame("a frame of unknown type " + std::to_string(static_cast<unsigned>(frame.type)));
    }
  }

  [[noreturn]] static void bad_frame(const std::string& what) {
    throw Failure(Fault::connector, "bad_frame", "it wrote to ferry's own channel: what came is " + what);
  }

  void greet(const Frame& frame) {
    if (frame.type != FrameType::hello) bad_frame("no greeting of a worker");
    check_hello(frame.payload);
    greeted_ = true;
  }

  void take_facts(std::string_view lines) {
    active();
    while (!lines.empty()) {
      const std::size_t end = std::min(lines.find('\n'), lines.size());
      if (end > 0) listener_.on_fact(lines.substr(0, end));
      lines.remove_prefix(std::min(end + 1, lines.size()));
    }
  }

  void take_records(std::string_view payload) {
    active();
    const auto byte = [&](std::size_t at) {
      return static_cast<std::uint64_t>(static_cast<unsigned char>(payload[at]));
    };
    const std::size_t name_size = payload.size() < 2 ? 0 : byte(0) | byte(1) << 8;
    if (payload.size() < 10 + name_size) bad_frame("a batch of records without a head");
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < 8; ++i) count |= byte(2 + name_size + i) << (8 * i);
    listener_.on_records(payload.substr(2, name_size), count, payload.substr(10 + name_size));
  }

  void take_checkpoint(std::string_view payload) {
    active();
    const auto json = parse_object(payload);
    if (!json) bad_frame("a checkpoint that is no JSON object");
    listener_.on_checkpoint(json->optValue<std::string>("stream", ""), json->optValue<std::string>("state", ""));
  }

  void take_progress(WorkerProgress progress) {
    if (progress.stage != stage_) {
      stage_ = progress.stage;
      active();
    }
    busy_until_ms_ = progress.busy_until_ms;
    if (progress == progress_) return;
    progress_ = progress;
    active();
    listener_.on_progress(progress_);
  }

  void take_log(std::string_view payload) {
    const auto json = parse_object(payload);
    if (!json) bad_frame("a log line that is no JSON object");
    std::string message = json->optValue<std::string>("message", "");
    if (const auto fields = json->optValue<std::string>("fields", ""); !fields.empty()) message += " " + fields;
    listener_.on_log(json->optValue("level", FERRY_LOG_INFO + 0), "connector", message);
  }

  void active() { last_activity_ = Clock::now(); }

  std::string doing() const {
    if (stage_ == "run") return "during " + start_.operation;
    if (stage_ == "create") return "while it was being configured (create)";
    if (stage_ == "destroy") return "after " + start_.operation + ", while it was being closed (destroy)";
    return "while it was being loaded";
  }

  // Everything of the group is dead: what is there is all there will be.
  void take_last_output() {
    if (out_open_) out_.collect(child_.out());
    if (err_open_) err_.collect(child_.err());
    const auto take_masks = [this](const Frame& frame) {
      if (frame.type == FrameType::mask) listener_.on_mask(frame.payload);
    };
    while (!closed_ && reader_.read(take_masks, FrameReader::Wait::no) == FrameReader::State::open) {
    }
    out_.finish();
    err_.finish();
  }

  WorkerDone cut_off() const {
    return WorkerDone::failed(
        Failure(Fault::connector, "closed_channel",
                "it closed the channel of its process to ferry " + doing() + ", so its process was ended"));
  }

  // How it ended if the worker could not say it.
  WorkerDone sudden_end(int status) const {
    if (terminated_) return WorkerDone::failed(unresponsive());
    if (cancelling_) return WorkerDone::failed(Failure(Fault::cancelled, "ended", "cancelled"));
    if (WIFSIGNALED(status)) {
      const char* name = ::sigabbrev_np(WTERMSIG(status));
      std::string message = "it crashed " + doing() + " (SIG" + (name != nullptr ? name : "?") + ")";
      if (WTERMSIG(status) == SIGKILL) message += "; the system may have ended it for want of memory";
      return WorkerDone::failed(Failure(Fault::connector, "crashed", message));
    }
    if (WEXITSTATUS(status) != 0 || stage_.empty())
      return WorkerDone::failed(
          Failure(Fault::connector, "ended",
                  "its process ended " + doing() + " with exit code " + std::to_string(WEXITSTATUS(status))));
    return WorkerDone::failed(
        Failure(Fault::connector, "ended", "it ended its process " + doing() + " without a result"));
  }

  const WorkerStart& start_;
  const WorkerLimits& limits_;
  WorkerListener& listener_;
  const Cancellation& cancellation_;
  ChildProcess child_;
  FrameSender sender_;
  FrameReader reader_;
  OutputLines out_, err_;
  bool out_open_ = true, err_open_ = true, closed_ = false, greeted_ = false;
  bool cancelling_ = false, terminated_ = false, ended_ = false;
  std::optional<Clock::time_point> cancel_deadline_;
  Clock::time_point begun_ = Clock::now();
  Clock::time_point last_activity_ = begun_;
  std::int64_t busy_until_ms_ = 0;
  std::string stage_;
  WorkerProgress progress_;
  std::optional<WorkerDone> done_;
};

}  // namespace

WorkerDone run_worker(const std::filesystem::path& executable, const WorkerStart& start, int package,
                      const WorkerLimits& limits, WorkerListener& listener, const Cancellation& cancellation) {
  return Supervision(executable, start, package, limits, listener, cancellation).run();
}

}  // namespace ferry::host
