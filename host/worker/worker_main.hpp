// The child process: `ferry --ferry-worker`, started by WorkerProcess with its channel on descriptor 3.
#pragma once

namespace ferry::host {

// argv[1] is worker_argument. Run by hand it prints what it is and returns 2; otherwise it does not return until the
// operation ended or the host is gone.
int worker_main(int argc, char** argv);

}  // namespace ferry::host
