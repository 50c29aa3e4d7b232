/* Says that it failed and returns success. */
#define ZOO_EXPORT call->fail(call, FERRY_REMOTE, zoo_text("the platform is on holiday"), zoo_text(""))
#include "zoo.h"
