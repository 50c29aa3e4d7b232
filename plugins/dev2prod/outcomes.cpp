#include "outcomes.hpp"

#include <string>

namespace ferry::dev2prod {

namespace {

std::uint64_t figure(const Json& counts, std::string_view name) {
  const Json* found = counts.find(name);
  if (found == nullptr || !found->is_number()) return 0;
  const std::int64_t value = found->as_int();
  return value < 0 ? 0 : static_cast<std::uint64_t>(value);
}

void report(const Call& call, std::string_view type, std::string_view outcome, std::uint64_t count,
            std::string_view code = {}, std::string_view message = {}) {
  if (count > 0) call.item({.type = type, .outcome = outcome, .count = count, .code = code, .message = message});
}

// inferred: the documents show these lists empty; an entry is taken as text, or as an object with a message.
std::string text_of(const Json& entry) {
  if (entry.is_string()) return entry.as_string();
  for (const char* name : {"Message", "message", "ErrorMessage", "Description"})
    if (const std::string_view text = entry.text_or(name, ""); !text.empty()) return std::string(text);
  return entry.dump();
}

void report_problems(const Call& call, const Json& part, std::string_view type, const char* list,
                     std::string_view severity, std::string_view code) {
  const Json* entries = part.find(list);
  if (entries == nullptr || !entries->is_array()) return;
  for (const Json& entry : entries->items()) {
    const std::string message = text_of(entry);
    call.problem({.severity = severity, .code = code, .message = message, .type = type});
  }
}

struct Counts {
  std::uint64_t modified = 0, removed = 0, failed = 0, skipped = 0;
};

std::uint64_t beyond(std::uint64_t total, std::uint64_t explained) { return total > explained ? total - explained : 0; }

}  // namespace

void report_export(const Call& call, const Json& job) {
  for (const Json& part : job["Statistics"].items())
    report(call, part.text_or("PackageName", "part"), outcome::exported, figure(part, "ItemCount"));
}

ImportTotals totals_of(const Json& job) {
  const Json& totals = job["Totals"];
  return {figure(totals, "Added"), figure(totals, "Modified"), figure(totals, "Removed"), figure(totals, "Failed"),
          figure(totals, "Skipped")};
}

ImportTotals report_import(const Call& call, const Json& job) {
  constexpr std::string_view failed = "the platform counts it as failed", skipped = "the platform skipped it";
  Counts sum;
  if (const Json* results = job.find("Results"); results != nullptr && results->is_array())
    for (const Json& part : results->items()) {
      const std::string_view type = part.text_or("PackageName", "part");
      const Json& counts = part["Statistics"];
      const Counts of_part{figure(counts, "Modified"), figure(counts, "Removed"), figure(counts, "Failed"),
                           figure(counts, "Skipped")};
      report(call, type, outcome::modified, of_part.modified);
      report(call, type, outcome::removed, of_part.removed);
      report(call, type, outcome::failed, of_part.failed, "platform_failed", failed);
      report(call, type, outcome::skipped, of_part.skipped, "platform_skipped", skipped);
      report_problems(call, part, type, "Errors", "error", "platform_error");
      report_problems(call, part, type, "Warnings", "warning", "platform_warning");
      sum.modified += of_part.modified;
      sum.removed += of_part.removed;
      sum.failed += of_part.failed;
      sum.skipped += of_part.skipped;
    }
  const ImportTotals totals = totals_of(job);
  report(call, "unattributed", outcome::added, totals.added);
  report(call, "unattributed", outcome::modified, beyond(totals.modified, sum.modified));
  report(call, "unattributed", outcome::removed, beyond(totals.removed, sum.removed));
  report(call, "unattributed", outcome::failed, beyond(totals.failed, sum.failed), "platform_failed", failed);
  report(call, "unattributed", outcome::skipped, beyond(totals.skipped, sum.skipped), "platform_skipped", skipped);
  return totals;
}

}  // namespace ferry::dev2prod
