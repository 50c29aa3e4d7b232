/* Takes all the memory it can get, and crashes when there is no more. */
#include <stdlib.h>

static void zoo_eat(void);
#define ZOO_EXPORT zoo_eat()
#include "zoo.h"

static void zoo_eat(void) {
  for (;;) {
    char* more = malloc(1 << 20);
    memset(more, 1, 1 << 20);
  }
}
