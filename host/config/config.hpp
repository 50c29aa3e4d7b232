// ferry.yaml: stages, connections, destinations, defaults. Every error names file, line and member and suggests the
// nearest name.
//
//   stages: [dev, test, prod]                 # in order; these three if left out
//   defaults: {on_existing: abort, timeout: 60s, attempts: 5}
//   connections:
//     flows-dev:
//       connector: node-red
//       url: http://127.0.0.1:1880                     # or env:NAME, which is looked up when the connection is used
//       stage: dev
//       secrets: {password: env:NODE_RED_PASSWORD}     # env:NAME or file:PATH
//       tls: {ca_file: /etc/ca.pem, verify: true}
//       allow_hosts: [files.example.com]
//       timeout: 30s
//       rate_limit: {requests: 100, per: 60s, reserve: 20%}
//       settings: {username: admin}                    # as the connector's schema says
//
// Destinations, and what a connection and defaults say of syncs: sync_settings.hpp.
// defaults hold for connections that do not say otherwise. A secret never stands in the file itself: one that does is
// refused, and no message repeats it. Relative paths start at the folder of the file. Failures: Failure(usage, ...)
// unless stated. A Config does not change; any thread may use it.
#pragma once

#include <Poco/JSON/Object.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "host/base/redactor.hpp"
#include "host/config/secrets.hpp"
#include "host/config/sync_settings.hpp"
#include "host/connectors/manifest.hpp"

namespace ferry::host {

// What of the platform's rate limit may be used, and how it is waited for: rate_limit_reader.hpp.
struct ConnectionRateLimit {
  int requests = 0, concurrent = 0;  // 0: not declared
  std::chrono::milliseconds per{0};
  double reserve = 0;                                 // the share left to others
  std::chrono::milliseconds waiting_after{10'000};    // a run that waits longer is shown as waiting
  std::chrono::milliseconds longest_wait{3'600'000};  // one that would have to wait longer fails
};

struct Connection {
  std::string name;
  std::string connector;
  std::string url;           // without a slash at its end; "" where the file refers to a variable: see Config::resolved
  std::string url_variable;  // of `url: env:NAME`
  std::string stage;         // "": none
  std::map<std::string, SecretReference> secrets;
  Poco::JSON::Object::Ptr settings;  // never null
  bool verify_tls = true;
  std::string ca_file;  // absolute; "": the system's
  std::vector<std::string> allow_hosts;
  std::chrono::milliseconds timeout{60'000};  // longest silence of the platform
  int attempts = 5;
  ConnectionRateLimit rate_limit;
  std::optional<SyncSettings> sync;   // of a connection that says so
  std::string on_existing = "abort";  // where the request does not say
  int line = 0;
  std::map<std::string, int> lines;  // of its members: "stage", "settings.username", "sync.models.INVOICES"

  // The line of the member, or of the nearest thing around it.
  int line_of(std::string path) const;
};

class Config {
 public:
  // option: --config, "" if not given; else FERRY_CONFIG, else ./ferry.yaml, else $XDG_CONFIG_HOME/ferry/ferry.yaml.
  // Failure(usage, no_config) if none of the last two is there.
  static std::filesystem::path locate(const std::string& option);
  // Failure (usage, no_config): not there, empty, a directory; (machine, permission); (usage, bad_config).
  static Config load(const std::filesystem::path& file);

  const std::filesystem::path& file() const noexcept { return file_; }
  const std::vector<std::string>& stages() const noexcept { return stages_; }
  const std::vector<Connection>& connections() const noexcept { return connections_; }  // as in the file
  const Connection& connection(const std::string& name) const;  // Failure(usage, unknown_connection) with suggestion
  // The connection with the URL it has now. Failure(usage): missing_url, the variable it refers to is not set;
  // bad_config, the variable holds no URL.
  Connection resolved(const Connection&) const;
  // How the connection is synced: as it says, or as defaults do.
  SyncSettings sync(const Connection&) const;

  const std::vector<DestinationConfig>& destinations() const noexcept { return destinations_; }  // as in the file
  // By name, or one that the command line describes: - (NDJSON to standard output), FILE.ndjson, FILE.db or any path
  // (SQLite), a URL of PostgreSQL without a password, env:NAME or file:PATH where one stands. Failure(usage,
  // unknown_destination) with suggestion; (usage, bad_destination).
  DestinationConfig destination(const std::string& name) const;
  // Of PostgreSQL, with the value it refers to; its passwords are added to the redactor. Failure(usage):
  // missing_secret, bad_destination; (machine, permission).
  std::string address(const DestinationConfig&, Redactor&) const;

  // Position of the stage in the order; nullopt if the connection has none.
  std::optional<std::size_t> stage_order(const Connection&) const;

  // The connection's settings, secrets, policy and CA file against the connector's manifest: Failure(usage, bad_config)
  // with one line for each thing that is wrong. Gives the settings to run with: a copy with the schema's defaults.
  [[nodiscard]] Poco::JSON::Object::Ptr check(const Connection&, const Manifest&) const;
  // Reads the secrets' values and adds them to the redactor. Failure(usage, missing_secret), (usage, short_secret),
  // (machine, permission) - a secret file that everybody may read is refused; see secrets.hpp.
  std::map<std::string, std::string> secrets(const Connection&, Redactor&) const;

 private:
  std::filesystem::path file_;
  std::vector<std::string> stages_;
  std::vector<Connection> connections_;
  std::vector<DestinationConfig> destinations_;
  SyncSettings default_sync_;
};

}  // namespace ferry::host
