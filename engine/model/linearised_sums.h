// Published sums as linear observations of the transformed target.
//
//   sum_j g(y_{t-j}) = S,  g the inverse of the target's transform, linearised at a path p:
//   sum_j g'(p_j) y_{t-j} = S - sum_j g(p_j) + sum_j g'(p_j) p_j
//
// A model fits with the first path, smooths, and linearises anew at what it found (Newton's method
// for the posterior mode; exact at once for a target in levels).
#pragma once

#include <utility>
#include <vector>

#include "engine/model/sample.h"

namespace amnok {

// A linear observation over several periods: sum_j weight_j y_{last - lag_j} = value + noise.
struct SumObservation {
  int last = 0;
  std::vector<std::pair<int, double>> parts;  // lag, weight
  double value = 0, variance = 0;
};

// In units of the transformed target: the largest weight of each is one. By their last periods.
std::vector<SumObservation> linearised_sums(const Sample& sample, const VectorView& path);

// A first path through published sums: each unknown part takes an equal share; gaps by straight
// lines.
VectorXd first_path(const Sample& sample);

// Where the sums are to be linearised next: `found`, but `path` beyond the edge of a Box-Cox
// transform. Empty: no part of a sum moves by more than 1e-5 sigma, or nothing is nonlinear.
VectorXd next_path(const Sample& sample, const VectorView& path, const VectorView& found,
                   double sigma);

// y with gaps filled by straight lines, the ends carried on; zeros where there is nothing.
VectorXd interpolate(const VectorView& y);

}  // namespace amnok
