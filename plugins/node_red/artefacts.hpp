// The artefacts in a configuration of Node-RED: flows (tabs), subflows and global config nodes, each with its nodes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "ferry/artefacts.hpp"
#include "nodes.hpp"

namespace ferry::node_red {

inline constexpr std::string_view flow_type = "flow", subflow_type = "subflow", config_node_type = "config_node";

// A node that belongs to no artefact. Imports leave it as it is.
struct Stray {
  std::size_t node;
  std::string code, message;
};

struct Part {
  std::string_view type, id, name;  // borrowed from the NodeList
  std::vector<std::size_t> nodes;   // first the tab, the subflow or the config node itself, then by id
};

// Owns the text it was made of; movable.
class Configuration {
 public:
  static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

  // body: the answer to GET /flows, version 2. Throws JsonError.
  static Configuration parse(std::string body);

  const NodeList& list() const noexcept { return list_; }
  const std::vector<Node>& nodes() const noexcept { return list_.nodes(); }
  const std::vector<Part>& parts() const noexcept { return parts_; }  // by type, then id
  const std::vector<Stray>& strays() const noexcept { return strays_; }
  // Positions, or nowhere.
  std::size_t find_part(std::string_view type, std::string_view id) const;
  std::size_t find_node(std::string_view id) const;
  std::size_t part_of(std::size_t node) const noexcept { return owners_[node]; }

  // The text of the artefact's file in a package, its size in bytes and its hash.
  std::string file(const Part& part) const;
  std::size_t file_size(const Part& part) const;
  std::string hash(const Part& part) const;

  struct References {
    std::vector<Reference> needed;   // subflows and config nodes, sorted
    std::vector<std::string> links;  // ids of nodes elsewhere to which its link nodes lead, sorted
  };
  References references(const Part& part) const;
  // The flows that have these nodes, sorted.
  std::vector<Reference> flows_of(const std::vector<std::string>& nodes) const;

 private:
  explicit Configuration(NodeList list) : list_(std::move(list)) {}
  void find_containers();
  void place_nodes();
  void sort_parts();
  void stray(std::size_t node, std::string code, std::string message);
  std::size_t add_part(std::string_view type, std::size_t node);

  NodeList list_;
  std::vector<Part> parts_;
  std::vector<Stray> strays_;
  std::vector<std::size_t> owners_;                               // of each node: the position of its part, or nowhere
  std::unordered_map<std::string_view, std::size_t> by_id_;       // nodes
  std::unordered_map<std::string_view, std::size_t> containers_;  // id of a tab or subflow -> part
  std::unordered_set<std::size_t> hidden_;                        // nodes whose id a later one has, too
  std::uint64_t id_lengths_ = 0;  // bit n: a config node has an id of n characters; bit 63: of that or more
};

// For people: http request "Fetch" (4f1c).
std::string describe(const Node& node);

// The pieces of a package file, one after the other.
template <class Piece>
void file_pieces(const NodeList& list, const std::vector<std::size_t>& nodes, Piece&& piece) {
  piece(std::string_view("[\n"));
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    piece(list.content(nodes[i]));
    piece(std::string_view(i + 1 < nodes.size() ? ",\n" : "\n]\n"));
  }
}

template <class Use>
void texts_in(JsonScanner& scanner, std::string_view member, Use& use) {
  switch (scanner.peek()) {
    case '"': return use(member, scanner.string());
    case '[': {
      JsonScanner::Scope scope = scanner.begin_array();
      while (scanner.next_item(scope)) texts_in(scanner, member, use);
      return;
    }
    case '{': {
      JsonScanner::Scope scope = scanner.begin_object();
      while (scanner.next_member(scope)) texts_in(scanner, member, use);
      return;
    }
    default: scanner.value();
  }
}

// Every text inside a node that may name another node: all but its own id, its type and where it stands.
// use: void(std::string_view member, std::string_view text), the text without quotes as it stands.
template <class Use>
void for_each_text(std::string_view content, Use&& use) {
  JsonScanner scanner(content);
  JsonScanner::Scope scope = scanner.begin_object();
  while (const auto name = scanner.next_member(scope)) {
    if (*name == "id" || *name == "z" || *name == "g" || *name == "type" || *name == "wires")
      scanner.value();
    else
      texts_in(scanner, *name, use);
  }
}

}  // namespace ferry::node_red
