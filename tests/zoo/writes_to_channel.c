/* Writes into a descriptor that is not its own. */
#include <unistd.h>
#define ZOO_EXPORT (void)!write(3, "hello, is anybody there? hello, hello", 37)
#include "zoo.h"
