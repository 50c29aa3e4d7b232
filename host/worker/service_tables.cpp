#include "host/worker/service_tables.hpp"

#include <algorithm>

#include "ferry/json.hpp"
#include "host/base/text.hpp"
#include "host/worker/border.hpp"
#include "host/worker/connector_tables.hpp"

namespace ferry::host {
namespace {

constexpr std::size_t longest_key = 256;
constexpr std::size_t largest_value = 1u << 20;
constexpr std::chrono::hours longest_exchange{24};

HostTable& self(const ferry_host* host) { return *static_cast<HostTable*>(host->host_data); }
WorkerSession& session_of(const ferry_host* host) { return self(host).session(); }

void write_log(const ferry_host* host, int32_t level, ferry_str message, ferry_str fields) noexcept {
  try {
    session_of(host).log(std::clamp<int32_t>(level, FERRY_LOG_DEBUG, FERRY_LOG_ERROR), text_of(message),
                         text_of(fields));
  } catch (...) {  // a log line that cannot be written is lost; the operation goes on
  }
}

ferry_status get_secret(const ferry_host* host, const ferry_call*, ferry_str name, void* user,
                        ferry_receive receive) noexcept {
  WorkerSession& session = session_of(host);
  return guarded(session, [&] {
    const std::string wanted(text_of(name));
    const auto& granted = session.start().granted_secrets;
    if (std::find(granted.begin(), granted.end(), wanted) == granted.end())
      throw Failure(
          Fault::usage, "unsupported",
          "the secret \"" + printable(wanted) + "\" is not in the connector's manifest (permissions.secrets)");
    if (const auto found = session.start().secrets.find(wanted); found != session.start().secrets.end())
      receive(user, str_of(found->second));
  });
}

ferry_status mask_secret(const ferry_host* host, const ferry_call*, ferry_str value) noexcept {
  return guarded(session_of(host), [&] { session_of(host).mask(text_of(value)); });
}

void check_state(const WorkerSession& session, std::string_view key, std::string_view value) {
  const auto refuse = [](const std::string& what) { throw Failure(Fault::connector, "bad_state", what); };
  if (key.empty() || key.size() > longest_key || value.size() > largest_value)
    refuse("it used the state service beyond its bounds (keys of 1 to 256 bytes, values of at most 1 MiB)");
  if (valid_utf8(key) != key || valid_utf8(value) != value)
    refuse("it used the state service with what is no UTF-8 text");
  if (session.redactor().mask(key) != key || session.redactor().mask(value) != value)
    refuse("it tried to keep a secret in the state service, which is not encrypted");
}

// Asks the host's state service; its answer.
Json ask(WorkerSession& session, std::string_view what, std::string_view key, std::string_view value = {}) {
  check_state(session, key, value);
  std::string request = R"({"do":)";
  Json::append_quoted(request, what);
  Json::append_quoted(request += R"(,"key":)", key);
  Json::append_quoted(request += R"(,"value":)", value);
  Json answer;
  try {
    answer = Json::parse(session.ask(request += '}'));
  } catch (const JsonError& error) {
    throw Failure(Fault::machine, "state",
                  std::string("ferry answered its worker with what is no JSON: ") + error.what());
  }
  if (answer.find("error") != nullptr) throw Failure(Fault::machine, "state", std::string(answer.text_or("error", "")));
  return answer;
}

ferry_status get_state(const ferry_host* host, const ferry_call*, ferry_str key, void* user,
                       ferry_receive receive) noexcept {
  return guarded(session_of(host), [&] {
    const Json answer = ask(session_of(host), "state_get", text_of(key));
    if (answer.bool_or("found", false)) receive(user, str_of(answer.text_or("value", "")));
  });
}

ferry_status put_state(const ferry_host* host, const ferry_call*, ferry_str key, ferry_str value) noexcept {
  return guarded(session_of(host), [&] { ask(session_of(host), "state_put", text_of(key), text_of(value)); });
}

ferry_status remove_state(const ferry_host* host, const ferry_call*, ferry_str key) noexcept {
  return guarded(session_of(host), [&] { ask(session_of(host), "state_remove", text_of(key)); });
}

int64_t now_unix_ms(const ferry_host* host) noexcept { return session_of(host).clock().now_unix_ms(); }

ferry_status sleep_ms(const ferry_host* host, const ferry_call*, int64_t milliseconds) noexcept {
  return guarded(session_of(host), [&] {
    session_of(host).sleep(std::chrono::milliseconds(std::clamp<int64_t>(milliseconds, 0, 86'400'000)));
  });
}

struct ReceiverStopped {
  ferry_status status;
};

// Hands an answer to the connector's receiver. While ferry waits for the platform, which its own timeouts bound, the
// connector does not count as hung; while its receiver works, it does.
class ConnectorReceiver final : public HttpReceiver {
 public:
  ConnectorReceiver(WorkerSession& session, const ferry_http_receiver* receiver)
      : session_(session), receiver_(receiver) {
    session_.set_busy(longest_exchange);
  }
  ~ConnectorReceiver() { session_.set_busy(std::chrono::milliseconds(0)); }
  ConnectorReceiver(const ConnectorReceiver&) = delete;
  ConnectorReceiver& operator=(const ConnectorReceiver&) = delete;

