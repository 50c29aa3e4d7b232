/* Its manifest promises an operation that the library does not have. */
#include "zoo.h"
