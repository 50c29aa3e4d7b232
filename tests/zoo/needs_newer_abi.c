/* Was built for a host that has more. */
#define ZOO_MINOR 7
#include "zoo.h"
