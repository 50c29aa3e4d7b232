// What ferry.yaml says about syncs: where to, how often, and how.
//
//   destinations:
//     warehouse: {sqlite: warehouse.db}                   # the path starts at the folder of the file
//     lake: {postgresql: env:LAKE_URL, schema: ferry}     # libpq's URL or conninfo; with a password by reference only
//     pipe: {ndjson: records.ndjson}
//     # of SQLite: wait: 60s, for another program that holds the file
//     # any of them: undo: {keep: 7d, max: 1GiB}, or undo: off
//     #              unions: {all_invoices: [books.INVOICES, shop.INVOICES]}
//   connections:
//     books:
//       sync:
//         to: warehouse
//         every: 15m                      # or hourly, daily, weekly, cron "0 6 * * 1-5", {cron: "0 6 * * 1-5"}, never
//         enabled: true
//         priority: 10                    # the higher comes first
//         space: books                    # prefix of tables (SQLite), schema (PostgreSQL)
//         removals: mark                  # or delete
//         contract: evolve                # or freeze, discard
//         overlap: 10m
//         full_every: weekly
//         sweep_every: daily
//         from: 2023-01-01
//         max_record: 8MiB
//         max_removed: 10%                # also max_changed, max_failed; or a number
//         options: {platform_sync: trigger}
//         models:
//           INVOICES: {every: 15m, priority: 20}
//
// A model says what differs for it, the connection what holds for its other models, and defaults: {sync: ...} what
// holds where the connection says nothing: all of this but space, options and models, which belong to one connection.
// Plain values; whoever holds them owns them.
#pragma once

#include <Poco/JSON/Object.h>

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "host/config/frequency.hpp"
#include "host/config/secrets.hpp"
#include "host/config/threshold.hpp"
#include "host/records/sync_rules.hpp"

namespace ferry::host {

// A view over models of one kind.
struct UnionView {
  struct Member {
    std::string connection, model;
    int line = 0;
    std::string place;  // where it is written, as errors begin: "ferry.yaml:4: destinations.w.unions.all[0]: "
  };
  std::string name;
  std::vector<Member> members;  // at least two
};

struct DestinationConfig {
  enum class Kind { sqlite, postgresql, ndjson };

  std::string name;  // of one given on the command line, what was given
  Kind kind = Kind::sqlite;
  std::string file;     // of SQLite and NDJSON; absolute where the configuration names it; "-": standard output
  std::string address;  // of PostgreSQL, without a password; "" where it stands elsewhere: see Config::address
  std::optional<SecretReference> reference;
  std::string schema = "ferry";            // of PostgreSQL: where the bookkeeping tables are
  std::chrono::milliseconds wait{60'000};  // of SQLite: for another program that holds the file
  UndoRules undo;
  std::vector<UnionView> unions;
  int line = 0;  // 0: not of the configuration
};

// One model, with everything decided.
struct ModelSync {
  std::string name;
  std::optional<Frequency> every;  // nullopt: only when asked for
  bool enabled = true;
  int priority = 0;
  RemovalPolicy removals = RemovalPolicy::mark;
  Contract contract = Contract::evolve;
  std::chrono::milliseconds overlap{600'000};        // an incremental read begins so much before the checkpoint's time
  std::optional<Frequency> full_every, sweep_every;  // to find what was removed: by reading all, by reading identities
  std::string from;                                  // YYYY-MM-DD, where the first read begins; "": at the beginning
  std::size_t max_record = 8u << 20;                 // bytes; a longer record is not taken
  std::string place;  // of one that is listed: where, as errors begin: "ferry.yaml:9: connections.books.sync....: "
};

struct SyncSettings {
  std::string to;     // name of a destination; "": the command says it
  std::string space;  // letters, digits and _
  std::optional<Threshold> max_removed, max_changed, max_failed;
  Poco::JSON::Object::Ptr options = new Poco::JSON::Object;  // for the connector's read; never null
  ModelSync common;                                          // of models that are not listed; without a name
  std::map<std::string, ModelSync> models;

  ModelSync model(const std::string& name) const {
    if (const auto found = models.find(name); found != models.end()) return found->second;
    ModelSync out = common;
    out.name = name;
    return out;
  }
};

}  // namespace ferry::host
