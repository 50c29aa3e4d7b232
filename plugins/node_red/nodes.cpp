#include "nodes.hpp"

#include <utility>

#include "canonical_text.hpp"

namespace ferry::node_red {

NodeList::NodeList(std::string text) : text_(std::make_unique<const std::string>(std::move(text))) {
  contents_->reserve(text_->size() + text_->size() / 4);
}

NodeList NodeList::parse(std::string text) {
  NodeList list(std::move(text));
  JsonScanner scanner(*list.text_);
  list.read_list(scanner);
  scanner.finish();
  return list;
}

NodeList NodeList::parse_answer(std::string text) {
  NodeList list(std::move(text));
  JsonScanner scanner(*list.text_);
  JsonScanner::Scope scope = scanner.begin_object();
  bool found = false;
  while (const auto name = scanner.next_member(scope)) {
    if (*name == "flows") {
      found = true;
      list.read_list(scanner);
    } else if (*name == "rev" && scanner.peek() == '"') {
      list.revision_ = list.decoded(scanner.value());
    } else {
      scanner.value();
    }
  }
  scanner.finish();
  if (!found) throw JsonError("there is no member \"flows\"");
  return list;
}

std::string_view NodeList::decoded(std::string_view value) {
  if (value.front() != '"') return {};
  const std::string_view inner = value.substr(1, value.size() - 2);
  if (inner.find('\\') == std::string_view::npos) return inner;
  return decoded_.emplace_back(decode(inner));
}

void NodeList::read_list(JsonScanner& scanner) {
  JsonScanner::Scope scope = scanner.begin_array();
  while (scanner.next_item(scope)) read_node(scanner);
}

void NodeList::read_node(JsonScanner& scanner) {
  JsonScanner::Scope scope = scanner.begin_object();
  const char* start = scanner.position() - 1;
  std::vector<TextMember>& members = members_;
  members.clear();
  while (const auto name = scanner.next_member(scope)) members.push_back({.name = *name, .value = scanner.value()});
  const std::string_view raw(start, static_cast<std::size_t>(scanner.position() - start));
  sort_members(members);

  Node node;
  node.raw = raw;
  bool x = false, y = false, wires = false;
  std::string_view name, label;
  for (const TextMember& member : members) {
    if (member.name == "id") node.id = decoded(member.value);
    if (member.name == "type") node.type = decoded(member.value);
    if (member.name == "z") node.z = decoded(member.value);
    if (member.name == "name") name = decoded(member.value);
    if (member.name == "label") label = decoded(member.value);
    x = x || member.name == "x";
    y = y || member.name == "y";
    wires = wires || member.name == "wires";
  }
  node.placed = (x && y) || wires;
  node.name = node.type == "tab" ? label : name;
  // There is one in a Node-RED and it has no name; with one, a second is a conflict and can be mapped.
  if (node.type == "global-config" && node.name.empty()) node.name = node.type;

  std::string& out = *contents_;
  const std::size_t at = out.size();
  out += " {";
  char separator = '\n';
  for (const TextMember& member : members) {
    if (member.name == "credentials") continue;
    if (separator == ',') out += ',';
    out += "\n  ";
    append_canonical_string(out, member.name);
    out += ": ";
    if (node.type == "group" && member.name == "nodes")
      append_canonical_set(out, member.value);
    else
      append_canonical(out, member.value);
    separator = ',';
  }
  out += "\n }";
  spans_.push_back({at, out.size() - at});
  nodes_.push_back(node);
}

}  // namespace ferry::node_red
