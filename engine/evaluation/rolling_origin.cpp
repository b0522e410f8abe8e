#include "engine/evaluation/rolling_origin.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/check.h"
#include "engine/base/input_error.h"
#include "engine/model/parallel.h"
#include "engine/stats/distributions.h"

namespace amnok {

namespace {

constexpr int kCrpsGrid = 20;  // p = 0.025, 0.075, ..., 0.975

double grid_probability(int i) {
  return (i + 0.5) / kCrpsGrid;
}

int index_of(const std::vector<double>& probabilities, double p) {
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    if (std::fabs(probabilities[i] - p) < 1e-9) return static_cast<int>(i);
  }
  AMNOK_CHECK(false, "probability {} was not forecast", p);
}

// Columns of one horizon, or all of them one after another.
VectorXd at_horizon(const MatrixXd& values, int h) {
  if (h > 0) return values.col(h - 1);
  return values.reshaped();
}

// F(actual) by straight lines between the quantiles of the grid (ascending); beyond its ends, half
// of what lies outside.
double pit_of(double actual, const VectorXd& grid) {
  if (actual < grid(0)) return grid_probability(0) / 2;
  const Eigen::Index last = grid.size() - 1;
  if (actual > grid(last)) return 1 - grid_probability(0) / 2;
  Eigen::Index i = 0;
  while (i < last - 1 && actual > grid(i + 1)) ++i;
  const double width = grid(i + 1) - grid(i);
  const double share = width > 0 ? (actual - grid(i)) / width : 0.5;
  return grid_probability(static_cast<int>(i)) + share / kCrpsGrid;
}

PitHistogram pit_histogram(const VectorXd& actual, const MatrixXd& grid) {
  constexpr int kClasses = 10;
  PitHistogram pit;
  pit.counts.assign(kClasses, 0);
  double sum = 0;
  int count = 0;
  for (Eigen::Index i = 0; i < actual.size(); ++i) {
    if (std::isnan(actual(i)) || !grid.row(i).allFinite()) continue;
    const double value = pit_of(actual(i), grid.row(i).transpose());
    ++pit.counts[static_cast<std::size_t>(
        std::min(kClasses - 1, static_cast<int>(value * kClasses)))];
    sum += value;
    ++count;
  }
  if (count == 0) return pit;
  pit.mean = sum / count;
  const double expected = static_cast<double>(count) / kClasses;
  if (expected < 1) return pit;  // too few for the distribution of the test
  double statistic = 0;
  for (int n : pit.counts) statistic += (n - expected) * (n - expected) / expected;
  pit.p_value = chi_squared_sf(statistic, kClasses - 1);
  return pit;
}

HorizonScores scores_at(const RollingForecasts& forecasts, int h,
                        const std::vector<double>& levels) {
  const VectorXd actual = at_horizon(forecasts.actual, h), mean = at_horizon(forecasts.mean, h);
  const auto quantile = [&](double p) {
    return at_horizon(
        forecasts.quantiles[static_cast<std::size_t>(index_of(forecasts.probabilities, p))], h);
  };
  HorizonScores s;
  s.horizon = h;
  s.count = static_cast<int>((actual - mean).array().isNaN().size() -
                             (actual - mean).array().isNaN().count());
  s.me = mean_error(actual, mean);
  s.mae = mean_absolute_error(actual, mean);
  s.rmse = root_mean_squared_error(actual, mean);
  const MatrixXd scaled =
      (forecasts.actual - forecasts.mean).array().colwise() / forecasts.scale.array();
  const VectorXd scaled_errors = at_horizon(scaled, h);
  s.mase = mean_absolute_error(scaled_errors, VectorXd::Zero(scaled_errors.size()));
  s.smape = symmetric_percentage_error(actual, mean);
  s.crps = 0;
  MatrixXd grid(actual.size(), kCrpsGrid);
  for (int i = 0; i < kCrpsGrid; ++i) {
    const double p = grid_probability(i);
    grid.col(i) = quantile(p);
    s.quantiles.push_back({p, mean_pinball_loss(actual, grid.col(i), p)});
    s.crps += 2 * s.quantiles.back().loss / kCrpsGrid;
  }
  s.pit = pit_histogram(actual, grid);
  for (double level : levels) {
    const VectorXd low = quantile(0.5 - level / 2), high = quantile(0.5 + level / 2);
    s.bands.push_back({level, interval_coverage(actual, low, high, 0.95, BinomialBand::exact),
                       mean_interval_score(actual, low, high, 1 - level)});
  }
  return s;
}

}  // namespace

