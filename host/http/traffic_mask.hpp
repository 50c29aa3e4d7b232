// Takes secrets out of traffic before it is written down: those the run knows (its Redactor), and those that only show
// by where they stand: Authorization, cookies and other credential headers, members such as access_token in JSON, form
// fields and query parameters of such names, JSON web tokens anywhere. What was found in one place is masked in every
// other from then on.
//
// A replay masks what is asked in the same way, so that a request with another secret is the same request.
// Used by one thread.
#pragma once

#include <string>
#include <string_view>

#include "host/base/redactor.hpp"
#include "host/http/answer_head.hpp"

namespace ferry::host {

class TrafficMask {
 public:
  explicit TrafficMask(const Redactor& known) : known_(known) {}

  std::string url(std::string_view);
  HttpHeaders headers(const HttpHeaders&);
  // content_type: of the body; "" if it does not say.
  std::string body(std::string_view text, std::string_view content_type);
  std::string form_field(std::string_view name, std::string_view text);
  // What is known by now, taken out of a text that was masked before.
  std::string again(std::string_view text) const;
  // Grows whenever a text that was masked before may have to be masked again.
  std::size_t known_secrets() const { return known_.secrets().size() + learned_.secrets().size(); }

 private:
  void learn(std::string_view value);
  std::string credentials(std::string_view value);
  std::string cookies(std::string_view value, bool all);
  std::string parameters(std::string_view text);

  const Redactor& known_;
  Redactor learned_;
};

// Is what bears this name a secret by its very name: "access_token", "apiKey", "Authorization"? Not "next_page_token".
bool names_secret(std::string_view name);

}  // namespace ferry::host
