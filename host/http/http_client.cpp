#include "host/http/http_client.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <optional>
#include <random>

#include "host/base/failure.hpp"
#include "host/base/text.hpp"
#include "host/http/allowed_hosts.hpp"
#include "host/http/answer_body.hpp"
#include "host/http/connection_pool.hpp"
#include "host/http/failure_text.hpp"
#include "host/http/proxy.hpp"
#include "host/http/rate_gate.hpp"
#include "host/http/request.hpp"
#include "host/http/request_body.hpp"
#include "host/http/retry_policy.hpp"
#include "host/http/sigpipe.hpp"
#include "host/http/tls.hpp"
#include "host/http/unpacker.hpp"

namespace ferry::host {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t worth_draining = 64u << 10;  // a longer body that nobody wants costs more than a new connection
constexpr milliseconds draining_patience{1'000};

std::string random_boundary() {
  unsigned char bytes[16];
  if (RAND_bytes(bytes, sizeof bytes) != 1)
    throw Failure(Fault::machine, "system", "this machine gives no random numbers, which a form's boundary needs");
  static constexpr char hex[] = "0123456789abcdef";
  std::string out = "ferry-";
  for (const unsigned char byte : bytes) {
    out += hex[byte >> 4];
    out += hex[byte & 15];
  }
  return out;
}

double system_random() {
  thread_local std::mt19937_64 generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0.0, 1.0)(generator);
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// The content coding ferry unpacks, or none.
enum class Packing { none, gzip, deflate };

Packing packing_of(const AnswerHead& head, const std::string& showable) {
  std::string coding = lower(header_value(head.headers, "Content-Encoding"));
  if (coding.empty() || coding == "identity") return Packing::none;
  if (coding == "gzip" || coding == "x-gzip") return Packing::gzip;
  if (coding == "deflate") return Packing::deflate;
  throw Failure(Fault::platform, "not_http",
                showable + ": the body is packed as \"" + printable(shortened(coding, 40)) +
                    "\", although only gzip was asked for; have the platform or a proxy on the way send it plain");
}

}  // namespace

class HttpClient::Impl {
 public:
  Impl(HttpSettings settings, Clock& clock, const Cancellation& cancellation, const Redactor& redactor,
       TransferCounts& counts, HttpLog log, HttpOutside outside)
      : settings_(std::move(settings)),
        clock_(clock),
        cancellation_(cancellation),
        redactor_(redactor),
        counts_(counts),
        log_(std::move(log)),
        outside_(std::move(outside)),
        base_(parse_url(settings_.base_url)),
        allowed_(base_, settings_.allowed_hosts),
        proxies_(settings_.http_proxy, settings_.https_proxy, settings_.no_proxy),
        waiting_(settings_.rate, clock_, cancellation_, counts_, outside_.waiting),
        gate_(settings_.rate, base_.origin(), waiting_) {
    if (!outside_.look_up) outside_.look_up = system_look_up;
    if (!outside_.random) outside_.random = system_random;
  }

  void send(const HttpExchange& exchange, HttpReceiver& receiver);

 private:
  // One request with its answer: delivered, or what to do next.
  struct Outcome {
    enum { delivered, redirected, repeat } what = delivered;
    int status = 0;
    std::string location;
    std::optional<milliseconds> wait;
  };
  // What send() is at, for decisions after a failure.
  struct Progress {
    bool request_begun = false, head_delivered = false;
  };

  Outcome perform(const HttpExchange&, const Request&, const RequestBody&, bool last, HttpReceiver&, Progress&);
  std::unique_ptr<HttpConnection> send_request(const HttpExchange&, const Request&, const RequestBody&, AnswerHead&,
                                               bool& sent_whole, Progress&);
  std::unique_ptr<HttpConnection> open(const Url&);
  void deliver(const Request&, const AnswerHead&, const AnswerBody&, HttpConnection&, HttpReceiver&, Progress&);
  static bool drain(HttpConnection&, const AnswerBody&);
  void follow(Request&, const Outcome&, int redirects);
  void pause(const Request&, const std::string& why, milliseconds wait, bool asked, int next);
  std::string described(const Request& request) const {
    return request.method() + " " + showable_url(request.url().text());
  }
  void log(int level, const std::string& message) const {
    if (log_) log_(level, redactor_.mask(message));
  }

