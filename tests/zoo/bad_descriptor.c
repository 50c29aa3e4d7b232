/* Its descriptor is no JSON. */
#define ZOO_DESCRIPTOR "id: me"
#include "zoo.h"
