// What is said of simulated draws: moments and quantiles with their Monte-Carlo errors.
#pragma once

#include <span>
#include <vector>

#include "engine/base/matrix.h"

namespace amnok {

// The levels of every quantile that is reported.
std::span<const double> quantile_levels();  // 0.025 .. 0.975, eleven of them, symmetric about 0.5

// A distribution by its draws. Quantiles interpolate order statistics (type 7 of Hyndman & Fan
// 1996, Am. Statist. 50, 361-365); their Monte-Carlo error is half the distance between the order
// statistics one binomial standard deviation to either side.
struct Distribution {
  double mean = kMissing, sd = kMissing, mean_error = kMissing;
  std::vector<double> quantiles, quantile_errors;  // by quantile_levels()
  double undefined = 0;  // share of draws without a finite value; above 0, all else is missing
  double median() const { return quantiles[quantiles.size() / 2]; }
  double quantile(double level) const;
};
Distribution summarise(Eigen::Ref<const Eigen::RowVectorXd> draws);

}  // namespace amnok