RollingForecasts rolling_origin(const VectorView& y, int season, const RollingOriginPlan& plan,
                                const std::vector<double>& probabilities,
                                const Forecaster& forecaster, int threads) {
  AMNOK_CHECK(plan.horizon >= 1 && plan.first >= 1 && plan.step >= 1 && plan.window >= 0,
              "horizon {}, first {}, step {}, window {}", plan.horizon, plan.first, plan.step,
              plan.window);
  const auto n = static_cast<int>(y.size());
  RollingForecasts result;
  result.probabilities = probabilities;
  for (int origin = plan.first; origin < n; origin += plan.step) result.origins.push_back(origin);
  const auto rows = static_cast<Eigen::Index>(result.origins.size());
  result.actual = result.mean = MatrixXd::Constant(rows, plan.horizon, kMissing);
  result.quantiles.assign(probabilities.size(), result.mean);
  result.scale = VectorXd::Constant(rows, kMissing);
  std::vector<std::string> reasons(result.origins.size());
  in_parallel(static_cast<int>(rows), threads, [&](int row) {
    const int origin = result.origins[static_cast<std::size_t>(row)];
    const int seen = plan.window > 0 ? std::min(plan.window, origin) : origin;
    const VectorXd history = y.segment(origin - seen, seen);
    const int known = std::min(plan.horizon, n - origin);
    result.actual.row(row).head(known) = y.segment(origin, known).transpose();
    result.scale(row) = seasonal_absolute_scale(history, seen > season ? season : 1);
    try {
      const QuantileForecast forecast = forecaster(history, plan.horizon, probabilities);
      result.mean.row(row) = forecast.mean.transpose();
      for (std::size_t i = 0; i < probabilities.size(); ++i) {
        result.quantiles[i].row(row) =
            forecast.quantiles.col(static_cast<Eigen::Index>(i)).transpose();
      }
    } catch (const InputError& error) {
      reasons[static_cast<std::size_t>(row)] = error.problems().front().message;
    }
  });
  for (const std::string& reason : reasons) {
    if (reason.empty()) continue;
    if (result.failures++ == 0) result.failure = reason;
  }
  return result;
}

std::vector<double> scoring_probabilities(const std::vector<double>& levels) {
  std::vector<double> probabilities;
  for (int i = 0; i < kCrpsGrid; ++i) probabilities.push_back(grid_probability(i));
  for (double level : levels) {
    AMNOK_CHECK(level > 0 && level < 1, "level is {}", level);
    probabilities.push_back(0.5 - level / 2);
    probabilities.push_back(0.5 + level / 2);
  }
  return probabilities;
}

std::vector<HorizonScores> score_by_horizon(const RollingForecasts& forecasts,
                                            const std::vector<double>& levels) {
  std::vector<HorizonScores> scores;
  for (int h = 1; h <= forecasts.mean.cols(); ++h) {
    scores.push_back(scores_at(forecasts, h, levels));
  }
  scores.push_back(scores_at(forecasts, 0, levels));
  return scores;
}

ComparisonTest compare_at_horizon(const RollingForecasts& first, const RollingForecasts& second,
                                  int h, double power) {
  AMNOK_CHECK(first.origins == second.origins, "{} and {} origins", first.origins.size(),
              second.origins.size());
  ComparisonOptions options;
  options.power = power;
  // Forecasts that are `step` periods apart overlap at ceil(h / step) - 1 lags.
  const int step = first.origins.size() > 1 ? first.origins[1] - first.origins[0] : 1;
  options.horizon = (h + step - 1) / step;
  return diebold_mariano(first.actual.col(h - 1) - first.mean.col(h - 1),
                         second.actual.col(h - 1) - second.mean.col(h - 1), options);
}

}  // namespace amnok
