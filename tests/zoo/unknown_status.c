/* Returns a status that does not exist. */
#define ZOO_EXPORT return 4711
#include "zoo.h"
