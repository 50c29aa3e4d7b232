#include "artefacts.hpp"

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <utility>

namespace ferry::node_red {

namespace {

void sort_unique(std::vector<Reference>& references) {
  const auto less = [](const Reference& left, const Reference& right) {
    return std::tie(left.type, left.id) < std::tie(right.type, right.id);
  };
  std::sort(references.begin(), references.end(), less);
  references.erase(std::unique(references.begin(), references.end()), references.end());
}

}  // namespace

std::string describe(const Node& node) {
  std::string out(node.type.empty() ? "node" : node.type);
  if (!node.name.empty()) out.append(" \"").append(node.name).append("\"");
  if (!node.id.empty()) out.append(" (").append(node.id).append(")");
  return out;
}

Configuration Configuration::parse(std::string body) {
  Configuration configuration(NodeList::parse_answer(std::move(body)));
  configuration.owners_.assign(configuration.nodes().size(), nowhere);
  configuration.find_containers();
  configuration.place_nodes();
  configuration.sort_parts();
  return configuration;
}

void Configuration::stray(std::size_t node, std::string code, std::string message) {
  strays_.push_back({node, std::move(code), std::move(message)});
}

std::size_t Configuration::add_part(std::string_view type, std::size_t node) {
  parts_.push_back({type, nodes()[node].id, nodes()[node].name, {node}});
  owners_[node] = parts_.size() - 1;
  return parts_.size() - 1;
}

// Of nodes with one id Node-RED runs the last one; the others are left out here.
void Configuration::find_containers() {
  by_id_.reserve(nodes().size());
  for (std::size_t i = 0; i < nodes().size(); ++i) {
    if (nodes()[i].id.empty()) continue;
    const auto [found, added] = by_id_.emplace(nodes()[i].id, i);
    if (!added) hidden_.insert(std::exchange(found->second, i));
  }
  for (std::size_t i = 0; i < nodes().size(); ++i) {
    const Node& node = nodes()[i];
    if (node.is_container() && !node.id.empty() && !hidden_.contains(i))
      containers_.emplace(node.id, add_part(node.type == "tab" ? flow_type : subflow_type, i));
  }
}

void Configuration::place_nodes() {
  auto container = containers_.end();  // of the node before: neighbours mostly stand together
  for (std::size_t i = 0; i < nodes().size(); ++i) {
    const Node& node = nodes()[i];
    if (owners_[i] != nowhere) continue;
    if (node.id.empty() || node.type.empty()) {
      stray(i, "incomplete_node", describe(node) + " has no " + (node.id.empty() ? "id" : "type"));
      continue;
    }
    if (!hidden_.empty() && hidden_.contains(i)) {
      stray(i, "duplicate_id", describe(node) + " shares its id with another node, which is the one that runs");
      continue;
    }
    if (!node.z.empty()) {
      if (container == containers_.end() || container->first != node.z) container = containers_.find(node.z);
      if (container == containers_.end()) {
        stray(i, "stray_node",
              describe(node) + " belongs to " + std::string(node.z) + ", which is neither a flow nor a subflow");
        continue;
      }
      parts_[container->second].nodes.push_back(i);
      owners_[i] = container->second;
    } else if (node.placed || node.type == "group") {
      stray(i, "stray_node", describe(node) + " belongs to no flow");
    } else {
      add_part(config_node_type, i);
      id_lengths_ |= std::uint64_t{1} << std::min<std::size_t>(node.id.size(), 63);
    }
  }
}

void Configuration::sort_parts() {
  for (Part& part : parts_)
    std::sort(part.nodes.begin() + 1, part.nodes.end(),
              [&](std::size_t left, std::size_t right) { return nodes()[left].id < nodes()[right].id; });
  std::sort(parts_.begin(), parts_.end(), [](const Part& left, const Part& right) {
    return std::tie(left.type, left.id) < std::tie(right.type, right.id);
  });
  for (std::size_t i = 0; i < parts_.size(); ++i)
    for (const std::size_t node : parts_[i].nodes) owners_[node] = i;
}

std::size_t Configuration::find_part(std::string_view type, std::string_view id) const {
  const std::size_t node = find_node(id);
  if (node == nowhere || owners_[node] == nowhere) return nowhere;
  const Part& part = parts_[owners_[node]];
  return part.nodes.front() == node && part.type == type ? owners_[node] : nowhere;
}

std::size_t Configuration::find_node(std::string_view id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nowhere : found->second;
}

std::string Configuration::file(const Part& part) const {
  std::string out;
  file_pieces(list_, part.nodes, [&](std::string_view piece) { out += piece; });
  return out;
}

std::size_t Configuration::file_size(const Part& part) const {
  std::size_t size = 0;
  file_pieces(list_, part.nodes, [&](std::string_view piece) { size += piece.size(); });
  return size;
}

std::string Configuration::hash(const Part& part) const {
  Sha256 hash;
  file_pieces(list_, part.nodes, [&](std::string_view piece) { hash.update(piece); });
  return hash.hex();
}

Configuration::References Configuration::references(const Part& part) const {
  References out;
  const std::size_t self = owners_[part.nodes.front()];
  for (const std::size_t index : part.nodes) {
    const Node& node = nodes()[index];
    if (node.is_subflow_instance()) out.needed.push_back({std::string(subflow_type), std::string(node.subflow())});
    // Without global config nodes, only links lead anywhere.
    if (id_lengths_ == 0 && !node.is_link()) continue;
    for_each_text(list_.content(index), [&](std::string_view member, std::string_view text) {
      const bool link = member == "links" && node.is_link();
      // Nearly no text is an id: most are told apart by their length.
      if (!link && (id_lengths_ >> std::min<std::size_t>(text.size(), 63) & 1) == 0) return;
      const std::size_t found = find_node(text);
      const std::size_t owner = found == nowhere ? nowhere : owners_[found];
      if (link && (owner == nowhere || owner != self)) out.links.emplace_back(text);
      if (owner != nowhere && owner != self && parts_[owner].type == config_node_type)
        out.needed.push_back({std::string(config_node_type), std::string(parts_[owner].id)});
    });
  }
  sort_unique(out.needed);
  std::sort(out.links.begin(), out.links.end());
  out.links.erase(std::unique(out.links.begin(), out.links.end()), out.links.end());
  return out;
}

std::vector<Reference> Configuration::flows_of(const std::vector<std::string>& nodes) const {
  std::vector<Reference> out;
  for (const std::string& id : nodes) {
    const std::size_t found = find_node(id);
    if (found == nowhere || owners_[found] == nowhere) continue;
    const Part& part = parts_[owners_[found]];
    if (part.type == flow_type) out.push_back({std::string(flow_type), std::string(part.id)});
  }
  sort_unique(out);
  return out;
}

}  // namespace ferry::node_red
