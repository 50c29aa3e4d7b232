// Throws across the boundary instead of returning a status.
#include <stdexcept>

#define ZOO_EXPORT throw std::runtime_error("nobody catches this")
#include "zoo.h"
