// Integration Labs as the sandbox plays it, for tests that change what is on it and know what must arrive.
//
// One sandbox for the object's life; begin_anew() takes everything back. Throws std::runtime_error. For one thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ferry/json.hpp"
#include "host/base/files.hpp"
#include "tests/platforms/sync_survival/web.hpp"
#include "tests/support/sandbox/sandbox.hpp"

namespace ferry::test {

// Records by identity.
using Content = std::map<std::string, Json>;

struct Change {
  std::string model;
  int add = 0, modify = 0, remove = 0;
  std::string members;  // JSON, "" for none: every record has them from now on
};

class Books {
 public:
  static constexpr std::int64_t company = 1089, second_company = 1090;
  static constexpr const char* environment = "integration_labs/dev";

  // options: "records=100", of the sandbox's Integration Labs.
  explicit Books(const std::vector<std::string>& options);

  const std::vector<std::string>& models() const { return models_; }
  std::string url() const { return sandbox_->url("INTEGRATION_LABS_DEV_URL"); }

  void begin_anew();
  // On the accounting platform; what is added and changed is brought over at once.
  void change(const Change&);
  // Everything that was changed, and what was deleted, is brought over before it returns.
  void bring_all();
  // Live records, read page by page.
  Content content(const std::string& model, std::int64_t of_company = company);

  void faults(const std::string& json);
  void option(const std::string& name, const std::string& value);
  std::int64_t counter(const std::string& name);
  // Since the beginning: of records, whatever became of them.
  std::int64_t requests();
  // The last of them: status and time.
  Json log() { return admin_->ask("GET", std::string("/environments/") + environment + "/requests"); }

 private:
  const std::vector<std::string> models_ = {"CONTACTS", "INVOICES"};
  host::TemporaryDirectory folder_;
  std::unique_ptr<Sandbox> sandbox_;
  std::unique_ptr<Web> admin_, platform_, knobs_;
};

}  // namespace ferry::test
