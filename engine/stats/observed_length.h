// How many periods of a series lie up to its last observation: all but the gap at its end.
#pragma once

#include "engine/base/matrix.h"

namespace amnok {

// NaN: missing. 0: nothing is observed.
int observed_length(const VectorView& y);

}  // namespace amnok
