/* Never comes back from export. */
#include <unistd.h>
#define ZOO_EXPORT \
  for (;;) pause()
#include "zoo.h"
