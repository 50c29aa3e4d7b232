// ferry/comparing.hpp - what an import would do: a package's artefacts compared with those of its target.
//
//   Comparison plan = compare(package, target, request, package_is_complete);
//   report(call, plan.warnings);
//   for (const Decision& decision : plan.decisions) { if (decision.write && !request.preview) ...; report(call,
//   decision); } plan.throw_if_refused();
//
// Every artefact of the package gets exactly one decision, in the package's order; with prune so does every artefact
// that only the target has, after those. A preview takes the same decisions and withholds the writes. Rules:
//   - Identity is id and name. An id the target has: same content is unchanged, other content follows the policy.
//   Another
//     name under that id counts as other content and is a "renamed" warning.
//   - An id the target does not have, while something of that type and name stands there under an id the package does
//     not have, is a name_conflict and skipped. A mapping resolves it: the content goes to the mapped id, and
//     Comparison::ids tells what references are to be rewritten to.
//   - What would be written with a reference to nothing is skipped as dangling_reference, and so is what refers to
//   that.
//   - Prune removes what the package does not have, unless something that stays refers to it (still_referenced).
//   - Policy abort and anything that exists with other content: the comparison is refused and nothing is to be written.
// Error(FERRY_BAD_CONFIG): a mapping that cannot be used. Error(FERRY_REFUSED): prune with an incomplete package.
// Error(FERRY_BAD_DATA), Error(FERRY_REMOTE): two artefacts with one id, in the package or in the target.
// A Comparison borrows the artefacts. Linear in the number of artefacts and references.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <functional>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ferry/artefact.hpp"
#include "ferry/call.hpp"
#include "ferry/requests.hpp"
#include "ferry/selection.hpp"

namespace ferry {

// What ids of the package are in the target: the same, except where the request maps them.
class IdMap {
 public:
  using Ids = std::map<std::string, std::string, std::less<>>;  // in the package -> in the target
  using ByType = std::map<std::string, Ids, std::less<>>;

  bool empty() const noexcept { return by_type_.empty(); }
  const ByType& by_type() const noexcept { return by_type_; }
  std::string_view target(std::string_view type, std::string_view id) const {
    const std::string* found = find(type, id);
    return found == nullptr ? id : std::string_view(*found);
  }
  // Is the artefact mapped, or anything it refers to? Then its content has to be rewritten.
  bool touches(const Artefact& artefact) const {
    if (find(artefact.type, artefact.id) != nullptr) return true;
    return std::any_of(artefact.references.begin(), artefact.references.end(),
                       [&](const Reference& reference) { return find(reference.type, reference.id) != nullptr; });
  }
  void add(const Artefact& source, const Artefact& target) {
    const auto [entry, added] = by_type_[source.type].emplace(source.id, target.id);
    if (!added && entry->second != target.id)
      throw Error(FERRY_BAD_CONFIG, "the mapping sends " + describe(source) + " to two targets: " + entry->second +
                                        " and " + target.id + "; keep one of them");
  }

 private:
  const std::string* find(std::string_view type, std::string_view id) const {
    const auto ids = by_type_.find(type);
    if (ids == by_type_.end()) return nullptr;
    const auto found = ids->second.find(id);
    return found == ids->second.end() ? nullptr : &found->second;
  }
  ByType by_type_;
};

struct Decision {
  const Artefact* artefact;            // of the package; with prune, of the target
  const Artefact* existing = nullptr;  // what the target has under target_id
  std::size_t item = 0;                // position of artefact in the package; with prune, in the target
  bool extra = false;                  // prune: only the target has it
  std::string_view outcome = {};       // ferry::outcome
  bool write = false;                  // create, replace or remove it in the target
  std::string target_id = {};          // where the content belongs
  std::string code = {}, message = {};
  std::string_view severity = {};  // of skipped: warning where the request asked for it, error where it got in the way
};

struct Warning {
  const Artefact* artefact;
  std::string code, message;
};

struct Comparison {
  std::vector<Decision> decisions;
  std::vector<Warning> warnings;
  IdMap ids;
  std::string refusal;  // not empty: nothing is to be written, for this reason

