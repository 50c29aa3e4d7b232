/* Dies of SIGSEGV. The default action first, because a sanitizer handles the signal and ends the process its own way.
 */
#ifndef FERRY_ZOO_CRASH_H_
#define FERRY_ZOO_CRASH_H_

#include <signal.h>

static void zoo_crash(void) {
  signal(SIGSEGV, SIG_DFL);
  raise(SIGSEGV);
}

#endif
