/* Reports a fact that is no UTF-8. */
#define ZOO_EXPORT call->report(call, zoo_text("{\"fact\":\"item\",\"type\":\"\xff\xfe\",\"outcome\":\"added\"}"))
#include "zoo.h"
