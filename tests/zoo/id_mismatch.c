/* Its library is not the one its manifest tells of. */
#define ZOO_DESCRIPTOR "{\"id\":\"somebody-else\",\"version\":\"1.0.0\"}"
#include "zoo.h"
