#include "host/base/text.hpp"
#include "host/config/sync_reader.hpp"
#include "host/connectors/json_values.hpp"

namespace ferry::host {
namespace {

// A name may hold dots, as a model's may: the longest name of a connection is meant.
void resolve(const YamlMembers& reader, const std::string& path, const std::vector<std::string>& connections,
             UnionView::Member& member) {
  const std::string text = member.model;
  member.place = config_error(reader.file(), member.line, path, "");
  for (const std::string& name : connections)
    if (text.size() > name.size() + 1 && text.starts_with(name + ".") && name.size() > member.connection.size()) {
      member.connection = name;
      member.model = text.substr(name.size() + 1);
    }
  if (!member.connection.empty()) return;
  const std::size_t dot = text.find('.');
  if (dot == 0 || dot == std::string::npos || dot + 1 == text.size())
    bad_config(reader.file(), member.line, path, "expected CONNECTION.MODEL, such as books.INVOICES");
  const std::string name = text.substr(0, dot);
  bad_config(reader.file(), member.line, path,
             "there is no connection \"" + shortened(name, 100) + "\"" + suggestion(name, connections));
}

}  // namespace

void check_syncs(const YamlMembers& reader, ConfigContent& content) {
  std::vector<std::string> connections;
  for (const Connection& one : content.connections) connections.push_back(one.name);
  for (DestinationConfig& destination : content.destinations)
    for (UnionView& view : destination.unions)
      for (std::size_t i = 0; i < view.members.size(); ++i)
        resolve(reader, item_path(member_path("destinations", destination.name) + ".unions." + view.name, i),
                connections, view.members[i]);

  if (content.destinations.size() == 1) {
    if (content.default_sync.to.empty()) content.default_sync.to = content.destinations[0].name;
    for (Connection& one : content.connections)
      if (one.sync && one.sync->to.empty()) one.sync->to = content.destinations[0].name;
  }
  // SQLite does not tell names apart by their case.
  std::map<std::string, const Connection*> owners;
  for (const Connection& one : content.connections) {
    if (!one.sync) continue;
    const auto [owner, added] = owners.emplace(one.sync->to + "/" + lower(one.sync->space), &one);
    if (!added)
      bad_config(reader.file(), one.line_of("sync.space"), member_path("connections", one.name) + ".sync.space",
                 "the space \"" + one.sync->space + "\" is that of the connection " + owner->second->name +
                     " in the same destination; give one of them another, such as space: " + one.sync->space + "_2");
  }
}

}  // namespace ferry::host
