// What one attempt of an import would do: decisions about a package and one state of a Node-RED, and their result.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "content.hpp"
#include "ferry/sdk.hpp"
#include "package.hpp"

namespace ferry::node_red {

struct Notice {  // a warning about an artefact of the package or, without one, about the target
  const Artefact* artefact;
  std::string code, message;
};

class Plan {
 public:
  // Throws Error as ferry::compare does, and FERRY_BAD_DATA for a file that is not what the manifest says.
  // types: what the target has installed; nullptr: not known.
  using NodeTypes = std::set<std::string, std::less<>>;
  Plan(const ImportRequest& request, const Package& package, Configuration current, const NodeTypes* types = nullptr);
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  const Comparison& comparison() const noexcept { return comparison_; }
  const std::vector<Notice>& notices() const noexcept { return notices_; }
  // With its name, which comparing may not have been shown.
  const Artefact& artefact(const Decision& decision) const;
  // The body of POST /flows: what runs now, with what is to be written in its place, and the revision it was made from.
  std::string body() const;
  // Did the request with no knowledge of types plan to write nodes of types that are not among these?
  bool writes_others_than(const NodeTypes& types) const;

 private:
  static const Node* foreign_node(const Content& content, const NodeTypes& types);
  void load_target();
  void load_package();
  void hide_names_of_other_kinds();
  void decide();
  // What the artefact of the package is in the target.
  const Content& content(std::size_t item, const IdMap& ids);
  // Adds rejections for what the last comparison would write; false if there are none.
  bool reject_conflicts();
  std::optional<Rejection> conflict(std::size_t decision);
  bool reject_cycles();
  void take_notice();
  bool will_exist(std::string_view id) const;
  bool goes(std::size_t part) const { return fates_[part] != stays; }

  static constexpr std::size_t stays = static_cast<std::size_t>(-1);  // fate of a part of the target
  static constexpr std::size_t removed = static_cast<std::size_t>(-2);

  const ImportRequest& request_;
  const Package& package_;
  Configuration current_;
  const NodeTypes* types_;
  std::vector<Artefact> target_, incoming_;  // as they are compared
  std::map<std::size_t, Content> original_;  // of items that differ, as in the package
  std::map<std::size_t, Content> mapped_;    // and under the ids of the target, where the mapping touches them
  std::unordered_map<std::string_view, std::size_t> stray_owners_;  // what strays claim to belong to -> one of them
  Rejections rejections_;
  Comparison comparison_;
  std::vector<std::size_t> fates_;  // of each part of the target: stays, removed, or the decision that replaces it
  std::unordered_map<std::string_view, std::size_t> written_;  // id of a node -> the decision that writes it
  std::vector<Notice> notices_;
};

}  // namespace ferry::node_red
