// The JSON documents of --json that are not statistics.
#pragma once

#include <Poco/Dynamic/Var.h>
#include <Poco/JSON/Object.h>

#include <string>
#include <string_view>
#include <vector>

#include "host/cli/exit_code.hpp"
#include "host/config/config.hpp"
#include "host/connectors/registry.hpp"
#include "host/runs/run.hpp"

namespace ferry::host {

// Indented, ended by a line break.
std::string document_text(const Poco::Dynamic::Var&);

Poco::JSON::Object::Ptr error_document(std::string_view fault, const std::string& code, const std::string& message,
                                       ExitCode);
Poco::JSON::Object::Ptr manifest_document(const Manifest&);
Poco::JSON::Object::Ptr registry_document(const Registry&);
// As it is now; the reference where that leads to no URL.
std::string url_text(const Config&, const Connection&);
Poco::JSON::Array::Ptr connections_document(const Config&);
Poco::JSON::Object::Ptr run_document(const RunRecord&);
Poco::JSON::Object::Ptr item_document(const Item&);
// Of what a database or a connector gave: null if it is not JSON.
Poco::Dynamic::Var parsed_or_null(const std::string& json);

}  // namespace ferry::host
