/* The binary contract may grow at its ends and in no other way: what a connector built with the frozen header relies on
 * is where it was. Prints each difference; the exit code is their number. */
#include "layout.h"

#include <stdio.h>
#include <string.h>

static int differences;

static void difference(const char* name, const char* what, size_t frozen, size_t current) {
  printf("%s: %s was %zu and is %zu\n", name, what, frozen, current);
  ++differences;
}

static void compare(const struct layout_entry* frozen, const struct layout_entry* current) {
  const char* name = frozen->name;
  switch (frozen->kind) {
    case LAYOUT_STRUCT:
      if (strcmp(name, "ferry_str") == 0 || strcmp(name, "ferry_http_header") == 0) {
        if (current->value != frozen->value)
          difference(name, "the size (frozen, no size member)", frozen->value, current->value);
      } else if (current->value < frozen->value) {
        difference(name, "the size", frozen->value, current->value);
      }
      break;
    case LAYOUT_MEMBER:
      if (current->value != frozen->value) difference(name, "the offset", frozen->value, current->value);
      if (current->size != frozen->size) difference(name, "the size", frozen->size, current->size);
      break;
    case LAYOUT_CONSTANT:
      if (current->value != frozen->value) difference(name, "the value", frozen->value, current->value);
      break;
    case LAYOUT_ID:
      if (strcmp(current->text, frozen->text) != 0) {
        printf("%s: was \"%s\" and is \"%s\"\n", name, frozen->text, current->text);
        ++differences;
      }
      break;
    case LAYOUT_END: break;
  }
}

/* A list that skips a member would guard nothing there: members follow each other without a gap up to the end. */
static void check_complete(const struct layout_entry* table) {
  const struct layout_entry* type = NULL;
  size_t end = 0;
  for (; table->kind != LAYOUT_END; ++table) {
    if (table->kind == LAYOUT_MEMBER) {
      if (table->value != end)
        difference(table->name, "(layout.inc skips a member before it) the expected offset", end, table->value);
      end = table->value + table->size;
      continue;
    }
    if (type != NULL && type->value != end)
      difference(type->name, "(layout.inc skips its last member) the end", end, type->value);
    type = table->kind == LAYOUT_STRUCT ? table : NULL;
    end = 0;
  }
}

/* Both headers could be edited together; these figures of 64-bit platforms could not without being noticed here. */
static void check_known(const char* name, size_t known) {
  for (const struct layout_entry* entry = layout_frozen; entry->kind != LAYOUT_END; ++entry)
    if (strcmp(entry->name, name) == 0 && entry->value != known)
      difference(name, "in the frozen header, the figure", known, entry->value);
}

int main(void) {
  const struct layout_entry *frozen = layout_frozen, *current = layout_current;
  size_t count = 0;
  for (; frozen->kind != LAYOUT_END; ++frozen, ++current, ++count) compare(frozen, current);
  check_complete(layout_frozen);
  if (sizeof(void*) == 8) {
    check_known("ferry_str", 16);
    check_known("ferry_call", 80);
    check_known("ferry_batch", 32);
    check_known("ferry_sink", 32);
    check_known("ferry_package_writer", 48);
    check_known("ferry_package_entry", 32);
    check_known("ferry_package_reader", 88);
    check_known("ferry_host", 56);
    check_known("ferry_log", 16);
    check_known("ferry_secret", 24);
    check_known("ferry_state", 32);
    check_known("ferry_clock", 24);
    check_known("ferry_http_header", 32);
    check_known("ferry_http_part", 80);
    check_known("ferry_http_request", 120);
    check_known("ferry_http_response", 48);
    check_known("ferry_http_receiver", 32);
    check_known("ferry_http", 16);
    check_known("ferry_check", 16);
    check_known("ferry_catalog", 16);
    check_known("ferry_read", 16);
    check_known("ferry_export", 16);
    check_known("ferry_inspect", 16);
    check_known("ferry_import", 16);
    check_known("ferry_connector", 48);
  }
  printf("%zu figures compared, %d differ\n", count, differences);
  return differences > 100 ? 100 : differences;
}
