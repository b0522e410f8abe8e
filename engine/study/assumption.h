// Assumptions with a distribution: a number of a scenario that is held to be uncertain, such as the
// share of the old trade that a reopening brings back.
//
//   normal      mean, sd                     lognormal   mean, sd of the quantity itself
//   beta        mean, sd, in (0, 1)          uniform     low, high
//   triangular  low, mode, high              student_t   mean, sd, df > 2
//   point       mean, for certain: what a question solves for
//
// A draw is the quantile of a uniform number that depends on the seed, the assumption's name and
// the draw alone, so that scenarios share it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "engine/base/matrix.h"

namespace amnok {

struct AssumedDistribution {
  enum class Kind { normal, lognormal, beta, uniform, triangular, student_t, point };
  Kind kind = Kind::normal;
  double mean = 0, sd = 1;
  double low = 0, mode = 0, high = 1;
  double df = 5;

  double expectation() const;
  std::optional<std::pair<double, double>> support() const;  // where it is bounded
  double quantile(double p) const;                           // p in (0, 1)
  std::string text() const;                                  // beta with mean 0.6 and sd 0.15
  // What is wrong with its numbers, as a sentence; empty: nothing.
  std::string problem() const;
};

// Draws first .. first + count - 1.
Eigen::RowVectorXd draw_assumption(std::string_view name, const AssumedDistribution& distribution,
                                   std::uint64_t seed, int first, int count);

// Uniform numbers that belong to a name.
Eigen::RowVectorXd named_uniforms(std::string_view name, std::uint64_t seed, int first, int count);

}  // namespace amnok
