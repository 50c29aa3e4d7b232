// ferry/artefacts.hpp - everything for connectors that promote artefacts: hashing, selecting, comparing.
#pragma once

#include "ferry/artefact.hpp"   // IWYU pragma: export
#include "ferry/canonical.hpp"  // IWYU pragma: export
#include "ferry/comparing.hpp"  // IWYU pragma: export
#include "ferry/selection.hpp"  // IWYU pragma: export
