#include "host/sync/stream_catalog.hpp"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/ParseHandler.h>
#include <Poco/JSON/Parser.h>

#include <algorithm>

#include "host/base/failure.hpp"
#include "host/base/json_text.hpp"
#include "host/base/text.hpp"

namespace ferry::host {
namespace {

constexpr std::int64_t good_for_ms = 3'600'000;

class Lines final : public RecordReceiver {
 public:
  void on_records(std::string_view, std::string_view lines, std::uint64_t) override { text += lines; }
  void on_checkpoint(std::string_view, std::string_view) override {}

  std::string text;
};

// Members in the order in which they stand, as columns are to stand in it.
Poco::JSON::Object::Ptr parse_in_order(std::string_view text) {
  try {
    Poco::JSON::Parser parser(new Poco::JSON::ParseHandler(true));
    return parser.parse(std::string(text)).extract<Poco::JSON::Object::Ptr>();
  } catch (const Poco::Exception&) {
    return nullptr;
  }
}

std::vector<CatalogStream> parse_lines(const std::string& text) {
  std::vector<CatalogStream> streams;
  for (const std::string& line : split(text, '\n'))
    if (!line.empty()) streams.push_back(parse_stream(line));
  return streams;
}

// What connector.h says of records of artefacts, for a catalog that says nothing else.
Layout artefact_layout(const std::vector<std::string>& key) {
  std::vector<Column> columns;
  for (const std::string& part : key) columns.push_back({part, ColumnType::text, true});
  for (const char* member : {"id", "type", "name", "hash", "version", "references"})
    if (std::find(key.begin(), key.end(), member) == key.end())
      columns.push_back(
          {member, std::string_view(member) == "references" ? ColumnType::json : ColumnType::text, false});
  return Layout(std::move(columns));
}

}  // namespace

Layout CatalogStream::layout() const {
  try {
    if (!schema && kind == "artefact") return artefact_layout(key);
    return Layout::of_schema(schema.get(), key);
  } catch (const Failure& failure) {
    throw Failure(failure.fault(), failure.code(), "the catalog describes " + name + ": " + failure.message());
  }
}

CatalogStream parse_stream(std::string_view line) {
  const Poco::JSON::Object::Ptr json = parse_in_order(line);
  CatalogStream stream;
  if (json) stream.name = json->optValue<std::string>("stream", "");
  if (stream.name.empty())
    throw Failure(
        Fault::connector, "bad_catalog",
        "its catalog describes a stream with what is no JSON object with a name: " + printable(shortened(line, 120)));
  stream.kind = json->optValue<std::string>("kind", "data");
  stream.title = json->optValue<std::string>("title", "");
  stream.cursor = json->optValue<std::string>("cursor", "");
  stream.removals = json->optValue<std::string>("removals", "full");
  stream.removed_when = json->optValue<std::string>("removed_when", "");
  stream.readable = json->optValue<bool>("readable", true);
  stream.enabled = json->optValue<bool>("enabled", true);
  stream.identities = json->optValue<bool>("identities", false);
  if (const auto key = json->getArray("key"); key)
    for (const auto& part : *key)
      if (part.isString()) stream.key.push_back(part.extract<std::string>());
  stream.schema = json->getObject("schema");
  return stream;
}

StreamCatalog StreamCatalog::of(Runner& runner, const std::string& connection, const std::string& parent_run,
                                bool fresh, const Cancellation& cancellation) {
  Environment& environment = runner.environment();
  const Manifest& manifest = environment.registry.find(environment.config->connection(connection).connector);
  const std::string space = "ferry/catalog/" + connection, key = manifest.library_sha256;
  const std::int64_t now = environment.clock.now_unix_ms();
  if (const auto kept = fresh ? std::nullopt : environment.store.state(space, key)) {
    const std::size_t line_end = std::min(kept->find('\n'), kept->size());
    const std::int64_t at = std::strtoll(kept->c_str(), nullptr, 10);
    if (at <= now && now - at < good_for_ms) return StreamCatalog(parse_lines(kept->substr(line_end)));
  }
  RunRequest request;
  request.operation = "catalog";
  request.connection = connection;
  request.parent = parent_run;
  Lines lines;
  const RunOutcome outcome = runner.run(request, cancellation, &lines);
  if (outcome.error) throw Failure(outcome.error->fault, outcome.error->code, outcome.error->message);
  StreamCatalog catalog(parse_lines(lines.text));
  environment.store.set_state(space, key, std::to_string(now) + "\n" + lines.text);
  return catalog;
}

const CatalogStream& StreamCatalog::stream(const std::string& name, const std::string& place) const {
  std::vector<std::string> names;
  for (const CatalogStream& stream : streams_) {
    if (stream.name == name) return stream;
    if (stream.readable) names.push_back(stream.name);
  }
  throw Failure(Fault::usage, "unknown_model",
                place + "there is no data model " + printable(shortened(name, 80)) + suggestion(name, names));
}

}  // namespace ferry::host
