// Where a PostgreSQL server is, as libpq takes it: postgresql://USER@HOST/DATABASE?KEY=VALUE, or KEY=VALUE KEY=VALUE.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ferry::host {

// By its looks; whether libpq takes it shows when it is used.
bool is_postgresql_url(std::string_view address);
bool is_postgresql_address(std::string_view address);
// Every password in it, as written and as it is meant; empty: it can be shown. Rather too many than too few.
std::vector<std::string> passwords_in(std::string_view address);

}  // namespace ferry::host
