// The URL of a connection: where its platform is, and nothing that belongs elsewhere.
#pragma once

#include <string>

namespace ferry::host {

// "" if it is http(s)://HOST[:PORT][/PATH]; else what is wrong and what to do. Never repeats the URL, which may hold a
// password or a token.
std::string url_problem(const std::string& url);

}  // namespace ferry::host
