// Confidence sets of a ratio of two estimated coefficients, theta = -a / b: a long-run coefficient.
//
// v_aa, v_ab, v_bb: their covariance; quantile: of |t| at the level of the set.
#pragma once

#include <string>

#include "engine/base/matrix.h"

namespace amnok {

struct RatioSet {
  enum class Shape {
    interval,   // [lower, upper]
    outside,    // everything up to lower and everything from upper on
    everything  // all numbers: the data say nothing
  };
  Shape shape = Shape::interval;
  double lower = kMissing, upper = kMissing;

  bool contains(double theta) const;
  std::string words() const;
};

struct Ratio {
  double a = 0, b = 0;
  double v_aa = 0, v_ab = 0, v_bb = 0;

  double value() const { return -a / b; }
  // Delta method: |b|^-1 sqrt(v_aa + 2 theta v_ab + theta^2 v_bb).
  double standard_error() const;
};

// value -+ quantile standard errors. Its coverage fails where b is near zero, whatever n is.
RatioSet delta_interval(const Ratio& ratio, double quantile);

// Fieller (1954, J. R. Statist. Soc. B 16, 175-185): every theta with
//
//   (a + theta b)^2 <= quantile^2 (v_aa + 2 theta v_ab + theta^2 v_bb)
//
// An interval exactly where |b| > quantile sqrt(v_bb). A set that is always bounded cannot have its
// coverage when b may be zero (Gleser & Hwang 1987, Annals of Statistics 15, 1351-1362).
RatioSet fieller_set(const Ratio& ratio, double quantile);

}  // namespace amnok
