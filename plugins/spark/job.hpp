// An export or import job of the platform, as its status call tells of it.
#pragma once

#include <string>
#include <string_view>

#include "ferry/sdk.hpp"

namespace ferry::spark {

struct Job {
  std::string id, status;
  Json outputs, errors, warnings;
  std::string source_system, correlation_id;

  static Job parse(Json answer);

  // inferred: of these words only closed, completed and cancelled are documented for jobs of export and import; the
  // others are those of the same product's batches. A word nobody knows means that the job still runs.
  bool ended() const;
  // Ended, and in the way that is a success, and nothing stands in errors.
  bool succeeded() const;
  // Why it did not, in the platform's words; "" if it succeeded or still runs.
  std::string failure() const;
  bool has_errors() const;
};

// Each of the warnings as a problem.
void report_warnings(const Call& call, const Job& job);

}  // namespace ferry::spark
