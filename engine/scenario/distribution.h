// What is said of simulated draws: moments and quantiles with their Monte-Carlo errors.
#pragma once

#include <limits>
#include <span>
#include <vector>

#include "engine/base/matrix.h"
#include "engine/stats/random_stream.h"

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

// Draws that count with weights (summing to one). The i-th of the sorted draws stands at
//
//   (c_i - c_1) / (c_n - c_1),   c_i = w_1 + .. + w_{i-1} + w_i / 2
//
// which is type 7 when all weights are equal. Monte-Carlo errors are those of as many draws as the
// weights are worth (effective_draws). Empty weights: all equal. Draws without weight are nothing.
// `most` bounds what the weights may be worth, where draws stand for the same world.
Distribution summarise(Eigen::Ref<const Eigen::RowVectorXd> draws, const VectorXd& weights,
                       double most = std::numeric_limits<double>::infinity());

// How draws hang together: the i-th value is of draw i modulo `draws` (values of several scenarios
// stand one after the other). Monte-Carlo errors of a scheme that is not independent come from the
// spread between its batches,
//
//   error = sd(statistic by batch) / sqrt(batches).
struct DrawScheme {
  Sampling sampling = Sampling::independent;
  Eigen::Index draws = 0;
};
Distribution summarise(Eigen::Ref<const Eigen::RowVectorXd> draws, const VectorXd& weights,
                       const DrawScheme& scheme);
// The Monte-Carlo error of a (weighted) mean; of a share, that of p (1 - p).
double error_of_mean(Eigen::Ref<const Eigen::RowVectorXd> draws, const VectorXd& weights,
                     const DrawScheme& scheme);

// (sum w)^2 / sum w^2 (Kish 1965).
double effective_draws(const VectorXd& weights);

}  // namespace amnok