  bool refused() const noexcept { return !refusal.empty(); }
  std::size_t writes() const noexcept {
    std::size_t count = 0;
    for (const Decision& decision : decisions) count += decision.write ? 1 : 0;
    return count;
  }
  void throw_if_refused() const {
    if (refused()) throw Error(FERRY_REFUSED, refusal);
  }
};

// The hash of an artefact's content after its own id and its references went through the map. Called for artefacts
// that the map touches: without it a mapped artefact is compared by the hash of its unmapped content.
using Rehash = std::function<std::string(std::size_t item, const IdMap& ids)>;

// What the connector itself will not write, by position in the package: content the platform could not run, ids taken
// by something else. Such an item is skipped for that reason where it would be written, with what needs it.
struct Rejection {
  std::string code, message;
};
using Rejections = std::map<std::size_t, Rejection>;

namespace detail {

class Comparer {
 public:
  Comparer(std::span<const Artefact> package, std::span<const Artefact> target, const ImportRequest& request)
      : package_(package, "the package", FERRY_BAD_DATA),
        target_(target, "the target", FERRY_REMOTE),
        request_(request) {}

  Comparison compare(const Rehash& rehash, const Rejections& rejections) {
    resolve_mapping();
    place();
    for (std::size_t i = 0; i < package_.artefacts().size(); ++i) classify(i, rehash);
    for (const auto& [item, rejection] : rejections)
      if (Decision& decision = out_.decisions.at(item); decision.write)
        skip(decision, rejection.code, rejection.message);
    if (differing_ > 0 && request_.policy == Policy::abort) {
      refuse();
    } else {
      skip_dangling();
      if (request_.prune) prune();
    }
    return std::move(out_);
  }

 private:
  static constexpr std::size_t nobody = std::numeric_limits<std::size_t>::max();

  void resolve_mapping() {
    for (const Mapping& mapping : request_.mapping) {
      const std::string asked =
          "mapping " + (mapping.type.empty() ? "" : mapping.type + "/") + mapping.source + "=" + mapping.target;
      const Artefact& source =
          package_.artefacts()[find_one(package_, mapping.type, mapping.source, asked, "the package")];
      const Artefact& target = target_.artefacts()[find_one(target_, source.type, mapping.target, asked, "the target")];
      out_.ids.add(source, target);
    }
  }
  // Where each artefact of the package belongs in the target.
  void place() {
    const std::span<const Artefact> package = package_.artefacts();
    out_.decisions.reserve(package.size());
    placed_.reserve(package.size());
    for (std::size_t i = 0; i < package.size(); ++i) {
      const std::string_view id = out_.ids.target(package[i].type, package[i].id);
      Decision& decision =
          out_.decisions.emplace_back(Decision{.artefact = &package[i], .item = i, .target_id = std::string(id)});
      if (const auto found = target_.find(package[i].type, id)) decision.existing = &target_.artefacts()[*found];
      const auto [other, added] = placed_.emplace(ArtefactKey{package[i].type, id}, i);
      if (!added)
        throw Error(FERRY_BAD_CONFIG, "the mapping sends both " + describe(package[other->second]) + " and " +
                                          describe(package[i]) + " to " + decision.target_id +
                                          "; map them to different targets");
    }
  }

  void classify(std::size_t item, const Rehash& rehash) {
    Decision& decision = out_.decisions[item];
    const Artefact& artefact = *decision.artefact;
    if (decision.existing == nullptr) {
      if (const auto conflict = name_conflict(artefact); !conflict.empty())
        skip(decision, "name_conflict", conflict);
      else
        decide(decision, outcome::added, true);
      return;
    }
    const Artefact& existing = *decision.existing;
    const bool touched = rehash && out_.ids.touches(artefact);
    const bool renamed = artefact.name != existing.name;
    if (renamed && decision.target_id == artefact.id)
      out_.warnings.push_back({&artefact, "renamed",
                               artefact.type + " " + artefact.id + " is called \"" + existing.name +
                                   "\" in the target and \"" + artefact.name + "\" in the package"});
    if (!renamed && (touched ? rehash(item, out_.ids) : artefact.hash) == existing.hash)
      return decide(decision, outcome::unchanged, false);
    ++differing_;
    switch (request_.policy) {
      case Policy::replace:
      case Policy::add_version: return decide(decision, outcome::modified, true);
      case Policy::skip:
        return skip(decision, skipped_by_policy, "the target has it with other content, which stays as it is");
      case Policy::abort:
        return skip(decision, skipped_by_policy,
                    "the target has it with other content; choose whether to replace or to skip what exists");
    }
  }
  // The text of the conflict, or "".
  std::string name_conflict(const Artefact& artefact) {
    if (artefact.name.empty()) return {};
    std::string text;
    for (const std::size_t found : target_.named(artefact.type, artefact.name)) {
      const Artefact& other = target_.artefacts()[found];
      if (placed_.contains({other.type, other.id})) continue;
      conflicts_.emplace(found, &artefact);
      if (text.empty())
        text = "the target has " + artefact.type + " \"" + artefact.name + "\" under the id " + other.id +
               ", the package under " + artefact.id + "; --map " + artefact.type + "/" + artefact.id + "=" + other.id +
               " makes them one";
    }
    return text;
  }

