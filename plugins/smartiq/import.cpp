#include "import.hpp"

#include <map>
#include <string>

namespace ferry::smartiq {

namespace {

constexpr int most_attempts = 3;

// What of the plan is in the target, by a look at it after the import.
class Verdict {
 public:
  // taken: the platform said so; then what cannot be seen is believed.
  Verdict(const Plan& plan, Target after, bool taken) : plan_(&plan), after_(std::move(after)), taken_(taken) {
    for (const Artefact& artefact : after_.artefacts) by_id_[{artefact.type, artefact.id}] = &artefact;
    for (const Decision& decision : plan.comparison().decisions) {
      if (!decision.write) continue;
      ++writes_;
      if (!missing(decision).empty()) ++missing_;
    }
  }

  std::size_t missing() const noexcept { return missing_; }
  bool nothing_applied() const noexcept { return missing_ == writes_; }

  // Why it cannot be said to be there; "" if it can.
  std::string missing(const Decision& decision) const {
    const Artefact* there = find(decision);
    if (there == nullptr) return "it is not in the target after the import";
    if (decision.existing == nullptr || there->hash == plan_->expected(decision)) return {};
    if (there->hash != decision.existing->hash) return {};
    if (!after_.detail(there->id).hides) return "the target has it as it was before the import";
    return taken_ ? "" : "the target does not show all of it, and no answer says that it was imported";
  }
  bool differs(const Decision& decision) const {
    const Artefact* there = find(decision);
    return there != nullptr && there->hash != plan_->expected(decision) && !after_.detail(there->id).hides;
  }

 private:
  const Artefact* find(const Decision& decision) const {
    const auto found = by_id_.find({decision.artefact->type, decision.target_id});
    return found == by_id_.end() ? nullptr : found->second;
  }

  const Plan* plan_;
  Target after_;
  bool taken_;
  std::map<std::pair<std::string, std::string>, const Artefact*> by_id_;
  std::size_t writes_ = 0, missing_ = 0;
};

void report(const Call& call, const Plan& plan, const Verdict* verdict) {
  plan.report_notices();
  for (const Decision& decision : plan.comparison().decisions) {
    ItemFact fact{.type = decision.artefact->type,
                  .outcome = decision.outcome,
                  .id = decision.artefact->id,
                  .name = plan.name(decision),
                  .code = decision.code,
                  .message = decision.message,
                  .severity = decision.severity};
    std::string missing;
    if (decision.write && verdict != nullptr) {
      missing = verdict->missing(decision);
      if (!missing.empty()) {
        fact.outcome = outcome::failed;
        fact.code = "not_applied";
        fact.message = missing;
      } else if (verdict->differs(decision)) {
        call.problem({.severity = "warning",
                      .code = "differs_after_import",
                      .message = "the target has it with other content than the package after the import: the platform "
                                 "changed it, or somebody else did",
                      .type = fact.type,
                      .id = fact.id,
                      .name = fact.name});
      }
    }
    call.item(fact);
  }
  plan.comparison().throw_if_refused();
}

Verdict look(const Call& call, const Plan& plan, AdminApi& api, AdminApi::Imported imported) {
  call.progress(0, 0, "verify");
  return Verdict(plan, digest(read_environment(api, call), plan.hidden()), imported == AdminApi::Imported::yes);
}

}  // namespace

Pack read_environment(AdminApi& api, const Call& call) {
  call.throw_if_cancelled();
  std::vector<std::string> ids;
  for (const Listed& project : api.projects()) ids.push_back(project.id);
  return Pack::parse(api.export_pack(ids, export_options(Json::object())), "exporting from " + api.url());
}

void import_package(Host host, const Call& call, const ImportRequest& request, Plan& plan, AdminApi& api) {
  call.progress(0, 0, "read the target");
  const Target before = digest(read_environment(api, call), plan.hidden());
  plan.compare_with(before);
  if (request.preview || plan.comparison().refused() || plan.comparison().writes() == 0)
    return report(call, plan, nullptr);

  std::string body = plan.body();
  for (int attempt = 1;; ++attempt) {
    call.throw_if_cancelled();
    call.progress(0, body.size(), "import");
    const AdminApi::Imported imported = api.import_pack(body);
    Verdict verdict = look(call, plan, api, imported);
    // No answer came: it may still be at work, so it gets time before it is asked a second time.
    for (int wait = 1; imported == AdminApi::Imported::unknown && verdict.nothing_applied() && wait <= 2; ++wait) {
      host.warning("no answer says what became of the import (" + api.why() + "); looking at the target again");
      host.sleep_ms(call, wait * 1'000);
      verdict = look(call, plan, api, imported);
    }
    const bool lost = imported == AdminApi::Imported::unknown && verdict.nothing_applied();
    if (lost && attempt < most_attempts) continue;
    report(call, plan, &verdict);
    if (imported != AdminApi::Imported::yes && verdict.nothing_applied())
      throw Error(lost ? FERRY_TRANSIENT : FERRY_REMOTE,
                  "importing to " + api.url() + ": nothing of what was to be written is in the target; " + api.why());
    if (imported != AdminApi::Imported::yes && verdict.missing() > 0)
      call.problem({.severity = "error",
                    .code = "import_incomplete",
                    .message = "the import ended before all of it was done: " + api.why() + "; import again"});
    return;
  }
}

}  // namespace ferry::smartiq
