// What an import does with each object: the package, with this environment's values in it, compared with the target's
// own export.
//
// Throws as compare() of the SDK, and Error(FERRY_BAD_DATA) for a damaged package. Of the target only identities,
// hashes and dates are kept.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ferry/artefacts.hpp"
#include "ferry/sdk.hpp"
#include "options.hpp"
#include "pack.hpp"
#include "package.hpp"
#include "values.hpp"

namespace ferry::smartiq {

// An environment as its own export shows it.
struct Target {
  struct Detail {
    std::string modified;    // projects and content items
    std::string connection;  // of data sources: the hash of the connection string
    bool hides = false;      // a data source that does not show all of itself
  };
  std::vector<Artefact> artefacts;  // named only where the name decides
  std::map<std::string, Detail> details;

  const Detail& detail(const std::string& id) const;
};

// What the package's data sources do not show, by id: the target is compared without it.
using Hidden = std::map<std::string, Members>;

Target digest(Pack pack, const Hidden& hidden);

class Plan {
 public:
  Plan(const Call& call, const ImportRequest& request, const ImportOptions& options, const Package& package,
       Values& values);
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  const Hidden& hidden() const noexcept { return hidden_; }
  // The decisions of the SDK's comparing; of a target that stays where it is.
  void compare_with(const Target& target);
  const Comparison& comparison() const noexcept { return *comparison_; }
  std::string_view name(const Decision& decision) const { return names_[decision.item]; }

  // The body of projects/sync/import with what is to be written.
  std::string body() const;
  // What the object will be compared by once it is in the target.
  const std::string& expected(const Decision& decision) const { return expected_.at(decision.item); }
  void report_notices() const;

 private:
  Object load(std::size_t item) const;
  Object transformed(std::size_t item, const IdMap& ids) const;
  void align_names(const Target& target);
  Rejections rejections(const Target& target) const;
  std::optional<Rejection> conflict(std::size_t item, const Artefact& existing, bool mapped) const;
  std::optional<Rejection> kept(std::size_t item, const Artefact& existing, const Target& target) const;
  void warn(std::string code, std::string message, std::size_t item);
  void warn_of_target_values(const Target& target);
  void warn_of_names(const Target& target);

  struct Notice {
    std::string code, message;
    std::size_t item;
  };
  const Call& call_;
  const ImportRequest& request_;
  const ImportOptions& options_;
  const Package& package_;
  Values& values_;
  std::vector<Artefact> artefacts_;  // named only where the name decides
  std::vector<std::string> names_;   // all of them, for people
  std::vector<std::string> modified_, connections_;
  std::vector<std::vector<Reference>> by_name_;  // groups and roles each refers to
  std::set<std::size_t> valued_;                 // got a value of the connection's
  Hidden hidden_;
  const Target* target_ = nullptr;
  std::optional<Comparison> comparison_;
  std::map<std::size_t, std::string> expected_;
  std::vector<Notice> notices_;
};

}  // namespace ferry::smartiq
