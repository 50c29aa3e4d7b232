/* Works for ever and gets nowhere. */
static volatile unsigned zoo_counter;
#define ZOO_EXPORT \
  for (;;) ++zoo_counter
#include "zoo.h"
