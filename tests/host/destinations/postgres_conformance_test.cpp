#include "tests/host/destinations/postgres_place.hpp"

namespace ferry::host {

INSTANTIATE_TEST_SUITE_P(Postgres, Conformance,
                         testing::Values(ConformanceCase{"PostgreSQL",
                                                         [] { return std::make_unique<PostgresPlace>(); }}));

}  // namespace ferry::host
