#include "host/worker/connector_tables.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "host/worker/border.hpp"
#include "host/worker/http_loader.hpp"
#include "host/worker/service_tables.hpp"

namespace ferry::host {
namespace {

constexpr std::chrono::milliseconds longest_clean_up{900};  // a connector has two seconds after a cancel

WorkerSession& session_of(const ferry_call* call) { return *static_cast<WorkerSession*>(call->host_data); }
WorkerSession& session_of(const ferry_sink* sink) { return *static_cast<WorkerSession*>(sink->host_data); }

const void* get_service(const ferry_host* host, ferry_str id) noexcept {
  return service_table(static_cast<HostTable*>(host->host_data)->session().start(), text_of(id));
}

int32_t cancelled(const ferry_call* call) noexcept { return session_of(call).cancellation().cancelled() ? 1 : 0; }

void progress(const ferry_call* call, uint64_t done, uint64_t total, ferry_str note) noexcept {
  try {
    session_of(call).set_progress(done, total, text_of(note));
  } catch (...) {  // progress is decoration
  }
}

ferry_status report(const ferry_call* call, ferry_str fact) noexcept {
  return guarded(session_of(call), [&] { session_of(call).report(text_of(fact)); });
}

void fail(const ferry_call* call, ferry_status status, ferry_str message, ferry_str detail) noexcept {
  guarded(session_of(call), [&] { session_of(call).said_fail(status, text_of(message), text_of(detail)); });
}

ferry_str last_error(const ferry_call* call) noexcept {
  WorkerSession& session = session_of(call);
  return session.on_operation_thread() ? str_of(session.last_error()) : ferry_str{nullptr, 0};
}

ferry_status write_batch(const ferry_sink* sink, ferry_str stream, const ferry_batch* batch) noexcept {
  return guarded(session_of(sink), [&] {
    if (batch == nullptr || !FERRY_HAS_VALUE(batch, data_size) || batch->encoding != FERRY_ENCODING_JSON_LINES)
      throw Failure(Fault::connector, "bad_batch", "it delivered a batch in an encoding this ferry does not know");
    session_of(sink).deliver_records(text_of(stream), batch->count,
                                     {static_cast<const char*>(batch->data), batch->data_size});
  });
}

ferry_status write_checkpoint(const ferry_sink* sink, ferry_str stream, ferry_str state) noexcept {
  return guarded(session_of(sink), [&] { session_of(sink).deliver_checkpoint(text_of(stream), text_of(state)); });
}

PackageWriterTable& self(const ferry_package_writer* writer) {
  return *static_cast<PackageWriterTable*>(writer->host_data);
}

template <class Work>
ferry_status with_spool(const ferry_package_writer* writer, Work&& work) noexcept {
  PackageWriterTable& table = self(writer);
  return guarded(table.session, [&] {
    table.session.cancellation().throw_if_cancelled();
    work(table);
  });
}

ferry_status write_package(const ferry_package_writer* writer, const void* data, size_t size) noexcept {
  return with_spool(writer, [&](PackageWriterTable& table) {
    table.spool.write({static_cast<const char*>(data), size});
    table.session.add_package_bytes(size);
  });
}

ferry_status begin_entry(const ferry_package_writer* writer, ferry_str name) noexcept {
  return with_spool(writer, [&](PackageWriterTable& table) { table.spool.begin_entry(text_of(name)); });
}

ferry_status describe(const ferry_package_writer* writer, ferry_str description) noexcept {
  return with_spool(writer, [&](PackageWriterTable& table) {
    table.spool.describe(table.session.redactor().mask(text_of(description)));
  });
}

ferry_status restart(const ferry_package_writer* writer) noexcept {
  return with_spool(writer, [](PackageWriterTable& table) { table.spool.restart(); });
}

ferry_status hash_package(const ferry_package_writer* writer, char* hex) noexcept {
  return with_spool(writer, [&](PackageWriterTable& table) {
    const std::string digits = table.spool.sha256();
    digits.copy(hex, digits.size());
  });
}

PackageReaderTable& self(const ferry_package_reader* reader) {
  return *static_cast<PackageReaderTable*>(reader->host_data);
}

ferry_status read_at(const ferry_package_reader* reader, uint64_t offset, void* buffer, size_t capacity,
                     size_t* got) noexcept {
  PackageReaderTable& table = self(reader);
  return guarded(table.session, [&] {
    ssize_t count;
    do {
      count = ::pread(table.fd, buffer, capacity, static_cast<off_t>(offset));
    } while (count < 0 && errno == EINTR);
    if (count < 0) throw_errno("reading the package", errno);
    *got = static_cast<size_t>(count);
  });
}

uint64_t entry_count(const ferry_package_reader* reader) noexcept {
  uint64_t count = 0;
  PackageReaderTable& table = self(reader);
  guarded(table.session, [&] { count = table.archive().entries().size(); });
  return count;
}

ferry_status entry_at(const ferry_package_reader* reader, uint64_t index, ferry_package_entry* entry) noexcept {
  PackageReaderTable& table = self(reader);
  return guarded(table.session, [&] {
    const auto& entries = table.archive().entries();
    if (index >= entries.size())
      throw Failure(Fault::usage, "no_such_entry", "the package has no entry number " + std::to_string(index));
    entry->name = str_of(entries[index].name);
    entry->bytes = entries[index].bytes;
  });
}

struct Stopped {  // a receiver of the connector wants no more
  ferry_status status;
};

ferry_status read_entry(const ferry_package_reader* reader, uint64_t index, void* user,
                        ferry_status (*receive)(void*, const void*, size_t)) noexcept {
  PackageReaderTable& table = self(reader);
  ferry_status stopped = FERRY_OK;
  const ferry_status status = guarded(table.session, [&] {
    if (index >= table.archive().entries().size())
      throw Failure(Fault::usage, "no_such_entry", "the package has no entry number " + std::to_string(index));
    try {
      table.archive().read(index, [&](std::string_view piece) {
        table.session.cancellation().throw_if_cancelled();
        if (const ferry_status answer = receive(user, piece.data(), piece.size()); answer != FERRY_OK)
          throw Stopped{answer};
      });
    } catch (const Stopped& stop) {
      stopped = stop.status;
    }
  });
  return status != FERRY_OK ? status : stopped;
}

}  // namespace

HostTable::HostTable(WorkerSession& session)
    : session_(session), table_{sizeof table_,   FERRY_ABI_MINOR,       this,
                                str_of("ferry"), str_of(FERRY_VERSION), get_service} {}

std::unique_ptr<HttpSender> HostTable::make_http(HttpSettings settings, const Cancellation& cancellation) {
  return load_http_library().make(
      std::move(settings), session_.clock(), cancellation, session_.redactor(), session_.transfer(),
      [this](int level, const std::string& message) { session_.log(level, message); },
      [this](std::int64_t until_unix_ms) { session_.set_waiting(until_unix_ms, true); });
}

HttpSender& HostTable::http() {
  if (!http_) http_ = make_http(*session_.start().http, session_.cancellation());
  return *http_;
}

HttpSender& HostTable::clean_up_http() {
  if (!session_.start().http->traffic.replay.empty()) return http();  // waits for nothing, and knows what was used
  if (!clean_up_http_) {
    HttpSettings settings = *session_.start().http;
    settings.max_attempts = 1;
    settings.connect_timeout = std::min(settings.connect_timeout, longest_clean_up);
    settings.idle_timeout = std::min(settings.idle_timeout, longest_clean_up);
    settings.rate.longest_wait = longest_clean_up;
    never_ = std::make_unique<Cancellation>();
    clean_up_http_ = make_http(std::move(settings), *never_);
  }
  return *clean_up_http_;
}

void HostTable::finish_http() {
  // A connector that asked for nothing may have left a recording unused.
  if (session_.start().http && !session_.start().http->traffic.replay.empty()) http();
  if (http_) http_->finish();
  if (clean_up_http_) clean_up_http_->finish();
}

CallTable::CallTable(WorkerSession& session)
    : table_{sizeof table_,
             0,
             &session,
             str_of(session.start().run_id),
             session.start().deadline_unix_ms,
             cancelled,
             progress,
             report,
             fail,
             last_error} {}

SinkTable::SinkTable(WorkerSession& session) : table_{sizeof table_, 0, &session, write_batch, write_checkpoint} {}

PackageWriterTable::PackageWriterTable(WorkerSession& owner, PackageSpool& target)
    : session(owner), spool(target), table_{sizeof table_, 0,        this,    write_package,
                                            begin_entry,   describe, restart, hash_package} {}

PackageReaderTable::PackageReaderTable(WorkerSession& owner, int package)
    : session(owner),
      fd(package),
      table_{sizeof table_,
             0,
             this,
             owner.start().package.size,
             str_of(owner.start().package.sha256),
             str_of(owner.start().package.description_json),
             read_at,
             entry_count,
             entry_at,
             read_entry} {
  char magic[2] = {};
  if (::pread(fd, magic, sizeof magic, 0) == sizeof magic && magic[0] == 'P' && magic[1] == 'K')
    archive_ = std::make_unique<ArchiveReader>(fd);
}

ArchiveReader& PackageReaderTable::archive() {
  if (!archive_)
    throw Failure(Fault::usage, "not_an_archive", "the package is no ZIP archive: it does not begin like one");
  return *archive_;
}

FileBody file_body(const ferry_package_reader* reader) {
  const PackageReaderTable& table = self(reader);
  return {table.fd, table.session.start().package.size};
}

}  // namespace ferry::host
