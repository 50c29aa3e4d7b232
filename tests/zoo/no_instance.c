/* Says that it made an instance, and did not. */
#define ZOO_CREATE return FERRY_OK
#include "zoo.h"
