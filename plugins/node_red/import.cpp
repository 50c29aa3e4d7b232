#include "import.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "plan.hpp"

namespace ferry::node_red {

namespace {

constexpr int most_attempts = 3;

// What deployments wrote whose answers were lost: if a later comparison finds it in place, it was us.
class Sent {
 public:
  void remember(std::unique_ptr<const Plan> plan) {
    plan_ = std::move(plan);
    for (const Decision& decision : plan_->comparison().decisions)
      if (decision.write)
        items_.emplace(std::pair(decision.artefact->type, decision.artefact->id),
                       Item{std::string(plan_->artefact(decision).name), decision.outcome});
  }
  // The plan of the last of them; nullptr: none, or a comparison has told what became of it.
  const Plan* unconfirmed() const noexcept { return plan_.get(); }
  void settle() noexcept { plan_.reset(); }
  std::string_view outcome(const Decision& decision) const {
    const auto found = items_.find({decision.artefact->type, decision.artefact->id});
    return decision.outcome == outcome::unchanged && found != items_.end() ? found->second.outcome : decision.outcome;
  }
  // What was removed and is compared no more.
  void report_removed(const Call& call, const Plan& plan) const {
    auto removed = items_;
    for (const Decision& decision : plan.comparison().decisions)
      removed.erase({decision.artefact->type, decision.artefact->id});
    for (const auto& [key, item] : removed)
      if (item.outcome == outcome::removed)
        call.item({.type = key.first, .outcome = item.outcome, .id = key.second, .name = item.name});
  }

 private:
  struct Item {
    std::string name;
    std::string_view outcome;
  };
  std::map<std::pair<std::string, std::string>, Item> items_;
  std::unique_ptr<const Plan> plan_;
};

// Node-RED gives credentials to nobody, so they are neither in packages nor in backups. Whoever promotes must know.
void tell_of_credentials(const Call& call, const Plan& plan) {
  std::size_t added = 0, removed = 0;
  for (const Decision& decision : plan.comparison().decisions) {
    added += decision.write && decision.outcome == outcome::added ? 1 : 0;
    removed += decision.write && decision.outcome == outcome::removed ? 1 : 0;
  }
  if (added > 0)
    call.problem({.severity = "notice",
                  .code = "credentials_not_moved",
                  .message = "Node-RED never gives credentials away: if the " + std::to_string(added) +
                             " added artefacts need some, enter them in the target's editor"});
  if (removed > 0)
    call.problem({.severity = "warning",
                  .code = "credentials_removed",
                  .message = "Node-RED never gives credentials away: those of the " + std::to_string(removed) +
                             " removed artefacts are in no backup and have to be entered again if they are put back"});
}

void report_notices(const Call& call, const Plan& plan) {
  for (const Notice& notice : plan.notices())
    call.problem({.severity = "warning",
                  .code = notice.code,
                  .message = notice.message,
                  .type = notice.artefact ? std::string_view(notice.artefact->type) : std::string_view(),
                  .id = notice.artefact ? std::string_view(notice.artefact->id) : std::string_view(),
                  .name = notice.artefact ? std::string_view(notice.artefact->name) : std::string_view()});
}

void report_item(const Call& call, const Plan& plan, const Decision& decision, std::string_view outcome) {
  const Artefact& artefact = plan.artefact(decision);
  call.item({.type = artefact.type,
             .outcome = outcome,
             .id = artefact.id,
             .name = artefact.name,
             .code = decision.code,
             .message = decision.message,
             .severity = decision.severity,
             .target_id = decision.target_id});
}

void report(const Call& call, const Plan& plan, const Sent& sent) {
  tell_of_credentials(call, plan);
  report_notices(call, plan);
  for (const Decision& decision : plan.comparison().decisions)
    report_item(call, plan, decision, sent.outcome(decision));
  sent.report_removed(call, plan);
  plan.comparison().throw_if_refused();
}

// What the last deployment was to write may be in place or not.
void report_unconfirmed(const Call& call, const Plan& plan, const Sent& sent) {
  report_notices(call, plan);
  for (const Decision& decision : plan.comparison().decisions)
    report_item(call, plan, decision, decision.write ? outcome::unknown : sent.outcome(decision));
  sent.report_removed(call, plan);
}

// Plans with what the target has installed, about which it is asked once, and only if something is to be written.
class Planner {
 public:
  Planner(Call call, const ImportRequest& request, const Package& package, AdminApi& api)
      : call_(call), request_(request), package_(package), api_(api) {}

