// ferry/error.hpp - the one exception type of a connector: a status that says who must act, and a text for them.
//
// Throw it anywhere inside an operation; the glue in sdk.hpp turns it into a ferry_status at the border.
// Any other exception becomes FERRY_INTERNAL: a bug of the connector.
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "ferry/connector.h"

namespace ferry {

inline ferry_str to_abi(std::string_view text) noexcept { return {text.data(), text.size()}; }
inline std::string_view to_view(ferry_str text) noexcept {
  return text.size == 0 ? std::string_view() : std::string_view(text.data, text.size);
}

class Error : public std::exception {
 public:
  // message: what was tried, what was found, what to do. detail_json: "" or an object for logs.
  Error(ferry_status status, std::string message, std::string detail_json = {})
      : status_(status), message_(std::move(message)), detail_json_(std::move(detail_json)) {}

  ferry_status status() const noexcept { return status_; }
  const std::string& message() const noexcept { return message_; }
  const std::string& detail_json() const noexcept { return detail_json_; }
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  ferry_status status_;
  std::string message_;
  std::string detail_json_;
};

}  // namespace ferry