  const HttpSettings settings_;
  Clock& clock_;
  const Cancellation& cancellation_;
  const Redactor& redactor_;
  TransferCounts& counts_;
  const HttpLog log_;
  HttpOutside outside_;
  const Url base_;
  const AllowedHosts allowed_;
  const ProxyRules proxies_;
  Waiting waiting_;
  RateGate gate_;
  std::unique_ptr<TlsTrust> trust_;  // made at the first https request: reading the system's authorities takes time
  ConnectionPool pool_;
};

void HttpClient::Impl::send(const HttpExchange& exchange, HttpReceiver& receiver) {
  const WithoutSigpipe guard;
  cancellation_.throw_if_cancelled();
  Url url = url_below(base_, exchange.url);
  if (!allowed_.allows(url))
    throw Failure(Fault::usage, "host_not_allowed",
                  exchange.method + " " + showable_url(url.text()) + ": the connection may not talk to " +
                      url.origin() + "; allowed are " + allowed_.text() +
                      ". Correct the connection's url, or add the host to the connection's allow_hosts");
  Request request(exchange, std::move(url));
  const RequestBody body(exchange, exchange.parts.empty() ? "" : random_boundary());

  int attempt = 1, redirects = 0;
  Progress progress;
  for (;;) {
    const bool last = exchange.no_retry || attempt >= settings_.max_attempts;
    milliseconds wait{0};
    bool asked = false;
    std::string why;
    try {
      progress.request_begun = false;
      const Outcome outcome = perform(exchange, request, body, last, receiver, progress);
      if (outcome.what == Outcome::delivered) return;
      if (outcome.what == Outcome::redirected) {
        follow(request, outcome, ++redirects);
        continue;
      }
      why = "answered " + std::to_string(outcome.status);
      asked = outcome.wait.has_value();
      wait = outcome.wait.value_or(milliseconds(0));
      waiting_.check(described(request), wait);
    } catch (const TransportError& error) {
      // A second full silence is enough: five would keep a person waiting for minutes.
      const bool patient = error.trouble() != Trouble::idle_timeout || attempt == 1;
      const bool again = !last && patient && (!progress.head_delivered || exchange.restartable) &&
                         may_repeat(repeatability(request.method(), exchange), error.trouble(), progress.request_begun);
      if (!again) throw failure_of(error, described(request), attempt);
      why = error.what();
    }
    ++attempt;
    if (wait.count() == 0) wait = backoff(attempt, settings_.backoff_base, settings_.backoff_cap, outside_.random());
    pause(request, why, wait, asked, attempt);
  }
}

HttpClient::Impl::Outcome HttpClient::Impl::perform(const HttpExchange& exchange, const Request& request,
                                                    const RequestBody& body, bool last, HttpReceiver& receiver,
                                                    Progress& progress) {
  RateGate::Pass pass = gate_.enter(request.url().origin(), described(request));
  const auto start = clock_.steady_now();
  const std::uint64_t sent_before = counts_.bytes_sent, received_before = counts_.bytes_received;
  AnswerHead head;
  bool sent_whole = true;
  std::unique_ptr<HttpConnection> connection;
  try {
    connection = send_request(exchange, request, body, head, sent_whole, progress);
  } catch (const TransportError&) {
    if (!progress.request_begun) pass.never_sent();
    throw;
  }
  pass.answered(head.status, head.headers);
  if (head.status == 429) counts_.rate_limited.fetch_add(1, std::memory_order_relaxed);
  const AnswerBody answer(head, request.method());

  Outcome outcome;
  outcome.status = head.status;
  outcome.location = header_value(head.headers, "Location");
  if (is_redirect(head.status) && !outcome.location.empty()) {
    outcome.what = Outcome::redirected;
  } else if (!last) {
    outcome.wait = asked_wait(head.headers, clock_.now_unix_ms());
    if (may_repeat(repeatability(request.method(), exchange), head.status, outcome.wait.has_value()) &&
        (!progress.head_delivered || exchange.restartable))
      outcome.what = Outcome::repeat;
  }
  bool reusable = answer.keeps_connection() && sent_whole;
  if (outcome.what == Outcome::delivered)
    deliver(request, head, answer, *connection, receiver, progress);
  else
    reusable = reusable && drain(*connection, answer);
  if (reusable && connection->buffered().empty())
    pool_.put(request.url().origin(), std::move(connection), clock_.steady_now());
  log(FERRY_LOG_DEBUG,
      described(request) + " -> " + std::to_string(head.status) + ", " + human_bytes(counts_.bytes_sent - sent_before) +
          " sent, " + human_bytes(counts_.bytes_received - received_before) + " received, " +
          std::to_string(std::chrono::duration_cast<milliseconds>(clock_.steady_now() - start).count()) + " ms");
  return outcome;
}

std::unique_ptr<HttpConnection> HttpClient::Impl::send_request(const HttpExchange& exchange, const Request& request,
                                                               const RequestBody& body, AnswerHead& head,
                                                               bool& sent_whole, Progress& progress) {
  const Repeatability repeats = repeatability(request.method(), exchange);
  std::unique_ptr<HttpConnection> connection =
      pool_.take(request.url().origin(), repeats.harmless, clock_.steady_now());
  bool kept = connection != nullptr;
  if (!kept) connection = open(request.url());
  for (;;) {
    connection->set_idle_timeout(exchange.idle_timeout.count() > 0 ? exchange.idle_timeout : settings_.idle_timeout);
    connection->begin_request();
    try {
      counts_.requests.fetch_add(1, std::memory_order_relaxed);
      const std::string bytes = request.head(body, proxies_.proxy_for(request.url())) +
                                std::string(request.has_body() ? body.first_text() : std::string_view());
      const bool more = request.has_body() && body.size() > body.first_text().size();
      try {
        sent_whole = connection->send(bytes, more) && (!more || body.send(*connection));
      } catch (const TransportError& error) {
        // A platform that refuses early may hang up on the rest; what it said is worth more than that it did.
        if (error.trouble() != Trouble::closed) throw;
        sent_whole = false;
        try {
          head = receive_head(*connection);
        } catch (const TransportError&) {
          throw error;
        }
      }
      progress.request_begun = true;
      if (head.status == 0) head = receive_head(*connection);
      while (head.status < 200) {
        if (head.status == 101)
          throw TransportError(Trouble::protocol, "the platform changes to another protocol, which was not asked for");
        head = receive_head(*connection);
      }
      return connection;
    } catch (const TransportError& error) {
      progress.request_begun = connection->request_begun();
      // A kept connection that had been closed meanwhile says nothing about the platform: not an attempt.
      if (!kept || error.trouble() != Trouble::closed || (progress.request_begun && !repeats.harmless)) throw;
      kept = false;
      head = AnswerHead();
      log(FERRY_LOG_DEBUG, described(request) + ": the kept connection was closed meanwhile; using a new one");
      connection = open(request.url());
    }
  }
}

std::unique_ptr<HttpConnection> HttpClient::Impl::open(const Url& url) {
  if (url.secure() && !trust_) trust_ = std::make_unique<TlsTrust>(settings_.verify_tls, settings_.ca_file);
  auto connection = std::make_unique<HttpConnection>(cancellation_, counts_);
  connection->open(url, proxies_.proxy_for(url), outside_.look_up, url.secure() ? trust_.get() : nullptr,
                   settings_.connect_timeout);
  return connection;
}

void HttpClient::Impl::deliver(const Request& request, const AnswerHead& head, const AnswerBody& answer,
                               HttpConnection& connection, HttpReceiver& receiver, Progress& progress) {
  HttpHead delivered{head.status, request.url().text(), head.headers, answer.announced()};
  const Packing packing = answer.none() ? Packing::none : packing_of(head, described(request));
  if (packing != Packing::none) {
    delivered.content_length = -1;
    std::erase_if(delivered.headers, [](const auto& header) {
      return same_name(header.first, "Content-Encoding") || same_name(header.first, "Content-Length");
    });
  }
  progress.head_delivered = true;
  receiver.on_head(delivered);
  const auto pass_on = [&](std::string_view piece) { receiver.on_body(piece); };
  if (packing == Packing::none) {
    answer.receive(connection, pass_on);
    return;
  }
  Unpacker unpacker(packing == Packing::gzip, settings_.max_unpack_ratio);
  answer.receive(connection, [&](std::string_view piece) { unpacker.write(piece, pass_on); });
  unpacker.finish();
}

bool HttpClient::Impl::drain(HttpConnection& connection, const AnswerBody& answer) {
  struct Enough {};
  std::uint64_t drained = 0;
  try {
    connection.set_idle_timeout(draining_patience);
    answer.receive(connection, [&](std::string_view piece) {
      drained += piece.size();
      if (drained > worth_draining) throw Enough();
    });
    return true;
  } catch (const Enough&) {
    return false;
  } catch (const TransportError&) {
    return false;
  }
}

void HttpClient::Impl::follow(Request& request, const Outcome& outcome, int redirects) {
  const std::string shown = described(request) + ": redirected (" + std::to_string(outcome.status) + ")";
  Url to;
  try {
    to = resolve_reference(request.url(), outcome.location);
  } catch (const Failure& failure) {
    throw Failure(Fault::platform, "bad_redirect",
                  shown + " to what is not a usable URL: " + failure.message() +
                      "; have the platform's address settings checked");
  }
  const std::string where = " to " + showable_url(to.text());
  if (redirects > settings_.max_redirects)
    throw Failure(
        Fault::platform, "too_many_redirects",
        shown + where + " after " + std::to_string(redirects - 1) +
            " redirects; check the connection's url and the credentials: a login that fails often goes in circles");
  if (request.url().secure() && !to.secure())
    throw Failure(
        Fault::platform, "insecure_redirect",
        shown + where + ", which is not encrypted, and not followed; have the platform's address settings corrected");
  if (!allowed_.allows(to))
    throw Failure(Fault::usage, "host_not_allowed",
                  shown + where + ", but the connection may only talk to " + allowed_.text() +
                      ". If the platform has moved, correct the connection's url; if that host belongs to it, add it "
                      "to the connection's allow_hosts");
  log(FERRY_LOG_DEBUG, shown + where);
  request.redirect(outcome.status, std::move(to), redactor_);
}

void HttpClient::Impl::pause(const Request& request, const std::string& why, milliseconds wait, bool asked, int next) {
  log(FERRY_LOG_WARNING, described(request) + ": " + why + "; attempt " + std::to_string(next) + " of " +
                             std::to_string(settings_.max_attempts) + " in " + human_duration(wait.count()));
  waiting_.wait(wait, asked);
  counts_.retries.fetch_add(1, std::memory_order_relaxed);
}

HttpClient::HttpClient(HttpSettings settings, Clock& clock, const Cancellation& cancellation, const Redactor& redactor,
                       TransferCounts& counts, HttpLog log, HttpOutside outside)
    : redactor_(redactor) {
  with_texts_masked([&] {
    impl_ = std::make_unique<Impl>(std::move(settings), clock, cancellation, redactor, counts, std::move(log),
                                   std::move(outside));
  });
}

HttpClient::~HttpClient() = default;

void HttpClient::send(const HttpExchange& exchange, HttpReceiver& receiver) {
  with_texts_masked([&] { impl_->send(exchange, receiver); });
}

template <typename Work>
void HttpClient::with_texts_masked(const Work& work) const {
  try {
    work();
  } catch (const Failure& failure) {
    // What needs no masking stays the object it is: it may be the receiver's own.
    const std::string masked = redactor_.mask(failure.message());
    if (masked == failure.message()) throw;
    throw Failure(failure.fault(), failure.code(), masked);
  }
}

}  // namespace ferry::host
