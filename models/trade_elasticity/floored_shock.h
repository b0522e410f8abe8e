// A shock that multiplies a mean and never makes it negative.
//
//   m(z) = max(0, location + slope z),   E m(z) = 1,   Var m(z) = variance   for normal z
//
// location and slope follow from the moments of a censored normal (Greene 2012, *Econometric
// Analysis*, theorem 19.4). As long as zero is far, m is 1 + sqrt(variance) z; as the variance
// grows, zero is drawn more and more often.
#pragma once

namespace amnok {

struct FlooredShock {
  double location = 1, slope = 0;

  double at(double z) const;
};

// variance >= 0.
FlooredShock floored_shock(double variance);

}  // namespace amnok
