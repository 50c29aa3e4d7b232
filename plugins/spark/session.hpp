// Calls of a tenant with a credential: client credentials, an API key or a bearer token, whichever the connection has.
//
// A token got for client credentials is renewed before it expires, and once after a 401; then the call is repeated,
// which is safe because a call answered with 401 was not carried out. Used by one operation on its thread.
#pragma once

#include <cstdint>
#include <string>

#include "address.hpp"
#include "ferry/sdk.hpp"

namespace ferry::spark {

class Session {
 public:
  // client_id: "" if the connection has none. Throws Error(FERRY_BAD_CONFIG) for secrets that do not fit together.
  Session(Host host, Call call, const Address& address, std::string client_id);

  const Address& address() const noexcept { return address_; }
  // Gets a token, if client credentials need one. Throws Error(FERRY_AUTH, ...) that says which of them is wrong.
  void log_in(std::uint32_t flags = 0);
  // request.url: below the tenant ("/api/v4/export") or absolute. The answer, whatever its status.
  HttpResponse send(HttpRequest request);
  // The platform's health, without a credential.
  HttpResponse health();
  // Streams a file that a job has made. begin: void(), before its first byte and again if it starts over.
  // Gives the status; a body is only handed on if it is 200.
  template <class Begin, class Piece>
  HttpResponse download(const std::string& url, Begin&& begin, Piece&& piece);

 private:
  enum class Way { client_credentials, api_key, bearer };

  void authorize(HttpRequest& request);
  bool renew(const HttpResponse& answer, std::uint32_t flags);
  bool expires_soon() const;

  Host host_;
  Call call_;
  Http http_;
  const Address& address_;
  Way way_ = Way::bearer;
  std::string client_id_, secret_;
  std::string token_;
  std::int64_t expires_at_ = 0;  // epoch milliseconds; 0: unknown
};

template <class Begin, class Piece>
HttpResponse Session::download(const std::string& url, Begin&& begin, Piece&& piece) {
  HttpResponse answer;
  for (int attempt = 1; attempt <= 2; ++attempt) {
    answer = {};
    HttpRequest request{.method = "GET", .url = url, .flags = FERRY_HTTP_RESTARTABLE};
    // inferred: a link to a store of another host carries its own authorization, and must not get the tenant's.
    const bool own = address_.is_own(url);
    if (own) authorize(request);
    http_.stream(
        request,
        [&](HttpResponse head) {
          answer = std::move(head);
          if (answer.status == 200) begin();
        },
        [&](std::string_view bytes) {
          if (answer.status == 200)
            piece(bytes);
          else if (answer.body.size() < 64 * 1024)
            answer.body += bytes;
        });
    if (attempt == 2 || !own || !renew(answer, 0)) break;
  }
  return answer;
}

}  // namespace ferry::spark
