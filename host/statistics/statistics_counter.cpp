#include <simdjson.h>

#include "host/base/failure.hpp"
#include "host/base/text.hpp"
#include "host/statistics/outcomes.hpp"
#include "host/statistics/statistics.hpp"

namespace ferry::host {
namespace {

// A fact may have a megabyte; what is kept of it is what a person reads, so that many facts do not fill the memory.
constexpr std::size_t longest_type = 200;
constexpr std::size_t longest_name = 1000;
constexpr std::size_t longest_message = 4000;
constexpr std::size_t most_types = 10'000;
constexpr std::uint64_t largest_count = 1'000'000'000'000;

[[noreturn]] void bad_fact(std::string_view fact, const std::string& what) {
  throw Failure(Fault::connector, "bad_fact",
                "it reported a fact that cannot be counted: " + what + ", in " + printable(shortened(fact, 120)));
}

void check_severity(std::string_view fact, std::string_view severity) {
  if (severity != "error" && severity != "warning" && severity != "notice")
    bad_fact(fact, "\"severity\" is none of error, warning, notice");
}

std::string text(const simdjson::dom::object& json, const char* name, std::size_t limit = longest_name) {
  std::string_view value;
  if (json[name].get(value) != simdjson::SUCCESS) return {};
  return shortened(value, limit);
}

}  // namespace

std::optional<Item> StatisticsCounter::count(std::string_view fact_json) {
  thread_local simdjson::dom::parser parser;
  simdjson::dom::object json;
  if (const auto error = parser.parse(fact_json.data(), fact_json.size()).get(json); error != simdjson::SUCCESS)
    bad_fact(fact_json, error == simdjson::INCORRECT_TYPE ? "it is no object" : simdjson::error_message(error));

  const std::string kind = text(json, "fact");
  if (kind == "problem") {
    Problem problem{text(json, "severity"), text(json, "type"), text(json, "id"),
                    text(json, "name"),     text(json, "code"), text(json, "message", longest_message)};
    check_severity(fact_json, problem.severity);
    if (problem.code.empty() || problem.message.empty())
      bad_fact(fact_json, "a problem needs \"code\" and \"message\"");
    add_problem(std::move(problem));
    return std::nullopt;
  }
  if (kind != "item") bad_fact(fact_json, "\"fact\" is neither item nor problem");

  Item item{text(json, "type"),
            text(json, "id"),
            text(json, "name"),
            text(json, "outcome"),
            1,
            text(json, "code"),
            text(json, "message", longest_message),
            text(json, "target_id")};
  if (item.type.empty()) bad_fact(fact_json, "\"type\" is missing");
  if (item.type.size() > longest_type) bad_fact(fact_json, "\"type\" is longer than 200 bytes");
  if (simdjson::dom::element count; json["count"].get(count) == simdjson::SUCCESS)
    if (count.get(item.count) != simdjson::SUCCESS || item.count > largest_count)
      bad_fact(fact_json, "\"count\" is no whole number of a size that can be");

  if (items_.size() >= most_types && !items_.contains(item.type))
    bad_fact(fact_json, "there are more than 10,000 types");
  OutcomeCounts& counts = items_[item.type];
  if (!only_delivered(item.outcome)) {
    const Outcome* found = nullptr;
    for (const Outcome& outcome : outcomes)
      if (outcome.word == item.outcome) found = &outcome;
    if (found == nullptr) bad_fact(fact_json, "the outcome \"" + item.outcome + "\" is unknown");
    counts.*found->field += item.count;
  }
  counts.total += item.count;

  if ((item.outcome == "skipped" || item.outcome == "failed") && item.count > 0) {
    if (item.code.empty()) item.code = "unexplained";
    if (item.message.empty()) item.message = "the connector gave no reason";
    std::string severity = text(json, "severity");
    if (severity.empty()) severity = item.outcome == "failed" ? "error" : "warning";
    check_severity(fact_json, severity);
    add_problem({severity, item.type, item.id, item.name, item.code, item.message});
  }
  return item;
}

void StatisticsCounter::add_problem(Problem problem) {
  if (problem.severity == "error") ++errors_;
  if (problems_.size() < most_problems)
    problems_.push_back(std::move(problem));
  else
    ++problems_left_out_;
}

std::vector<Problem> StatisticsCounter::problems() const {
  std::vector<Problem> all = problems_;
  if (problems_left_out_ > 0)
    all.push_back({errors_ > 0 ? "error" : "warning", "", "", "", "more_problems",
                   std::to_string(problems_left_out_) + " more problems are not listed here"});
  return all;
}

}  // namespace ferry::host
