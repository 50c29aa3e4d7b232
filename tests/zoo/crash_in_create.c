/* Crashes when an instance is made. */
#include "crash.h"
#define ZOO_CREATE zoo_crash()
#include "zoo.h"
