// expect: double
#include "ferry/json.hpp"

// A double has lost the text it came with: a number that is not whole is made from its text.
#ifdef CORRECT
ferry::Json price = ferry::Json::number("1.10");
#else
ferry::Json price(1.10);
#endif
