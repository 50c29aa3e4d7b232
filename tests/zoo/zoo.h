/* A connector that works, from which every animal of the zoo deviates in one way.
 *
 * An animal defines what it does differently, then includes this file:
 *   ZOO_ID          its id (by default the name of its target)
 *   ZOO_ENTRY       what the entry does before it returns the table
 *   ZOO_CREATE      what create does before it makes the instance
 *   ZOO_EXPORT      what export does after its first fact, before it writes the package
 *   ZOO_SIZE, ZOO_MINOR, ZOO_DESCRIPTOR   parts of the table
 */
#ifndef FERRY_ZOO_H_
#define FERRY_ZOO_H_

#include <stddef.h>
#include <string.h>

#include "ferry/connector.h"

#ifndef ZOO_ENTRY
#define ZOO_ENTRY
#endif
#ifndef ZOO_CREATE
#define ZOO_CREATE
#endif
#ifndef ZOO_EXPORT
#define ZOO_EXPORT
#endif
#ifndef ZOO_SIZE
#define ZOO_SIZE sizeof(ferry_connector)
#endif
#ifndef ZOO_MINOR
#define ZOO_MINOR 0
#endif
#ifndef ZOO_DESCRIPTOR
#define ZOO_DESCRIPTOR "{\"id\":\"" ZOO_ID "\",\"version\":\"1.0.0\"}"
#endif

static ferry_str zoo_text(const char* text) {
  ferry_str out;
  out.data = text;
  out.size = strlen(text);
  return out;
}

#ifndef ZOO_OWN_FUNCTIONS
static int zoo_instance;

static ferry_status zoo_create(const ferry_host* host, const ferry_call* call, ferry_str config,
                               ferry_instance** instance) {
  (void)host, (void)call, (void)config;
  ZOO_CREATE;
  *instance = (ferry_instance*)&zoo_instance;
  return FERRY_OK;
}

static void zoo_destroy(ferry_instance* instance) { (void)instance; }

static ferry_status zoo_export(ferry_instance* instance, const ferry_call* call, ferry_str request,
                               const ferry_package_writer* writer) {
  (void)instance, (void)request;
  call->report(call, zoo_text("{\"fact\":\"item\",\"type\":\"animal\",\"id\":\"1\",\"outcome\":\"exported\"}"));
  ZOO_EXPORT;
  writer->begin_entry(writer, zoo_text("animal.json"));
  return writer->write(writer, "{}", 2);
}
#endif

static const ferry_export zoo_export_table = {sizeof zoo_export_table, 0, zoo_export};

static const void* zoo_capability(ferry_str id) {
  if (id.size == sizeof FERRY_CAPABILITY_EXPORT - 1 && memcmp(id.data, FERRY_CAPABILITY_EXPORT, id.size) == 0)
    return &zoo_export_table;
  return NULL;
}

#ifndef ZOO_OWN_ENTRY
FERRY_EXPORT const ferry_connector* ferry_connector_v1(void) {
  static const ferry_connector table = {ZOO_SIZE,   ZOO_MINOR,   {ZOO_DESCRIPTOR, sizeof ZOO_DESCRIPTOR - 1},
                                        zoo_create, zoo_destroy, zoo_capability};
  ZOO_ENTRY;
  return &table;
}
#endif

#endif
