#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <string_view>

#include "host/cli/cli.hpp"
#include "host/worker/worker_main.hpp"

namespace {

// With one of them closed, the next file opened would take its number and receive what is meant for it.
void ensure_standard_descriptors() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
    if (::fcntl(fd, F_GETFD) < 0 && ::open("/dev/null", O_RDWR) < 0) ::_exit(2);
}

}  // namespace

int main(int argc, char** argv) {
  // A file that may not grow any more is told by the write that fails, here and in the worker.
  ::signal(SIGXFSZ, SIG_IGN);
  if (argc > 1 && std::string_view(argv[1]) == "--ferry-worker") return ferry::host::worker_main(argc, argv);
  ensure_standard_descriptors();
  return ferry::host::run_ferry({argv + (argc > 0 ? 1 : 0), argv + argc});
}
