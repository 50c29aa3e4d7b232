#include <Poco/String.h>

#include "samples/sandbox/core/answers.hpp"

namespace sandbox {

bool same_text(std::string_view left, std::string_view right) {
  return left.size() == right.size() && Poco::icompare(std::string(left), std::string(right)) == 0;
}

std::string_view Request::header(std::string_view name) const {
  for (const auto& [header_name, value] : headers) {
    if (same_text(header_name, name)) return value;
  }
  return {};
}

std::optional<std::string> Request::parameter(std::string_view name) const {
  for (const auto& [parameter_name, value] : query) {
    if (parameter_name == name) return value;
  }
  return std::nullopt;
}

std::string Request::text(std::size_t limit) const {
  std::string text;
  if (!body) return text;
  if (body->length() > static_cast<std::int64_t>(limit)) throw BadRequest{"The body is too large."};
  if (body->length() > 0) text.reserve(static_cast<std::size_t>(body->length()));
  std::vector<char> block(256u << 10);
  while (const std::size_t count = body->read(block.data(), block.size())) {
    if (text.size() + count > limit) throw BadRequest{"The body is too large."};
    text.append(block.data(), count);
  }
  return text;
}

Answer json_answer(const json::Value& value, int status) {
  Answer answer;
  answer.status = status;
  answer.text = json::text(value);
  return answer;
}

Answer text_answer(std::string text, std::string content_type, int status) {
  Answer answer;
  answer.status = status;
  answer.content_type = std::move(content_type);
  answer.text = std::move(text);
  return answer;
}

Answer empty_answer(int status) {
  Answer answer;
  answer.status = status;
  answer.content_type.clear();
  return answer;
}

Answer blob_answer(Blob blob, std::string content_type) {
  Answer answer;
  answer.content_type = std::move(content_type);
  answer.blob = std::move(blob);
  return answer;
}

std::string bearer_token(const Request& request) {
  const std::string_view value = request.header("Authorization");
  constexpr std::string_view scheme = "Bearer ";
  if (value.size() <= scheme.size() || !same_text(value.substr(0, scheme.size()), scheme)) return "";
  return Poco::trim(std::string(value.substr(scheme.size())));
}

std::string cookie(const Request& request, std::string_view name) {
  for (const auto& [header_name, value] : request.headers) {
    if (!same_text(header_name, "Cookie")) continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(';'), rest.size());
      const std::string pair = Poco::trim(std::string(rest.substr(0, end)));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (pair.size() > name.size() && pair[name.size()] == '=' && pair.compare(0, name.size(), name) == 0) {
        return pair.substr(name.size() + 1);
      }
    }
  }
  return "";
}

std::vector<std::string> path_segments(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    if (end > 0) segments.emplace_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return segments;
}

}  // namespace sandbox
