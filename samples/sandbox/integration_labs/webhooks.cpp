#include "samples/sandbox/integration_labs/webhooks.hpp"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/URI.h>

#include <algorithm>
#include <istream>
#include <memory>

#include "samples/sandbox/core/environment.hpp"
#include "samples/sandbox/core/seeded.hpp"
#include "samples/sandbox/integration_labs/models.hpp"

namespace sandbox::integration_labs {
namespace {

constexpr int retries = 3;
constexpr std::size_t most_messages = 10'000;
constexpr std::chrono::milliseconds pulse_interval{20};

bool among(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

Deliveries::Deliveries(std::int64_t first_pause_ms, std::function<void()> pulse)
    : first_pause_(first_pause_ms), pulse_(std::move(pulse)) {}

Deliveries::~Deliveries() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Deliveries::start() {
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
}

void Deliveries::post(std::string url, std::vector<std::pair<std::string, std::string>> headers, std::string body) {
  const std::lock_guard lock(mutex_);
  if (messages_.size() >= most_messages) {
    ++given_up_;
    return;
  }
  messages_.push_back({std::move(url), std::move(headers), std::move(body)});
  changed_.notify_all();
}

std::map<std::string, std::int64_t> Deliveries::counters() const {
  const std::lock_guard lock(mutex_);
  return {{"webhooks_delivered", delivered_}, {"webhook_attempts", attempts_}, {"webhooks_given_up", given_up_}};
}

void Deliveries::run() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    lock.unlock();
    pulse_();
    lock.lock();
    const auto now = std::chrono::steady_clock::now();
    const auto due = std::find_if(messages_.begin(), messages_.end(), [&](const Message& m) { return m.due <= now; });
    if (due == messages_.end()) {
      changed_.wait_for(lock, pulse_interval);
      continue;
    }
    Message message = std::move(*due);
    messages_.erase(due);
    ++attempts_;
    lock.unlock();
    const bool taken = deliver(message);
    lock.lock();
    if (taken) {
      ++delivered_;
    } else if (message.attempts == retries) {
      ++given_up_;
    } else {
      message.due = std::chrono::steady_clock::now() + first_pause_ * (1 << message.attempts);
      ++message.attempts;
      messages_.push_front(std::move(message));
    }
  }
}

bool Deliveries::deliver(const Message& message) {
  try {
    const Poco::URI uri(message.url);
    std::unique_ptr<Poco::Net::HTTPClientSession> session;
    if (uri.getScheme() == "https")
      session = std::make_unique<Poco::Net::HTTPSClientSession>(
          uri.getHost(), uri.getPort(),
          new Poco::Net::Context(Poco::Net::Context::TLS_CLIENT_USE, "", Poco::Net::Context::VERIFY_NONE));
    else
      session = std::make_unique<Poco::Net::HTTPClientSession>(uri.getHost(), uri.getPort());
    session->setTimeout(Poco::Timespan(2, 0));
    const std::string path = uri.getPathAndQuery();
    Poco::Net::HTTPRequest request("POST", path.empty() ? "/" : path, "HTTP/1.1");
    for (const auto& [name, value] : message.headers) request.set(name, value);
    request.setContentType("application/json");
    request.setContentLength64(static_cast<Poco::Int64>(message.body.size()));
    session->sendRequest(request) << message.body;
    Poco::Net::HTTPResponse response;
    session->receiveResponse(response);
    return response.getStatus() >= 200 && response.getStatus() < 300;
  } catch (const Poco::Exception&) {
    return false;
  }
}

void Webhook::read(const json::Object& from) {
  if (json::has(from, "name")) name = json::string(from, "name");
  if (json::has(from, "type")) type = json::string(from, "type");
  if (json::has(from, "url")) url = json::string(from, "url");
  if (json::has(from, "operations")) operations = json::texts(from, "operations");
  if (json::has(from, "data_models")) data_models = json::texts(from, "data_models");
  if (const json::Object given = json::child(from, "headers")) headers = given;
  if (!url.starts_with("http://") && !url.starts_with("https://")) throw BadRequest{"url must be an http or https URL"};
  if (type != "DATA_MODEL_CHANGES" && type != "CONNECTION_CHANGED" && type != "SYNC_COMPLETED")
    throw BadRequest{
        "type must be DATA_MODEL_CHANGES, CONNECTION_CHANGED or "
        "SYNC_COMPLETED"};
  for (const std::string& operation : operations)
    if (operation != "CREATE" && operation != "UPDATE" && operation != "DELETE")
      throw BadRequest{"operations must be CREATE, UPDATE or DELETE"};
  for (const std::string& model : data_models)
    if (find_model(model) == nullptr) throw BadRequest{"the data model " + model + " is unknown"};
}

json::Object Webhook::to_json() const {
  return json::object({{"id", id},
                       {"headers", headers},
                       {"operations", json::strings(operations)},
                       {"data_models", json::strings(data_models)},
                       {"name", name},
                       {"created_at", iso_time(created_at)},
                       {"type", type},
                       {"url", url}});
}

// No operations or models named: all of them. [inferred]
bool Webhook::wants(std::string_view what, std::string_view operation, std::string_view data_model) const {
  return type == what && (operation.empty() || operations.empty() || among(operations, operation)) &&
         (data_model.empty() || data_models.empty() || among(data_models, data_model));
}

}  // namespace sandbox::integration_labs
