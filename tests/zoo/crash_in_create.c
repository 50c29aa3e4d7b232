/* Crashes when an instance is made. */
#include <signal.h>
#define ZOO_CREATE raise(SIGSEGV)
#include "zoo.h"
