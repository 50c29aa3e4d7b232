// A connector whose platform is one JSON file: [{"id", "title", "text"}]. It does what the settings say goes wrong.
#include <ferry/artefacts.hpp>
#include <ferry/sdk.hpp>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace {

using ferry::Artefact;
using ferry::Json;

constexpr const char* type = "book";

Json content(const Json& book) { return Json::object({{"title", book["title"]}, {"text", book["text"]}}); }

std::vector<Artefact> artefacts(const std::vector<Json>& books) {
  std::vector<Artefact> all;
  for (const Json& book : books)
    all.push_back(
        Artefact{type, book["id"].as_string(), book["title"].as_string(), ferry::content_hash(content(book))});
  return all;
}

class Shelf {
 public:
  Shelf(ferry::Host host, const ferry::Config& config)
      : host_(host),
        file_(config.settings.text_or("file", "")),
        fails_(config.settings.text_or("fails", "")),
        slow_(config.settings.bool_or("slow", false)),
        in_(config.settings.text_or("in", "")),
        preview_(config.settings.text_or("preview", "")),
        read_only_(config.settings.bool_or("glass", false)) {}

  void check(const ferry::Call& call) {
    host_.log(FERRY_LOG_WARNING, "the shelf is dusty");
    wait(call, "check");
    read();
    if (read_only_) call.problem({.severity = "warning", .code = "read_only", .message = "the shelf is behind glass"});
  }

  void catalog(const ferry::Call&, ferry::Sink sink) {
    ferry::Records streams = sink.records("catalog");
    streams.add(Json::object(
        {{"stream", type}, {"kind", "artefact"}, {"key", Json::array({"type", "id"})}, {"title", "Books"}}));
    streams.flush();
  }

  void export_package(const ferry::Call& call, const ferry::ExportRequest& request, ferry::PackageWriter package) {
    wait(call, "export");
    const std::vector<Json> all = read();
    const std::vector<Artefact> known = artefacts(all);
    Json chosen = Json::array();
    for (const std::size_t i : ferry::select(known, request.select, request.dependencies).items) {
      chosen.push_back(all[i]);
      call.item({.type = type, .outcome = ferry::outcome::exported, .id = known[i].id, .name = known[i].name});
    }
    package.describe(Json::object({{"complete", request.select.empty()}}));
    package.entry("books.json", ferry::canonical_json(chosen));
  }

  void inspect(const ferry::Call&, ferry::PackageReader package, ferry::Sink sink) {
    ferry::Records records = sink.records(type);
    for (const Artefact& artefact : artefacts(packaged(package))) records.add(ferry::to_json(artefact));
    records.flush();
  }

  void import_package(const ferry::Call& call, const ferry::ImportRequest& request, ferry::PackageReader package) {
    wait(call, request.preview ? "preview" : "import");
    const std::vector<Json> source = packaged(package);
    if (request.preview && preview_ == "unsure")
      return call.item({.type = type, .outcome = ferry::outcome::unknown, .count = source.size()});
    std::vector<Json> books = read();
    const std::vector<Artefact> wanted = artefacts(source), existing = artefacts(books);
    const auto rehash = [&](std::size_t i, const ferry::IdMap&) { return ferry::content_hash(content(source[i])); };
    const ferry::Comparison plan = ferry::compare(wanted, existing, request, package.complete(), rehash);
    ferry::report(call, plan.warnings);
    for (const ferry::Decision& decision : plan.decisions) {
      ferry::report(call, decision);
      if (!decision.write || request.preview) continue;
      std::erase_if(books, [&](const Json& book) { return book["id"].as_string() == decision.target_id; });
      if (!decision.extra) books.push_back(source[decision.item]);
    }
    plan.throw_if_refused();
    if (request.preview && preview_ == "outdated") write({});
    if (!request.preview) write(books);
  }

 private:
  void wait(const ferry::Call& call, const std::string& step) const {
    if (in_.empty() ? step == "preview" || step == "import" : step != in_) return;
    if (fails_ == "auth") throw ferry::Error(FERRY_AUTH, "the shelf is locked");
    if (fails_ == "platform") throw ferry::Error(FERRY_TRANSIENT, "the shelf fell over");
    if (!slow_) return;
    host_.log(FERRY_LOG_WARNING, "looking for the shelf");
    host_.sleep_ms(call, 60'000);
  }
  std::vector<Json> read() const {
    std::ifstream file(file_);
    if (!file) throw ferry::Error(FERRY_BAD_CONFIG, "there is no shelf " + file_);
    std::ostringstream text;
    text << file.rdbuf();
    return Json::parse(text.str()).items();
  }
  void write(const std::vector<Json>& books) const {
    Json all = Json::array();
    for (const Json& book : books) all.push_back(book);
    std::ofstream(file_) << all.dump();
  }
  static std::vector<Json> packaged(const ferry::PackageReader& package) {
    const auto entry = package.find("books.json");
    if (!entry) throw ferry::Error(FERRY_BAD_DATA, "the package has no books.json");
    return Json::parse(package.text(*entry)).items();
  }

  ferry::Host host_;
  std::string file_, fails_;
  bool slow_;
  std::string in_, preview_;
  bool read_only_;
};

}  // namespace

FERRY_CONNECTOR(Shelf, R"({"id":"shelf","version":"1.0.0"})")
