// A PostgreSQL database as a destination (PostgreSQL 11 or newer, through libpq).
//
// A table a model, in a schema a connection; ferry's own tables in a schema of their own. Work on one model is done by
// one ferry at a time, of different models by any number. Needs sessions: a pooler has to keep one per client.
#pragma once

#include <memory>
#include <string>

#include "host/destinations/destination.hpp"

namespace ferry::host {

struct PostgresSettings {
  std::string conninfo;          // a connection string or URL; a secret
  std::string schema = "ferry";  // of ferry's own tables
  std::string space = "public";  // of the tables of models whose settings name none, and of unions
};

// Connects when first used. Failure(usage, bad_destination): a connection string that cannot be read.
std::unique_ptr<Destination> open_postgres(const PostgresSettings&, Now);

}  // namespace ferry::host
