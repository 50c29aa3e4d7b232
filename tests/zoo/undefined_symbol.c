/* Needs a function that nobody has. */
void zoo_a_function_that_nobody_has(void);
#define ZOO_EXPORT zoo_a_function_that_nobody_has()
#include "zoo.h"
