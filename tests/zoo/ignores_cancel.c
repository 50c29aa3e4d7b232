/* Shows progress and does not listen. */
#include <signal.h>
#include <time.h>

static void zoo_work_on(const void* call_pointer);
#define ZOO_EXPORT zoo_work_on(call)
#include "zoo.h"

static void zoo_work_on(const void* call_pointer) {
  const ferry_call* call = call_pointer;
  const struct timespec pause = {0, 20000000};
  unsigned long done = 0;
  signal(SIGTERM, SIG_IGN);
  for (;;) {
    call->progress(call, ++done, 0, zoo_text("working"));
    nanosleep(&pause, NULL);
  }
}
