/* One line of a layout table. */
#ifndef FERRY_TESTS_ABI_LAYOUT_H_
#define FERRY_TESTS_ABI_LAYOUT_H_

#include <stddef.h>

enum layout_kind { LAYOUT_END, LAYOUT_STRUCT, LAYOUT_MEMBER, LAYOUT_CONSTANT, LAYOUT_ID };

struct layout_entry {
  enum layout_kind kind;
  const char* name;
  size_t value;     /* size of a struct, offset of a member, value of a constant */
  size_t size;      /* of a member */
  const char* text; /* of an id */
};

extern const struct layout_entry layout_current[];
extern const struct layout_entry layout_frozen[];

#endif
