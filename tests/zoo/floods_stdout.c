/* Prints without end, and then works. */
#include <stdio.h>
#define ZOO_EXPORT \
  for (int i = 0; i < 200000; ++i) printf("line %d of a very talkative animal\n", i)
#include "zoo.h"
