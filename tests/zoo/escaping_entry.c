/* Writes an entry that leaves the archive. */
#define ZOO_EXPORT \
  if (writer->begin_entry(writer, zoo_text("../../etc/passwd")) != FERRY_OK) return FERRY_INTERNAL
#include "zoo.h"
