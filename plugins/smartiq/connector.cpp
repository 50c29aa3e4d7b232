// The connector: the operations, each in a few steps; what they do stands in the other files of this folder.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "admin_api.hpp"
#include "ferry/sdk.hpp"
#include "guids.hpp"
#include "import.hpp"
#include "kinds.hpp"
#include "options.hpp"
#include "pack.hpp"
#include "package.hpp"
#include "plan.hpp"
#include "values.hpp"

namespace ferry::smartiq {

namespace {

// The ids of the projects a request means; the platform exports projects, and what they use comes along.
std::vector<std::string> chosen_projects(AdminApi& api, const std::vector<Selector>& select) {
  for (const Selector& selector : select)
    if (!selector.type.empty() && selector.type != "project")
      throw Error(FERRY_BAD_CONFIG, "selecting " + selector.type + "=" + selector.key +
                                        ": SmartIQ exports projects with what they use; select project=NAME_OR_ID");
  std::vector<std::string> out;
  const bool by_id = !select.empty() && std::all_of(select.begin(), select.end(),
                                                    [](const Selector& selector) { return is_guid(selector.key); });
  if (by_id) {
    for (const Selector& selector : select) out.push_back(lower_guid(selector.key));
    return out;
  }
  std::vector<Artefact> all;
  for (const Listed& project : api.projects())
    all.push_back({.type = "project", .id = lower_guid(project.id), .name = project.name});
  std::vector<Selector> wanted = select;
  for (Selector& selector : wanted) selector.key = lower_guid(selector.key);
  for (const std::size_t i : ferry::select(all, wanted, false).items) out.push_back(all[i].id);
  return out;
}

}  // namespace

class SmartIq {
 public:
  SmartIq(Host host, const Config& config)
      : host_(host),
        settings_(config.settings),
        login_{config.url, std::string(config.settings.text_or("username", ""))} {}

  void check(const Call& call) {
    AdminApi api(host_, call, login_);
    api.log_in();
    const std::size_t projects = api.projects().size();
    if (!api.may_export())
      throw Error(FERRY_AUTH, "the user may list projects at " + api.url() +
                                  " but not sync them; give the user a role with the rights of an administrator");
    // An import that is refused and one that is tried look the same until something is imported.
    call.problem({.severity = "notice",
                  .code = "import_right_unproven",
                  .message =
                      "the user may sync projects out of this server; whether projects may be synced into it, only "
                      "an import tells: it fails if the user may not touch some part of the pack"});
    call.problem({.severity = "notice",
                  .code = "platform",
                  .message = "SmartIQ" + (api.version().empty() ? "" : " " + api.version()) + " with " +
                             std::to_string(projects) + " projects"});
  }

  void catalog(const Call&, Sink sink) {
    Records records = sink.records("catalog");
    for (const Kind& kind : kinds())
      records.add(Json::object({{"stream", kind.type},
                                {"kind", "artefact"},
                                {"title", kind.title},
                                {"key", Json::array({"id"})},
                                {"removals", "full"}}));
    records.flush();
  }

  void read(const Call& call, const ReadRequest& request, Sink sink) {
    for (const StreamRequest& stream : request.streams) {
      if (kind_of_type(stream.stream) == nullptr)
        throw Error(FERRY_BAD_CONFIG, "the stream \"" + stream.stream + "\" is unknown; see the catalog");
      if (stream.mode == "incremental" || stream.mode == "from")
        throw Error(FERRY_UNSUPPORTED, "the stream " + stream.stream + " can only be read in full");
    }
    AdminApi api(host_, call, login_);
    const std::vector<Artefact> artefacts = read_environment(api, call).artefacts();
    for (const StreamRequest& stream : request.streams) write(sink, stream.stream, artefacts);
  }

  void export_package(const Call& call, const ExportRequest& request, PackageWriter writer) {
    const Json options = export_options(with_options(settings_["export_options"], request.options));
    AdminApi api(host_, call, login_);
    call.progress(0, 0, "export");
    const std::vector<std::string> projects = chosen_projects(api, request.select);
    const Pack pack = Pack::parse(api.export_pack(projects, options), "exporting from " + api.url());
    const std::vector<Artefact> artefacts = pack.artefacts();
    const bool complete = request.select.empty() && options == export_options(Json::object());
    write_package(writer, pack, artefacts, complete);
    for (const Artefact& artefact : artefacts)
      call.item({.type = artefact.type, .outcome = outcome::exported, .id = artefact.id, .name = artefact.name});
  }

  void inspect(const Call&, PackageReader reader, Sink sink) {
    const std::vector<Artefact> artefacts = Package(reader).artefacts();
    std::vector<std::string> types;
    for (const Artefact& artefact : artefacts)
      if (types.empty() || types.back() != artefact.type) types.push_back(artefact.type);
    for (const std::string& type : types) write(sink, type, artefacts);
  }

  void import_package(const Call& call, const ImportRequest& request, PackageReader reader) {
    if (request.policy == Policy::add_version)
      throw Error(FERRY_UNSUPPORTED,
                  "SmartIQ's sync keeps no versions: the policy add_version is not offered; choose abort, replace or "
                  "skip");
    if (request.prune)
      throw Error(FERRY_UNSUPPORTED,
                  "an import of SmartIQ removes nothing that its package does not have: leave out prune");
    if (request.policy != Policy::replace && request.options.is_object() && !request.options.members().empty())
      throw Error(FERRY_BAD_CONFIG, "the options of an import say what the policy replace overwrites: leave \"" +
                                        request.options.members().front().first + "\" out, or import with replace");
    const ImportOptions options(request.policy, with_options(settings_["import_options"], request.options));
    const Package package(reader);
    Values values = Values::read(host_, call, settings_);
    Plan plan(call, request, options, package, values);
    AdminApi api(host_, call, login_);
    smartiq::import_package(host_, call, request, plan, api);
  }

 private:
  static void write(const Sink& sink, const std::string& type, const std::vector<Artefact>& artefacts) {
    Records records = sink.records(type);
    for (const Artefact& artefact : artefacts)
      if (artefact.type == type) records.add(to_json(artefact));
    records.flush();
  }

  Host host_;
  Json settings_;
  Login login_;
};

}  // namespace ferry::smartiq

FERRY_CONNECTOR(ferry::smartiq::SmartIq, R"({"id":"smartiq","version":"0.1.0"})")
