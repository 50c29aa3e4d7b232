// What the platform itself says of a failure. inferred: the shape of a v4 error body is not documented, so the text is
// looked for where the neighbouring APIs have it, and else shown as it came.
#pragma once

#include <string>
#include <string_view>

#include "ferry/sdk.hpp"

namespace ferry::spark {

// Of "errors" or "warnings" of a job, or of an error body.
std::string words_of(const Json& value);
// "status 409, application/json: A job is already running"
std::string words_of(const HttpResponse& answer);
// An answer that was not asked for, by who has to act. what: what was tried.
Error refusal(const HttpResponse& answer, const std::string& what);
// The object an answer holds; Error(FERRY_REMOTE) that says what came instead.
Json object_of(const HttpResponse& answer, const std::string& what);

}  // namespace ferry::spark