  void on_head(const HttpHead& head) override {
    if (!FERRY_HAS(receiver_, on_response)) return;
    std::vector<ferry_http_header> headers;
    headers.reserve(head.headers.size());
    for (const auto& [name, value] : head.headers) headers.push_back({str_of(name), str_of(value)});
    const ferry_http_response response{sizeof response, head.status,    str_of(head.url),
                                       headers.data(),  headers.size(), head.content_length};
    hand_over([&] { return receiver_->on_response(receiver_->user, &response); });
  }
  void on_body(std::string_view piece) override {
    if (FERRY_HAS(receiver_, on_body)) hand_over([&] { return receiver_->on_body(receiver_->user, str_of(piece)); });
  }

 private:
  template <class Work>
  void hand_over(Work&& work) {
    session_.set_busy(std::chrono::milliseconds(0));
    if (const ferry_status status = work(); status != FERRY_OK) throw ReceiverStopped{status};
    session_.set_busy(longest_exchange);
  }

  WorkerSession& session_;
  const ferry_http_receiver* receiver_;
};

HttpExchange exchange_of(const ferry_http_request& request) {
  HttpExchange exchange;
  exchange.method = text_of(request.method);
  exchange.url = text_of(request.url);
  for (size_t i = 0; i < request.header_count; ++i)
    exchange.headers.emplace_back(text_of(request.headers[i].name), text_of(request.headers[i].value));
  if (request.body_package != nullptr)
    exchange.body = file_body(request.body_package);
  else
    exchange.body = text_of(request.body);
  for (size_t i = 0; i < request.part_count; ++i) {
    const ferry_http_part& part = *request.parts[i];
    HttpFormPart form{std::string(text_of(part.name)), std::string(text_of(part.file_name)),
                      std::string(text_of(part.content_type)), text_of(part.data)};
    if (part.package != nullptr) form.content = file_body(part.package);
    exchange.parts.push_back(std::move(form));
  }
  exchange.idempotency_key = text_of(request.idempotency_key);
  exchange.repeatable = (request.flags & FERRY_HTTP_REPEATABLE) != 0;
  exchange.restartable = (request.flags & FERRY_HTTP_RESTARTABLE) != 0;
  exchange.no_retry = (request.flags & FERRY_HTTP_NO_RETRY) != 0;
  exchange.idle_timeout = std::chrono::milliseconds(request.timeout_ms);
  return exchange;
}

ferry_status send_http(const ferry_host* host, const ferry_call*, const ferry_http_request* request,
                       const ferry_http_receiver* receiver) noexcept {
  ferry_status stopped = FERRY_OK;
  const ferry_status status = guarded(session_of(host), [&] {
    if (request == nullptr || !FERRY_HAS_VALUE(request, timeout_ms))
      throw Failure(Fault::connector, "bad_request", "it sent an HTTP request whose table is too small");
    session_of(host).flush_facts();  // what was said before a request is known even if the connector crashes after it
    ConnectorReceiver connector_receiver(session_of(host), receiver);
    try {
      const bool clean_up = (request->flags & FERRY_HTTP_CLEAN_UP) != 0 && session_of(host).cancellation().cancelled();
      HttpSender& http = clean_up ? self(host).clean_up_http() : self(host).http();
      HttpExchange exchange = exchange_of(*request);
      if (clean_up) exchange.idle_timeout = std::chrono::milliseconds(0);
      http.send(exchange, connector_receiver);
    } catch (const ReceiverStopped& stop) {
      stopped = stop.status;
    }
  });
  return status != FERRY_OK ? status : stopped;
}

constexpr ferry_log log_table{sizeof log_table, 0, write_log};
constexpr ferry_secret secret_table{sizeof secret_table, 0, get_secret, mask_secret};
constexpr ferry_state state_table{sizeof state_table, 0, get_state, put_state, remove_state};
constexpr ferry_clock clock_table{sizeof clock_table, 0, now_unix_ms, sleep_ms};
constexpr ferry_http http_table{sizeof http_table, 0, send_http};

}  // namespace

const void* service_table(const WorkerStart& start, std::string_view id) noexcept {
  if (id == FERRY_SERVICE_LOG) return &log_table;
  if (id == FERRY_SERVICE_SECRET) return &secret_table;
  if (id == FERRY_SERVICE_STATE) return &state_table;
  if (id == FERRY_SERVICE_CLOCK) return &clock_table;
  if (id == FERRY_SERVICE_HTTP && start.http) return &http_table;
  return nullptr;
}

}  // namespace ferry::host
