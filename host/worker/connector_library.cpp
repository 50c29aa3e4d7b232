#include "host/worker/connector_library.hpp"

#include <fcntl.h>

#include "host/base/digest.hpp"
#include "host/base/files.hpp"
#include "host/base/json_text.hpp"
#include "host/base/text.hpp"
#include "host/connectors/manifest.hpp"
#include "host/worker/across.hpp"
#include "host/worker/border.hpp"

namespace ferry::host {
namespace {

std::string this_abi() { return abi_text(FERRY_ABI_MAJOR, FERRY_ABI_MINOR); }

[[noreturn]] void refuse(const std::string& code, const std::string& what) {
  throw Failure(Fault::connector, code, what);
}

std::string capability_id(const std::string& operation) { return "ferry." + operation + "/1"; }

}  // namespace

ConnectorLibrary::ConnectorLibrary(const WorkerStart& start) {
  check_hash(start);
  load(start);
  check_table(start);
}

void ConnectorLibrary::check_hash(const WorkerStart& start) {
  try {
    fd_ = open_file(start.library, O_RDONLY);
  } catch (const Failure& failure) {
    refuse("library_missing", std::string("its library cannot be opened: ") + failure.what());
  }
  if (const std::string found = Sha256::of_fd(fd_.get()); found != start.library_sha256)
    refuse("hash_mismatch", start.library + " has the sha256 " + found + ", its manifest says " + start.library_sha256 +
                                ": the file was changed or damaged; install the connector again");
}

void ConnectorLibrary::load(const WorkerStart& start) {
  // The opened descriptor is loaded, so nobody can exchange the file after it was hashed.
  const std::string path = "/proc/self/fd/" + std::to_string(fd_.get());
  try {
    library_.load(path, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
  } catch (const std::exception& error) {
    std::string text = error.what();
    for (std::size_t at = text.find(path); at != std::string::npos; at = text.find(path, at + start.library.size()))
      text.replace(at, path.size(), start.library);
    refuse("load_failed", "its library cannot be loaded: " + text);
  }
  if (!library_.has(FERRY_ENTRY_SYMBOL)) {
    if (library_.has("ferry_connector_v2"))
      refuse("needs_newer_abi", "it speaks only ABI 2, this ferry has ABI " + this_abi() +
                                    ": update ferry, or install a version of the connector for ABI 1");
    refuse("no_entry_symbol", start.library +
                                  " does not export " FERRY_ENTRY_SYMBOL
                                  ": it is no ferry connector, or was linked without the SDK's version script");
  }
  table_ = across(FERRY_ENTRY_SYMBOL, [&] { return library_.get<const ferry_connector*()>(FERRY_ENTRY_SYMBOL)(); });
  if (table_ == nullptr) refuse("null_table", FERRY_ENTRY_SYMBOL " returned no table");
}

void ConnectorLibrary::check_table(const WorkerStart& start) const {
  if (!FERRY_HAS(table_, get_capability) || !FERRY_HAS(table_, create) || !FERRY_HAS(table_, destroy) ||
      table_->size > 4096)
    refuse("bad_table", "its table has the size " + std::to_string(table_->size) +
                            " or lacks create, destroy or get_capability: it does not follow ferry/connector.h");
  if (table_->abi_minor > FERRY_ABI_MINOR)
    refuse("needs_newer_abi", "it needs ABI " + abi_text(FERRY_ABI_MAJOR, table_->abi_minor) + ", this ferry has " +
                                  this_abi() + ": update ferry, or install an older version of it");

  const Poco::JSON::Object::Ptr descriptor = parse_object(text_of(table_->descriptor_json));
  if (!descriptor) refuse("descriptor_mismatch", "its descriptor is no JSON object");
  const auto id = descriptor->optValue<std::string>("id", "");
  const auto version = descriptor->optValue<std::string>("version", "");
  if (id != start.connector_id || version != start.connector_version)
    refuse("descriptor_mismatch", "its library says it is " + printable(id) + " " + printable(version) +
                                      ", its manifest says " + start.connector_id + " " + start.connector_version +
                                      ": install both from the same package");
  for (const std::string& operation : start.operations) {
    const std::string capability = capability_id(operation);
    if (across("get_capability", [&] { return table_->get_capability(str_of(capability)); }) == nullptr)
      refuse("missing_capability",
             "its manifest promises the operation " + operation + ", its library does not offer " + capability);
  }
}

}  // namespace ferry::host
