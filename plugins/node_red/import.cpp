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
  void remember(const Plan& plan) {
    for (const Decision& decision : plan.comparison().decisions)
      if (decision.write)
        items_.emplace(std::pair(decision.artefact->type, decision.artefact->id),
                       Item{std::string(plan.artefact(decision).name), decision.outcome});
  }
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

void report(const Call& call, const Plan& plan, const Sent& sent) {
  tell_of_credentials(call, plan);
  for (const Notice& notice : plan.notices())
    call.problem({.severity = "warning",
                  .code = notice.code,
                  .message = notice.message,
                  .type = notice.artefact ? std::string_view(notice.artefact->type) : std::string_view(),
                  .id = notice.artefact ? std::string_view(notice.artefact->id) : std::string_view(),
                  .name = notice.artefact ? std::string_view(notice.artefact->name) : std::string_view()});
  for (const Decision& decision : plan.comparison().decisions) {
    const Artefact& artefact = plan.artefact(decision);
    call.item({.type = artefact.type,
               .outcome = sent.outcome(decision),
               .id = artefact.id,
               .name = artefact.name,
               .code = decision.code,
               .message = decision.message,
               .severity = decision.severity});
  }
  sent.report_removed(call, plan);
  plan.comparison().throw_if_refused();
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

}  // namespace

void import_package(Host host, Call call, const ImportRequest& request, const Package& package, AdminApi& api,
                    const std::string& url) {
  Sent sent;
  Planner planner(call, request, package, api);
  bool lost = false;
  for (int attempt = 1; attempt <= most_attempts; ++attempt) {
    call.throw_if_cancelled();
    call.progress(0, 0, "read the target");
    const std::unique_ptr<const Plan> made = planner.plan();
    const Plan& plan = *made;
    const bool nothing_to_do = plan.comparison().refused() || plan.comparison().writes() == 0;
    if (request.preview && !nothing_to_do) expect_write_right(call, api);
    if (request.preview || nothing_to_do) return report(call, plan, sent);
    call.throw_if_cancelled();
    call.progress(0, 0, "deploy");
    const AdminApi::Deployed deployed = api.deploy(plan.body());
    if (deployed == AdminApi::Deployed::yes) return report(call, plan, sent);
    lost = deployed == AdminApi::Deployed::unknown;
    if (lost) {
      sent.remember(plan);
      host.warning("the answer to the deployment was lost, comparing again: " + api.lost_why());
    } else {
      host.info("the flows were changed by somebody else in the meantime, comparing again");
    }
  }
  if (lost)
    throw Error(FERRY_TRANSIENT, "importing to " + url + ": the deployment was sent " + std::to_string(most_attempts) +
                                     " times and no answer says what became of it (" + api.lost_why() +
                                     "); look at Node-RED's log and import again: what is in place will be unchanged");
  throw Error(FERRY_TRANSIENT,
              "importing to " + url + ": somebody else changed the flows " + std::to_string(most_attempts) +
                  " times while they were compared; nothing was written. Import again when the editor is quiet");
}

}  // namespace ferry::node_red
