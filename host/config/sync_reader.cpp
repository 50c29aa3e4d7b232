#include "host/config/sync_reader.hpp"

#include <algorithm>

#include "host/base/failure.hpp"
#include "host/base/text.hpp"
#include "host/config/byte_size.hpp"
#include "host/config/date.hpp"
#include "host/config/postgresql_address.hpp"
#include "host/config/reference_reader.hpp"
#include "host/connectors/json_values.hpp"

namespace ferry::host {
namespace {

using namespace std::chrono_literals;
using Kind = YamlValue::Kind;

constexpr std::chrono::milliseconds year = 365 * 24h;

bool is_reserved(const std::string& identifier) {
  const std::string name = lower(identifier);
  return name.starts_with("pg_") || name.starts_with("sqlite_") || name.starts_with("_ferry") ||
         name == "information_schema";
}

// A name for a thing in a database that nobody has to quote.
std::string identifier(const YamlMembers& reader, const YamlMember& member, const std::string& path,
                       const std::string& name, std::size_t longest) {
  const bool good =
      !name.empty() && name.size() <= longest && (name[0] < '0' || name[0] > '9') &&
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == std::string::npos;
  if (!good)
    reader.fail(member, path,
                "is no name in a database; use letters, digits and _, no digit first (at most " +
                    std::to_string(longest) + ")");
  if (is_reserved(name)) reader.fail(member, path, "begins as names do that are reserved; choose another");
  return name;
}

std::uint64_t byte_size(const YamlMembers& reader, const YamlMember& member, const std::string& path,
                        std::uint64_t least, std::uint64_t most, const std::string& range) {
  const auto found = parse_byte_size(reader.text(member, path));
  if (!found) reader.fail(member, path, "is not an amount of memory; write a number and its unit, such as 8MiB, 1GiB");
  if (*found < least || *found > most) reader.fail(member, path, "must be from " + range);
  return *found;
}

UndoRules read_undo(const YamlMembers& reader, const YamlMember& member, const std::string& path) {
  UndoRules out;
  if (member.value.kind == Kind::scalar) {
    if (member.value.text != "off")
      reader.fail(member, path, "expected off, or what is kept, such as {keep: 7d, max: 1GiB}");
    out.enabled = false;
    return out;
  }
  reader.expect(member.value, Kind::map, member.line, path);
  reader.refuse_unknown(member.value, {"keep", "max"}, path);
  if (const YamlMember* one = member.value.find("keep"))
    out.keep_ms = reader.duration(*one, path + ".keep", 1min, year, "1m to 365d").count();
  if (const YamlMember* one = member.value.find("max"))
    out.most_bytes = byte_size(reader, *one, path + ".max", 1u << 20, 1ull << 50, "1MiB to 1024TiB");
  return out;
}

// Which part of CONNECTION.MODEL is which shows when the connections are known: until then all of it is the model.
std::vector<UnionView> read_unions(const YamlMembers& reader, const YamlMember& member, const std::string& path) {
  reader.expect(member.value, Kind::map, member.line, path);
  std::vector<UnionView> out;
  for (const YamlMember& one : member.value.members) {
    const std::string at = member_path(path, printable(shortened(one.name, 70)));
    UnionView view{identifier(reader, one, at, one.name, 63), {}};
    for (const std::string& text : reader.texts(one, at))
      view.members.push_back({"", text, one.value.items[view.members.size()].line, ""});
    if (view.members.size() < 2)
      reader.fail(one, at, "joins fewer than two models, such as [books.INVOICES, shop.INVOICES]");
    out.push_back(std::move(view));
  }
  return out;
}

void read_postgresql(const YamlMembers& reader, const YamlMember& member, const std::string& path,
                     DestinationConfig& out) {
  reader.expect(member.value, Kind::scalar, member.line, path);
  if (is_reference(member.value.text)) {
    out.reference = read_reference(reader, member, path);
    return;
  }
  if (!passwords_in(member.value.text).empty())
    reader.fail(member, path,
                "holds a password, which does not belong in this file; put the whole of it in an environment variable "
                "and write env:NAME, or in a file and write file:PATH");
  out.address = reader.text(member, path);
  if (!is_postgresql_address(out.address))
    reader.fail(member, path,
                "is no address of PostgreSQL; write postgresql://HOST/DATABASE, host=HOST dbname=DATABASE, or where it "
                "stands: env:NAME, file:PATH");
}

DestinationConfig read_destination(const YamlMembers& reader, const YamlMember& member) {
  const std::string path = member_path("destinations", printable(shortened(member.name, 70)));
  reader.expect_name(member, path, "a destination");
  const YamlValue& map = member.value;
  reader.expect(map, Kind::map, member.line, path);
  const YamlMember *sqlite = map.find("sqlite"), *postgresql = map.find("postgresql"), *ndjson = map.find("ndjson");
  reader.refuse_unknown(map, {"sqlite", "postgresql", "ndjson", "schema", "wait", "undo", "unions"}, path);
  if ((sqlite != nullptr) + (postgresql != nullptr) + (ndjson != nullptr) != 1)
    reader.fail(member, path, "expected one of sqlite: FILE, postgresql: ADDRESS and ndjson: FILE");

  DestinationConfig out;
  out.name = member.name;
  out.line = member.line;
  if (sqlite != nullptr) out.file = reader.path(*sqlite, path + ".sqlite");
  if (ndjson != nullptr) {
    out.kind = DestinationConfig::Kind::ndjson;
    out.file = reader.path(*ndjson, path + ".ndjson");
  }
  if (postgresql != nullptr) {
    out.kind = DestinationConfig::Kind::postgresql;
    read_postgresql(reader, *postgresql, path + ".postgresql", out);
  }
  if (const YamlMember* one = map.find("schema")) {
    if (postgresql == nullptr) reader.fail(*one, path + ".schema", "only PostgreSQL has schemas; leave the member out");
    out.schema = identifier(reader, *one, path + ".schema", reader.text(*one, path + ".schema"), 40);
  }
  if (const YamlMember* one = map.find("wait")) {
    if (sqlite == nullptr)
      reader.fail(*one, path + ".wait", "only a file of SQLite is waited for; leave the member out");
    out.wait = reader.duration(*one, path + ".wait", 0ms, 24h, "0s to 24h");
  }
  for (const char* name : {"undo", "unions"})
    if (const YamlMember* one = map.find(name); one != nullptr && ndjson != nullptr)
      reader.fail(*one, path + "." + name, "NDJSON is only appended to; leave the member out");
  if (const YamlMember* one = map.find("undo")) out.undo = read_undo(reader, *one, path + ".undo");
  if (const YamlMember* one = map.find("unions")) out.unions = read_unions(reader, *one, path + ".unions");
  return out;
}

std::optional<Frequency> read_frequency(const YamlMembers& reader, const YamlMember& member, const std::string& path) {
  try {
    if (member.value.kind == Kind::map) {
      reader.refuse_unknown(member.value, {"cron"}, path);
      const YamlMember& cron = reader.required(member, "cron", path);
      return Frequency::cron(reader.text(cron, path + ".cron"));
    }
    const std::string text = reader.text(member, path);
    if (text == "never") return std::nullopt;
    return Frequency::parse(text);
  } catch (const Failure& e) {
    if (e.code() != "bad_frequency") throw;
    reader.fail(member, path, e.message());
  }
}

const std::vector<std::string> model_members = {"every",   "enabled",    "priority",    "removals", "contract",
                                                "overlap", "full_every", "sweep_every", "from",     "max_record"};

// What a model, a connection and defaults may say; `out` holds what is otherwise so.
void read_model(const YamlMembers& reader, const YamlValue& map, const std::string& path, ModelSync& out) {
  if (const YamlMember* one = map.find("every")) out.every = read_frequency(reader, *one, path + ".every");
  if (const YamlMember* one = map.find("enabled")) out.enabled = reader.boolean(*one, path + ".enabled");
  if (const YamlMember* one = map.find("priority"))
    out.priority = reader.whole_number(*one, path + ".priority", 0, 1000);
  if (const YamlMember* one = map.find("removals")) {
    const std::string word =
        reader.word(*one, path + ".removals", "what becomes of removed records", {"mark", "delete"});
    out.removals = word == "delete" ? RemovalPolicy::remove : RemovalPolicy::mark;
  }
  if (const YamlMember* one = map.find("contract")) {
    const std::string word = reader.word(*one, path + ".contract", "a contract", {"evolve", "freeze", "discard"});
    out.contract = word == "freeze" ? Contract::freeze : word == "discard" ? Contract::discard : Contract::evolve;
  }
  if (const YamlMember* one = map.find("overlap"))
    out.overlap = reader.duration(*one, path + ".overlap", 0ms, 90 * 24h, "0s to 90d");
  if (const YamlMember* one = map.find("full_every"))
    out.full_every = read_frequency(reader, *one, path + ".full_every");
  if (const YamlMember* one = map.find("sweep_every"))
    out.sweep_every = read_frequency(reader, *one, path + ".sweep_every");
  if (const YamlMember* one = map.find("from")) {
    out.from = reader.text(*one, path + ".from");
    if (!is_date(out.from)) reader.fail(*one, path + ".from", "is no date; write YYYY-MM-DD, such as 2023-01-01");
  }
  if (const YamlMember* one = map.find("max_record"))
    out.max_record = byte_size(reader, *one, path + ".max_record", 1024, 64u << 20, "1KiB to 64MiB");
}

std::optional<Threshold> read_threshold(const YamlMembers& reader, const YamlMember& member, const std::string& path) {
  const auto found = parse_threshold(reader.text(member, path));
  if (!found)
    reader.fail(
        member, path,
        "is neither a number of records nor a share of them; write a number from 0, or a percentage from 0% to 100%");
  return found;
}

// What a connection and defaults may say.
void read_shared(const YamlMembers& reader, const YamlValue& map, const std::string& path,
                 const std::vector<DestinationConfig>& destinations, SyncSettings& out) {
  if (const YamlMember* one = map.find("to")) {
    std::vector<std::string> known;
    for (const DestinationConfig& destination : destinations) known.push_back(destination.name);
    out.to = reader.word(*one, path + ".to", "a destination of this file", known);
  }
  if (const YamlMember* one = map.find("max_removed"))
    out.max_removed = read_threshold(reader, *one, path + ".max_removed");
  if (const YamlMember* one = map.find("max_changed"))
    out.max_changed = read_threshold(reader, *one, path + ".max_changed");
  if (const YamlMember* one = map.find("max_failed"))
    out.max_failed = read_threshold(reader, *one, path + ".max_failed");
  read_model(reader, map, path, out.common);
}

std::vector<std::string> shared_members() {
  std::vector<std::string> out = {"to", "max_removed", "max_changed", "max_failed"};
  out.insert(out.end(), model_members.begin(), model_members.end());
  return out;
}

}  // namespace

std::string default_space(const std::string& connection) {
  std::string out = lower(connection);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c == '-' || c == '.'; }, '_');
  const bool digit_first = !out.empty() && out[0] >= '0' && out[0] <= '9';
  return digit_first || is_reserved(out) ? "_" + out : out;
}

