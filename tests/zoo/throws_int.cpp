// Throws what is not even an exception.
#define ZOO_CREATE throw 42
#include "zoo.h"
