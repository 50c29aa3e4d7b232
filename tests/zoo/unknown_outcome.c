/* Reports an outcome that does not exist. */
#define ZOO_EXPORT call->report(call, zoo_text("{\"fact\":\"item\",\"type\":\"a\",\"outcome\":\"exploded\"}"))
#include "zoo.h"
