#include "content.hpp"

#include <algorithm>
#include <numeric>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace ferry::node_red {

namespace {

bool is_list_of_texts(const Json& value) {
  return value.is_array() &&
         std::all_of(value.items().begin(), value.items().end(), [](const Json& item) { return item.is_string(); });
}

bool is_list_of(const Json& value, bool (*fits)(const Json&)) {
  return value.is_array() && std::all_of(value.items().begin(), value.items().end(), fits);
}

// The members that Node-RED walks through without looking whether they are what it expects.
std::string misshapen(const Json& node) {
  struct Rule {
    std::string_view member, wanted;
    bool (*fits)(const Json&);
  };
  static constexpr auto lists_of_texts = [](const Json& value) { return is_list_of(value, is_list_of_texts); };
  static constexpr auto objects = [](const Json& value) {
    return is_list_of(value, [](const Json& item) { return item.is_object(); });
  };
  static constexpr Rule everywhere[] = {{"wires", "a list of lists of ids", lists_of_texts},
                                        {"env", "a list of objects", objects}};
  static constexpr Rule links[] = {{"links", "a list of ids", is_list_of_texts}};
  static constexpr Rule groups[] = {{"nodes", "a list of ids", is_list_of_texts}};
  static constexpr Rule subflows[] = {{"in", "a list of objects", objects}, {"out", "a list of objects", objects}};
  const auto broken = [&](auto& rules) -> std::string {
    for (const Rule& rule : rules)
      if (const Json* value = node.find(rule.member); value != nullptr && !value->is_null() && !rule.fits(*value))
        return "its member \"" + std::string(rule.member) + "\" is not " + std::string(rule.wanted);
    return {};
  };
  const std::string_view type = node.text_or("type", "");
  std::string found = broken(everywhere);
  if (found.empty() && type.starts_with("link ")) found = broken(links);
  if (found.empty() && type == "group") found = broken(groups);
  if (found.empty() && type == "subflow") found = broken(subflows);
  return found;
}

// Writes a value with the config nodes it names under their new ids.
void append_mapped(std::string& out, JsonScanner& scanner, const IdMap& ids) {
  switch (scanner.peek()) {
    case '"': {
      const std::string_view inner = scanner.string();
      const std::string_view id = ids.target(config_node_type, inner);
      if (id.data() == inner.data())
        out.append("\"").append(inner).append("\"");
      else
        Json::append_quoted(out, id);
      return;
    }
    case '[': {
      JsonScanner::Scope scope = scanner.begin_array();
      char separator = '[';
      for (; scanner.next_item(scope); separator = ',') {
        out += separator;
        append_mapped(out, scanner, ids);
      }
      out += separator == '[' ? "[]" : "]";
      return;
    }
    case '{': {
      JsonScanner::Scope scope = scanner.begin_object();
      char separator = '{';
      while (const auto name = scanner.next_member(scope)) {
        out += separator;
        out.append("\"").append(*name).append("\":");
        append_mapped(out, scanner, ids);
        separator = ',';
      }
      out += separator == '{' ? "{}" : "}";
      return;
    }
    default: out += scanner.value();
  }
}

std::string_view mapped_id(const IdMap& ids, std::string_view id) {
  for (const std::string_view type : {flow_type, subflow_type, config_node_type})
    if (const std::string_view target = ids.target(type, id); target != id) return target;
  return id;
}

}  // namespace

Content::Content(std::string text) : list_(NodeList::parse(std::move(text))), order_(list_.nodes().size()) {
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  std::stable_sort(order_.begin(), order_.end(), [&](std::size_t left, std::size_t right) {
    const Node &a = nodes()[left], &b = nodes()[right];
    return a.is_container() != b.is_container() ? a.is_container() : a.id < b.id;
  });
}

std::string Content::file() const {
  std::string out;
  file_pieces(list_, order_, [&](std::string_view piece) { out += piece; });
  return out;
}

std::vector<Reference> Content::subflows() const {
  std::vector<Reference> out;
  for (const Node& node : nodes())
    if (node.is_subflow_instance()) {
      Reference reference{std::string(subflow_type), std::string(node.subflow())};
      if (std::find(out.begin(), out.end(), reference) == out.end()) out.push_back(std::move(reference));
    }
  return out;
}

std::optional<Finding> Content::fault(const Artefact& artefact) const {
  if (auto found = place_fault(artefact)) return found;
  if (auto found = shape_fault()) return found;
  return group_fault();
}

