// The connector: the operations, each in a few steps; what they do stands in the other files of this folder.
#include <string>
#include <string_view>

#include "address.hpp"
#include "contents.hpp"
#include "export.hpp"
#include "ferry/sdk.hpp"
#include "import.hpp"
#include "inventory.hpp"
#include "jobs.hpp"
#include "options.hpp"
#include "session.hpp"
#include "words.hpp"

namespace ferry::spark {

namespace {

// What the credential may do, by asking for the jobs of that kind, which needs the same right.
bool may(const Call& call, Session& session, Host host, JobKind kind, std::string_view noun,
         std::string_view permission) {
  const HttpResponse answer = Jobs(host, call, session, kind, {}).list();
  const std::string asked = "asking for the tenant's " + std::string(noun) + " jobs";
  if (answer.status == 403) {
    call.problem({.severity = "warning",
                  .code = kind == JobKind::importing ? "read_only" : "no_export_right",
                  .message = "the credential may not " + std::string(noun) +
                             ": its groups need the features permission " + std::string(permission) +
                             " or Spark.AllEncompassingProxy.json (" + words_of(answer) + ")"});
    return false;
  }
  if (answer.status == 404)
    throw Error(FERRY_BAD_CONFIG, asked + ": there is no tenant " + session.address().tenant + " at " +
                                      session.address().origin + "; correct the connection's url (" + words_of(answer) +
                                      ")");
  if (!answer.ok()) throw refusal(answer, asked);
  object_of(answer, asked);
  return true;
}

}  // namespace

class Spark {
 public:
  Spark(Host host, const Config& config)
      : host_(host),
        settings_(config.settings),
        // Without a connection only packages are inspected, for which no address is needed.
        address_(config.url.empty() ? Address() : Address::parse(config.url, config.settings)),
        client_id_(config.settings.text_or("client_id", "")) {}

  void check(const Call& call) {
    Session session(host_, call, address_, client_id_);
    // Whoever answers here is reached; an older or guarded platform may have no health to show.
    const HttpResponse health = session.health();
    if (health.status >= 500) throw refusal(health, "asking for the platform's health at " + address_.health_url);
    if (health.ok() && health.body.find("UP") == std::string::npos)
      call.problem({.severity = "warning",
                    .code = "platform_health",
                    .message = "the platform does not say that it is up: " + words_of(health)});
    session.log_in();
    const bool exports = may(call, session, host_, JobKind::exporting, "export", "Spark.Exports.json");
    const bool imports = may(call, session, host_, JobKind::importing, "import", "Spark.Imports.json");
    if (!exports && !imports)
      throw Error(FERRY_AUTH, "the credential is good at " + address_.base +
                                  " but may neither export nor import; grant its groups Spark.Exports.json or "
                                  "Spark.Imports.json");
    call.problem({.severity = "notice", .code = "platform", .message = "Coherent Spark, tenant " + address_.tenant});
  }

  void catalog(const Call&, Sink sink) {
    static constexpr std::pair<std::string_view, std::string_view> streams[] = {
        {service_type, "Services, by folder and name"}, {version_type, "Versions of services"}};
    Records records = sink.records("catalog");
    for (const auto& [type, title] : streams)
      records.add(Json::object({{"stream", type},
                                {"kind", "artefact"},
                                {"title", title},
                                {"key", Json::array({"id"})},
                                {"removals", "full"}}));
    records.flush();
  }

  void read(const Call& call, const ReadRequest& request, Sink sink) {
    Session session(host_, call, address_, client_id_);
    read_inventory(host_, call, request, Options::read(with_options(settings_, request.options)), session, sink);
  }

  void export_package(const Call& call, const ExportRequest& request, PackageWriter writer) {
    const Options options = Options::read(with_options(settings_, request.options));
    export_body(request, options, "");  // what cannot be asked for is refused before the platform is
    Session session(host_, call, address_, client_id_);
    spark::export_package(host_, call, request, options, session, writer);
  }

  void inspect(const Call&, PackageReader reader, Sink sink) {
    const std::vector<Artefact> artefacts = Contents::read(reader).artefacts();
    for (const std::string_view type : {service_type, version_type}) {
      Records records = sink.records(std::string(type));
      for (const Artefact& artefact : artefacts)
        if (artefact.type == type) records.add(to_json(artefact));
      records.flush();
    }
  }

  void import_package(const Call& call, const ImportRequest& request, PackageReader reader) {
    const Options options = Options::read(with_options(settings_, request.options));
    Session session(host_, call, address_, client_id_);
    spark::import_package(host_, call, request, options, session, reader);
  }

 private:
  Host host_;
  Json settings_;
  Address address_;
  std::string client_id_;
};

}  // namespace ferry::spark

FERRY_CONNECTOR(ferry::spark::Spark, R"({"id":"spark","version":"0.1.0"})")
