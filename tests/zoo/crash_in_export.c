/* Crashes in the middle of its work. */
#include "crash.h"
#define ZOO_EXPORT zoo_crash()
#include "zoo.h"
