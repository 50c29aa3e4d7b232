// Batches of records as JSON lines: checked on arrival, never rebuilt.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace ferry::host {

// Calls `take` with every line, without its line break.
void for_each_line(std::string_view lines, const std::function<void(std::string_view line)>& take);

// Every line must be one JSON object in valid UTF-8, and there must be `count` of them. Failure(connector, bad_record)
// that shows the line. Thread-safe.
void check_json_lines(std::string_view lines, std::uint64_t count);

}  // namespace ferry::host
