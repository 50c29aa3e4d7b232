/* Leaves a process behind that keeps everything open. */
#include <unistd.h>

static void zoo_fork(void);
#define ZOO_EXPORT zoo_fork()
#include "zoo.h"

static void zoo_fork(void) {
  if (fork() == 0)
    for (;;) pause();
  _exit(0);
}
