/* Returns no table. */
#include <stddef.h>

#include "ferry/connector.h"

FERRY_EXPORT const ferry_connector* ferry_connector_v1(void) { return NULL; }
