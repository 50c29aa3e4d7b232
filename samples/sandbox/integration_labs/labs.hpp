// Integration Labs, API v3: companies and their connections, syncs, sync
// configuration, records, webhooks.
//
// Everything stands below /v3 and takes the header "api_key: sandbox" (its like
// with "-read-only" and "-no-rights" for keys that may do less; after the fault
// expire_tokens, "sandbox-2" and so on). Inferred, because v3 does not document
// it: codes in error bodies beside those of writes, 400 for parameters that
// mean nothing, 429 with code rate-limit-exceeded, headers X-RateLimit-* (those
// of v4), a read-only record API.
//
// Options of Settings, all texts: records (of each model, 300), records.MODEL,
// companies (2; all but the first have at most 25 records a model), enabled
// (models, by comma; those of accounting unless said), shape (full, or lean: 13
// members in about 430 bytes), job_ms (50), sleep_ms (0), sleep_after_jobs (0),
// rate_limit (0: none; requests a window), rate_window_ms (60000),
// rate_limit_headers (false), cache_mb (64), webhook_retry_ms (200), api_key
// (sandbox).
//
// For tests, without a key, below /sandbox:
//   POST /sandbox/changes         {"data_model":M, "company_id":C?, "add":N?,
//   "modify":N or [ids], "delete":N or [ids],
//                                  "members":{...}?, "bring":true?}: what
//                                  happens on the accounting platform. A sync
//                                 brings it over, deletions only a full one;
//                                 "bring" is an automatic sync at once.
//                                 members: every record of the model has these,
//                                 too, from now on.
//   PUT  /sandbox/companies/{id}  {"connection_status":S?, "sync_status":S or
//   null, "sync_resume_at":T or null} PUT  /sandbox/options         those above
//   that concern time and limits GET  /sandbox/content         records, deleted
//   and waiting changes of each model
#pragma once

#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "samples/sandbox/core/answers.hpp"
#include "samples/sandbox/core/environment.hpp"
#include "samples/sandbox/core/faults.hpp"
#include "samples/sandbox/integration_labs/page.hpp"
#include "samples/sandbox/integration_labs/syncs.hpp"
#include "samples/sandbox/integration_labs/table.hpp"
#include "samples/sandbox/integration_labs/webhooks.hpp"

namespace sandbox::integration_labs {

// What one key may ask for in a time.
class RateLimit {
 public:
  std::int64_t limit = 0, window_ms = 60'000;  // 0: as much as it wants
  bool shown = false;

  // Counts a request; false: one too many. The headers that tell it are put
  // into the answer.
  bool take(std::int64_t now);
  void show(Answer&, std::int64_t now, bool refused) const;

 private:
  std::int64_t window_ = -1, used_ = 0;
};

struct Company {
  std::uint64_t id = 0;
  std::string name, partner_id, integration_type, connection_status = "HEALTHY";
  std::int64_t updated_at = 0, last_synced = 0;
  std::optional<std::string> sync_status;  // said by a knob, instead of what its syncs do
  std::int64_t sync_resume_at = 0;
  bool deleted = false;
  std::map<std::string_view, std::unique_ptr<Table>> tables;  // by model
};

class Labs : public Environment {
 public:
  explicit Labs(const Settings&);

  Answer answer(const Request&) override;
  std::string state() const override;
  void restore(std::string_view) override;
  std::map<std::string, std::int64_t> counters() const override;

 private:
  using Segments = std::vector<std::string>;  // behind /v3
  struct Configuration {                      // of a model's automatic syncs
    bool enabled = false;
    std::string frequency = "DAILY";
    std::int64_t interval = 1;
  };

  Answer answer_locked(const Request&, const Segments&, std::unique_lock<std::mutex>&);
  void authorise(const Request&, const Segments&) const;
  Answer companies(const Request&, const Segments&);
  Answer syncs(const Request&, const Segments&);
  Answer start_sync(const Request&);
  Answer sync_configuration(const Request&) const;
  Answer webhooks(const Request&, const Segments&);
  Answer records(const Request&, const Segments&, std::unique_lock<std::mutex>&);

  Answer knob(const Request&, const Segments&);
  Answer change_content(const json::Object&);
  Answer content() const;
  void set_option(const std::string& name, const std::string& value);

  json::Object to_json(const Company&) const;
  json::Object configuration_json(const Model&) const;
  Company& company(std::uint64_t id);
  Company& company(const std::string& id);
  void configure(const std::vector<json::Value>& sync_config);

  // Brings over what the syncs that have ended by now found, and tells the
  // webhooks.
  void advance();
  void tell_changes(const Company&, const Model&, const Table::Brought&, bool full);
  void tell(std::string_view type, std::string_view operation, const Company&, std::string_view data_model,
            const std::string& data);
  std::int64_t option(const std::string& name, std::int64_t otherwise) const;
  std::int64_t now() const { return settings_.now_ms(); }

  const Settings settings_;
  std::string key_;
  ChunkCache cache_;
  mutable std::mutex mutex_;
  std::list<Company> companies_;
  std::map<std::string_view, Configuration> configuration_;
  Syncs syncs_;
  Pace pace_;
  RateLimit rate_limit_;
  std::vector<Webhook> webhooks_;
  std::uint64_t next_webhook_ = 1, changes_ = 0;
  std::map<std::string, std::int64_t> counters_;
  Deliveries deliveries_;  // last: its thread ends before anything else does
};

}  // namespace sandbox::integration_labs
