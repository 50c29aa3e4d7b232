/* Crashes in the middle of its work. */
#include <signal.h>
#define ZOO_EXPORT raise(SIGSEGV)
#include "zoo.h"
