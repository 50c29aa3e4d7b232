// The admin API of one SmartIQ server.
//
// The documented address is {ManageUrl}/api/v1/admin/..., and a ManageUrl ends in /Manage in the vendor's samples; so
// both /Manage/api/v1/admin/... and /api/v1/admin/... are answered. Paths are read without case, as IIS does.
//
// Options beside those of the content: username is any user of the content ("admin" may all, "viewer" may nothing),
// password (default "sandbox"); conflict = skip (default: what disagrees in id or name is left as it was, the rest is
// imported, and nothing is said) or refuse (409, nothing is imported); import_answer = none (default: 204) or summary
// (200 and a list of what became of each object). Faults of items concern imports; a job that fails is an import
// answered 500 with nothing changed, a partial one an import answered 500 half done; jobs do not hang, as there are
// none. Threads: any number at once.
#pragma once

#include <memory>
#include <mutex>

#include "samples/sandbox/core/environment.hpp"
#include "samples/sandbox/smartiq/accounts.hpp"
#include "samples/sandbox/smartiq/sync.hpp"

namespace sandbox::smartiq {

class Server : public Environment {
 public:
  explicit Server(const Settings&);

  Answer answer(const Request&) override;
  std::string state() const override;
  void restore(std::string_view) override;
  std::map<std::string, std::int64_t> counters() const override;

 private:
  Answer sessions(const Request&, const std::vector<std::string>& path);
  Answer export_pack(const Request&);
  Answer import_pack(const Request&);
  Answer collection(const Request&, Kind, const std::vector<std::string>& path);
  Answer object(const Request&, Kind, const ItemPointer&);
  Answer create(const Request&, Kind);
  std::shared_ptr<const Store> store() const;
  void replace(Store);
  void count(const std::vector<ItemResult>&);
  std::string option(const std::string& name) const;

  const Settings settings_;
  std::mutex change_mutex_;  // whoever changes the store, from reading it to replacing it
  std::int64_t created_ = 0;
  mutable std::mutex mutex_;  // of everything below, held for moments only
  std::shared_ptr<const Store> store_;
  Accounts accounts_;
  std::map<std::string, std::int64_t> counters_;
};

}  // namespace sandbox::smartiq
