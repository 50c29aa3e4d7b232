// Options of a request that only its connector understands: which there are, and of which type, its manifest says for
// each operation. As a JSON object's text, which "{}" is without any. Keep nothing; [any thread].
//
// What a connector did not declare, or declared with another type, is Failure(usage, unsupported_option) or
// (usage, bad_option): before anything is sent, with the nearest name.
#pragma once

#include <string>
#include <vector>

#include "host/connectors/manifest.hpp"

namespace ferry::host {

// Of texts NAME=VALUE; a VALUE that is a JSON scalar (true, 12, "12") is one, any other is text. bad_option: no
// NAME=VALUE, or a name twice; `where` and `option` as in request_text.hpp.
std::string parse_options(const std::vector<std::string>& texts, const std::string& where, const std::string& option);

// Is each of the options taken by the operation, or, of a request that becomes several, by one of them?
void check_options(const Manifest&, const std::vector<std::string>& operations, const std::string& options_json);
// Those of them that the operation takes: that it has, with such a value. (A name may mean a part to export in one
// operation and how to import it in another.)
std::string options_of(const Manifest&, const std::string& operation, const std::string& options_json);

}  // namespace ferry::host
