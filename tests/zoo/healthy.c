/* Does everything right: the animal the others are compared with. */
#include "zoo.h"
