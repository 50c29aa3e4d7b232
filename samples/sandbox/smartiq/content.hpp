// What a SmartIQ environment holds when it is new: the same for the same seed, name and options.
//
// An environment is a clone of another one (its ids and names are the other's) or has content of its own (the same
// names under other ids, so that every project is a conflict). The environment others are cloned from has moved on
// since: its revision is 1, that of a fresh clone 0.
#pragma once

#include "samples/sandbox/core/environment.hpp"
#include "samples/sandbox/smartiq/store.hpp"

namespace sandbox::smartiq {

// Options: clone_of (an environment's name; "none", or clone=false: content of its own; default dev), revision (0 or 1;
// default 1 for the environment clones are made of and for content of its own, else 0), projects (default 6),
// document_bytes (of each project's document, default 2048), conflicts (so many projects stand under an id of their
// own), renamed (so many have another name under the same id), edited (so many were changed here, later than anywhere).
Store make_content(const Settings&);

}  // namespace sandbox::smartiq
