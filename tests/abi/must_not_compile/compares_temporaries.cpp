// expect: delete
#include "ferry/artefacts.hpp"

std::vector<ferry::Artefact> read_target();

// A comparison borrows the artefacts: they have to outlive it.
ferry::Comparison plan(const std::vector<ferry::Artefact>& package, const ferry::ImportRequest& request) {
#ifdef CORRECT
  static const std::vector<ferry::Artefact> target = read_target();
  return ferry::compare(package, target, request, true);
#else
  return ferry::compare(package, read_target(), request, true);
#endif
}
