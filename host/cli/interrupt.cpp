#include "host/cli/interrupt.hpp"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <string_view>

#include "host/cli/exit_code.hpp"

namespace ferry::host {
namespace {

// A signal handler is given nothing, so what it works on has to be found here.
std::atomic<Cancellation*> current{nullptr};

void on_signal(int) {
  const int saved = errno;
  if (Cancellation* const cancellation = current.load()) {
    if (cancellation->cancelled()) ::_exit(static_cast<int>(ExitCode::cancelled));
    cancellation->cancel();
    constexpr std::string_view text =
        "\nferry: stopping: the connector is asked to end; interrupt once more to leave at once\n";
    [[maybe_unused]] const ssize_t ignored = ::write(STDERR_FILENO, text.data(), text.size());
  }
  errno = saved;
}

}  // namespace

InterruptGuard::InterruptGuard(Cancellation& cancellation) {
  current.store(&cancellation);
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, &interrupt_before_);
  ::sigaction(SIGTERM, &action, &terminate_before_);
  // nohup has it ignored, and so it stays.
  ::sigaction(SIGHUP, nullptr, &hangup_before_);
  if (hangup_before_.sa_handler != SIG_IGN) ::sigaction(SIGHUP, &action, nullptr);
}

InterruptGuard::~InterruptGuard() {
  ::sigaction(SIGHUP, &hangup_before_, nullptr);
  ::sigaction(SIGTERM, &terminate_before_, nullptr);
  ::sigaction(SIGINT, &interrupt_before_, nullptr);
  current.store(nullptr);
}

}  // namespace ferry::host
