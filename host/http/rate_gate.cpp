#include "host/http/rate_gate.hpp"

#include <algorithm>

#include "host/base/digest.hpp"
#include "host/base/failure.hpp"
#include "host/base/text.hpp"
#include "host/http/limit_signals.hpp"
#include "host/http/retry_policy.hpp"

namespace ferry::host {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds between_looks{20};  // for a place among the concurrent ones

}  // namespace

void Waiting::check(const std::string& what, milliseconds wait) const {
  if (wait <= settings_.longest_wait) return;
  throw Failure(Fault::platform, "rate_limited",
                what + ": the platform's rate limit asks to wait until " +
                    rfc3339(clock_.now_unix_ms() + wait.count()) + " (" + human_duration(wait.count()) +
                    "), longer than the " + human_duration(settings_.longest_wait.count()) +
                    " that are waited for (rate_limit.longest_wait); run it again then");
}

void Waiting::wait(milliseconds duration, bool for_limit) {
  const bool tell = for_limit && told_ && duration >= settings_.waiting_after;
  const auto start = clock_.steady_now();
  const auto count = [&](milliseconds waited) {
    counts_.throttled_ms.fetch_add(static_cast<std::uint64_t>(waited.count()), std::memory_order_relaxed);
  };
  if (tell) told_(clock_.now_unix_ms() + duration.count());
  try {
    clock_.sleep(duration, cancellation_);
  } catch (const Failure&) {
    count(std::chrono::duration_cast<milliseconds>(clock_.steady_now() - start));
    throw;
  }
  count(duration);
  if (tell) told_(0);
}

const RateLimit& RateGate::declared_for(const std::string& origin) const {
  static const RateLimit none;
  return origin == own_origin_ ? settings_.declared : none;
}

RateBudget& RateGate::budget_of(const std::string& origin) {
  std::unique_ptr<RateBudget>& budget = budgets_[origin];
  if (!budget) {
    std::filesystem::path file;
    if (!settings_.directory.empty())
      file = std::filesystem::path(settings_.directory) / Sha256::of(settings_.account + "\n" + origin).substr(0, 32);
    budget = std::make_unique<RateBudget>(file);
  }
  return *budget;
}

RateGate::Pass RateGate::enter(const std::string& origin, const std::string& what) {
  using Place = RateBudget::Place;
  RateBudget& budget = budget_of(origin);
  const RateLimit& declared = declared_for(origin);
  for (;;) {
    milliseconds wait{0};
    std::int64_t number = 0;
    bool crowded = false;
    budget.use([&](RateState& state) {
      crowded = declared.concurrent > 0 && budget.others(Place::open) >= declared.concurrent;
      wait = crowded
                 ? between_looks
                 : RateModel(state, declared).take(waiting_.clock().now_unix_ms(), budget.others(Place::unanswered));
      if (wait.count() > 0) return;
      number = state.grants;
      budget.take(Place::unanswered);
      if (declared.concurrent > 0) budget.take(Place::open);
    });
    if (wait.count() == 0) return Pass(budget, declared, waiting_.clock(), number);
    waiting_.check(what, wait);
    waiting_.wait(wait, !crowded);
  }
}

RateGate::Pass::Pass(Pass&& other) noexcept
    : budget_(std::exchange(other.budget_, nullptr)),
      declared_(other.declared_),
      clock_(other.clock_),
      number_(other.number_),
      counts_(other.counts_) {}

void RateGate::Pass::answered(int status, const HttpHeaders& headers) {
  counts_ = false;
  budget_->use([&](RateState& state) {
    budget_->give_back(RateBudget::Place::unanswered);
    const std::int64_t now = clock_.now_unix_ms();
    RateModel(state, declared_)
        .answered(now, number_, budget_->others(RateBudget::Place::unanswered), status, limit_signals(headers, now),
                  asked_wait(headers, now));
  });
}

RateGate::Pass::~Pass() {
  if (budget_ == nullptr) return;
  try {
    if (counts_) budget_->use([&](RateState& state) { RateModel(state, declared_).lost(clock_.now_unix_ms()); });
  } catch (const Failure&) {  // the limit is known a little less well; the exchange has its end already
  }
  budget_->give_back(RateBudget::Place::unanswered);
  budget_->give_back(RateBudget::Place::open);
}

}  // namespace ferry::host
