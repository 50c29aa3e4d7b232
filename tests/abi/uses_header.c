/* Valid C11 and C++11 and later: what a connector or a host writes with the header. */
#include "ferry/connector.h"

/* What was added since the frozen header: layout.inc cannot know it, and it does not change either. */
typedef char value_of_clean_up[FERRY_HTTP_CLEAN_UP == 8 ? 1 : -1];

static ferry_status run(ferry_instance* instance, const ferry_call* call, ferry_str request_json) {
  (void)instance;
  (void)request_json;
  if (FERRY_HAS(call, cancelled) && call->cancelled(call)) return FERRY_CANCELLED;
  return FERRY_HAS_VALUE(call, deadline_unix_ms) && call->deadline_unix_ms != 0 ? FERRY_UNSUPPORTED : FERRY_OK;
}

static const void* get_capability(ferry_str id) {
  static const ferry_check check = {sizeof check, 0, run};
  return id.size == sizeof FERRY_CAPABILITY_CHECK - 1 ? &check : NULL;
}

const ferry_connector* ferry_connector_v1(void) {
  static const ferry_connector connector = {sizeof connector, 0, {"{}", 2}, NULL, NULL, get_capability};
  return &connector;
}
