// From a run's request to what its worker is told.
#pragma once

#include <map>
#include <string>

#include "host/config/config.hpp"
#include "host/connectors/manifest.hpp"
#include "host/runs/run.hpp"
#include "host/worker/worker_protocol.hpp"

namespace ferry::host {

// The JSON a connector gets for the operation (connector.h). idempotency_key: of imports. Failure(connector,
// bad_checkpoint).
std::string request_json(const RunRequest&, const std::string& idempotency_key);
// The JSON of create; connection nullptr: an operation without a platform. settings: with the schema's defaults.
std::string config_json(const Connection* connection, const Poco::JSON::Object::Ptr& settings);
// Proxies come from this process's environment.
HttpSettings http_settings(const Connection&, const Manifest&);

}  // namespace ferry::host
