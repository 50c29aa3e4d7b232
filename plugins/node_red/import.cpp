#include "import.hpp"

#include <map>
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

void report(const Call& call, const Plan& plan, const Sent& sent) {
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

}  // namespace

void import_package(Host host, Call call, const ImportRequest& request, const Package& package, AdminApi& api,
                    const std::string& url) {
  Sent sent;
  bool lost = false;
  for (int attempt = 1; attempt <= most_attempts; ++attempt) {
    call.throw_if_cancelled();
    call.progress(0, 0, "read the target");
    const Plan plan(request, package, api.flows());
    if (request.preview || plan.comparison().refused() || plan.comparison().writes() == 0)
      return report(call, plan, sent);
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
