#include "engine/stats/box_cox.h"

#include <fmt/format.h>

#include <Eigen/QR>
#include <algorithm>
#include <boost/math/tools/minima.hpp>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "engine/base/input_error.h"

namespace amnok {

namespace {

constexpr double kGridStep = 0.05;
// Half the digits: a minimum is not known better.
constexpr int kMinimumBits = std::numeric_limits<double>::digits / 2;

void check_positive(const VectorView& y) {
  for (Eigen::Index t = 0; t < y.size(); ++t) {
    if (y(t) <= 0) {
      throw InputError(
          fmt::format("observation {} of {} is {}, but must be positive", t + 1, y.size(), y(t)));
    }
  }
}

void check_interval(double lower, double upper) {
  if (!(lower < upper)) {
    throw InputError(fmt::format(
        "the lower end for lambda is {}, but must be below the upper end {}", lower, upper));
  }
}

// The best of lower, lower + kGridStep, ... in [lower, upper]; the first of equals.
template <class Loss>
double best_on_grid(const Loss& loss, double lower, double upper) {
  const int steps = static_cast<int>(std::floor((upper - lower) / kGridStep + 1e-10));
  double best = lower, least = loss(lower);
  for (int i = 1; i <= steps; ++i) {
    const double lambda = lower + i * kGridStep, value = loss(lambda);
    if (value < least) {
      best = lambda;
      least = value;
    }
  }
  return best;
}

// The minimum in [lower, upper]: within a step of the best of the grid, since a loss may have
// several minima.
template <class Loss>
double minimum(const Loss& loss, double lower, double upper) {
  const double near = best_on_grid(loss, lower, upper);
  return boost::math::tools::brent_find_minima(loss, std::max(lower, near - kGridStep),
                                               std::min(upper, near + kGridStep), kMinimumBits)
      .first;
}

struct Block {
  double log_mean, log_sd;
};

// Mean and standard deviation of the values that are there, where there are two.
std::vector<Block> blocks_from_end(const VectorView& y, int block) {
  std::vector<Block> blocks;
  for (Eigen::Index first = y.size() % block; first < y.size(); first += block) {
    double sum = 0, squares = 0;
    int count = 0;
    for (double v : y.segment(first, block)) {
      if (std::isnan(v)) continue;
      sum += v;
      ++count;
    }
    if (count < 2) continue;
    const double mean = sum / count;
    for (double v : y.segment(first, block)) {
      if (!std::isnan(v)) squares += (v - mean) * (v - mean);
    }
    blocks.push_back({std::log(mean), 0.5 * std::log(squares / (count - 1))});
  }
  return blocks;
}

// The coefficient of variation of s / m^(1 - lambda) over the blocks.
double coefficient_of_variation(const std::vector<Block>& blocks, double lambda) {
  const auto ratio = [&](const Block& b) { return std::exp(b.log_sd - (1 - lambda) * b.log_mean); };
  const auto n = static_cast<double>(blocks.size());
  double mean = 0, squares = 0;
  for (const Block& b : blocks) mean += ratio(b) / n;
  for (const Block& b : blocks) squares += (ratio(b) - mean) * (ratio(b) - mean);
  return std::sqrt(squares / (n - 1)) / mean;
}

// A constant, a trend in the original time and period - 1 dummies, in the rows that are there.
MatrixXd trend_and_seasons(const std::vector<Eigen::Index>& rows, int period) {
  const auto n = static_cast<Eigen::Index>(rows.size());
  MatrixXd x = MatrixXd::Zero(n, 1 + period);
  for (Eigen::Index i = 0; i < n; ++i) {
    const Eigen::Index t = rows[static_cast<std::size_t>(i)], season = t % period;
    x(i, 0) = 1;
    x(i, 1) = static_cast<double>(t - rows.front()) / static_cast<double>(rows.back());
    if (season > 0) x(i, 1 + season) = 1;
  }
  return x;
}

}  // namespace

double guerrero_lambda(const VectorView& y, int block, double lower, double upper) {
  check_interval(lower, upper);
  check_positive(y);
  if (block < 2) throw InputError(fmt::format("the block is {}, but must be at least 2", block));
  const std::vector<Block> blocks = blocks_from_end(y, block);
  if (blocks.size() < 2) {
    throw InputError(
        fmt::format("the series has {} observations, but must have at least {} (two blocks of {})",
                    y.size(), 2 * block, block));
  }
  if (std::all_of(blocks.begin(), blocks.end(),
                  [](const Block& b) { return std::isinf(b.log_sd); })) {
    throw InputError(
        fmt::format("the standard deviation is 0 in each of {} blocks of {}, but must "
                    "be positive in one",
                    blocks.size(), block));
  }
  return minimum([&](double lambda) { return coefficient_of_variation(blocks, lambda); }, lower,
                 upper);
}

BoxCoxLikelihood::BoxCoxLikelihood(const VectorView& y, int period) {
  check_positive(y);
  if (period < 1) throw InputError(fmt::format("the period is {}, but must be at least 1", period));
  std::vector<Eigen::Index> rows;
  for (Eigen::Index t = 0; t < y.size(); ++t) {
    if (!std::isnan(y(t))) rows.push_back(t);
  }
  const auto n = static_cast<Eigen::Index>(rows.size());
  if (n <= 2 * period) {
    throw InputError(fmt::format(
        "the series has {} observations, but must have more than {} (two periods of {})", n,
        2 * period, period));
  }
  centred_log_ = y(rows).array().log();
  mean_log_ = centred_log_.mean();
  centred_log_.array() -= mean_log_;
  if ((centred_log_.array() == centred_log_(0)).all()) {
    throw InputError(fmt::format("the series is {} in all of {} observations, but must vary",
                                 y(rows.front()), n));
  }
  const Eigen::ColPivHouseholderQR<MatrixXd> qr(trend_and_seasons(rows, period));
  basis_ = qr.householderQ() * MatrixXd::Identity(n, qr.rank());
}

double BoxCoxLikelihood::operator()(double lambda) const {
  // With u = log(y / g), the scaled transformed series is g (e^(lambda u) - 1) / lambda plus a
  // constant, which the regression takes out; this form loses no digits near lambda = 0.
  VectorXd z = centred_log_;
  if (lambda != 0) {
    for (double& u : z) u = std::expm1(lambda * u) / lambda;
  }
  z.noalias() -= basis_ * (basis_.transpose() * z).eval();
  const auto n = static_cast<double>(z.size());
  const double log_variance = std::log(z.squaredNorm() / n) + 2 * mean_log_;
  return -n / 2 * (std::log(2 * std::numbers::pi) + log_variance + 1);
}

double BoxCoxLikelihood::grid_maximum(double lower, double upper) const {
  check_interval(lower, upper);
  return best_on_grid([this](double lambda) { return -(*this)(lambda); }, lower, upper);
}

double BoxCoxLikelihood::maximum(double lower, double upper) const {
  check_interval(lower, upper);
  return minimum([this](double lambda) { return -(*this)(lambda); }, lower, upper);
}

}  // namespace amnok
