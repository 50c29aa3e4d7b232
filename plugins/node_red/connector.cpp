// The connector: the operations, each in a few steps; what they do stands in the other files of this folder.
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "admin_api.hpp"
#include "artefacts.hpp"
#include "ferry/sdk.hpp"
#include "import.hpp"
#include "package.hpp"

namespace ferry::node_red {

namespace {

constexpr std::string_view types[] = {config_node_type, flow_type, subflow_type};

void report_strays(const Call& call, const Configuration& configuration) {
  for (const Stray& stray : configuration.strays())
    call.problem({.severity = "warning", .code = stray.code, .message = stray.message + "; it belongs to no artefact"});
}

}  // namespace

class NodeRed {
 public:
  NodeRed(Host host, const Config& config)
      : host_(host), login_{config.url, std::string(config.settings.text_or("username", ""))} {}

  void check(const Call& call) {
    AdminApi api(host_, call, login_);
    const Rights rights = api.rights();
    const Configuration configuration = api.flows();
    if (!rights.writes_flows)
      call.problem({.severity = "warning",
                    .code = "read_only",
                    .message = (rights.username.empty() ? std::string("everybody") : "the user " + rights.username) +
                               " may read the flows but not write them: exports work, imports will be refused"});
    if (!rights.version.starts_with("4."))
      call.problem({.severity = "warning",
                    .code = "untested_version",
                    .message = "this is Node-RED " + rights.version + "; the connector is tested with 4.x"});
    report_strays(call, configuration);
    call.problem(
        {.severity = "notice",
         .code = "platform",
         .message = "Node-RED " + rights.version + " with " + std::to_string(configuration.nodes().size()) + " nodes"});
  }

  void catalog(const Call&, Sink sink) {
    static constexpr std::string_view titles[] = {"Global config nodes", "Flows (tabs) with their nodes", "Subflows"};
    Records records = sink.records("catalog");
    for (std::size_t i = 0; i < std::size(types); ++i)
      records.add(Json::object({{"stream", types[i]},
                                {"kind", "artefact"},
                                {"title", titles[i]},
                                {"key", Json::array({"id"})},
                                {"removals", "full"}}));
    records.flush();
  }

  void read(const Call& call, const ReadRequest& request, Sink sink) {
    for (const StreamRequest& stream : request.streams) {
      if (std::find(std::begin(types), std::end(types), stream.stream) == std::end(types))
        throw Error(FERRY_BAD_CONFIG,
                    "the stream \"" + stream.stream + "\" is unknown; Node-RED has config_node, flow and subflow");
      if (stream.mode == "incremental" || stream.mode == "from")
        throw Error(FERRY_UNSUPPORTED, "the stream " + stream.stream + " can only be read in full");
    }
    AdminApi api(host_, call, login_);
    const Configuration configuration = api.flows();
    report_strays(call, configuration);
    for (const StreamRequest& stream : request.streams) {
      Records records = sink.records(stream.stream);
      for (const Part& part : configuration.parts())
        if (part.type == stream.stream) records.add(to_json(record(configuration, part)));
      records.flush();
    }
  }

  void export_package(const Call& call, const ExportRequest& request, PackageWriter writer) {
    AdminApi api(host_, call, login_);
    call.progress(0, 0, "read the flows");
    const Configuration configuration = api.flows();
    report_strays(call, configuration);

    std::vector<Configuration::References> references;
    std::vector<Artefact> all;  // as they are selected: without hashes, with what has to come along
    for (const Part& part : configuration.parts()) {
      references.push_back(configuration.references(part));
      all.push_back({.type = std::string(part.type),
                     .id = std::string(part.id),
                     .name = std::string(part.name),
                     .references = references.back().needed});
    }
    const Selection chosen = select(all, request.select, request.dependencies);
    for (const Selection::Dangling& dangling : chosen.dangling)
      call.problem({.severity = "warning",
                    .code = "dangling_reference",
                    .message = "it refers to " + dangling.to.type + " " + dangling.to.id + ", which is not there",
                    .type = all[dangling.item].type,
                    .id = all[dangling.item].id,
                    .name = all[dangling.item].name});
    call.progress(0, chosen.items.size(), "write the package");
    write_package(writer, configuration, references, chosen.items, request.select.empty());
    for (const std::size_t i : chosen.items)
      call.item({.type = all[i].type, .outcome = outcome::exported, .id = all[i].id, .name = all[i].name});
  }

  void inspect(const Call&, PackageReader reader, Sink sink) {
    const std::vector<Artefact> artefacts = Package(reader).linked_artefacts();
    for (const std::string_view type : types) {
      Records records = sink.records(std::string(type));
      for (const Artefact& artefact : artefacts)
        if (artefact.type == type) records.add(to_json(artefact));
      records.flush();
    }
  }

  void import_package(const Call& call, const ImportRequest& request, PackageReader reader) {
    if (request.policy == Policy::add_version)
      throw Error(FERRY_UNSUPPORTED,
                  "Node-RED keeps no versions: the policy add_version is not offered; choose abort, "
                  "replace or skip");
    const Package package(reader);
    AdminApi api(host_, call, login_);
    node_red::import_package(host_, call, request, package, api, login_.url);
  }

 private:
  Host host_;
  Login login_;
};

}  // namespace ferry::node_red

FERRY_CONNECTOR(ferry::node_red::NodeRed, R"({"id":"node-red","version":"0.1.0"})")
