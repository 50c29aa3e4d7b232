#include "plan.hpp"

#include <algorithm>
#include <functional>
#include <unordered_set>
#include <utility>

namespace ferry::node_red {

namespace {

std::string examples(const std::vector<std::string>& all) {
  return all.front() + (all.size() == 1 ? "" : ", and " + std::to_string(all.size() - 1) + " more");
}

}  // namespace

Plan::Plan(const ImportRequest& request, const Package& package, Configuration current, const NodeTypes* types)
    : request_(request), package_(package), current_(std::move(current)), types_(types) {
  load_target();
  load_package();
  hide_names_of_other_kinds();
  decide();
  while (!comparison_.refused() && (reject_conflicts() || reject_cycles())) decide();
  take_notice();
}

void Plan::load_target() {
  for (const Stray& stray : current_.strays()) stray_owners_.emplace(current_.nodes()[stray.node].z, stray.node);
  target_.reserve(current_.parts().size());
  for (const Part& part : current_.parts()) {
    Artefact& artefact = target_.emplace_back(Artefact{.type = std::string(part.type),
                                                       .id = std::string(part.id),
                                                       .name = std::string(part.name),
                                                       .hash = current_.hash(part)});
    // Who needs what in the target decides nothing but what may be pruned.
    if (request_.prune) artefact.references = current_.references(part).needed;
  }
}

// Only what differs is unpacked and looked at closely.
void Plan::load_package() {
  incoming_.reserve(package_.artefacts().size());
  for (std::size_t i = 0; i < package_.artefacts().size(); ++i) {
    Artefact& artefact = incoming_.emplace_back(package_.artefacts()[i]);
    const std::size_t part = current_.find_part(artefact.type, artefact.id);
    if (part != Configuration::nowhere && target_[part].hash == artefact.hash &&
        current_.file_size(current_.parts()[part]) == package_.file_size(i))
      continue;
    std::string text = package_.file(i);
    package_.verify(i, text);
    try {
      const Content& content = original_.emplace(i, Content(std::move(text))).first->second;
      artefact.hash = content.hash();
      for (Reference& subflow : content.subflows())
        if (std::find(artefact.references.begin(), artefact.references.end(), subflow) == artefact.references.end())
          artefact.references.push_back(std::move(subflow));
      if (auto fault = content.fault(package_.artefacts()[i]))
        rejections_.emplace(i, Rejection{std::move(fault->code), std::move(fault->message)});
      else if (const Node* node = types_ == nullptr ? nullptr : foreign_node(content, *types_))
        rejections_.emplace(
            i, Rejection{"unknown_type", "its " + describe(*node) + " is of the type \"" + std::string(node->type) +
                                             "\", which the target has not installed: with it, Node-RED "
                                             "would start no flow at all; install the module there first"});
    } catch (const JsonError& error) {
      throw Error(FERRY_BAD_DATA, "the package's file of " + describe(artefact) +
                                      " is no list of nodes: " + error.what() + "; export it again");
    }
  }
}

const Node* Plan::foreign_node(const Content& content, const NodeTypes& types) {
  for (const Node& node : content.nodes())
    if (!node.is_structure() && !types.contains(node.type)) return &node;
  return nullptr;
}

bool Plan::writes_others_than(const NodeTypes& types) const {
  for (const Decision& decision : comparison_.decisions)
    if (decision.write && !decision.extra && foreign_node(original_.at(decision.item), types) != nullptr) return true;
  return false;
}

// A broker and a proxy may both be called "test": only config nodes of the same node type conflict by their names.
void Plan::hide_names_of_other_kinds() {
  std::unordered_set<std::string> taken;
  for (const Part& part : current_.parts())
    if (part.type == config_node_type)
      taken.insert(std::string(current_.nodes()[part.nodes.front()].type) + '\n' + std::string(part.name));
  for (const auto& [item, content] : original_) {
    Artefact& artefact = incoming_[item];
    if (artefact.type != config_node_type || content.nodes().empty() ||
        current_.find_part(artefact.type, artefact.id) != Configuration::nowhere)
      continue;
    const bool asked_for = std::any_of(request_.mapping.begin(), request_.mapping.end(), [&](const Mapping& mapping) {
      return mapping.source == artefact.id || mapping.source == artefact.name;
    });
    if (!asked_for && !taken.contains(std::string(content.nodes().front().type) + '\n' + artefact.name))
      artefact.name.clear();
  }
}

const Artefact& Plan::artefact(const Decision& decision) const {
  return decision.extra ? target_[decision.item] : package_.artefacts()[decision.item];
}

const Content& Plan::content(std::size_t item, const IdMap& ids) {
  auto found = original_.find(item);
  if (found == original_.end()) found = original_.emplace(item, Content(package_.file(item))).first;
  if (!ids.touches(incoming_[item])) return found->second;
  const auto mapped = mapped_.find(item);
  return (mapped != mapped_.end() ? mapped : mapped_.emplace(item, found->second.mapped(ids)).first)->second;
}

void Plan::decide() {
  const auto rehash = [&](std::size_t item, const IdMap& ids) { return content(item, ids).hash(); };
  comparison_ = compare(incoming_, target_, request_, package_.complete(), rehash, rejections_);
  fates_.assign(target_.size(), stays);
  written_.clear();
  for (std::size_t i = 0; i < comparison_.decisions.size(); ++i) {
    const Decision& decision = comparison_.decisions[i];
    if (!decision.write) continue;
    if (decision.existing != nullptr)
      fates_[static_cast<std::size_t>(decision.existing - target_.data())] = decision.extra ? removed : i;
    if (decision.extra) continue;
    for (const Node& node : content(decision.item, comparison_.ids).nodes()) written_.emplace(node.id, i);
  }
}

bool Plan::reject_conflicts() {
  const std::size_t before = rejections_.size();
  for (std::size_t i = 0; i < comparison_.decisions.size(); ++i) {
    const Decision& decision = comparison_.decisions[i];
    if (!decision.write || decision.extra) continue;
    if (auto found = conflict(i)) rejections_.emplace(decision.item, *std::move(found));
  }
  return rejections_.size() > before;
}

std::optional<Rejection> Plan::conflict(std::size_t index) {
  const Decision& decision = comparison_.decisions[index];
  for (const Node& node : content(decision.item, comparison_.ids).nodes()) {
    const std::string what = "its " + describe(node) + " has the id of a node of ";
    if (const std::size_t writer = written_.at(node.id); writer != index)
      return Rejection{"id_conflict", what + describe(artefact(comparison_.decisions[writer])) + " of the package"};
    const std::size_t existing = current_.find_node(node.id);
    if (existing == Configuration::nowhere) continue;
    const std::size_t part = current_.part_of(existing);
    if (part == Configuration::nowhere)
      return Rejection{"id_conflict", what + "the target that belongs to no artefact; remove that in the editor"};
    if (fates_[part] == stays)
      return Rejection{"id_conflict", what + describe(target_[part]) + ", which stays in the target"};
  }
  if (const auto stray = stray_owners_.find(decision.target_id);
      decision.existing == nullptr && stray != stray_owners_.end())
    return Rejection{"stray_nodes", "the target has nodes that claim to belong to it, such as " +
                                        describe(current_.nodes()[stray->second]) + "; remove them in the editor"};
  return std::nullopt;
}

// A subflow that contains itself, at any depth, makes Node-RED start instances until it dies.
bool Plan::reject_cycles() {
  struct Subflow {
    std::vector<Reference> uses;
    const Decision* written = nullptr;
    enum { unseen, open, done } state = unseen;
  };
  std::unordered_map<std::string, Subflow> subflows;
  bool nested = false;
  for (const Decision& decision : comparison_.decisions)
    if (decision.write && !decision.extra && decision.artefact->type == subflow_type) {
      subflows[decision.target_id] = {content(decision.item, comparison_.ids).subflows(), &decision};
      nested = nested || !subflows[decision.target_id].uses.empty();
    }
  if (!nested) return false;
  for (std::size_t i = 0; i < current_.parts().size(); ++i) {
    const Part& part = current_.parts()[i];
    if (part.type != subflow_type || goes(i)) continue;
    for (const std::size_t node : part.nodes)
      if (current_.nodes()[node].is_subflow_instance())
        subflows[std::string(part.id)].uses.push_back(
            {std::string(subflow_type), std::string(current_.nodes()[node].subflow())});
  }
  const std::size_t before = rejections_.size();
  struct Step {
    const std::string* id;
    Subflow* subflow;
    std::size_t next = 0;  // of what it uses
  };
  for (auto& [start, first] : subflows) {
    if (first.state != Subflow::unseen) continue;
    std::vector<Step> path = {{&start, &first}};
    first.state = Subflow::open;
    while (!path.empty()) {
      Step& step = path.back();
      if (step.next == step.subflow->uses.size()) {
        step.subflow->state = Subflow::done;
        path.pop_back();
        continue;
      }
      const auto used = subflows.find(step.subflow->uses[step.next++].id);
      if (used == subflows.end() || used->second.state == Subflow::done) continue;
      if (used->second.state == Subflow::unseen) {
        used->second.state = Subflow::open;
        path.push_back({&used->first, &used->second});
        continue;
      }
      for (auto at = path.rbegin();; ++at) {
        if (const Decision* written = at->subflow->written)
          rejections_.emplace(written->item,
                              Rejection{"subflow_cycle", "it would contain itself, by way of subflow " + used->first});
        if (*at->id == used->first) break;
      }
    }
  }
  return rejections_.size() > before;
}

bool Plan::will_exist(std::string_view id) const {
  if (written_.contains(id)) return true;
  const std::size_t node = current_.find_node(id);
  if (node == Configuration::nowhere) return false;
  const std::size_t part = current_.part_of(node);
  return part == Configuration::nowhere || fates_[part] == stays;
}

void Plan::take_notice() {
  for (const Stray& stray : current_.strays())
    notices_.push_back({nullptr, stray.code, "in the target, " + stray.message + "; it is left as it is"});
  for (const Warning& warning : comparison_.warnings)
    notices_.push_back({&package_.artefacts()[static_cast<std::size_t>(warning.artefact - incoming_.data())],
                        warning.code, warning.message});
  for (const Decision& decision : comparison_.decisions) {
    if (!decision.write || decision.extra) continue;
    const Content& written = content(decision.item, comparison_.ids);
    if (const auto loose = written.loose_wires(); !loose.empty())
      notices_.push_back(
          {&artefact(decision), "dangling_wire",
           examples(loose) + ": no such node is in " + describe(artefact(decision)) + "; Node-RED ignores such wires"});
    std::vector<std::string> links = written.links();
    std::erase_if(links, [&](const std::string& id) { return will_exist(id); });
    if (!links.empty())
      notices_.push_back({&artefact(decision), "dangling_link",
                          "link nodes of " + describe(artefact(decision)) +
                              " lead to nodes that are neither in the target "
                              "nor imported: " +
                              examples(links)});
  }
}

std::string Plan::body() const {
  const NodeList& list = current_.list();
  std::string out = R"({"flows":[)";
  out.reserve(list.size() + (std::size_t{1} << 20));
  const auto contents_of = [&](std::size_t decision) -> const Content& {
    const std::size_t item = comparison_.decisions[decision].item;
    const auto mapped = mapped_.find(item);
    return mapped != mapped_.end() ? mapped->second : original_.at(item);
  };
  const auto append = [&](std::string_view node) {
    if (out.back() != '[') out += ',';
    out += node;
  };
  // Every node of what is replaced keeps its place, so that flow files under version control differ little.
  std::unordered_map<std::string_view, std::string_view> replaced;
  for (std::size_t i = 0; i < comparison_.decisions.size(); ++i) {
    if (!comparison_.decisions[i].write || comparison_.decisions[i].extra) continue;
    const Content& content = contents_of(i);
    for (std::size_t node = 0; node < content.nodes().size(); ++node)
      replaced[content.nodes()[node].id] = content.text(node);
  }
  std::unordered_set<std::string_view> placed;
  for (std::size_t i = 0; i < list.nodes().size(); ++i) {
    const Node& node = list.nodes()[i];
    const std::size_t part = current_.part_of(i);
    if (part == Configuration::nowhere || fates_[part] == stays) {
      append(node.raw);
    } else if (const auto found = replaced.find(node.id); found != replaced.end() && placed.insert(node.id).second) {
      append(found->second);
    }
  }
  for (std::size_t i = 0; i < comparison_.decisions.size(); ++i) {
    if (!comparison_.decisions[i].write || comparison_.decisions[i].extra) continue;
    const Content& content = contents_of(i);
    for (const std::size_t node : content.order())
      if (placed.insert(content.nodes()[node].id).second) append(content.text(node));
  }
  out += R"(],"rev":)";
  Json::append_quoted(out, list.revision());
  return out + "}";
}

}  // namespace ferry::node_red
