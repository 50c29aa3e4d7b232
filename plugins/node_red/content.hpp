// The content of an artefact on its way into a Node-RED, which takes nearly anything and then fails at run time.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "artefacts.hpp"

namespace ferry::node_red {

struct Finding {
  std::string code, message;
};

class Content {
 public:
  // text: a list of nodes. Throws JsonError.
  explicit Content(std::string text);

  const std::vector<Node>& nodes() const noexcept { return list_.nodes(); }
  std::string_view text(std::size_t node) const { return list_.content(node); }
  // Positions of the nodes: the container first, then by id.
  const std::vector<std::size_t>& order() const noexcept { return order_; }
  // In canonical form, as Configuration::file gives it.
  std::string file() const;
  std::string hash() const { return sha256_hex(file()); }
  std::vector<Reference> subflows() const;

  // What would make Node-RED refuse the content, lose it or hang; nothing if it can be written as `artefact`.
  std::optional<Finding> fault(const Artefact& artefact) const;
  // Wires that lead to no node of the artefact: Node-RED ignores them.
  std::vector<std::string> loose_wires() const;
  // Ids that link nodes of this content lead to.
  std::vector<std::string> links() const;

  // The same content under the ids of the target.
  Content mapped(const IdMap& ids) const;

 private:
  std::optional<Finding> place_fault(const Artefact& artefact) const;
  std::optional<Finding> shape_fault() const;
  std::optional<Finding> group_fault() const;

  NodeList list_;
  std::vector<std::size_t> order_;
};

}  // namespace ferry::node_red
