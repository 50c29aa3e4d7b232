// The run of a sync, of its undoing and of a verification: how its record begins and ends, and the lock it holds.
//
// Values and functions without state; the environment is shared by threads as Runner says.
#pragma once

#include <Poco/JSON/Object.h>

#include <optional>
#include <string>
#include <vector>

#include "host/base/cancellation.hpp"
#include "host/config/sync_settings.hpp"
#include "host/destinations/destination.hpp"
#include "host/runs/runner.hpp"
#include "host/runs/target_lock.hpp"
#include "host/sync/sync.hpp"

namespace ferry::host {

// A new run of the connection, running and recorded; connection "": of several. request: what was asked for; it is
// masked. Failure as of Config, Registry and RunStore.
RunRecord begin_record(Environment&, const std::string& operation, const std::string& connection,
                       const std::string& parent, bool preview, const Poco::JSON::Object& request);

// "to": the name by which the destination is found again; "destination": what it is.
Poco::JSON::Object::Ptr request_of(const DestinationConfig&, const std::string& description);
Poco::JSON::Object::Ptr request_of(const SyncRequest&, const DestinationConfig&, const std::string& description);

// Ends and records it: the error, masked, becomes its last problem and decides on the state; without one the problems
// do; unless it is given. What cannot be recorded becomes a warning.
void end_record(Environment&, RunRecord&, Statistics&, std::optional<RunError>& error, const std::vector<Item>& items,
                const std::string& state = "");

// Whoever works on a connection's models in a destination holds it. Failure(cancelled).
TargetLock lock_models(Environment&, const RunRecord&, const std::string& destination, const Cancellation&);

// Everything a person declared as one view, of which the connection is a part and all members exist. What cannot be
// made becomes a warning, and so does a member of the connection that the destination does not have.
void make_unions(Destination&, const DestinationConfig&, const std::string& connection, Statistics&);

}  // namespace ferry::host
