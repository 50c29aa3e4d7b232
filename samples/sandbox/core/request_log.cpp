#include "samples/sandbox/core/request_log.hpp"

#include <algorithm>
#include <cctype>

#include "samples/sandbox/core/answers.hpp"

namespace sandbox {

namespace {

constexpr std::size_t most_entries = 500;

bool is_id(const std::string& segment) {
  const bool is_number = std::all_of(segment.begin(), segment.end(), [](unsigned char c) { return std::isdigit(c); });
  const bool is_hex = segment.size() >= 16 && std::all_of(segment.begin(), segment.end(),
                                                          [](unsigned char c) { return std::isxdigit(c) || c == '-'; });
  return is_number || is_hex;
}

}  // namespace

std::string path_pattern(std::string_view path) {
  std::string pattern;
  for (const std::string& segment : path_segments(path)) pattern += '/' + (is_id(segment) ? "{id}" : segment);
  return pattern.empty() ? "/" : pattern;
}

void RequestLog::add(const Request& request, int status, std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  ++counts_[request.method + ' ' + path_pattern(request.path)];
  entries_.push_back({now_ms, request.method, request.target, status, request.body ? request.body->length() : 0});
  if (entries_.size() > most_entries) entries_.pop_front();
}

json::Object RequestLog::counts() const {
  const std::lock_guard lock(mutex_);
  json::Object counts = json::object();
  for (const auto& [pattern, count] : counts_) counts->set(pattern, count);
  return counts;
}

json::Array RequestLog::last() const {
  const std::lock_guard lock(mutex_);
  json::Array list = json::array();
  for (const Entry& entry : entries_) {
    list->add(json::object({{"at_ms", entry.at_ms},
                            {"method", entry.method},
                            {"target", entry.target},
                            {"status", entry.status},
                            {"body_length", entry.body_length}}));
  }
  return list;
}

void RequestLog::clear() {
  const std::lock_guard lock(mutex_);
  counts_.clear();
  entries_.clear();
}

}  // namespace sandbox
