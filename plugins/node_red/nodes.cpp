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
      const std::string_view value = scanner.value();
      list.revision_ = list.text_of(value, scanner.escaped());
    } else {
      scanner.value();
    }
  }
  scanner.finish();
  if (!found) throw JsonError("there is no member \"flows\"");
  return list;
}

// Of a node that is being read: its members as they come, before they are put in order.
struct NodeList::Scratch {
  std::string text;
  CanonicalText writer{text};
  std::vector<WrittenMember> members;
};

// What a member says if it is a text.
std::string_view NodeList::text_of(std::string_view value, bool escaped) {
  if (value.front() != '"') return {};
  if (!escaped) return value.substr(1, value.size() - 2);
  return decoded_.emplace_back(Json::parse(value).as_string());
}

void NodeList::read_list(JsonScanner& scanner) {
  Scratch scratch;
  JsonScanner::Scope scope = scanner.begin_array();
  while (scanner.next_item(scope)) read_node(scanner, scratch);
}

void NodeList::read_node(JsonScanner& scanner, Scratch& scratch) {
  JsonScanner::Scope scope = scanner.begin_object();
  const char* start = scanner.position() - 1;
  std::vector<WrittenMember>& members = scratch.members;
  members.clear();
  scratch.text.clear();

  Node node;
  bool x = false, y = false, wires = false;
  std::string_view name, label, listed;
  std::size_t listed_at = 0;
  while (const auto raw = scanner.next_member(scope)) {
    scanner.peek();
    const char* begin = scanner.position();
    const WrittenMember& member = members.emplace_back(scratch.writer.member(*raw, scanner));
    const std::string_view key = std::string_view(scratch.text).substr(member.at + 1, member.name_size - 2);
    const std::string_view value(begin, static_cast<std::size_t>(scanner.position() - begin));
    const auto text = [&] { return text_of(value, scanner.escaped()); };
    if (key == "id") node.id = text();
    if (key == "type") node.type = text();
    if (key == "z") node.z = text();
    if (key == "name") name = text();
    if (key == "label") label = text();
    if (key == "nodes") {
      listed = value;
      listed_at = members.size() - 1;
    }
    x = x || key == "x";
    y = y || key == "y";
    wires = wires || key == "wires";
  }
  node.raw = {start, static_cast<std::size_t>(scanner.position() - start)};
  node.placed = (x && y) || wires;
  node.name = node.type == "tab" ? label : name;
  // There is one in a Node-RED and it has no name; with one, a second is a conflict and can be mapped.
  if (node.type == "global-config" && node.name.empty()) node.name = node.type;
  if (node.type == "group" && !listed.empty()) {  // in which order a group lists its nodes has no meaning
    WrittenMember& member = members[listed_at];
    member.at = scratch.text.size();
    scratch.text += R"("nodes":)";
    JsonScanner items(listed);
    scratch.writer.set(items);
    member.size = scratch.text.size() - member.at;
  }
  scratch.writer.sort(members);
  nodes_.push_back(node);
  write(scratch);
}

void NodeList::write(const Scratch& scratch) {
  std::string& out = *contents_;
  const std::size_t at = out.size();
  std::string_view separator = " {\n  ";
  for (const WrittenMember& member : scratch.members) {
    const std::string_view text = std::string_view(scratch.text).substr(member.at, member.size);
    if (text.starts_with(R"("credentials":)")) continue;
    out += separator;
    out += text.substr(0, member.name_size + 1);
    out += ' ';
    out += text.substr(member.name_size + 1);
    separator = ",\n  ";
  }
  if (out.size() == at) out += " {";
  out += "\n }";
  spans_.push_back({at, out.size() - at});
}

}  // namespace ferry::node_red
