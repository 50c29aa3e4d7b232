#include "plan.hpp"

#include <algorithm>
#include <utility>

#include "guids.hpp"

namespace ferry::smartiq {

namespace {

Kind::Identity identity_of(std::string_view type) {
  const Kind* kind = kind_of_type(type);
  return kind == nullptr ? Kind::Identity::id_and_name : kind->identity;
}

// Names that decide nothing are kept out of the comparison, where two of one name would be a conflict.
std::string deciding_name(const Artefact& artefact) {
  return identity_of(artefact.type) == Kind::Identity::id ? std::string() : artefact.name;
}

// "2018-11-06T02:32:09.65Z": the fraction has as many digits as it needs.
std::string comparable_time(std::string_view text) { return std::string(text.substr(0, text.find('Z'))); }

std::string connection_of(const Object& object) {
  return object.type == "data_source" ? sha256_hex(object.json.text_or("connectionString", "")) : std::string();
}

}  // namespace

const Target::Detail& Target::detail(const std::string& id) const {
  static const Detail none;
  const auto found = details.find(id);
  return found == details.end() ? none : found->second;
}

Target digest(Pack pack, const Hidden& hidden) {
  Target out;
  for (Object& object : pack.objects) {
    const std::string id = id_of(object.json);
    const auto found = hidden.find(id);
    Artefact artefact{.type = object.type,
                      .id = id,
                      .name = name_of(object.type, object.json),
                      .hash = hash_of(object.type, object.json, found == hidden.end() ? Members() : found->second)};
    artefact.name = deciding_name(artefact);
    out.details[id] = {std::string(object.json.text_or("modifiedUtc", "")), connection_of(object),
                       !hidden_of(object.type, object.json).empty()};
    out.artefacts.push_back(std::move(artefact));
    object.json = Json();
  }
  return out;
}

Plan::Plan(const Call& call, const ImportRequest& request, const ImportOptions& options, const Package& package,
           Values& values)
    : call_(call), request_(request), options_(options), package_(package), values_(values) {
  for (std::size_t i = 0; i < package.artefacts().size(); ++i) {
    call.throw_if_cancelled();
    Artefact artefact = package.artefacts()[i];
    Object object = package.object(i);
    const Members before = hidden_of(object.type, object.json);
    if (values.apply(object)) {
      valued_.insert(i);
      artefact.hash = hash_of(object.type, object.json);
      // A value that no export shows cannot be compared: it is written each time, rather than never.
      if (!hidden_of(object.type, object.json).empty() && request.policy == Policy::replace) artefact.hash += "-value";
    }
    if (Members hidden = hidden_of(object.type, object.json); !hidden.empty())
      hidden_.emplace(artefact.id, std::move(hidden));
    names_.push_back(artefact.name);
    modified_.emplace_back(object.json.text_or("modifiedUtc", ""));
    connections_.push_back(hidden_of(object.type, object.json).contains("connectionString") ? std::string()
                                                                                            : connection_of(object));
    by_name_.push_back(names_of(object.json));
    artefact.name = deciding_name(artefact);
    artefacts_.push_back(std::move(artefact));
  }
  for (const std::string& key : values.unused())
    call.problem({.severity = "notice",
                  .code = "value_not_used",
                  .message = "the connection has a value for " + key + ", which is not in the package"});
}

Object Plan::load(std::size_t item) const {
  Object object = package_.object(item);
  values_.apply(object);
  return object;
}

Object Plan::transformed(std::size_t item, const IdMap& ids) const {
  Object object = load(item);
  if (!ids.touches(artefacts_[item])) return object;
  std::map<std::string, std::string> replaced;
  for (const auto& [type, by_id] : ids.by_type())
    for (const auto& [from, to] : by_id) replaced.emplace(from, to);
  std::string text = object.json.dump();
  for_each_guid(std::string(text), [&](std::size_t at, const std::string& guid) {
    if (const auto found = replaced.find(guid); found != replaced.end() && found->second.size() == guid.size())
      text.replace(at, guid.size(), found->second);
  });
  object.json = Json::parse(text);
  // Mapped to an object of another name, it takes that name: otherwise the platform would not update it.
  const std::string_view id = ids.target(object.type, artefacts_[item].id);
  const Kind* kind = kind_of_type(object.type);
  if (id != artefacts_[item].id && kind != nullptr && kind->identity == Kind::Identity::id_and_name)
    for (const Artefact& there : target_->artefacts)
      if (there.type == object.type && there.id == id) object.json.set(kind->name, there.name);
  return object;
}

void Plan::align_names(const Target& target) {
  const ArtefactIndex index(target.artefacts, "the target", FERRY_REMOTE);
  for (Artefact& artefact : artefacts_) {
    if (identity_of(artefact.type) != Kind::Identity::name || index.find(artefact.type, artefact.id)) continue;
    if (const auto named = index.named(artefact.type, artefact.name); named.size() == 1)
      artefact.id = target.artefacts[named.front()].id;
  }
}

std::optional<Rejection> Plan::conflict(std::size_t item, const Artefact& existing, bool mapped) const {
  const Artefact& artefact = artefacts_[item];
  if (mapped || existing.name == artefact.name) return std::nullopt;
  return Rejection{"name_conflict", "the target has " + artefact.type + " " + artefact.id + " under the name \"" +
                                        existing.name + "\", the package as \"" + artefact.name +
                                        "\"; SmartIQ updates an object only if both its id and its name agree. Rename "
                                        "one of them, and start environments as clones of their source"};
}

std::optional<Rejection> Plan::kept(std::size_t item, const Artefact& existing, const Target& target) const {
  const Kind* kind = kind_of_type(artefacts_[item].type);
  if (kind == nullptr || request_.policy != Policy::replace) return std::nullopt;
  const std::string& word = options_.of(*kind);
  if (word == "IfNotExists")
    return Rejection{"exists", "the target has it with other content, and import_options keep " +
                                   std::string(kind->import_option) + " that exist"};
  if (word == "IfNewer" && comparable_time(modified_[item]) <= comparable_time(target.detail(existing.id).modified))
    return Rejection{"not_newer", "the target has it with other content that is as new or newer (" +
                                      target.detail(existing.id).modified + "), and import_options ask for newer ones"};
  return std::nullopt;
}

Rejections Plan::rejections(const Target& target) const {
  const ArtefactIndex index(target.artefacts, "the target", FERRY_REMOTE);
  std::set<std::pair<std::string, std::string>> mapped;
  for (const Mapping& mapping : request_.mapping) {
    mapped.emplace(mapping.type, lower_guid(mapping.source));
    mapped.emplace("", lower_guid(mapping.source));
  }
  Rejections out;
  for (std::size_t i = 0; i < artefacts_.size(); ++i) {
    const auto found = index.find(artefacts_[i].type, artefacts_[i].id);
    if (!found) continue;
    const Artefact& existing = target.artefacts[*found];
    const bool is_mapped =
        mapped.contains({artefacts_[i].type, artefacts_[i].id}) || mapped.contains({artefacts_[i].type, names_[i]});
    if (auto rejection = conflict(i, existing, is_mapped))
      out.emplace(i, *std::move(rejection));
    else if (auto reason = kept(i, existing, target))
      out.emplace(i, *std::move(reason));
  }
  return out;
}

void Plan::compare_with(const Target& target) {
  target_ = &target;
  notices_.clear();
  expected_.clear();
  align_names(target);
  ImportRequest request = request_;
  for (Mapping& mapping : request.mapping) {
    mapping.source = lower_guid(mapping.source);
    mapping.target = lower_guid(mapping.target);
  }
  const Rejections rejected = rejections(target);
  comparison_.emplace(compare(
      artefacts_, target.artefacts, request, package_.complete(),
      [&](std::size_t item, const IdMap& ids) {
        const Object object = transformed(item, ids);
        return hash_of(object.type, object.json);
      },
      rejected));
  for (Decision& decision : comparison_->decisions) {
    if (decision.code == "not_newer") decision.severity = "warning";
    // What the policy leaves alone may be a conflict all the same, which is to be known.
    const auto found = rejected.find(decision.item);
    if (decision.code == "exists" && found != rejected.end() && found->second.code == "name_conflict") {
      decision.code = found->second.code;
      decision.message = found->second.message;
      decision.severity = "error";
    }
    if (!decision.write) continue;
    const Object object = transformed(decision.item, comparison_->ids);
    expected_[decision.item] = hash_of(object.type, object.json);
  }
  warn_of_target_values(target);
  warn_of_names(target);
}

void Plan::warn(std::string code, std::string message, std::size_t item) {
  notices_.push_back({std::move(code), std::move(message), item});
}

// What people forget: the package still has the connection string of where it comes from.
void Plan::warn_of_target_values(const Target& target) {
  for (const Decision& decision : comparison_->decisions) {
    if (!decision.write || decision.artefact->type != "data_source" || valued_.contains(decision.item)) continue;
    const std::string& connection = connections_[decision.item];
    if (connection.empty()) continue;
    const std::string how =
        "; give this connection a value for data_source/" + names_[decision.item] + " in settings.values";
    if (decision.existing == nullptr)
      warn("connection_string_of_source", "it is added with the connection string of where it comes from" + how,
           decision.item);
    else if (const std::string& there = target.detail(decision.target_id).connection;
             !target.detail(decision.target_id).hides && there != connection)
      warn("connection_string_overwritten",
           "the target's connection string is replaced by that of where it comes from" + how, decision.item);
  }
}

void Plan::warn_of_names(const Target& target) {
  std::set<std::pair<std::string_view, std::string_view>> known;
  for (const Artefact& artefact : target.artefacts) known.emplace(artefact.type, artefact.name);
  for (std::size_t i = 0; i < artefacts_.size(); ++i) known.emplace(artefacts_[i].type, names_[i]);
  for (const Decision& decision : comparison_->decisions) {
    if (!decision.write) continue;
    for (const Reference& reference : by_name_[decision.item])
      if (!known.contains({reference.type, reference.id}))
        warn("unknown_" + reference.type,
             "it refers to the " + reference.type + " \"" + reference.id +
                 "\", which neither the package nor the target's export has",
             decision.item);
  }
}

std::string Plan::body() const {
  std::map<std::string, std::string> lists;
  for (const Kind& kind : kinds()) lists.emplace(kind.member, "");
  for (const Decision& decision : comparison_->decisions) {
    if (!decision.write) continue;
    call_.throw_if_cancelled();
    const Object object = transformed(decision.item, comparison_->ids);
    std::string& list = lists[member_of(object.type)];
    if (!list.empty()) list += ',';
    object.json.append_to(list);
  }
  std::string out = "{\"options\":" + options_.json().dump();
  if (package_.others().is_object())
    for (const auto& [name, value] : package_.others().members()) {
      Json::append_quoted(out += ',', name);
      value.append_to(out += ':');
    }
  // In the order of the pack: a server that takes it apart as it comes finds what it expects.
  const auto add = [&](const std::string& member, std::string& list) {
    Json::append_quoted(out += ',', member);
    ((out += ":[") += list) += ']';
    list = {};
  };
  for (const Kind& kind : kinds()) {
    const auto found = lists.find(std::string(kind.member));
    add(found->first, found->second);
    lists.erase(found);
  }
  for (auto& [member, list] : lists) add(member, list);
  return out += '}';
}

void Plan::report_notices() const {
  for (const Notice& notice : notices_)
    call_.problem({.severity = "warning",
                   .code = notice.code,
                   .message = notice.message,
                   .type = artefacts_[notice.item].type,
                   .id = artefacts_[notice.item].id,
                   .name = names_[notice.item]});
}

}  // namespace ferry::smartiq
