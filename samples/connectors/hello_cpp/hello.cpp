// A connector to start from: a made-up platform that keeps notes, reached with JSON over HTTP.
//
//   GET    /api/notes       {"notes":[{"id":"n1","title":"First","text":"...","links":["n2"]}]}
//   PUT    /api/notes/ID    creates or replaces one note
//   DELETE /api/notes/ID
//
// A note is an artefact of the type "note": its title is its name, its links are its references. Whatever goes wrong is
// a ferry::Error that says who must act; the SDK takes it across the border.
#include <ferry/artefacts.hpp>
#include <ferry/sdk.hpp>
#include <string>
#include <vector>

namespace {

using ferry::Artefact;
using ferry::Json;

constexpr const char* type = "note";
constexpr const char* entry_name = "notes.json";

Json content(const Json& note, const ferry::IdMap& ids = {}) {
  Json links = Json::array();
  for (const Json& link : note["links"].items()) links.push_back(ids.target(type, link.as_string()));
  return Json::object({{"title", note["title"]}, {"text", note["text"]}, {"links", links}});
}

std::vector<Artefact> artefacts(const std::vector<Json>& notes) {
  std::vector<Artefact> all;
  for (const Json& note : notes) {
    Artefact artefact{type, note["id"].as_string(), note["title"].as_string(), ferry::content_hash(content(note))};
    for (const Json& link : note["links"].items()) artefact.references.push_back({type, link.as_string()});
    all.push_back(std::move(artefact));
  }
  return all;
}

class Hello {
 public:
  Hello(ferry::Host host, const ferry::Config& config)
      : host_(host), api_(std::string(config.settings.text_or("api", "/api")) + "/notes") {}

  void check(const ferry::Call& call) { notes(call); }

  void catalog(const ferry::Call&, ferry::Sink sink) {
    ferry::Records streams = sink.records("catalog");
    streams.add(Json::object(
        {{"stream", type}, {"kind", "artefact"}, {"key", Json::array({"type", "id"})}, {"title", "Notes"}}));
    streams.flush();
  }

  void read(const ferry::Call& call, const ferry::ReadRequest& request, ferry::Sink sink) {
    for (const ferry::StreamRequest& stream : request.streams) {
      if (stream.stream != type)
        throw ferry::Error(FERRY_BAD_CONFIG, "reading \"" + stream.stream + "\": the only stream is \"note\"");
      deliver(artefacts(notes(call)), sink);
    }
  }

  void export_package(const ferry::Call& call, const ferry::ExportRequest& request, ferry::PackageWriter package) {
    const std::vector<Json> all = notes(call);
    const std::vector<Artefact> known = artefacts(all);
    Json chosen = Json::array();
    for (const std::size_t i : ferry::select(known, request.select, request.dependencies).items) {
      chosen.push_back(all[i]);
      call.item({.type = type, .outcome = ferry::outcome::exported, .id = known[i].id, .name = known[i].name});
    }
    package.describe(Json::object({{"complete", chosen.items().size() == all.size() ? Json(true) : Json(false)}}));
    package.entry(entry_name, ferry::canonical_json(chosen));
  }

  void inspect(const ferry::Call&, ferry::PackageReader package, ferry::Sink sink) {
    deliver(artefacts(packaged(package)), sink);
  }

  void import_package(const ferry::Call& call, const ferry::ImportRequest& request, ferry::PackageReader package) {
    const std::vector<Json> source = packaged(package);
    const std::vector<Artefact> wanted = artefacts(source), existing = artefacts(notes(call));
    const auto rehash = [&](std::size_t i, const ferry::IdMap& ids) {
      return ferry::content_hash(content(source[i], ids));
    };
    const ferry::Comparison plan = ferry::compare(wanted, existing, request, package.complete(), rehash);

    ferry::report(call, plan.warnings);
    for (const ferry::Decision& decision : plan.decisions) {
      call.throw_if_cancelled();
      if (decision.write && !request.preview) {
        ferry::HttpRequest write{.method = decision.extra ? "DELETE" : "PUT", .url = api_ + "/" + decision.target_id};
        if (!decision.extra) {
          Json note = content(source[decision.item], plan.ids);
          note.set("id", decision.target_id);
          write.body = note.dump();
        }
        if (const ferry::HttpResponse answer = send(call, std::move(write)); !answer.ok()) {
          ferry::report_failure(call, decision, "write_failed",
                                ferry::http_error(answer, "writing the note").message());
          continue;
        }
      }
      ferry::report(call, decision);
    }
    plan.throw_if_refused();
  }

 private:
  ferry::HttpResponse send(const ferry::Call& call, ferry::HttpRequest request) const {
    const auto token = host_.secret(call, "token");
    if (!token) throw ferry::Error(FERRY_AUTH, "the connection has no secret \"token\"; add it to its secrets");
    request.headers = {{"Authorization", "Bearer " + *token}, {"Content-Type", "application/json"}};
    return ferry::Http(host_, call).send(std::move(request));
  }
  std::vector<Json> notes(const ferry::Call& call) const {
    const ferry::HttpResponse answer = send(call, {.method = "GET", .url = api_});
    if (!answer.ok()) throw ferry::http_error(answer, "reading the notes");
    return Json::parse(answer.body)["notes"].items();
  }
  static std::vector<Json> packaged(const ferry::PackageReader& package) {
    const auto entry = package.find(entry_name);
    if (!entry) throw ferry::Error(FERRY_BAD_DATA, "the package has no notes.json: it is not one of this connector's");
    try {
      return Json::parse(package.text(*entry)).items();
    } catch (const ferry::JsonError& error) {
      throw ferry::Error(FERRY_BAD_DATA, std::string("reading notes.json of the package: ") + error.what());
    }
  }
  static void deliver(const std::vector<Artefact>& all, ferry::Sink sink) {
    ferry::Records records = sink.records(type);
    for (const Artefact& artefact : all) records.add(ferry::to_json(artefact));
    records.flush();
  }

  ferry::Host host_;
  std::string api_;
};

}  // namespace

FERRY_CONNECTOR(Hello, R"({"id":"org.example.hello-cpp","version":"1.0.0"})")
