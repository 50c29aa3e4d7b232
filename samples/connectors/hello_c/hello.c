/* The smallest useful connector: one stream of three greetings, in C against ferry/connector.h alone.
 *
 * It shows what every connector does: static tables, one exported function, optional host functions called only through
 * FERRY_HAS, cancellation looked at in every loop, and a failure that says what was tried, found and to be done. */
#include <ferry/connector.h>
#include <stdlib.h>
#include <string.h>

#define STREAM "greetings"

static ferry_str text(const char* zero_terminated) {
  ferry_str out = {zero_terminated, strlen(zero_terminated)};
  return out;
}

static ferry_status fail(const ferry_call* call, ferry_status status, const char* message) {
  if (FERRY_HAS(call, fail)) call->fail(call, status, text(message), text(""));
  return status;
}

struct ferry_instance {
  const ferry_host* host;
};

static ferry_status create(const ferry_host* host, const ferry_call* call, ferry_str config_json,
                           ferry_instance** instance) {
  (void)config_json; /* it has no settings */
  ferry_instance* made = malloc(sizeof *made);
  if (made == NULL) return fail(call, FERRY_INTERNAL, "creating the connector: out of memory");
  made->host = host;
  *instance = made;
  return FERRY_OK;
}

static void destroy(ferry_instance* instance) { free(instance); }

static void log_line(const ferry_host* host, int32_t level, const char* message) {
  const ferry_log* log = FERRY_HAS(host, get_service) ? host->get_service(host, text(FERRY_SERVICE_LOG)) : NULL;
  if (FERRY_HAS(log, write)) log->write(host, level, text(message), text(""));
}

static ferry_status write_line(const ferry_sink* sink, const char* stream, const char* line) {
  const ferry_batch batch = {sizeof batch, FERRY_ENCODING_JSON_LINES, 1, line, strlen(line)};
  return FERRY_HAS(sink, write) ? sink->write(sink, text(stream), &batch) : FERRY_UNSUPPORTED;
}

static ferry_status check(ferry_instance* instance, const ferry_call* call, ferry_str request_json) {
  (void)request_json;
  (void)call;
  log_line(instance->host, FERRY_LOG_INFO, "there is nothing that could be unreachable");
  return FERRY_OK;
}

static ferry_status catalog(ferry_instance* instance, const ferry_call* call, ferry_str request_json,
                            const ferry_sink* sink) {
  (void)instance;
  (void)request_json;
  const ferry_status status = write_line(
      sink, "catalog",
      "{\"stream\":\"" STREAM "\",\"kind\":\"data\",\"key\":[\"id\"],\"title\":\"Greetings\",\"removals\":\"full\"}\n");
  return status == FERRY_OK ? FERRY_OK : fail(call, status, "listing the streams: the host did not take the answer");
}

static ferry_status read_streams(ferry_instance* instance, const ferry_call* call, ferry_str request_json,
                                 const ferry_sink* sink) {
  static const char* const greetings[] = {"{\"id\":1,\"text\":\"hello\"}\n", "{\"id\":2,\"text\":\"bonjour\"}\n",
                                          "{\"id\":3,\"text\":\"guten Tag\"}\n"};
  const size_t count = sizeof greetings / sizeof greetings[0];
  (void)request_json; /* there is one stream, and it is read in full */
  for (size_t i = 0; i < count; ++i) {
    if (FERRY_HAS(call, cancelled) && call->cancelled(call)) return FERRY_CANCELLED;
    if (FERRY_HAS(call, progress)) call->progress(call, i, count, text("reading"));
    const ferry_status status = write_line(sink, STREAM, greetings[i]);
    if (status != FERRY_OK) return fail(call, status, "reading " STREAM ": the host did not take a record");
  }
  log_line(instance->host, FERRY_LOG_DEBUG, "all greetings were read");
  if (!FERRY_HAS(sink, checkpoint)) return FERRY_OK;
  const ferry_status status = sink->checkpoint(sink, text(STREAM), text("{\"last\":3}"));
  return status == FERRY_OK ? FERRY_OK : fail(call, status, "reading " STREAM ": the host did not take the checkpoint");
}

static const void* get_capability(ferry_str id) {
  static const ferry_check check_table = {sizeof check_table, 0, check};
  static const ferry_catalog catalog_table = {sizeof catalog_table, 0, catalog};
  static const ferry_read read_table = {sizeof read_table, 0, read_streams};
  const struct {
    const char* id;
    const void* table;
  } offered[] = {{FERRY_CAPABILITY_CHECK, &check_table},
                 {FERRY_CAPABILITY_CATALOG, &catalog_table},
                 {FERRY_CAPABILITY_READ, &read_table}};
  for (size_t i = 0; i < sizeof offered / sizeof offered[0]; ++i)
    if (strlen(offered[i].id) == id.size && memcmp(offered[i].id, id.data, id.size) == 0) return offered[i].table;
  return NULL;
}

#define DESCRIPTOR "{\"id\":\"org.example.hello-c\",\"version\":\"1.0.0\"}"

const ferry_connector* ferry_connector_v1(void) {
  static const ferry_connector connector = {sizeof connector, 0,       {DESCRIPTOR, sizeof DESCRIPTOR - 1},
                                            create,           destroy, get_capability};
  return &connector;
}
