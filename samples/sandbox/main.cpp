// ferry-sandbox: plays the platforms until it is told to end.
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "samples/sandbox/core/help.hpp"
#include "samples/sandbox/core/server.hpp"

namespace {

// Blocked before the first thread is made, so that every thread inherits it and the descriptor alone receives them.
int descriptor_of_signals() {
  ::signal(SIGPIPE, SIG_IGN);
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigaddset(&ending, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  return ::signalfd(-1, &ending, SFD_CLOEXEC);
}

void wait_for_end(int signals, bool until_stdin_closes) {
  pollfd watched[] = {{signals, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
  const nfds_t count = until_stdin_closes ? 2 : 1;
  for (;;) {
    if (::poll(watched, count, -1) < 0) continue;
    if (watched[0].revents != 0) return;
    if (count == 1 || watched[1].revents == 0) continue;
    char ignored[4096];
    if (::read(STDIN_FILENO, ignored, sizeof ignored) <= 0) return;
  }
}

// Pages of records and packages come and go by the thousand: memory that was given back to the system would be zeroed
// again each time, which takes longer than to fill it.
void keep_freed_memory() {
  ::mallopt(M_ARENA_MAX, 1);
  ::mallopt(M_MMAP_THRESHOLD, 16 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 256 << 20);
}

void say(const std::string& text) {
  std::fputs((text + '\n').c_str(), stdout);
  std::fflush(stdout);
}

}  // namespace

int main(int count, char** arguments) {
  keep_freed_memory();
  const int signals = descriptor_of_signals();
  try {
    const sandbox::Options options = sandbox::parse_command_line({arguments + 1, arguments + count});
    if (options.help) {
      say(sandbox::help_text());
      return 0;
    }
    const sandbox::Server server(options);
    say("admin                    " + server.admin_url());
    for (const sandbox::Playing& each : server.environments()) {
      const sandbox::Settings& settings = each.site->settings();
      std::string name = settings.platform + ' ' + settings.name;
      name.resize(std::max<std::size_t>(name.size() + 1, 25), ' ');
      say(name + each.url);
    }
    wait_for_end(signals, options.until_stdin_closes);
    return 0;
  } catch (const sandbox::BadRequest& failure) {
    std::fprintf(stderr, "ferry-sandbox: %s\n", failure.message.c_str());
    return 2;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "ferry-sandbox: %s\n", failure.what());
    return 1;
  }
}
