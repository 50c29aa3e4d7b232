/* Prints its secret wherever it can. */
#include <stdio.h>

#include "ferry/connector.h"

static void zoo_tell(void* call_pointer, ferry_str value);
static const ferry_host* zoo_host;
#define ZOO_CREATE zoo_host = host
#define ZOO_EXPORT                                                                               \
  const ferry_secret* secrets = zoo_host->get_service(zoo_host, zoo_text(FERRY_SERVICE_SECRET)); \
  secrets->get(zoo_host, call, zoo_text("token"), (void*)call, zoo_tell);                        \
  return FERRY_REMOTE
#include "zoo.h"

static void zoo_tell(void* call_pointer, ferry_str value) {
  const ferry_call* call = call_pointer;
  const ferry_log* log = zoo_host->get_service(zoo_host, zoo_text(FERRY_SERVICE_LOG));
  char text[512];
  printf("%.*s\n", (int)value.size, value.data);
  fprintf(stderr, "%.*s\n", (int)value.size, value.data);
  log->write(zoo_host, FERRY_LOG_ERROR, value, zoo_text(""));
  call->progress(call, 1, 2, value);
  snprintf(text, sizeof text,
           "{\"fact\":\"item\",\"type\":\"animal\",\"name\":\"%.*s\",\"outcome\":\"failed\",\"code\":\"leak\","
           "\"message\":\"%.*s\"}",
           (int)value.size, value.data, (int)value.size, value.data);
  call->report(call, zoo_text(text));
  snprintf(text, sizeof text, "the platform refused the token %.*s", (int)value.size, value.data);
  call->fail(call, FERRY_REMOTE, zoo_text(text), zoo_text(""));
}
