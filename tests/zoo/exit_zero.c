/* Ends the process as if all were well. */
#include <stdlib.h>
#define ZOO_EXPORT exit(0)
#include "zoo.h"
