// Lets requests through as the accounts' budgets allow, and learns from the answers. One for each HttpClient.
//
// A wait that is longer than `waiting_after` is told (RateSettings), so that the run can be shown as waiting; one that
// is longer than `longest_wait` is Failure(platform, rate_limited). Throws Failure(cancelled) while waiting,
// Failure(machine) of the budget.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "host/base/cancellation.hpp"
#include "host/base/clock.hpp"
#include "host/http/answer_head.hpp"
#include "host/http/http_client.hpp"
#include "host/http/rate_budget.hpp"

namespace ferry::host {

// What an exchange waits for, besides the network: counted, told, bounded.
class Waiting {
 public:
  Waiting(const RateSettings& settings, Clock& clock, const Cancellation& cancellation, TransferCounts& counts,
          HttpWait told)
      : settings_(settings), clock_(clock), cancellation_(cancellation), counts_(counts), told_(std::move(told)) {}

  // what: "GET https://host/path", for the failure.
  void check(const std::string& what, std::chrono::milliseconds) const;
  // for_limit: because the platform asked to, or its limit does.
  void wait(std::chrono::milliseconds, bool for_limit);
  Clock& clock() const { return clock_; }

 private:
  const RateSettings& settings_;
  Clock& clock_;
  const Cancellation& cancellation_;
  TransferCounts& counts_;
  const HttpWait told_;
};

class RateGate {
 public:
  // own_origin: the one for which limits are declared.
  RateGate(const RateSettings& settings, std::string own_origin, Waiting& waiting)
      : settings_(settings), own_origin_(std::move(own_origin)), waiting_(waiting) {}

  // One request on its way. Ends when the object does.
  class Pass {
   public:
    Pass(Pass&&) noexcept;
    Pass& operator=(Pass&&) = delete;
    ~Pass();
    void answered(int status, const HttpHeaders&);
    void never_sent() { counts_ = false; }

   private:
    friend class RateGate;
    Pass(RateBudget& budget, const RateLimit& declared, const Clock& clock, std::int64_t number)
        : budget_(&budget), declared_(declared), clock_(clock), number_(number) {}
    RateBudget* budget_;
    const RateLimit& declared_;
    const Clock& clock_;
    std::int64_t number_;
    bool counts_ = true;  // until it is answered: it may have reached the platform
  };

  // Waits until a request to that origin may go. what: for the failure.
  Pass enter(const std::string& origin, const std::string& what);

 private:
  RateBudget& budget_of(const std::string& origin);
  const RateLimit& declared_for(const std::string& origin) const;

  const RateSettings& settings_;
  const std::string own_origin_;
  Waiting& waiting_;
  std::map<std::string, std::unique_ptr<RateBudget>> budgets_;
};

}  // namespace ferry::host
