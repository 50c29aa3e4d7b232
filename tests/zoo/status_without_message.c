/* Fails and does not say why. */
#define ZOO_EXPORT return FERRY_REMOTE
#include "zoo.h"
