// What Config knows of destinations.
#include "host/base/failure.hpp"
#include "host/base/text.hpp"
#include "host/config/config.hpp"
#include "host/config/postgresql_address.hpp"
#include "host/config/reference_reader.hpp"
#include "host/config/sync_reader.hpp"

namespace ferry::host {
namespace {

using Kind = DestinationConfig::Kind;

[[noreturn]] void refuse(const std::string& message) { throw Failure(Fault::usage, "bad_destination", message); }

bool ends_with_any(const std::string& name, std::initializer_list<const char*> endings) {
  for (const char* one : endings)
    if (lower(name).ends_with(one) && name.size() > std::string_view(one).size()) return true;
  return false;
}

SecretReference parse_reference(const std::string& text) {
  const std::size_t colon = text.find(':');
  SecretReference out{text.substr(0, colon), text.substr(colon + 1), 0};
  if (out.kind == "env" ? !is_variable_name(out.where) : out.where.empty())
    refuse("the destination " + printable(shortened(text, 100)) +
           ": write env:NAME with the name of an environment variable, or file:PATH");
  return out;
}

}  // namespace

SyncSettings Config::sync(const Connection& connection) const {
  if (connection.sync) return *connection.sync;
  SyncSettings out = default_sync_;
  out.space = default_space(connection.name);
  return out;
}

DestinationConfig Config::destination(const std::string& name) const {
  std::vector<std::string> known;
  for (const DestinationConfig& one : destinations_) {
    if (one.name == name) return one;
    known.push_back(one.name);
  }
  DestinationConfig out;
  out.name = name;
  if (is_reference(name)) {
    out.kind = Kind::postgresql;
    out.reference = parse_reference(name);
  } else if (is_postgresql_url(name)) {
    if (!passwords_in(name).empty())
      refuse(
          "the destination's address holds a password, which others on this machine can see in the list of processes; "
          "put the whole of it in an environment variable and write env:NAME");
    out.kind = Kind::postgresql;
    out.address = name;
  } else if (name.find("://") != std::string::npos) {
    refuse("the destination " + printable(shortened(name.substr(0, name.find("://")), 40)) +
           "://... is none that is known; write postgresql://HOST/DATABASE, or a path");
  } else if (name == "-" || ends_with_any(name, {".ndjson", ".jsonl"})) {
    out.kind = Kind::ndjson;
    out.file = name;
  } else if (name.find('/') != std::string::npos || ends_with_any(name, {".db", ".sqlite", ".sqlite3"})) {
    out.file = name;
  } else {
    throw Failure(Fault::usage, "unknown_destination",
                  file_.string() + ": there is no destination \"" + printable(shortened(name, 100)) + "\"" +
                      (known.empty() ? "" : suggestion(name, known)) +
                      "; a file of SQLite can be named as well, such as --to warehouse.db");
  }
  return out;
}

std::string Config::address(const DestinationConfig& destination, Redactor& redactor) const {
  if (!destination.reference) return destination.address;
  const SecretReference& reference = *destination.reference;
  const std::string about =
      destination.line > 0 ? config_error(file_, reference.line, "destinations." + destination.name + ".postgresql", "")
                           : "the destination " + destination.name + ": ";
  std::string address = read_secret(reference, about);
  redactor.add(address);
  for (const std::string& password : passwords_in(address)) {
    if (password.size() < Redactor::shortest_secret)
      throw Failure(Fault::usage, "short_secret",
                    about + (reference.kind == "file" ? "the file " : "the environment variable ") + reference.where +
                        " holds a password of fewer than " + std::to_string(Redactor::shortest_secret) +
                        " bytes; so short a secret cannot be masked where it is shown, use a longer one");
    redactor.add(password);
  }
  if (!is_postgresql_address(address))
    refuse(about + (reference.kind == "file" ? "the file " : "the environment variable ") + reference.where +
           " holds no address of PostgreSQL; write postgresql://HOST/DATABASE or host=HOST dbname=DATABASE into it");
  return address;
}

}  // namespace ferry::host
