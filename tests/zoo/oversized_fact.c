/* Reports a fact of two megabytes. */
static char zoo_fact[2 << 20];
#define ZOO_EXPORT                             \
  memset(zoo_fact, 0x20, sizeof zoo_fact - 1); \
  call->report(call, zoo_text(zoo_fact))
#include "zoo.h"