  void refuse() {
    std::string examples;
    std::size_t shown = 0;
    for (const Decision& decision : out_.decisions)
      if (decision.code == "exists" && shown < 3) examples += (shown++ == 0 ? "" : ", ") + describe(*decision.artefact);
    if (differing_ > shown) examples += ", ...";
    out_.refusal = "nothing was imported: the target has " + std::to_string(differing_) +
                   (differing_ == 1 ? " item" : " items") + " of the package with other content (" + examples +
                   "); choose whether to replace or to skip what exists";
    for (Decision& decision : out_.decisions)
      if (decision.write) skip(decision, skipped_by_refusal, "not written, because the import was refused");
    if (request_.prune)
      for_each_extra([&](std::size_t, Decision& decision) {
        skip(decision, skipped_by_refusal, "not removed, because the import was refused");
      });
  }

  void skip_dangling() {
    std::unordered_map<std::size_t, std::vector<std::size_t>> dependents;  // of what is added
    std::vector<std::size_t> open;
    const auto dangles = [&](std::size_t item, const Reference& reference, std::string_view why) {
      Decision& decision = out_.decisions[item];
      skip(decision, "dangling_reference",
           "it refers to " + reference.type + " " + reference.id + ", which is " + std::string(why));
      if (decision.existing == nullptr) open.push_back(item);
    };
    const std::vector<bool> skipped_before = skipped();
    for (std::size_t i = 0; i < out_.decisions.size(); ++i) {
      if (!out_.decisions[i].write) continue;
      for (const Reference& reference : out_.decisions[i].artefact->references) {
        const std::string_view id = out_.ids.target(reference.type, reference.id);
        if (target_.find(reference.type, id)) continue;
        const auto in_package = placed_.find({reference.type, id});
        if (in_package == placed_.end()) {
          dangles(i, reference, "neither in the target nor in the package");
          break;
        }
        if (skipped_before[in_package->second]) {
          dangles(i, reference, "itself skipped (" + out_.decisions[in_package->second].code + ")");
          break;
        }
        dependents[in_package->second].push_back(i);
      }
    }
    while (!open.empty()) {
      const std::size_t gone = open.back();
      open.pop_back();
      const auto found = dependents.find(gone);
      if (found == dependents.end()) continue;
      const Artefact& artefact = *out_.decisions[gone].artefact;
      for (const std::size_t dependent : found->second)
        if (out_.decisions[dependent].write)
          dangles(dependent, {artefact.type, artefact.id}, "itself skipped (dangling_reference)");
    }
  }
  std::vector<bool> skipped() const {
    std::vector<bool> out(out_.decisions.size());
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = out_.decisions[i].outcome == outcome::skipped;
    return out;
  }

