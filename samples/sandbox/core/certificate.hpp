// A certificate of the sandbox's own, made anew at each start: its key exists in this process alone.
#pragma once

#include <Poco/Net/Context.h>

#include <filesystem>
#include <string>

namespace sandbox {

// A TLS context whose certificate (for localhost, the loopback addresses and `host`) is written to `certificate_file`
// as PEM, for clients to trust. Throws std::runtime_error.
Poco::Net::Context::Ptr make_tls_context(const std::filesystem::path& certificate_file, const std::string& host);

}  // namespace sandbox
