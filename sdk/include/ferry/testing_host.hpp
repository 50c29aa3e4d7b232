// ferry/testing_host.hpp - the host functions as a test scripts them, each checking the contract: see testing.hpp.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "ferry/connector.h"
#include "ferry/error.hpp"
#include "ferry/json.hpp"
#include "ferry/sha256.hpp"
#include "ferry/testing_values.hpp"

namespace ferry::testing {

class Connector;

class FakeHost {
 public:
  std::map<std::string, std::string> secrets;  // configured ones
  std::map<std::string, std::string> state;
  std::set<std::string> masked;
  std::set<std::string> denied_services;  // ids that get_service does not know
  std::vector<LogLine> logs;
  std::vector<SentRequest> requests;
  std::int64_t now_unix_ms = 1'700'000'000'000;            // sleeping moves it on
  std::function<Reply(const SentRequest&)> answer_others;  // where no reply is scripted: a simulation, a real server

  FakeHost() = default;
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;

  // The next answer to that request; several are given in their order.
  FakeHost& on(std::string method, std::string url, Reply reply) {
    script_[{std::move(method), std::move(url)}].push_back(std::move(reply));
    return *this;
  }
  // The answer to that request whenever no other is scripted.
  FakeHost& always(std::string method, std::string url, Reply reply) {
    standing_[{std::move(method), std::move(url)}] = std::move(reply);
    return *this;
  }
  // Scripted answers nobody asked for.
  std::size_t unused_replies() const {
    std::size_t count = 0;
    for (const auto& [request, replies] : script_) count += replies.size();
    return count;
  }
  // The operation is cancelled with the n-th call of a host function from now on; 0: at once.
  void cancel_after(std::uint64_t host_calls) { calls_left_ = host_calls; }
  bool cancelled() const noexcept { return calls_left_ == 0; }

  const ferry_host* abi() const noexcept { return &table_; }

 private:
  friend class Connector;

  // One operation of the connector, from its call to its return.
  struct Running {
    FakeHost* host;
    Result* result;
    std::thread::id thread = std::this_thread::get_id();
    std::string last_error = {};
    bool failed = false;
    bool entry_begun = false;
    bool package_complete = false;  // its hash was asked for
    bool without_http = false;
    ferry_call table{};

    void violation(std::string text) const { result->violations.push_back(std::move(text)); }
    // Each host function that has the [call] tag begins with this; anything but FERRY_OK is to be returned.
    ferry_status enter(std::string_view function) {
      if (std::this_thread::get_id() != thread)
        violation(std::string(function) + " was called on another thread than the operation's");
      last_error.clear();
      if (host->calls_left_ != 0 && host->calls_left_ != endless) --host->calls_left_;
      return host->cancelled() ? refuse(FERRY_CANCELLED, "the operation was cancelled") : ferry_status{FERRY_OK};
    }
    ferry_status refuse(ferry_status status, std::string why) {
      last_error = std::move(why);
      return status;
    }
  };
  struct Reading {
    Running* running;
    const Package* package;
    std::string sha256, description;
    ferry_package_reader table;
  };

  static constexpr std::uint64_t endless = std::numeric_limits<std::uint64_t>::max();

  static FakeHost& self(const ferry_host* host) noexcept { return *static_cast<FakeHost*>(host->host_data); }
  static Running& run(const ferry_call* call) noexcept { return *static_cast<Running*>(call->host_data); }
  template <class Table>
  static Running& run(const Table* table) noexcept {
    return *static_cast<Running*>(table->host_data);
  }
  static std::string text(ferry_str value) { return std::string(to_view(value)); }
  // The value if it is JSON, else null and a violation.
  static Json json(Running& running, ferry_str value, std::string_view what) {
    try {
      return Json::parse(to_view(value));
    } catch (const JsonError& error) {
      running.violation(std::string(what) + " is no JSON: " + error.what());
      return Json();
    }
  }

