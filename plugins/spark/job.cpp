#include "job.hpp"

#include <algorithm>
#include <iterator>

#include "words.hpp"

namespace ferry::spark {

Job Job::parse(Json answer) {
  Job job;
  job.id = answer.text_or("id", "");
  job.status = answer.text_or("status", "");
  job.source_system = answer.text_or("source_system", "");
  job.correlation_id = answer.text_or("correlation_id", "");
  if (Json* outputs = answer.find("outputs")) job.outputs = std::move(*outputs);
  if (Json* errors = answer.find("errors")) job.errors = std::move(*errors);
  if (Json* warnings = answer.find("warnings")) job.warnings = std::move(*warnings);
  return job;
}

bool Job::ended() const {
  static constexpr std::string_view words[] = {"closed",    "completed", "closed_by_timeout", "completed_by_timeout",
                                               "cancelled", "failed"};
  return std::find(std::begin(words), std::end(words), status) != std::end(words);
}

bool Job::has_errors() const {
  if (errors.is_array()) return !errors.items().empty();
  if (errors.is_object()) return !errors.members().empty();
  if (errors.is_string()) return !errors.as_string().empty();
  return !errors.is_null();
}

bool Job::succeeded() const { return (status == "closed" || status == "completed") && !has_errors(); }

std::string Job::failure() const {
  if (!ended() || succeeded()) return {};
  std::string text = "the job " + id + " ended as " + status;
  if (has_errors()) text += ": " + words_of(errors);
  return text;
}

void report_warnings(const Call& call, const Job& job) {
  if (!job.warnings.is_array()) return;
  for (const Json& warning : job.warnings.items())
    call.problem({.severity = "warning", .code = "platform_warning", .message = words_of(warning)});
}

}  // namespace ferry::spark
