/* Ends its export well and gives no package. */
#define ZOO_EXPORT return FERRY_OK
#include "zoo.h"