  void prune() {
    std::unordered_map<std::size_t, std::size_t> extras;  // position in the target -> decision
    std::vector<std::size_t> open;                        // decisions on extras that stay
    const std::size_t package_size = out_.decisions.size();
    for_each_extra([&](std::size_t position, Decision& decision) {
      extras.emplace(position, out_.decisions.size() - 1);
      if (const auto conflict = conflicts_.find(position); conflict != conflicts_.end()) {
        skip(decision, "name_conflict",
             "it shares its name with " + conflict->second->type + " " + conflict->second->id +
                 " of the package and stays until that conflict is resolved");
        open.push_back(out_.decisions.size() - 1);
      } else {
        decide(decision, outcome::removed, true);
      }
    });
    const auto keep = [&](const Artefact& who, std::string_view type, std::string_view id) {
      const auto position = target_.find(type, id);
      if (!position) return;
      const auto extra = extras.find(*position);
      if (extra == extras.end() || !out_.decisions[extra->second].write) return;
      skip(out_.decisions[extra->second], "still_referenced", describe(who) + " refers to it and stays");
      open.push_back(extra->second);
    };
    for (std::size_t i = 0; i < package_size; ++i) {
      const Decision& decision = out_.decisions[i];
      if (decision.write) {
        for (const Reference& reference : decision.artefact->references)
          keep(*decision.artefact, reference.type, out_.ids.target(reference.type, reference.id));
      } else if (decision.existing != nullptr) {
        for (const Reference& reference : decision.existing->references)
          keep(*decision.existing, reference.type, reference.id);
      }
    }
    while (!open.empty()) {
      const Artefact& stays = *out_.decisions[open.back()].artefact;
      open.pop_back();
      for (const Reference& reference : stays.references) keep(stays, reference.type, reference.id);
    }
  }

  // What only the target has, each with a new decision at the end of the list.
  template <class Work>
  void for_each_extra(Work&& work) {
    const std::span<const Artefact> target = target_.artefacts();
    for (std::size_t i = 0; i < target.size(); ++i)
      if (!placed_.contains({target[i].type, target[i].id}))
        work(i,
             out_.decisions.emplace_back(Decision{
                 .artefact = &target[i], .existing = &target[i], .item = i, .extra = true, .target_id = target[i].id}));
  }
  static void decide(Decision& decision, std::string_view outcome, bool write) {
    decision.outcome = outcome;
    decision.write = write;
  }
  static constexpr const char* skipped_by_policy = "exists";
  static constexpr const char* skipped_by_refusal = "refused";

  static void skip(Decision& decision, std::string code, std::string message) {
    decide(decision, outcome::skipped, false);
    decision.severity = code == skipped_by_policy || code == skipped_by_refusal ? "warning" : "error";
    decision.code = std::move(code);
    decision.message = std::move(message);
  }

  ArtefactIndex package_, target_;
  const ImportRequest& request_;
  std::unordered_map<ArtefactKey, std::size_t, ArtefactKeyHash> placed_;  // id in the target -> position in the package
  std::unordered_map<std::size_t, const Artefact*> conflicts_;            // position in the target -> whose name it has
  std::size_t differing_ = 0;
  Comparison out_;
};

}  // namespace detail

// package_is_complete: it was exported as everything its connection had ("complete" of the package's description).
inline Comparison compare(std::span<const Artefact> package, std::span<const Artefact> target,
                          const ImportRequest& request, bool package_is_complete, const Rehash& rehash = {},
                          const Rejections& rejections = {}) {
  if (request.prune && !package_is_complete)
    throw Error(FERRY_REFUSED,
                "prune would remove what this package does not have, but the package holds only a selection; export "
                "everything, or import without prune");
  return detail::Comparer(package, target, request).compare(rehash, rejections);
}
// Artefacts that end with the call would leave the comparison without what it borrows.
template <class Package, class Target, class... Rest>
requires(std::same_as<Package, std::vector<Artefact>> || std::same_as<Target, std::vector<Artefact>>) Comparison
    compare(Package&& package, Target&& target, Rest&&... rest)
= delete;

inline void report(const Call& call, const Decision& decision) {
  call.item({.type = decision.artefact->type,
             .outcome = decision.outcome,
             .id = decision.artefact->id,
             .name = decision.artefact->name,
             .code = decision.code,
             .message = decision.message,
             .severity = decision.severity,
             .target_id = decision.target_id});
}
inline void report(const Call& call, std::span<const Warning> warnings) {
  for (const Warning& warning : warnings)
    call.problem({.severity = "warning",
                  .code = warning.code,
                  .message = warning.message,
                  .type = warning.artefact->type,
                  .id = warning.artefact->id,
                  .name = warning.artefact->name});
}
// A write that the platform did not take, instead of the decision.
inline void report_failure(const Call& call, const Decision& decision, std::string_view code,
                           std::string_view message) {
  call.item({.type = decision.artefact->type,
             .outcome = outcome::failed,
             .id = decision.artefact->id,
             .name = decision.artefact->name,
             .code = code,
             .message = message,
             .target_id = decision.target_id});
}

}  // namespace ferry
