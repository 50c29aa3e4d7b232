// One operation as the worker process knows it: what was asked, what to tell the host, what the host answered.
//
// Shared by the operation's thread, which runs the connector, the main thread, which listens to the host unless the
// operation's does, and a thread that tells of progress. The main thread never sends: it may not have to wait for a
// host that waits for it. Everything is safe from any thread unless its comment says otherwise. Every text that leaves
// is masked here.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "host/base/cancellation.hpp"
#include "host/base/clock.hpp"
#include "host/base/redactor.hpp"
#include "host/http/http_client.hpp"
#include "host/worker/frames.hpp"
#include "host/worker/host_listener.hpp"
#include "host/worker/worker_protocol.hpp"

namespace ferry::host {

class WorkerSession {
 public:
  WorkerSession(FrameSender&, HostListener&, WorkerStart);

  const WorkerStart& start() const noexcept { return start_; }
  Cancellation& cancellation() noexcept { return cancellation_; }
  const Redactor& redactor() const noexcept { return redactor_; }
  Clock& clock() noexcept { return *clock_; }
  TransferCounts& transfer() noexcept { return transfer_; }

  void log(int level, std::string_view message, std::string_view fields_json = {});
  // Failure(connector, bad_mask) beyond 64 KiB or 10,000 values: every text that leaves is searched for each of them.
  void mask(std::string_view value);
  // Facts are gathered and sent in groups. Failure(connector, bad_fact): more than 1 MiB.
  void report(std::string_view fact_json);
  void flush_facts();
  // Failure(connector, bad_batch) if it is malformed.
  void deliver_records(std::string_view stream, std::uint64_t count, std::string_view lines);
  // After every fact reported before. Failure(connector, bad_checkpoint).
  void deliver_checkpoint(std::string_view stream, std::string_view state_json);

  void enter_stage(const std::string& stage);  // tells the host at once, with every fact reported before
  void set_progress(std::uint64_t done, std::uint64_t total, std::string_view phase);
  void add_package_bytes(std::uint64_t bytes) noexcept { package_bytes_ += bytes; }
  void send_progress();  // if it changed
  // The silence that follows is on purpose, for at most so long: ferry itself waits, not the connector. 0: no longer.
  void set_busy(std::chrono::milliseconds at_most);
  // A long wait begins, for the platform's rate limit or because the connector sleeps; 0: it is over. Told at once.
  void set_waiting(std::int64_t until_unix_ms, bool for_limit = false);
  // Sleeps. Failure(cancelled).
  void sleep(std::chrono::milliseconds);

  // Asks the host and waits for its answer (a JSON object). Operation's thread.
  std::string ask(std::string_view request_json);
  void answer(std::uint32_t id, std::string_view reply_json);  // whoever listens

  // The operation's thread is the one that calls this.
  void enter_operation_thread() noexcept { operation_thread_ = std::this_thread::get_id(); }
  bool on_operation_thread() const noexcept { return std::this_thread::get_id() == operation_thread_.load(); }

  // Operation's thread: the last failure of a host function, for last_error and for the code of the end.
  void remember(const Failure& failure);
  const std::optional<Failure>& last_failure() const noexcept { return last_failure_; }
  const std::string& last_error() const noexcept { return last_error_; }
  // The first failure of this machine or breach of the contract, which the connector cannot explain away.
  const std::optional<Failure>& fatal_failure() const noexcept { return fatal_failure_; }

  // What the connector said through ferry_call.fail. Operation's thread.
  void said_fail(ferry_status, std::string_view message, std::string_view detail_json);
  // The end as the host will hear it. Operation's thread.
  WorkerDone conclude(ferry_status returned);

  void send_done(const WorkerDone&);

 private:
  FrameSender& sender_;
  HostListener& listener_;
  const WorkerStart start_;
  Cancellation cancellation_;
  Redactor redactor_;
  const std::unique_ptr<Clock> clock_;
  TransferCounts transfer_;
  std::atomic<std::thread::id> operation_thread_;
  std::atomic<std::uint64_t> package_bytes_{0};
  std::atomic<std::int64_t> busy_until_ms_{0}, waiting_until_ms_{0};
  std::atomic<bool> waiting_for_limit_{false};
  std::size_t masked_values_ = 0;  // operation's thread

  std::mutex facts_mutex_;
  std::string facts_;

  std::mutex progress_mutex_;
  WorkerProgress progress_, sent_progress_;

  std::uint32_t asked_ = 0;  // the number of the last request
  std::optional<std::string> answer_;

  std::optional<Failure> last_failure_, fatal_failure_;
  std::string last_error_;
  struct Said {
    ferry_status status;
    std::string message, detail_json;
  };
  std::optional<Said> said_;
};

}  // namespace ferry::host
