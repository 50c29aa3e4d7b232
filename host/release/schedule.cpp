#include "host/release/schedule.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace ferry::host {

Schedule::Schedule(const std::vector<ReleaseStep>& steps, std::vector<std::string> targets, Options options)
    : steps_(steps),
      targets_(std::move(targets)),
      options_(options),
      prepare_(steps.size(), State::open),
      apply_(steps.size(), State::open) {
  for (std::size_t i = 0; i < steps_.size(); ++i) early_.push_back(!depends_on_change(i));
}

std::size_t Schedule::index(const std::string& name) const {
  return static_cast<std::size_t>(
      std::find_if(steps_.begin(), steps_.end(), [&](const ReleaseStep& one) { return one.name == name; }) -
      steps_.begin());
}

// Would its preflight be of a state that another step, which it needs, changes first?
bool Schedule::depends_on_change(std::size_t step) const {
  const ReleaseStep& of = steps_[step];
  std::set<std::size_t> seen;
  std::vector<std::size_t> open = {step};
  while (!open.empty()) {
    const std::size_t at = open.back();
    open.pop_back();
    for (const std::string& need : steps_[at].needs) {
      const std::size_t needed = index(need);
      if (!seen.insert(needed).second) continue;
      open.push_back(needed);
      if (!steps_[needed].changes()) continue;
      if (!of.changes() || targets_[needed] == targets_[step] || steps_[needed].connection == of.from) return true;
    }
  }
  // What it waits for before its preflight has to be early itself.
  return std::any_of(of.needs.begin(), of.needs.end(), [&](const std::string& need) {
    const std::size_t needed = index(need);
    return !steps_[needed].changes() && depends_on_change(needed);
  });
}

void Schedule::carried_over(std::size_t step) { prepare_[step] = apply_[step] = State::well; }

bool Schedule::ended_well(std::size_t step) const {
  return prepare_[step] == State::well && (!changes(step) || apply_[step] == State::well);
}

bool Schedule::ended_badly(std::size_t step) const {
  return prepare_[step] == State::badly || apply_[step] == State::badly;
}

bool Schedule::blocked(std::size_t step) const {
  if (prepare_[step] != State::open) return false;
  return std::any_of(steps_[step].needs.begin(), steps_[step].needs.end(), [&](const std::string& need) {
    const std::size_t needed = index(need);
    return ended_badly(needed) || blocked(needed);
  });
}

bool Schedule::barrier_passed() const {
  for (std::size_t i = 0; i < steps_.size(); ++i)
    if (early_[i] && prepare_[i] != State::well && prepare_[i] != State::badly && !blocked(i)) return false;
  return true;
}

bool Schedule::may_prepare(std::size_t step) const {
  if (prepare_[step] != State::open || (!early_[step] && !barrier_passed())) return false;
  return std::all_of(steps_[step].needs.begin(), steps_[step].needs.end(), [&](const std::string& need) {
    const std::size_t needed = index(need);
    // Its preflight asks for nothing that the needed change brings: only its apply waits for that.
    if (early_[step] && steps_[needed].changes()) return !ended_badly(needed);
    return ended_well(needed);
  });
}

bool Schedule::may_apply(std::size_t step) const {
  if (!changes(step) || apply_[step] != State::open || prepare_[step] != State::well || !barrier_passed()) return false;
  for (std::size_t i = 0; i < steps_.size(); ++i)
    if (apply_[i] == State::running && targets_[i] == targets_[step]) return false;
  return std::all_of(steps_[step].needs.begin(), steps_[step].needs.end(),
                     [&](const std::string& need) { return ended_well(index(need)); });
}

bool Schedule::next(Unit& unit) {
  if (cancelled_) return false;
  const bool stop =
      !options_.continue_on_error && std::any_of(steps_.begin(), steps_.end(), [&](const ReleaseStep& step) {
        return ended_badly(static_cast<std::size_t>(&step - steps_.data()));
      });
  for (std::size_t i = 0; i < steps_.size(); ++i)
    // The other preflights are finished all the same: a person wants to know all that speaks against a release.
    if (may_prepare(i) && (!stop || early_[i])) {
      prepare_[i] = State::running;
      unit = {i, Part::prepare};
      return true;
    }
  if (stop) return false;
  for (std::size_t i = 0; i < steps_.size(); ++i)
    if (may_apply(i)) {
      apply_[i] = State::running;
      unit = {i, Part::apply};
      return true;
    }
  return false;
}

void Schedule::ended(const Unit& unit, bool well) {
  (unit.part == Part::prepare ? prepare_ : apply_)[unit.step] = well ? State::well : State::badly;
}

bool Schedule::finished() const {
  const auto running = [](State state) { return state == State::running; };
  if (std::any_of(prepare_.begin(), prepare_.end(), running) || std::any_of(apply_.begin(), apply_.end(), running))
    return false;
  Schedule copy = *this;
  Unit unit{};
  return !copy.next(unit);
}

std::string Schedule::stopped_by(std::size_t step) const {
  if (cancelled_) return "";
  std::set<std::size_t> seen;
  std::vector<std::size_t> open = {step};
  while (!open.empty()) {
    const std::size_t at = open.back();
    open.pop_back();
    for (const std::string& need : steps_[at].needs) {
      const std::size_t needed = index(need);
      if (ended_badly(needed)) return steps_[needed].name;
      if (seen.insert(needed).second) open.push_back(needed);
    }
  }
  for (std::size_t i = 0; i < steps_.size(); ++i)
    if (ended_badly(i)) return steps_[i].name;
  return "";
}

}  // namespace ferry::host
