// ferry/testing_connector.hpp - the operations of a connector, called as the real host does: see testing.hpp.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "ferry/connector.h"
#include "ferry/error.hpp"
#include "ferry/sha256.hpp"
#include "ferry/testing_host.hpp"

namespace ferry::testing {

// One instance of a connector.
class Connector {
 public:
  // create() is called with the configuration; `created` tells how that went.
  Connector(FakeHost& host, const ferry_connector* table, std::string_view config_json) : host_(host), table_(table) {
    if (table == nullptr || !FERRY_HAS(table, create) || !FERRY_HAS(table, destroy) ||
        !FERRY_HAS(table, get_capability))
      throw std::logic_error("the connector's table is not complete");
    created = operation([&](FakeHost::Running& running) {
      return table_->create(host_.abi(), &running.table, to_abi(config_json), &instance_);
    });
    if ((created.status == FERRY_OK) != (instance_ != nullptr))
      created.violations.push_back("create returned " + std::to_string(created.status) +
                                   (instance_ == nullptr ? " without an instance" : " and an instance"));
  }
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;
  ~Connector() {
    if (instance_ != nullptr) table_->destroy(instance_);
  }

  Result created;

  bool offers(std::string_view capability) const { return table_->get_capability(to_abi(capability)) != nullptr; }

  // An operation that the connector does not offer gives FERRY_UNSUPPORTED.
  Result check(std::string_view request_json = "{}") {
    return with<ferry_check>(FERRY_CAPABILITY_CHECK, [&](const ferry_check& table, FakeHost::Running& running) {
      return table.run(instance_, &running.table, to_abi(request_json));
    });
  }
  Result catalog(std::string_view request_json = "{}") {
    return with<ferry_catalog>(FERRY_CAPABILITY_CATALOG, [&](const ferry_catalog& table, FakeHost::Running& running) {
      const ferry_sink sink = make_sink(running);
      return table.run(instance_, &running.table, to_abi(request_json), &sink);
    });
  }
  Result read(std::string_view request_json) {
    return with<ferry_read>(FERRY_CAPABILITY_READ, [&](const ferry_read& table, FakeHost::Running& running) {
      const ferry_sink sink = make_sink(running);
      return table.run(instance_, &running.table, to_abi(request_json), &sink);
    });
  }
  Result export_package(std::string_view request_json = "{}") {
    return with<ferry_export>(FERRY_CAPABILITY_EXPORT, [&](const ferry_export& table, FakeHost::Running& running) {
      const ferry_package_writer writer{sizeof writer,
                                        0,
                                        &running,
                                        FakeHost::write_package,
                                        FakeHost::begin_entry,
                                        FakeHost::describe_package,
                                        FakeHost::restart_package,
                                        FakeHost::hash_package};
      return table.run(instance_, &running.table, to_abi(request_json), &writer);
    });
  }
  Result inspect(const Package& package, std::string_view request_json = "{}") {
    return with<ferry_inspect>(FERRY_CAPABILITY_INSPECT, [&](const ferry_inspect& table, FakeHost::Running& running) {
      running.without_http = true;
      const ferry_sink sink = make_sink(running);
      const auto reading = make_reader(running, package);
      return table.run(instance_, &running.table, to_abi(request_json), &reading->table, &sink);
    });
  }
  Result import_package(const Package& package, std::string_view request_json = "{}") {
    return with<ferry_import>(FERRY_CAPABILITY_IMPORT, [&](const ferry_import& table, FakeHost::Running& running) {
      const auto reading = make_reader(running, package);
      return table.run(instance_, &running.table, to_abi(request_json), &reading->table);
    });
  }

 private:
  template <class Work>
  Result operation(Work&& work) {
    Result result;
    FakeHost::Running running{.host = &host_, .result = &result};
    running.table = {sizeof running.table,
                     0,
                     &running,
                     to_abi("test-operation"),
                     0,
                     FakeHost::is_cancelled,
                     FakeHost::on_progress,
                     FakeHost::report,
                     FakeHost::fail,
                     FakeHost::last_error};
    result.status = work(running);
    if (result.status == FERRY_OK && running.failed)
      result.violations.push_back("fail was called, but FERRY_OK returned");
    if (result.status != FERRY_OK && result.status != FERRY_CANCELLED && !running.failed)
      result.violations.push_back("status " + std::to_string(result.status) + " was returned without a call of fail");
    return result;
  }
  template <class Table, class Work>
  Result with(std::string_view capability, Work&& work) {
    if (instance_ == nullptr) throw std::logic_error("the connector was not created: " + created.message);
    const auto* table = static_cast<const Table*>(table_->get_capability(to_abi(capability)));
    if (!FERRY_HAS(table, run)) {
      Result result;
      result.status = FERRY_UNSUPPORTED;
      result.message = "the connector does not offer " + std::string(capability);
      return result;
    }
    return operation([&](FakeHost::Running& running) { return work(*table, running); });
  }
  static ferry_sink make_sink(FakeHost::Running& running) {
    return {sizeof(ferry_sink), 0, &running, FakeHost::write_batch, FakeHost::checkpoint};
  }
  static std::unique_ptr<FakeHost::Reading> make_reader(FakeHost::Running& running, const Package& package) {
    auto reading = std::make_unique<FakeHost::Reading>(
        FakeHost::Reading{&running, &package, sha256_hex(package.archive), package.description.dump(), {}});
    reading->table = {sizeof(ferry_package_reader),
                      0,
                      reading.get(),
                      package.archive.size(),
                      to_abi(reading->sha256),
                      to_abi(reading->description),
                      FakeHost::read_at,
                      FakeHost::entry_count,
                      FakeHost::entry_at,
                      FakeHost::read_entry};
    return reading;
  }

  FakeHost& host_;
  const ferry_connector* table_;
  ferry_instance* instance_ = nullptr;
};

}  // namespace ferry::testing
