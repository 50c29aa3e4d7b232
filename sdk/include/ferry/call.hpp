// ferry/call.hpp - the operation in flight, seen from a connector: cancellation, progress, facts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "ferry/error.hpp"
#include "ferry/json.hpp"

namespace ferry {

// What became of one item; the words of the statistics format.
namespace outcome {
inline constexpr std::string_view added = "added", modified = "modified", removed = "removed", unchanged = "unchanged",
                                  skipped = "skipped", failed = "failed", unknown = "unknown", exported = "exported",
                                  read = "read";
}

struct ItemFact {
  std::string_view type, outcome;
  std::string_view id = {}, name = {};
  std::uint64_t count = 1;
  std::string_view code = {}, message = {};  // why; needed for skipped and failed
  std::string_view severity = {};            // of that problem; default: error for failed, warning for skipped
  std::string_view target_id = {};           // in an import, where the mapping sends it; left out where it is the id
};

struct ProblemFact {
  std::string_view severity;  // error, warning, notice
  std::string_view code, message;
  std::string_view type = {}, id = {}, name = {};
};

// A handle, cheap to copy. Valid until the operation returns.
class Call {
 public:
  explicit Call(const ferry_call* call) noexcept : call_(call) {}

  const ferry_call* abi() const noexcept { return call_; }
  std::string_view operation_id() const noexcept {
    return FERRY_HAS_VALUE(call_, operation_id) ? to_view(call_->operation_id) : std::string_view();
  }
  // 0: none.
  std::int64_t deadline_unix_ms() const noexcept {
    return FERRY_HAS_VALUE(call_, deadline_unix_ms) ? call_->deadline_unix_ms : 0;
  }

  bool cancelled() const noexcept { return FERRY_HAS(call_, cancelled) && call_->cancelled(call_) != 0; }
  void throw_if_cancelled() const {
    if (cancelled()) throw Error(FERRY_CANCELLED, "cancelled");
  }
  void progress(std::uint64_t done, std::uint64_t total, std::string_view phase) const noexcept {
    if (FERRY_HAS(call_, progress)) call_->progress(call_, done, total, to_abi(phase));
  }

  void item(const ItemFact& fact) const {
    std::string json = R"({"fact":"item","type":)";
    Json::append_quoted(json, fact.type);
    member(json, "outcome", fact.outcome);
    member(json, "id", fact.id);
    if (fact.target_id != fact.id) member(json, "target_id", fact.target_id);
    member(json, "name", fact.name);
    member(json, "code", fact.code);
    member(json, "message", clip(fact.message));
    member(json, "severity", fact.severity);
    if (fact.count != 1) json += ",\"count\":" + std::to_string(fact.count);
    report(json += '}');
  }
  void problem(const ProblemFact& fact) const {
    std::string json = R"({"fact":"problem","severity":)";
    Json::append_quoted(json, fact.severity);
    member(json, "code", fact.code);
    member(json, "message", clip(fact.message));
    member(json, "type", fact.type);
    member(json, "id", fact.id);
    member(json, "name", fact.name);
    report(json += '}');
  }

  // Throws unless a host function returned FERRY_OK; the text is the host's own.
  void require(ferry_status status, std::string_view what) const {
    if (status == FERRY_OK) return;
    std::string_view why = FERRY_HAS(call_, last_error) ? to_view(call_->last_error(call_)) : std::string_view();
    throw Error(status, why.empty() ? std::string(what) + " failed" : std::string(why));
  }

 private:
  // A message is for people: what a platform's error page adds beyond this helps nobody, and facts have a limit.
  static std::string_view clip(std::string_view message) noexcept {
    constexpr std::size_t limit = 16 * 1024;
    if (message.size() <= limit) return message;
    std::size_t end = limit;
    while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xC0) == 0x80) --end;
    return message.substr(0, end);
  }
  static void member(std::string& json, std::string_view name, std::string_view value) {
    if (value.empty()) return;
    json += ",\"";
    json += name;
    json += "\":";
    Json::append_quoted(json, value);
  }
  void report(const std::string& json) const {
    if (FERRY_HAS(call_, report)) require(call_->report(call_, to_abi(json)), "reporting a fact");
  }

  const ferry_call* call_;
};

}  // namespace ferry
