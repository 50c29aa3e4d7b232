#include "host/worker/operation.hpp"

#include "host/worker/across.hpp"
#include "host/worker/border.hpp"
#include "host/worker/connector_library.hpp"
#include "host/worker/connector_tables.hpp"

namespace ferry::host {
namespace {

// An instance, destroyed on every way out.
class Instance {
 public:
  Instance(WorkerSession& session, const ferry_connector* connector, const ferry_host* host, const ferry_call* call)
      : session_(session), connector_(connector) {
    status_ = across("create",
                     [&] { return connector->create(host, call, str_of(session.start().config_json), &instance_); });
  }
  ~Instance() {
    if (instance_ == nullptr) return;
    session_.enter_stage("destroy");
    connector_->destroy(instance_);
  }
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  ferry_status status() const noexcept { return status_; }
  ferry_instance* get() const noexcept { return instance_; }

 private:
  WorkerSession& session_;
  const ferry_connector* connector_;
  ferry_instance* instance_ = nullptr;
  ferry_status status_ = FERRY_INTERNAL;
};

template <class Table>
const Table& capability(const ferry_connector* connector, std::string_view id) {
  const auto* table =
      static_cast<const Table*>(across("get_capability", [&] { return connector->get_capability(str_of(id)); }));
  if (table == nullptr) throw Failure(Fault::usage, "unsupported", "it does not offer " + std::string(id));
  if (!FERRY_HAS(table, run))
    throw Failure(Fault::connector, "bad_table", "its table of " + std::string(id) + " has no run function");
  return *table;
}

class Operation {
 public:
  explicit Operation(WorkerSession& session)
      : session_(session),
        start_(session.start()),
        request_(str_of(start_.request_json)),
        host_(session),
        call_(session) {}

  WorkerDone run() {
    WorkerDone done = carry_out();
    try {
      host_.finish_http();
    } catch (const Failure& failure) {  // says more than what the connector made of it
      done = WorkerDone::failed(failure);
    }
    return done;
  }

 private:
  WorkerDone carry_out() {
    enter("load");
    const ConnectorLibrary library(start_);
    enter("create");
    WorkerDone done;
    {
      const Instance instance(session_, library.table(), host_.get(), call_.get());
      if (instance.status() == FERRY_OK && instance.get() == nullptr)
        throw Failure(Fault::connector, "bad_status", "create returned FERRY_OK and made no instance");
      if (instance.status() != FERRY_OK) return session_.conclude(instance.status());
      enter("run");
      const ferry_status status =
          across(start_.operation.c_str(), [&] { return dispatch(library.table(), instance.get()); });
      done = session_.conclude(status);
    }
    if (done.status == FERRY_OK && spool_) done.package = spool_->finish();
    return done;
  }

  // What was cancelled before its next stage does not begin it.
  void enter(const char* stage) {
    session_.cancellation().throw_if_cancelled();
    session_.enter_stage(stage);
  }

  ferry_status dispatch(const ferry_connector* connector, ferry_instance* instance) {
    const ferry_call* call = call_.get();
    if (start_.operation == "check")
      return capability<ferry_check>(connector, FERRY_CAPABILITY_CHECK).run(instance, call, request_);
    if (start_.operation == "export") {
      spool_.emplace(package_fd, start_.connector_id);
      const PackageWriterTable writer(session_, *spool_);
      return capability<ferry_export>(connector, FERRY_CAPABILITY_EXPORT).run(instance, call, request_, writer.get());
    }
    const SinkTable sink(session_);
    if (start_.operation == "catalog")
      return capability<ferry_catalog>(connector, FERRY_CAPABILITY_CATALOG).run(instance, call, request_, sink.get());
    if (start_.operation == "read")
      return capability<ferry_read>(connector, FERRY_CAPABILITY_READ).run(instance, call, request_, sink.get());
    PackageReaderTable reader(session_, package_fd);
    if (start_.operation == "inspect")
      return capability<ferry_inspect>(connector, FERRY_CAPABILITY_INSPECT)
          .run(instance, call, request_, reader.get(), sink.get());
    return capability<ferry_import>(connector, FERRY_CAPABILITY_IMPORT).run(instance, call, request_, reader.get());
  }

  WorkerSession& session_;
  const WorkerStart& start_;
  const ferry_str request_;
  HostTable host_;
  CallTable call_;
  std::optional<PackageSpool> spool_;
};

}  // namespace

WorkerDone carry_out(WorkerSession& session) noexcept {
  session.enter_operation_thread();
  try {
    return Operation(session).run();
  } catch (const Failure& failure) {
    return WorkerDone::failed(failure);
  } catch (const std::exception& error) {
    return WorkerDone::failed(
        Failure(Fault::connector, "internal", std::string("inside ferry's worker: ") + error.what()));
  }
}

}  // namespace ferry::host