  // ---- services
  static const void* get_service(const ferry_host* host, ferry_str id) noexcept {
    static constexpr ferry_log log{sizeof log, 0, write_log};
    static constexpr ferry_secret secret{sizeof secret, 0, get_secret, mask};
    static constexpr ferry_state state{sizeof state, 0, get_state, put_state, remove_state};
    static constexpr ferry_clock clock{sizeof clock, 0, now, sleep};
    static constexpr ferry_http http{sizeof http, 0, send};
    const std::string_view name = to_view(id);
    if (self(host).denied_services.contains(std::string(name))) return nullptr;
    if (name == FERRY_SERVICE_LOG) return &log;
    if (name == FERRY_SERVICE_SECRET) return &secret;
    if (name == FERRY_SERVICE_STATE) return &state;
    if (name == FERRY_SERVICE_CLOCK) return &clock;
    if (name == FERRY_SERVICE_HTTP) return &http;
    return nullptr;
  }
  static void write_log(const ferry_host* host, std::int32_t level, ferry_str message, ferry_str fields_json) {
    self(host).logs.push_back({level, text(message), text(fields_json)});
  }
  static ferry_status get_secret(const ferry_host* host, const ferry_call* call, ferry_str name, void* user,
                                 ferry_receive receive) {
    return give(run(call), "secret.get", self(host).secrets, name, user, receive);
  }
  static ferry_status mask(const ferry_host* host, const ferry_call* call, ferry_str value) {
    const ferry_status status = run(call).enter("secret.mask");
    if (status == FERRY_OK) self(host).masked.insert(text(value));
    return status;
  }
  static ferry_status get_state(const ferry_host* host, const ferry_call* call, ferry_str key, void* user,
                                ferry_receive receive) {
    return give(run(call), "state.get", self(host).state, key, user, receive);
  }
  static ferry_status give(Running& running, std::string_view function,
                           const std::map<std::string, std::string>& values, ferry_str key, void* user,
                           ferry_receive receive) {
    if (const ferry_status status = running.enter(function); status != FERRY_OK) return status;
    if (const auto found = values.find(text(key)); found != values.end()) receive(user, to_abi(found->second));
    return FERRY_OK;
  }
  static ferry_status put_state(const ferry_host* host, const ferry_call* call, ferry_str key, ferry_str value) {
    const ferry_status status = run(call).enter("state.put");
    if (key.size > 256 || value.size > 1024 * 1024) run(call).violation("state.put: the key or the value is too long");
    if (status == FERRY_OK) self(host).state[text(key)] = text(value);
    return status;
  }
  static ferry_status remove_state(const ferry_host* host, const ferry_call* call, ferry_str key) {
    const ferry_status status = run(call).enter("state.remove");
    if (status == FERRY_OK) self(host).state.erase(text(key));
    return status;
  }
  static std::int64_t now(const ferry_host* host) { return self(host).now_unix_ms; }
  static ferry_status sleep(const ferry_host* host, const ferry_call* call, std::int64_t milliseconds) {
    const ferry_status status = run(call).enter("clock.sleep_ms");
    if (status == FERRY_OK) self(host).now_unix_ms += std::max<std::int64_t>(0, milliseconds);
    return status;
  }
  static ferry_status send(const ferry_host* host, const ferry_call* call, const ferry_http_request* request,
                           const ferry_http_receiver* receiver) {
    Running& running = run(call);
    FakeHost& fake = self(host);
    const ferry_status entered = running.enter("http.send");
    if (entered != FERRY_OK && (request->flags & FERRY_HTTP_CLEAN_UP) == 0) return entered;
    if (running.without_http) {
      running.violation("inspect sent a request: it has to do without the platform");
      return running.refuse(FERRY_UNSUPPORTED, "HTTP is not granted to inspect");
    }
    SentRequest sent{text(request->method),          text(request->url), {}, text(request->body), {},
                     text(request->idempotency_key), request->flags};
    for (std::size_t i = 0; i < request->header_count; ++i)
      sent.headers.emplace_back(text(request->headers[i].name), text(request->headers[i].value));
    if (request->body_package != nullptr) sent.body = archive(request->body_package);
    for (std::size_t i = 0; i < request->part_count; ++i) {
      const ferry_http_part& part = *request->parts[i];
      sent.parts.push_back({text(part.name), text(part.file_name), text(part.content_type),
                            part.package != nullptr ? archive(part.package) : text(part.data)});
    }
    fake.requests.push_back(sent);

    Reply reply;
    const std::pair key(sent.method, sent.url);
    if (const auto scripted = fake.script_.find(key); scripted != fake.script_.end() && !scripted->second.empty()) {
      reply = std::move(scripted->second.front());
      scripted->second.pop_front();
    } else if (const auto standing = fake.standing_.find(key); standing != fake.standing_.end()) {
      reply = standing->second;
    } else if (fake.answer_others) {
      reply = fake.answer_others(sent);
    } else {
      running.violation("unexpected request: " + sent.method + " " + sent.url);
      return running.refuse(FERRY_TRANSIENT, sent.method + " " + sent.url + ": no answer is scripted");
    }
    if (reply.failure != FERRY_OK) return running.refuse(reply.failure, sent.method + " " + sent.url + ": no answer");

    std::vector<ferry_http_header> headers;
    for (const auto& [name, value] : reply.headers) headers.push_back({to_abi(name), to_abi(value)});
    const ferry_http_response response{sizeof response, reply.status,   to_abi(sent.url),
                                       headers.data(),  headers.size(), static_cast<std::int64_t>(reply.body.size())};
    if (FERRY_HAS(receiver, on_response))
      if (const ferry_status status = receiver->on_response(receiver->user, &response); status != FERRY_OK)
        return status;
    if (FERRY_HAS(receiver, on_body))
      for (const std::string_view piece : halves(reply.body))
        if (const ferry_status status = receiver->on_body(receiver->user, to_abi(piece)); status != FERRY_OK)
          return status;
    return FERRY_OK;
  }
  static std::vector<std::string_view> halves(std::string_view body) {
    if (body.size() < 2) return body.empty() ? std::vector<std::string_view>() : std::vector{body};
    return {body.substr(0, body.size() / 2), body.substr(body.size() / 2)};
  }
  static std::string archive(const ferry_package_reader* reader) {
    return static_cast<Reading*>(reader->host_data)->package->archive;
  }

