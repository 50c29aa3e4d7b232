/* Aborts on a thread of its own. */
#include <pthread.h>
#include <stdlib.h>

static void* zoo_abort(void* nothing) {
  (void)nothing;
  abort();
}
#define ZOO_EXPORT                                \
  pthread_t thread;                               \
  pthread_create(&thread, NULL, zoo_abort, NULL); \
  pthread_join(thread, NULL)
#include "zoo.h"
