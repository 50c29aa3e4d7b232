/* Reports from a thread of its own. */
#include <pthread.h>

static void* zoo_report(void* call_pointer);
#define ZOO_EXPORT                                        \
  pthread_t thread;                                       \
  void* answer = NULL;                                    \
  pthread_create(&thread, NULL, zoo_report, (void*)call); \
  pthread_join(thread, &answer);                          \
  if (answer == NULL) return FERRY_INTERNAL
#include "zoo.h"

static void* zoo_report(void* call_pointer) {
  const ferry_call* call = call_pointer;
  return call->report(call, zoo_text("{}")) == FERRY_OK ? call_pointer : NULL;
}
