/* Says that its table is empty. */
#define ZOO_SIZE 0
#include "zoo.h"
