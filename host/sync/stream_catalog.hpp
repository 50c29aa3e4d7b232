// The streams of a connection, as its connector describes them, as what a sync needs to know of each.
#pragma once

#include <Poco/JSON/Object.h>

#include <string>
#include <string_view>
#include <vector>

#include "host/base/cancellation.hpp"
#include "host/records/layout.hpp"
#include "host/runs/runner.hpp"

namespace ferry::host {

struct CatalogStream {
  std::string name, kind, title;
  std::vector<std::string> key;
  std::string cursor;        // member by which what is new is known; "": every read is a whole one
  std::string removals;      // flagged, listed, full, never
  std::string removed_when;  // member that tells of a removed record
  bool readable = true, enabled = true;
  bool identities = false;         // can be asked for identities alone
  Poco::JSON::Object::Ptr schema;  // null if there is none

  Layout layout() const;  // Failure(connector, bad_catalog)
};

// catalog_line: what a connector writes to "catalog" (connector.h). Failure(connector, bad_catalog).
CatalogStream parse_stream(std::string_view catalog_line);

class StreamCatalog {
 public:
  // Asks the connector, or takes what it said within the last hour, unless `fresh`. Failure: what the run ended with.
  static StreamCatalog of(Runner&, const std::string& connection, const std::string& parent_run, bool fresh,
                          const Cancellation&);
  explicit StreamCatalog(std::vector<CatalogStream> streams) : streams_(std::move(streams)) {}

  const std::vector<CatalogStream>& streams() const noexcept { return streams_; }
  // Failure(usage, unknown_model) with the nearest names; place: where the name is written, as the message begins.
  const CatalogStream& stream(const std::string& name, const std::string& place = "") const;

 private:
  std::vector<CatalogStream> streams_;
};

}  // namespace ferry::host