std::optional<Finding> Content::place_fault(const Artefact& artefact) const {
  if (nodes().empty()) return Finding{"no_nodes", "its file holds no nodes"};
  std::unordered_set<std::string_view> ids;
  for (const Node& node : nodes()) {
    if (node.id.empty() || node.type.empty())
      return Finding{"incomplete_node", describe(node) + " has no " + (node.id.empty() ? "id" : "type")};
    if (!ids.insert(node.id).second)
      return Finding{"duplicate_id", "two of its nodes have the id " + std::string(node.id)};
  }
  const Node& self = nodes()[order_.front()];
  const std::string_view type = self.type == "tab"       ? flow_type
                                : self.type == "subflow" ? subflow_type
                                                         : config_node_type;
  if (type != artefact.type || self.id != artefact.id)
    return Finding{"wrong_content", "its file holds " + describe(self) + " instead"};
  if (self.name != artefact.name)
    return Finding{"wrong_content",
                   "its file calls it \"" + std::string(self.name) + "\", the manifest \"" + artefact.name + "\""};
  if (type == config_node_type && (nodes().size() > 1 || self.placed || !self.z.empty() || self.type == "group"))
    return Finding{"wrong_content", "its file holds more than one global config node"};
  for (const Node& node : nodes())
    if (&node != &self && (node.z != artefact.id || node.is_container()))
      return Finding{"stray_node", describe(node) + " does not belong to it"};
  return std::nullopt;
}

std::optional<Finding> Content::shape_fault() const {
  for (std::size_t i = 0; i < nodes().size(); ++i)
    if (const std::string found = misshapen(Json::parse(text(i))); !found.empty())
      return Finding{"malformed_node", describe(nodes()[i]) + ": " + found};
  return std::nullopt;
}

// Node-RED waits for ever for the parent of a group to be started.
std::optional<Finding> Content::group_fault() const {
  std::unordered_map<std::string_view, std::string> parents;
  for (std::size_t i = 0; i < nodes().size(); ++i)
    if (nodes()[i].type == "group") parents.emplace(nodes()[i].id, Json::parse(text(i)).text_or("g", ""));
  std::unordered_set<std::string_view> sound;
  for (const auto& [id, parent] : parents) {
    std::string_view at = parent;
    for (std::size_t steps = 0; !at.empty() && !sound.contains(at); ++steps) {
      const auto found = parents.find(at);
      if (found == parents.end() || steps > parents.size())
        return Finding{"broken_group", "the group " + std::string(id) + " lies in a group " + std::string(at) +
                                           (found == parents.end() ? " that is not there" : " that lies in itself")};
      at = found->second;
    }
    for (at = id; !at.empty() && sound.insert(at).second;) at = parents.at(at);
  }
  return std::nullopt;
}

std::vector<std::string> Content::loose_wires() const {
  std::unordered_set<std::string_view> ids;
  for (const Node& node : nodes()) ids.insert(node.id);
  std::vector<std::string> out;
  for (std::size_t i = 0; i < nodes().size(); ++i) {
    const Json node = Json::parse(text(i));
    if (!node["wires"].is_array()) continue;
    for (const Json& port : node["wires"].items())
      for (const Json& wire : port.items())
        if (!ids.contains(wire.as_string())) out.push_back(describe(nodes()[i]) + " is wired to " + wire.as_string());
  }
  return out;
}

std::vector<std::string> Content::links() const {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < nodes().size(); ++i) {
    if (!nodes()[i].is_link()) continue;
    const Json node = Json::parse(text(i));
    if (!node["links"].is_array()) continue;
    for (const Json& link : node["links"].items()) out.push_back(link.as_string());
  }
  return out;
}

Content Content::mapped(const IdMap& ids) const {
  std::string out = "[";
  for (std::size_t i = 0; i < nodes().size(); ++i) {
    const Node& node = nodes()[i];
    JsonScanner scanner(text(i));
    JsonScanner::Scope scope = scanner.begin_object();
    out += i == 0 ? "{" : ",{";
    bool first = true;
    while (const auto name = scanner.next_member(scope)) {
      if (!first) out += ',';
      first = false;
      out.append("\"").append(*name).append("\":");
      if (*name == "id" || *name == "z") {
        const std::string_view quoted = scanner.value();
        const std::string_view id = *name == "id" ? node.id : node.z;
        if (id.empty())
          out += quoted;
        else
          Json::append_quoted(out, mapped_id(ids, id));
      } else if (*name == "type" && node.is_subflow_instance()) {
        scanner.value();
        Json::append_quoted(out, "subflow:" + std::string(ids.target(subflow_type, node.subflow())));
      } else if (*name == "type" || *name == "g" || *name == "wires") {
        out += scanner.value();
      } else {
        append_mapped(out, scanner, ids);
      }
    }
    out += '}';
  }
  return Content(out + "]");
}

}  // namespace ferry::node_red
