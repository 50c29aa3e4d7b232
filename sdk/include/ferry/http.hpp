// ferry/http.hpp - HTTP through the host, which owns TLS, retries, rate limits, redirects, masking and counting.
//
//   Http http(host, call);
//   HttpResponse answer = http.send({.method = "GET", .url = "/flows"});         // body in memory
//   http.stream(request, [&](const HttpResponse& head) {...}, [&](std::string_view piece) {...});
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ferry/host.hpp"
#include "ferry/package.hpp"

namespace ferry {

struct HttpPart {
  std::string name;
  std::string data;
  std::string file_name = {};
  std::string content_type = {};
  const ferry_package_reader* package = nullptr;  // instead of data
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;  // absolute, or a path that is appended to the connection's URL
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  const ferry_package_reader* body_package = nullptr;
  std::vector<HttpPart> parts = {};
  std::string idempotency_key = {};
  std::uint32_t flags = 0;
  std::int64_t timeout_ms = 0;
};

struct HttpResponse {
  int status = 0;
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::int64_t content_length = -1;
  std::string body;

  bool ok() const noexcept { return status >= 200 && status < 300; }
  std::string_view header(std::string_view name) const noexcept {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    for (const auto& [key, value] : headers) {
      if (key.size() != name.size()) continue;
      bool same = true;
      for (std::size_t i = 0; i < name.size() && same; ++i) same = lower(key[i]) == lower(name[i]);
      if (same) return value;
    }
    return {};
  }
};

// Why an answer that was not asked for stops the operation, by who has to act. what: what was tried, for people.
inline Error http_error(const HttpResponse& answer, std::string_view what) {
  std::string message = std::string(what) + ": the platform answered " + std::to_string(answer.status);
  ferry_status status = FERRY_REMOTE;
  if (answer.status == 401 || answer.status == 407) {
    status = FERRY_AUTH;
    message += "; the credential is missing, wrong or expired";
  } else if (answer.status == 403) {
    status = FERRY_AUTH;
    message += "; the user has no right to do this";
  } else if (answer.status == 429) {
    status = FERRY_RATE_LIMITED;
    message += "; its rate limit is reached";
  } else if (answer.status == 408 || answer.status >= 500) {
    status = FERRY_TRANSIENT;
    message += "; try again later";
  }
  return Error(status, std::move(message));
}

class Http {
 public:
  Http(Host host, Call call) : host_(host), call_(call), http_(host.service<ferry_http>(FERRY_SERVICE_HTTP)) {
    if (!FERRY_HAS(http_, send)) throw Host::missing(FERRY_SERVICE_HTTP);
  }

  // The answer with its body in memory, whatever its status. A body beyond `limit` bytes is Error(FERRY_REMOTE).
  HttpResponse send(HttpRequest request, std::size_t limit = 256u << 20) const {
    HttpResponse answer;
    request.flags |= FERRY_HTTP_RESTARTABLE;
    stream(
        request, [&](HttpResponse head) { answer = std::move(head); },
        [&](std::string_view piece) {
          if (answer.body.size() + piece.size() > limit)
            throw Error(FERRY_REMOTE, request.method + " " + request.url + ": the answer has more than " +
                                          std::to_string(limit) + " bytes");
          if (answer.body.empty() && answer.content_length > 0)
            answer.body.reserve(std::min(limit, static_cast<std::size_t>(answer.content_length)));
          answer.body += piece;
        });
    return answer;
  }

  // head: void(HttpResponse), body: void(std::string_view); exceptions they throw end the exchange and pass through.
  template <class Head, class Body>
  void stream(const HttpRequest& request, Head&& head, Body&& body) const {
    std::vector<ferry_http_header> headers;
    for (const auto& [name, value] : request.headers) headers.push_back({to_abi(name), to_abi(value)});
    std::vector<ferry_http_part> parts;
    for (const HttpPart& part : request.parts)
      parts.push_back({sizeof(ferry_http_part), 0, to_abi(part.name), to_abi(part.file_name), to_abi(part.content_type),
                       to_abi(part.data), part.package});
    std::vector<const ferry_http_part*> part_pointers;
    for (const ferry_http_part& part : parts) part_pointers.push_back(&part);
    const ferry_http_request wire{sizeof wire,
                                  request.flags,
                                  to_abi(request.method),
                                  to_abi(request.url),
                                  headers.data(),
                                  headers.size(),
                                  to_abi(request.body),
                                  request.body_package,
                                  part_pointers.data(),
                                  part_pointers.size(),
                                  to_abi(request.idempotency_key),
                                  request.timeout_ms};
    Context<Head, Body> context{head, body, nullptr};
    const ferry_http_receiver receiver{sizeof receiver, 0, &context, Context<Head, Body>::on_response,
                                       Context<Head, Body>::on_body};
    const ferry_status status = http_->send(host_.abi(), call_.abi(), &wire, &receiver);
    if (context.thrown) std::rethrow_exception(context.thrown);
    call_.require(status, request.method + " " + request.url);
  }

 private:
  template <class Head, class Body>
  struct Context {
    Head& head;
    Body& body;
    std::exception_ptr thrown;

    static ferry_status on_response(void* user, const ferry_http_response* response) noexcept {
      return static_cast<Context*>(user)->guard([&](Context& self) {
        HttpResponse answer;
        answer.status = response->status;
        answer.url = to_view(response->url);
        if (FERRY_HAS_VALUE(response, content_length)) answer.content_length = response->content_length;
        for (std::size_t i = 0; i < response->header_count; ++i)
          answer.headers.emplace_back(to_view(response->headers[i].name), to_view(response->headers[i].value));
        self.head(std::move(answer));
      });
    }
    static ferry_status on_body(void* user, ferry_str piece) noexcept {
      return static_cast<Context*>(user)->guard([&](Context& self) { self.body(to_view(piece)); });
    }
    template <class Work>
    ferry_status guard(Work&& work) noexcept {
      try {
        work(*this);
        return FERRY_OK;
      } catch (...) {
        thrown = std::current_exception();
        return FERRY_CANCELLED;
      }
    }
  };

  Host host_;
  Call call_;
  const ferry_http* http_;
};

}  // namespace ferry
