// Faults as the admin port and the configuration write them: each member of Faults under its own name.
#include <algorithm>
#include <array>

#include "samples/sandbox/core/faults.hpp"

namespace sandbox {

namespace {

constexpr std::array names = {"match",
                              "after",
                              "count",
                              "latency_ms",
                              "status",
                              "retry_after",
                              "retry_after_header",
                              "applied_first",
                              "drop",
                              "truncate_at",
                              "bytes_per_second",
                              "content_type",
                              "expire_tokens",
                              "job",
                              "fail_items",
                              "skip_items"};

// A number may stand for the text of a header: "retry_after": 2.
std::string text_or_number(const json::Object& object, const std::string& name) {
  if (json::is_null(object, name)) return "";
  return object->get(name).convert<std::string>();
}

void require(bool good, const std::string& message) {
  if (!good) throw BadRequest{message};
}

}  // namespace

Faults faults_of(const json::Object& object) {
  require(static_cast<bool>(object), "A fault is a JSON object, e.g. {\"status\": 503, \"count\": 2}.");
  for (const std::string& name : object->getNames()) {
    require(std::find(names.begin(), names.end(), name) != names.end(),
            "There is no fault knob \"" + name + "\": ferry-sandbox --help lists them.");
  }
  Faults faults;
  faults.match = json::string(object, "match");
  faults.after = json::integer(object, "after");
  faults.count = json::integer(object, "count", faults.count);
  faults.latency_ms = json::integer(object, "latency_ms");
  faults.status = static_cast<int>(json::integer(object, "status"));
  faults.retry_after = text_or_number(object, "retry_after");
  faults.retry_after_header = json::string(object, "retry_after_header", faults.retry_after_header);
  faults.applied_first = json::boolean(object, "applied_first");
  faults.drop = json::boolean(object, "drop");
  faults.truncate_at = json::integer(object, "truncate_at", faults.truncate_at);
  faults.bytes_per_second = json::integer(object, "bytes_per_second");
  faults.content_type = json::string(object, "content_type");
  faults.expire_tokens = json::boolean(object, "expire_tokens");
  faults.job = json::string(object, "job");
  faults.fail_items = json::texts(object, "fail_items");
  faults.skip_items = json::texts(object, "skip_items");
  require(faults.status == 0 || (faults.status >= 200 && faults.status <= 599),
          "status is an HTTP status from 200 to 599.");
  require(faults.job.empty() || faults.job == "fail" || faults.job == "hang" || faults.job == "partial",
          "job is \"fail\", \"hang\" or \"partial\".");
  return faults;
}

json::Object json_of(const Faults& faults) {
  return json::object({{"match", faults.match},
                       {"after", faults.after},
                       {"count", faults.count},
                       {"latency_ms", faults.latency_ms},
                       {"status", faults.status},
                       {"retry_after", faults.retry_after},
                       {"retry_after_header", faults.retry_after_header},
                       {"applied_first", faults.applied_first},
                       {"drop", faults.drop},
                       {"truncate_at", faults.truncate_at},
                       {"bytes_per_second", faults.bytes_per_second},
                       {"content_type", faults.content_type},
                       {"expire_tokens", faults.expire_tokens},
                       {"job", faults.job},
                       {"fail_items", json::strings(faults.fail_items)},
                       {"skip_items", json::strings(faults.skip_items)}});
}

}  // namespace sandbox
