#include "host/sync/sync_plan.hpp"

#include <algorithm>
#include <limits>

#include "host/base/failure.hpp"

namespace ferry::host {
namespace {

const ModelState* find_state(const std::vector<ModelState>& states, const std::string& model) {
  const auto found =
      std::find_if(states.begin(), states.end(), [&](const ModelState& state) { return state.model == model; });
  return found == states.end() ? nullptr : &*found;
}

bool is_due(const ModelSync& settings, const ModelState* state, std::int64_t now) {
  return due(settings, state == nullptr ? LastRun{} : last_run_of(*state), now).now;
}

PlannedModel plan_model(const CatalogStream& stream, const ModelSync& settings, const std::string& from, SyncMode mode,
                        const ModelState* state, std::int64_t now) {
  PlannedModel planned{stream, settings, {}, ReadKind::changes, false, false};
  planned.read.stream = stream.name;
  const std::string checkpoint = state != nullptr ? state->checkpoint : "";
  if (mode == SyncMode::sweep) {
    planned.read.mode = "identities";
    planned.kind = ReadKind::sweep;
    planned.by_absence = true;
    return planned;
  }
  const std::string date = !from.empty() ? from : mode != SyncMode::full && checkpoint.empty() ? settings.from : "";
  if (!date.empty() && !stream.cursor.empty()) {
    planned.read.mode = "from";
    planned.read.from = date;
    return planned;
  }
  const bool open = state != nullptr && state->generation_open;
  const bool full = mode == SyncMode::full || stream.cursor.empty() || checkpoint.empty() || open ||
                    due(settings.full_every, state->last_full_at, now).now;
  if (!full) {
    planned.read.mode = "incremental";
    planned.read.checkpoint = checkpoint;
    planned.read.overlap_ms = settings.overlap.count();
    return planned;
  }
  planned.by_absence = stream.removals != "never";
  planned.kind = planned.by_absence ? ReadKind::full : ReadKind::changes;
  planned.resume = open && planned.by_absence;
  if (planned.resume) planned.read.checkpoint = checkpoint;
  return planned;
}

}  // namespace

LastRun last_run_of(const ModelState& state) {
  const std::uint64_t failures = state.failures + (state.last_result == "running" ? 1 : 0);
  return {state.last_started_at, state.last_finished_at, state.last_result,
          static_cast<unsigned>(std::min<std::uint64_t>(failures, std::numeric_limits<unsigned>::max()))};
}

SyncPlan plan_sync(const SyncRequest& request, const SyncSettings& settings, const StreamCatalog& catalog,
                   const std::vector<ModelState>& states, std::int64_t now) {
  SyncPlan plan;
  bool any_model = false, any_frequency = false;
  const auto add = [&](const CatalogStream& stream, const std::string& from) {
    const ModelSync model = settings.model(stream.name);
    any_model = true;
    any_frequency = any_frequency || model.every;
    const ModelState* state = find_state(states, stream.name);
    if (request.only_due && !is_due(model, state, now)) return;
    plan.models.push_back(plan_model(stream, model, from, request.mode, state, now));
    if (state != nullptr && state->table_gone)
      plan.notices.push_back({"notice", stream.name, "", "", "table_gone",
                              "its table " + state->table + " was dropped; it is made again and read from nothing"});
  };
  const auto no_sweep = [&](const CatalogStream& stream) {
    return request.mode == SyncMode::sweep && !stream.identities;
  };
  for (const SyncModel& wanted : request.models) {
    const CatalogStream& stream = catalog.stream(wanted.name);
    if (!stream.readable)
      throw Failure(Fault::usage, "unreadable_model",
                    stream.name + " is not read by itself: it stands inside the records of other data models");
    if (no_sweep(stream))
      throw Failure(
          Fault::usage, "unsupported_mode",
          "the identities of " + stream.name + " cannot be read alone; --mode full finds what was removed there");
    if (!wanted.from.empty() && stream.cursor.empty())
      throw Failure(Fault::usage, "unsupported_mode",
                    stream.name + " cannot be read from a date on: nothing in it tells what is new");
    add(stream, wanted.from);
  }
  const auto note_frequency = [&] {
    if (!request.only_due || !any_model || any_frequency) return;
    plan.notices.push_back(
        {"notice", "", "", "", "no_frequency",
         (request.models.empty() ? "no data model of " + request.connection
                                 : "none of the data models that are named") +
             " has a frequency, so none is ever due: write every: 15m (or hourly, daily, cron \"0 6 * * 1-5\") under "
             "connections." +
             request.connection + ".sync or under one of its models, or leave out --due"});
  };
  if (!request.models.empty()) {
    note_frequency();
    return plan;
  }
  // A misspelt one is never synced, and nobody knows.
  for (const auto& [name, model] : settings.models) catalog.stream(name, model.place);
  std::uint64_t without_sweep = 0;
  for (const CatalogStream& stream : catalog.streams()) {
    if (!stream.readable || !stream.enabled || !settings.model(stream.name).enabled) continue;
    if (no_sweep(stream))
      ++without_sweep;
    else
      add(stream, "");
  }
  if (without_sweep > 0)
    plan.notices.push_back({"notice", "", "", "", "no_sweep",
                            "the identities of " + std::to_string(without_sweep) +
                                " models cannot be read alone; --mode full finds what was removed there"});
  note_frequency();
  std::stable_sort(plan.models.begin(), plan.models.end(), [](const PlannedModel& left, const PlannedModel& right) {
    return left.settings.priority > right.settings.priority;
  });
  return plan;
}

}  // namespace ferry::host
