// A sync pack, taken apart into its objects.
//
// What is held in memory: the platform sends a pack as one JSON text and takes one as such, so an export, and the look
// at a target, hold that text (up to 1 GiB) until it is parsed, and then its objects; an import holds the text it
// sends. Objects go into and come out of a package one by one.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "content.hpp"
#include "ferry/sdk.hpp"

namespace ferry::smartiq {

inline constexpr std::size_t largest_pack = 1u << 30;

struct Pack {
  std::vector<Object> objects;  // by type and id
  Json::Object others;          // members that are no list of objects, as they came, without the options

  // Takes the text, so that it is gone once it is parsed. asked: what was tried, for errors, which are
  // Error(FERRY_REMOTE).
  static Pack parse(std::string text, const std::string& asked);
  // With hashes and references, in the order of objects.
  std::vector<Artefact> artefacts() const;
};

Artefact artefact_of(const Object& object, const TypeOfId& known);

}  // namespace ferry::smartiq
