#include "words.hpp"

namespace ferry::spark {

namespace {

constexpr std::size_t longest = 600;

std::string shortened(std::string text) {
  if (text.size() <= longest) return text;
  std::size_t end = longest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

bool looks_like_json(const HttpResponse& answer) {
  const std::size_t first = answer.body.find_first_not_of(" \t\r\n");
  return first != std::string::npos && (answer.body[first] == '{' || answer.body[first] == '[');
}

std::string beginning(const std::string& body) {
  constexpr std::size_t shown = 80;
  std::string out;
  for (const char c : body) {
    if (out.size() == shown) break;
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= ' ' && (out.empty() || out.back() == ' ')) continue;
    out += byte <= ' ' ? ' ' : byte < 0x7F ? c : '?';
  }
  return out;
}

}  // namespace

std::string words_of(const Json& value) {
  if (value.is_string()) return shortened(value.as_string());
  if (value.is_array()) {
    std::string out;
    for (const Json& item : value.items()) out += (out.empty() ? "" : "; ") + words_of(item);
    return shortened(std::move(out));
  }
  if (value.is_object()) {
    for (const char* member : {"message", "error_message", "error_description", "detail", "title", "error", "errors"})
      if (const Json* found = value.find(member); found != nullptr && !found->is_null()) {
        std::string text = words_of(*found);
        const std::string_view code = value.text_or("errorCode", value.text_or("code", ""));
        if (!text.empty()) return code.empty() || text == code ? text : text + " (" + std::string(code) + ")";
      }
  }
  return value.is_null() ? std::string() : shortened(value.dump());
}

std::string words_of(const HttpResponse& answer) {
  const std::string_view type = answer.header("Content-Type");
  std::string text =
      "status " + std::to_string(answer.status) + ", " + (type.empty() ? "no content type" : std::string(type));
  if (answer.body.empty()) return text + ", no content";
  if (looks_like_json(answer)) {
    try {
      const std::string words = words_of(Json::parse(answer.body));
      return words.empty() ? text : text + ": " + words;
    } catch (const JsonError&) {
      return text + ", JSON that is damaged";
    }
  }
  return text + ", beginning \"" + beginning(answer.body) + "\"";
}

Error refusal(const HttpResponse& answer, const std::string& what) {
  const Error error = http_error(answer, what);
  ferry_status status = error.status();
  if (answer.status == 400 || answer.status == 404 || answer.status == 413 || answer.status == 415 ||
      answer.status == 422)
    status = FERRY_BAD_CONFIG;
  return Error(status, error.message() + "; it said: " + words_of(answer));
}

Json object_of(const HttpResponse& answer, const std::string& what) {
  try {
    Json json = Json::parse(answer.body);
    if (json.is_object()) return json;
  } catch (const JsonError&) {
  }
  throw Error(FERRY_REMOTE, what + ": the answer is no JSON object (" + words_of(answer) +
                                "); check the connection's url, which is https://excel.{environment}.coherent.global/"
                                "{tenant}, and try again");
}

}  // namespace ferry::spark
