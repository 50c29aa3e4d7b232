// The parts of a request as people write them, on the command line and in release files.
//
// Failure(usage) where a text is not what it should be: `where` begins the message, such as "release.yaml:4: steps.a:
// ", and `option` is how the text is handed over, such as "--select ". Keep nothing; [any thread].
#pragma once

#include <filesystem>
#include <string>

#include "host/packages/package_store.hpp"
#include "host/runs/run.hpp"

namespace ferry::host {

// TYPE=NAME_OR_ID; bad_selection.
Selection parse_selection(const std::string& text, const std::string& where, const std::string& option = "");
// TYPE/SOURCE=TARGET; bad_mapping. SOURCE ends at the first equals sign after the type.
ItemMapping parse_mapping(const std::string& text, const std::string& where, const std::string& option = "");

// Is it sha256:PREFIX, a package that ferry keeps, and no file?
bool names_kept_package(const std::string& text);
// The package it names; unknown_package, and what PackageStore::find throws.
Package kept_package(const PackageStore&, const std::filesystem::path& state_directory, const std::string& text);

}  // namespace ferry::host
