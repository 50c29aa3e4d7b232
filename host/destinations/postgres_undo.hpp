// Puts the models of a run back to what they were before it: rows it added are taken out, rows it changed or removed
// come back from the images it kept, and with them the checkpoint. In the caller's transaction.
#pragma once

#include <string>
#include <vector>

#include "host/destinations/postgres_catalog.hpp"

namespace ferry::host {

// Failure(usage, unknown_run), (usage, cannot_undo) with the reason.
std::vector<UndoneModel> undo_run(PostgresCatalog&, const std::string& run, std::int64_t now);

}  // namespace ferry::host
