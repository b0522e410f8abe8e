// What is known of the periods after a sample, for many stationary ARMA processes at once: the state
// that the exact filter of engine/statespace/arma_filter.h predicts for the period after the last,
// eight processes side by side. A process has the same bits whichever others stand beside it.
#pragma once

#include "engine/base/matrix.h"

namespace amnok {

// R processes of one order, a column each: expanded coefficients ar (p x R) and ma (q x R), a lag
// that one of them leaves out is zero in all; complete series `data` (n x R). Into `known` (r x R, r
// = max(p, q + 1)) row i: E(y_{n+1+i} | y_1 .. y_n) less what y_{n+1}, ..., y_{n+i} will add through
// the AR part. False: an AR part is not stationary.
bool arma_known_states(const DrawMatrix& ar, const DrawMatrix& ma, const DrawMatrix& data,
                       DrawMatrix& known);

}  // namespace amnok
