// Which account of a platform a connection uses: for the rate limit, which the platform keeps by account and not by
// connection.
//
// Told by a hash of the credentials and of the settings that name a user, with a salt that each state directory draws
// for itself: neither the account nor a credential can be guessed from it, and it means nothing elsewhere.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "host/config/config.hpp"

namespace ferry::host {

std::filesystem::path rate_directory(const std::filesystem::path& state_directory);
// Makes the salt if there is none. Failure(machine).
std::string account_fingerprint(const std::filesystem::path& state_directory, const Connection&,
                                const std::map<std::string, std::string>& secrets);

}  // namespace ferry::host
