// When a destination is exactly what the platform has, and when what was said of the runs adds up. Failures are those
// of the running test.
#pragma once

#include <string>

#include "tests/platforms/sync_survival/books.hpp"
#include "tests/platforms/sync_survival/tables.hpp"

namespace ferry::test {

// Every record is a row with the value of every member, there is no other row, and no identity twice.
void expect_exact(const Content& platform, const Held&, const std::string& what);

// One ferry.statistics/1 document.
void expect_adds_up(const std::string& statistics);
// Those of all runs of a state directory that ended. Gives how many there were.
int expect_all_add_up(const std::string& state_directory);

}  // namespace ferry::test
