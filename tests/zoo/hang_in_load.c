/* Never comes back from its entry. */
#include <unistd.h>
#define ZOO_ENTRY \
  for (;;) pause()
#include "zoo.h"
