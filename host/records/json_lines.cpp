#include "host/records/json_lines.hpp"

#include <simdjson.h>

#include <algorithm>
#include <string>

#include "host/base/failure.hpp"
#include "host/base/text.hpp"

namespace ferry::host {

void for_each_line(std::string_view lines, const std::function<void(std::string_view line)>& take) {
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    take(lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
}

void check_json_lines(std::string_view lines, std::uint64_t count) {
  thread_local simdjson::dom::parser parser;
  std::uint64_t found = 0;
  for_each_line(lines, [&](std::string_view line) {
    ++found;
    simdjson::dom::object record;
    if (const auto error = parser.parse(line.data(), line.size()).get(record); error != simdjson::SUCCESS)
      throw Failure(Fault::connector, "bad_record",
                    std::string("it delivered a record that is no JSON object (") + simdjson::error_message(error) +
                        "): " + printable(shortened(line, 120)));
  });
  if (found != count)
    throw Failure(Fault::connector, "bad_record",
                  "it delivered a batch said to hold " + std::to_string(count) + " records, which holds " +
                      std::to_string(found));
}

}  // namespace ferry::host
