/* Reports what is no JSON. */
#define ZOO_EXPORT call->report(call, zoo_text("{\"fact\":\"item\",\"type\":"))
#include "zoo.h"