std::vector<DestinationConfig> read_destinations(const YamlMembers& reader, const YamlMember& member) {
  reader.expect(member.value, Kind::map, member.line, "destinations");
  std::vector<DestinationConfig> out;
  for (const YamlMember& one : member.value.members) out.push_back(read_destination(reader, one));
  return out;
}

SyncSettings read_default_sync(const YamlMembers& reader, const YamlMember& member, const std::string& path,
                               const std::vector<DestinationConfig>& destinations) {
  reader.expect(member.value, Kind::map, member.line, path);
  for (const char* name : {"space", "options", "models"})
    if (const YamlMember* one = member.value.find(name))
      reader.fail(*one, path + "." + name, "belongs to one connection; write it under sync of that connection");
  reader.refuse_unknown(member.value, shared_members(), path);
  SyncSettings out;
  read_shared(reader, member.value, path, destinations, out);
  return out;
}

SyncSettings read_sync(const YamlMembers& reader, const YamlMember& member, const std::string& path,
                       const ConfigContent& content, Connection& connection) {
  const YamlValue& map = member.value;
  reader.expect(map, Kind::map, member.line, path);
  std::vector<std::string> known = shared_members();
  known.insert(known.end(), {"space", "options", "models"});
  reader.refuse_unknown(map, known, path);
  for (const YamlMember& one : map.members) connection.lines.emplace("sync." + one.name, one.line);
  SyncSettings out = content.default_sync;
  read_shared(reader, map, path, content.destinations, out);
  out.space = default_space(connection.name);
  if (const YamlMember* one = map.find("space"))
    out.space = identifier(reader, *one, path + ".space", reader.text(*one, path + ".space"), 40);
  out.options = new Poco::JSON::Object(Poco::JSON_PRESERVE_KEY_ORDER);
  if (const YamlMember* one = map.find("options")) {
    reader.expect(one->value, Kind::map, one->line, path + ".options");
    out.options = to_json(one->value, reader.file(), member_path("connections", connection.name), "sync.options",
                          connection.lines)
                      .extract<Poco::JSON::Object::Ptr>();
  }
  if (const YamlMember* models = map.find("models")) {
    reader.expect(models->value, Kind::map, models->line, path + ".models");
    for (const YamlMember& one : models->value.members) {
      const std::string at = member_path(path + ".models", printable(shortened(one.name, 70)));
      if (one.name.empty() || one.name != printable(one.name)) reader.fail(one, at, "is no name for a model");
      reader.expect(one.value, Kind::map, one.line, at);
      reader.refuse_unknown(one.value, model_members, at);
      connection.lines.emplace("sync.models." + one.name, one.line);
      ModelSync model = out.common;
      model.name = one.name;
      model.place = config_error(reader.file(), one.line, at, "");
      read_model(reader, one.value, at, model);
      out.models.emplace(one.name, std::move(model));
    }
  }
  return out;
}

}  // namespace ferry::host
