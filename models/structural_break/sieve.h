// An autoregression that stands for the correlation of errors, from which errors are drawn
// (Buehlmann 1997, Bernoulli 3, 123-148).
//
//   e_t = a_1 e_{t-1} + .. + a_p e_{t-p} + w_t,   w drawn with replacement from its residuals
#pragma once

#include <cstdint>
#include <functional>

#include "engine/base/matrix.h"
#include "engine/stats/random_stream.h"

namespace amnok {

struct Sieve {
  VectorXd ar;           // p; stationary
  VectorXd innovations;  // about their mean, times sqrt(n / (n - p)) for the coefficients' degrees

  // n errors; a pure function of key and draw.
  VectorXd draw(const StreamKey& key, std::uint32_t draw, Eigen::Index n) const;
};

// Least squares. order: -1 for Akaike's choice among 0 .. min(10 log10 n, n / 10) on one sample.
Sieve fit_sieve(const VectorXd& e, int order = -1);

// Residuals of a regression understate persistence, the more so when a break has been fitted at its
// best date: the mean understatement in errors drawn from the sieve, whose residuals `residuals_of`
// takes by the same steps, is added to the coefficients (Kilian 1998, Rev. Econ. Statist. 80,
// 218-230), less of it where they would not be stationary.
Sieve corrected_sieve(const VectorXd& e,
                      const std::function<VectorXd(const VectorXd&)>& residuals_of,
                      const StreamKey& key);

}  // namespace amnok