  // ---- the call
  static std::int32_t is_cancelled(const ferry_call* call) noexcept { return run(call).host->cancelled() ? 1 : 0; }
  static void on_progress(const ferry_call* call, std::uint64_t, std::uint64_t, ferry_str note) {
    std::vector<std::string>& phases = run(call).result->progress;
    if (phases.empty() || phases.back() != to_view(note)) phases.push_back(text(note));
  }
  static ferry_status report(const ferry_call* call, ferry_str fact_json) {
    Running& running = run(call);
    running.enter("report");  // what was done is told also after a cancel
    if (fact_json.size > 1024 * 1024) running.violation("a fact is longer than 1 MiB");
    Json fact = json(running, fact_json, "a fact");
    check_fact(running, fact);
    running.result->facts.push_back(std::move(fact));
    return FERRY_OK;
  }
  static void check_fact(Running& running, const Json& fact) {
    static const std::set<std::string_view> outcomes = {"added",  "modified", "removed",  "unchanged", "skipped",
                                                        "failed", "unknown",  "exported", "read"};
    static const std::set<std::string_view> severities = {"error", "warning", "notice"};
    const auto need = [&](std::string_view member) {
      if (fact.text_or(member, "").empty())
        running.violation("a fact has no " + std::string(member) + ": " + fact.dump());
    };
    const std::string_view kind = fact.text_or("fact", "");
    const std::string_view outcome = fact.text_or("outcome", "");
    if (kind == "item") {
      need("type");
      if (!outcomes.contains(outcome)) running.violation("a fact has an unknown outcome: " + fact.dump());
      if (outcome == "skipped" || outcome == "failed") {
        need("code");
        need("message");
      }
    } else if (kind == "problem") {
      if (!severities.contains(fact.text_or("severity", "")))
        running.violation("a fact has an unknown severity: " + fact.dump());
      need("code");
      need("message");
    } else {
      running.violation("a fact is neither an item nor a problem: " + fact.dump());
    }
  }
  static void fail(const ferry_call* call, ferry_status status, ferry_str message, ferry_str detail_json) {
    Running& running = run(call);
    if (std::this_thread::get_id() != running.thread) running.violation("fail was called on another thread");
    if (running.failed) running.violation("fail was called twice; the second time: " + text(message));
    if (status == FERRY_OK) running.violation("fail was called with FERRY_OK");
    if (message.size == 0) running.violation("fail was called without a message");
    running.failed = true;
    running.result->message = text(message);
    running.result->detail_json = text(detail_json);
  }
  static ferry_str last_error(const ferry_call* call) noexcept { return to_abi(run(call).last_error); }

