/* Crashes before anybody called it. */
#include "crash.h"

__attribute__((constructor)) static void zoo_load(void) { zoo_crash(); }
#include "zoo.h"
