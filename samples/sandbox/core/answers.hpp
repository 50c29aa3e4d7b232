// Answers as nearly every platform gives them.
#pragma once

#include "samples/sandbox/core/environment.hpp"
#include "samples/sandbox/core/json.hpp"

namespace sandbox {

Answer json_answer(const json::Value&, int status = 200);
Answer text_answer(std::string text, std::string content_type = "text/plain", int status = 200);
Answer empty_answer(int status = 204);
Answer blob_answer(Blob, std::string content_type);

// The value of "Authorization: Bearer ..."; "" if there is none.
std::string bearer_token(const Request&);
std::string cookie(const Request&, std::string_view name);  // "" if absent

// "/a/b//c" is {"a", "b", "c"}.
std::vector<std::string> path_segments(std::string_view path);

bool same_text(std::string_view, std::string_view);  // case-insensitive, ASCII

}  // namespace sandbox