  // ---- records and packages
  static ferry_status write_batch(const ferry_sink* sink, ferry_str stream, const ferry_batch* batch) {
    Running& running = run(sink);
    if (const ferry_status status = running.enter("sink.write"); status != FERRY_OK) return status;
    if (batch->encoding != FERRY_ENCODING_JSON_LINES) running.violation("a batch has an unknown encoding");
    if (batch->data_size > 16 * 1024 * 1024) running.violation("a batch is longer than 16 MiB");
    std::string_view rest(static_cast<const char*>(batch->data), batch->data_size);
    std::vector<Json>& records = running.result->records[text(stream)];
    std::uint64_t count = 0;
    while (!rest.empty()) {
      const std::size_t end = rest.find('\n');
      if (end == std::string_view::npos) running.violation("the last line of a batch does not end");
      Json record = json(running, to_abi(rest.substr(0, end)), "a record");
      if (!record.is_object()) running.violation("a record is no object: " + record.dump());
      records.push_back(std::move(record));
      ++count;
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    }
    if (count != batch->count)
      running.violation("a batch says that it has " + std::to_string(batch->count) + " records and has " +
                        std::to_string(count));
    return FERRY_OK;
  }
  static ferry_status checkpoint(const ferry_sink* sink, ferry_str stream, ferry_str state_json) {
    Running& running = run(sink);
    if (const ferry_status status = running.enter("sink.checkpoint"); status != FERRY_OK) return status;
    running.result->checkpoints[text(stream)].push_back(json(running, state_json, "a checkpoint"));
    return FERRY_OK;
  }
  static ferry_status write_package(const ferry_package_writer* writer, const void* data, std::size_t size) {
    Running& running = run(writer);
    if (const ferry_status status = running.enter("package.write"); status != FERRY_OK) return status;
    if (running.package_complete) running.violation("an export writes more after it asked for the package's hash");
    Package& package = running.result->package;
    std::string& to = running.entry_begun ? package.entries.back().second : package.archive;
    if (size != 0) to.append(static_cast<const char*>(data), size);
    return FERRY_OK;
  }
  static ferry_status begin_entry(const ferry_package_writer* writer, ferry_str name) {
    Running& running = run(writer);
    if (const ferry_status status = running.enter("package.begin_entry"); status != FERRY_OK) return status;
    Package& package = running.result->package;
    const std::string entry = text(name);
    if (!package.archive.empty()) running.violation("an export writes both an archive and entries");
    if (entry.empty() || entry.front() == '/' || ("/" + entry + "/").find("/../") != std::string::npos ||
        entry.find('\\') != std::string::npos)
      running.violation("not a name for a package entry: \"" + entry + "\"");
    for (const auto& [other, content] : package.entries)
      if (other == entry) running.violation("two package entries have the name " + entry);
    package.entries.emplace_back(entry, "");
    running.entry_begun = true;
    return FERRY_OK;
  }
  static ferry_status describe_package(const ferry_package_writer* writer, ferry_str description_json) {
    Running& running = run(writer);
    if (const ferry_status status = running.enter("package.describe"); status != FERRY_OK) return status;
    running.result->package.description = json(running, description_json, "the description of the package");
    return FERRY_OK;
  }
  static ferry_status restart_package(const ferry_package_writer* writer) {
    Running& running = run(writer);
    if (const ferry_status status = running.enter("package.restart"); status != FERRY_OK) return status;
    running.result->package = Package();
    running.entry_begun = running.package_complete = false;
    return FERRY_OK;
  }
  static ferry_status hash_package(const ferry_package_writer* writer, char* hex) {
    Running& running = run(writer);
    if (const ferry_status status = running.enter("package.sha256"); status != FERRY_OK) return status;
    if (running.entry_begun) running.violation("an export asks for the hash of an archive and has begun entries");
    running.package_complete = true;
    sha256_hex(running.result->package.archive).copy(hex, 64);
    return FERRY_OK;
  }
  static Reading& reading(const ferry_package_reader* reader) noexcept {
    return *static_cast<Reading*>(reader->host_data);
  }
  static ferry_status read_at(const ferry_package_reader* reader, std::uint64_t offset, void* buffer,
                              std::size_t capacity, std::size_t* got) {
    *got = 0;
    if (const ferry_status status = reading(reader).running->enter("package.read_at"); status != FERRY_OK)
      return status;
    const std::string& archive = reading(reader).package->archive;
    if (offset < archive.size()) *got = archive.copy(static_cast<char*>(buffer), capacity, offset);
    return FERRY_OK;
  }
  static std::uint64_t entry_count(const ferry_package_reader* reader) noexcept {
    return reading(reader).package->entries.size();
  }
  static ferry_status entry_at(const ferry_package_reader* reader, std::uint64_t index, ferry_package_entry* entry) {
    Reading& in = reading(reader);
    if (const ferry_status status = in.running->enter("package.entry_at"); status != FERRY_OK) return status;
    if (index >= in.package->entries.size())
      return in.running->refuse(FERRY_BAD_DATA, "the package has no entry " + std::to_string(index));
    const auto& [name, content] = in.package->entries[index];
    entry->name = to_abi(name);
    entry->bytes = content.size();
    return FERRY_OK;
  }
  static ferry_status read_entry(const ferry_package_reader* reader, std::uint64_t index, void* user,
                                 ferry_status (*receive)(void*, const void*, std::size_t)) {
    Reading& in = reading(reader);
    if (const ferry_status status = in.running->enter("package.read_entry"); status != FERRY_OK) return status;
    if (index >= in.package->entries.size())
      return in.running->refuse(FERRY_BAD_DATA, "the package has no entry " + std::to_string(index));
    for (const std::string_view piece : halves(in.package->entries[index].second))
      if (const ferry_status status = receive(user, piece.data(), piece.size()); status != FERRY_OK) return status;
    return FERRY_OK;
  }

  std::map<std::pair<std::string, std::string>, std::deque<Reply>> script_;
  std::map<std::pair<std::string, std::string>, Reply> standing_;
  std::uint64_t calls_left_ = endless;
  ferry_host table_{sizeof table_, FERRY_ABI_MINOR, this, to_abi("ferry"), to_abi("0.0.0-test"), get_service};
};

}  // namespace ferry::testing