  std::unique_ptr<const Plan> plan() {
    auto plan = std::make_unique<const Plan>(request_, package_, api_.flows(), types_ ? &*types_ : nullptr);
    if (asked_ || plan->comparison().refused() || plan->comparison().writes() == 0) return plan;
    asked_ = true;
    types_ = api_.node_types();
    if (!types_)
      call_.problem({.severity = "warning",
                     .code = "types_not_checked",
                     .message =
                         "whether the target has all node types installed could not be found out: the user needs "
                         "the right nodes.read"});
    else if (plan->writes_others_than(*types_))
      return std::make_unique<const Plan>(request_, package_, api_.flows(), &*types_);
    return plan;
  }

 private:
  Call call_;
  const ImportRequest& request_;
  const Package& package_;
  AdminApi& api_;
  std::optional<Plan::NodeTypes> types_;
  bool asked_ = false;
};

// A preview must not promise what the user may not do, as far as the user may know it.
void expect_write_right(const Call& call, AdminApi& api) {
  Rights rights;
  try {
    rights = api.rights();
  } catch (const Error& error) {
    if (error.status() == FERRY_AUTH) return;
    throw;
  }
  if (!rights.writes_flows)
    call.problem({.severity = "error",
                  .code = "read_only",
                  .message = (rights.username.empty() ? std::string("everybody") : "the user " + rights.username) +
                             " may read the flows but not write them: the import itself would be refused; grant "
                             "flows.write in adminAuth of Node-RED's settings.js, or use another user"});
}

// Until a deployment is answered or there is nothing to deploy; throws when it gives up.
void deploy_what_differs(Host host, Call call, const ImportRequest& request, const Package& package, AdminApi& api,
                         Sent& sent) {
  Planner planner(call, request, package, api);
  for (int attempt = 1; attempt <= most_attempts; ++attempt) {
    call.throw_if_cancelled();
    call.progress(0, 0, "read the target");
    std::unique_ptr<const Plan> plan = planner.plan();
    const bool nothing_to_do = plan->comparison().refused() || plan->comparison().writes() == 0;
    if (request.preview && !nothing_to_do) expect_write_right(call, api);
    if (request.preview || nothing_to_do) {
      sent.settle();
      return report(call, *plan, sent);
    }
    std::string body = plan->body();
    call.throw_if_cancelled();
    call.progress(0, 0, "deploy");
    switch (api.deploy(std::move(body))) {
      case AdminApi::Deployed::yes: sent.settle(); return report(call, *plan, sent);
      case AdminApi::Deployed::unknown:
        sent.remember(std::move(plan));
        host.warning("the answer to the deployment was lost, comparing again: " + api.lost_why());
        break;
      case AdminApi::Deployed::stale:
        host.info("the flows were changed by somebody else in the meantime, comparing again");
    }
  }
  if (sent.unconfirmed() != nullptr)
    throw Error(FERRY_TRANSIENT, "no answer says what became of it (" + api.lost_why() + ")");
  throw Error(FERRY_TRANSIENT, "somebody else changed the flows " + std::to_string(most_attempts) +
                                   " times while they were compared; nothing was written. Import again when the editor "
                                   "is quiet");
}

}  // namespace

void import_package(Host host, Call call, const ImportRequest& request, const Package& package, AdminApi& api,
                    const std::string& url) {
  Sent sent;
  try {
    deploy_what_differs(host, call, request, package, api, sent);
  } catch (const Error& error) {
    if (sent.unconfirmed() == nullptr) throw;
    report_unconfirmed(call, *sent.unconfirmed(), sent);
    throw Error(error.status(), "importing to " + url +
                                    ": the deployment was sent and may have been carried out, but it could not be "
                                    "confirmed: " +
                                    error.message() +
                                    "; look at Node-RED's log and import again: what is in place will be unchanged");
  }
}

}  // namespace ferry::node_red
