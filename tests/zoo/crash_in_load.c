/* Crashes before anybody called it. */
#include <signal.h>
#include <stdlib.h>

__attribute__((constructor)) static void zoo_crash(void) { raise(SIGSEGV); }
#include "zoo.h"
