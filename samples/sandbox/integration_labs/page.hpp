// A page of records: what the query of GET accounting/invoices and its like
// asks for, and the answer to it.
//
// Taken: limit (1 to 1000, 100 unless said), next, prev,
// include_deleted_records, return_count,
// sort[rootfi_created_at|rootfi_updated_at|rootfi_id]=ASC|DESC,
// FIELD[eq|neq|gt|gte|lt|lte|in]=VALUE for members of a record; expand and
// select are read and change nothing. Everything else is refused with 400.
// Inferred: the largest limit, the operators beside eq and gte, the order by
// rootfi_id where none is asked for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "samples/sandbox/core/environment.hpp"
#include "samples/sandbox/integration_labs/table.hpp"

namespace sandbox::integration_labs {

// An error of the platform: thrown by whatever finds it, answered as its error
// body.
struct Refusal {
  int status;
  std::string code, message, field;
};

// The tables in the order of their records' ids.
Answer page_of(const Request&, const std::vector<const Table*>& tables);

}  // namespace sandbox::integration_labs
