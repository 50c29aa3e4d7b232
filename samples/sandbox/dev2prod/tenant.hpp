// One tenant of SMAX: its log-in, its file repository, and Dev2Prod with its export and import jobs.
//
// Jobs need no threads: what has come to its end by now is acted upon before anything else is answered. While a real
// import runs the tenant is locked: whoever is no Tenant Admin gets 403, and no other job begins (400; both inferred).
// An import that fails leaves the tenant as it was.
//
// Options beside those of the content and the accounts: job_ms (how long a job takes, default 200) or export_ms and
// import_ms; package_bytes (padding of packages, default 0); user_agent = required (default: uploads need a User-Agent
// that begins with Apache-HttpClient/, as documented) or any; object_ids and file_ids (a,b,c: the first ids given out,
// for documents to be reproduced); server_name. Job faults: fail (FAILED at the end, nothing changed), hang (RUNNING
// until its lease is over), partial (the last item of each part fails; the rest is applied).
// Threads: any number at once.
#pragma once

#include <mutex>

#include "samples/sandbox/core/environment.hpp"
#include "samples/sandbox/dev2prod/accounts.hpp"
#include "samples/sandbox/dev2prod/jobs.hpp"

namespace sandbox::dev2prod {

class Tenant : public Environment {
 public:
  explicit Tenant(const Settings&);

  Answer answer(const Request&) override;
  std::string state() const override;
  void restore(std::string_view) override;
  std::map<std::string, std::int64_t> counters() const override;

 private:
  struct File {
    Blob content;
    std::string id, name, content_type;  // id: what "Id" of the upload's answer says
  };

  std::optional<Answer> refuses(const Request&, const std::vector<std::string>& path);
  Answer log_in(const Request&, const std::vector<std::string>& path);
  Answer attachment(const Request&, const std::string& id);
  Answer upload(const Request&);
  Answer jobs(const Request&, const std::vector<std::string>& path);
  Answer begin_export(const std::string& package_id);
  Answer begin_import(const Request&, const json::Object& body);

  // With the lock held:
  void settle();
  void settle(ExportJob&);
  void settle(ImportJob&);
  bool is_locked() const;
  bool is_busy_exporting() const;
  const File* file(const std::string& id) const;  // by either of its ids
  Blob package_file(const std::string& package_id);
  std::string object_id();
  std::string file_id();
  void begin(Job&, const std::string& fault, const std::string& duration_option);
  std::int64_t now() const { return settings_.now_ms(); }

  const Settings settings_;
  mutable std::mutex mutex_;  // of everything below; forms are read without it
  Accounts accounts_;
  Configuration configuration_;
  Configuration after_import_;  // of the real import that runs, if one does
  std::int64_t revision_ = 0;   // of the configuration
  std::map<std::string, File> files_;
  std::map<std::string, ExportJob> exports_;
  std::map<std::string, ImportJob> imports_;
  std::vector<std::string> object_ids_, file_ids_;
  std::int64_t objects_given_ = 0, files_given_ = 0;
  std::map<std::string, std::pair<std::int64_t, Blob>> written_;  // package id -> of which revision, the file
  std::map<std::string, std::int64_t> counters_;
};

}  // namespace sandbox::dev2prod
