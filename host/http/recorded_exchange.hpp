// One exchange as it stands in a file of recorded traffic, to be read and corrected by people:
//
//   === request
//   POST /flows                          a path of the connection's origin, or a whole URL
//   Content-Type: application/json       the connector's own headers
//                                        an empty line, then the body as it is, up to the next line of three ='s
//   {"flows":[]}
//   === answer
//   200                                  or "200 URL" if redirects led elsewhere
//   Content-Type: application/json
//
//   {"rev":"1"}
//
// A form's parts stand as "=== part", with the headers Name, File-Name and Content-Type. A body that is binary or large
// stands in a file beside: "=== request, body in 0003-request.bin". Instead of an answer there may be a "=== failure":
// its fault and code in the first line, its message as the body.
//
// Values. parse throws Failure(usage, bad_recording) that names file and line.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/failure.hpp"
#include "host/http/answer_head.hpp"

namespace ferry::host {

struct RecordedBody {
  std::string text;
  std::string file;  // beside the exchange's own; "": text
};

struct RecordedPart {
  std::string name, file_name, content_type;
  RecordedBody body;
};

struct RecordedExchange {
  std::string method, url;
  HttpHeaders headers;
  RecordedBody body;
  std::vector<RecordedPart> parts;

  int status = 0;
  std::string answer_url;  // "": as asked
  HttpHeaders answer_headers;
  RecordedBody answer;
  std::optional<Failure> failure;  // instead of the answer

  std::string text() const;
  static RecordedExchange parse(std::string_view text, const std::filesystem::path& file);
};

// May a body stand within the file of its exchange? Not what is large, no text, or looks like a part of the format.
bool fits_inline(std::string_view body);
bool is_text(std::string_view bytes);

}  // namespace ferry::host
