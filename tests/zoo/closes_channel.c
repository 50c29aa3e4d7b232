/* Closes descriptors that are not its own. */
#include <unistd.h>
#define ZOO_EXPORT \
  for (int fd = 3; fd < 64; ++fd) close(fd)
#include "zoo.h"
