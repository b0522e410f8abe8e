#include "engine/evaluation/scores.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/base/check.h"
#include "engine/stats/distributions.h"
#include "engine/stats/residual_tests.h"

namespace amnok {

namespace {

// The mean of loss(y, f) over the pairs that are there.
template <class Loss>
double mean_loss(const VectorView& actual, const VectorView& forecast, Loss loss) {
  AMNOK_CHECK(actual.size() == forecast.size(), "{} actuals, {} forecasts", actual.size(),
              forecast.size());
  double sum = 0;
  int count = 0;
  for (Eigen::Index t = 0; t < actual.size(); ++t) {
    if (std::isnan(actual(t)) || std::isnan(forecast(t))) continue;
    sum += loss(actual(t), forecast(t));
    ++count;
  }
  return count > 0 ? sum / count : kMissing;
}

template <class Loss>
double mean_seasonal_change(const VectorView& training, int season, Loss loss) {
  AMNOK_CHECK(season >= 1, "season is {}", season);
  const Eigen::Index n = training.size() - season;
  if (n < 1) return kMissing;
  return mean_loss(training.tail(n), training.head(n), loss);
}

double square(double x) {
  return x * x;
}

}  // namespace

double mean_error(const VectorView& actual, const VectorView& forecast) {
  return mean_loss(actual, forecast, [](double y, double f) { return y - f; });
}

double mean_absolute_error(const VectorView& actual, const VectorView& forecast) {
  return mean_loss(actual, forecast, [](double y, double f) { return std::fabs(y - f); });
}

double root_mean_squared_error(const VectorView& actual, const VectorView& forecast) {
  return std::sqrt(mean_loss(actual, forecast, [](double y, double f) { return square(y - f); }));
}

double mean_percentage_error(const VectorView& actual, const VectorView& forecast) {
  return mean_loss(actual, forecast, [](double y, double f) { return 100 * (y - f) / y; });
}

double mean_absolute_percentage_error(const VectorView& actual, const VectorView& forecast) {
  return mean_loss(actual, forecast,
                   [](double y, double f) { return std::fabs(100 * (y - f) / y); });
}

double symmetric_percentage_error(const VectorView& actual, const VectorView& forecast,
                                  SymmetricError form) {
  return mean_loss(actual, forecast, [form](double y, double f) {
    if (y == f) return 0.0;
    const bool absolute = form == SymmetricError::absolute;
    return 200 * std::fabs(y - f) / (absolute ? std::fabs(y) + std::fabs(f) : y + f);
  });
}

double seasonal_absolute_scale(const VectorView& training, int season) {
  return mean_seasonal_change(training, season,
                              [](double y, double f) { return std::fabs(y - f); });
}

double seasonal_squared_scale(const VectorView& training, int season) {
  return mean_seasonal_change(training, season, [](double y, double f) { return square(y - f); });
}

double mean_absolute_scaled_error(const VectorView& actual, const VectorView& forecast,
                                  const VectorView& training, int season) {
  return mean_absolute_error(actual, forecast) / seasonal_absolute_scale(training, season);
}

double root_mean_squared_scaled_error(const VectorView& actual, const VectorView& forecast,
                                      const VectorView& training, int season) {
  return root_mean_squared_error(actual, forecast) /
         std::sqrt(seasonal_squared_scale(training, season));
}

double theil_u(const VectorView& actual, const VectorView& forecast) {
  double errors = 0, changes = 0;
  for (Eigen::Index t = 1; t < actual.size(); ++t) {
    const double base = actual(t - 1);
    const double error = (forecast(t) - actual(t)) / base, change = (actual(t) - base) / base;
    if (std::isnan(error) || std::isnan(change)) continue;
    errors += square(error);
    changes += square(change);
  }
  return changes > 0 ? std::sqrt(errors / changes) : kMissing;
}

double error_autocorrelation(const VectorView& actual, const VectorView& forecast) {
  if (actual.size() < 2) return kMissing;
  return autocorrelations(actual - forecast, 1)(0);
}

PointScores point_scores(const VectorView& actual, const VectorView& forecast,
                         const VectorView& training, int season) {
  PointScores s;
  for (Eigen::Index t = 0; t < actual.size(); ++t)
    s.count += std::isnan(actual(t) - forecast(t)) ? 0 : 1;
  s.me = mean_error(actual, forecast);
  s.mae = mean_absolute_error(actual, forecast);
  s.rmse = root_mean_squared_error(actual, forecast);
  s.mpe = mean_percentage_error(actual, forecast);
  s.mape = mean_absolute_percentage_error(actual, forecast);
  s.smape = symmetric_percentage_error(actual, forecast);
  s.mase = mean_absolute_scaled_error(actual, forecast, training, season);
  s.rmsse = root_mean_squared_scaled_error(actual, forecast, training, season);
  s.theil_u = theil_u(actual, forecast);
  s.acf1 = error_autocorrelation(actual, forecast);
  return s;
}

double pinball_loss(double actual, double quantile, double p) {
  AMNOK_CHECK(p > 0 && p < 1, "p is {}", p);
  return (actual - quantile) * (p - (actual < quantile ? 1 : 0));
}

double interval_score(double actual, double low, double high, double alpha) {
  AMNOK_CHECK(alpha > 0 && alpha < 1, "alpha is {}", alpha);
  const double outside = std::max(low - actual, 0.0) + std::max(actual - high, 0.0);
  return high - low + 2 / alpha * outside;
}

double mean_pinball_loss(const VectorView& actual, const VectorView& quantile, double p) {
  return mean_loss(actual, quantile, [p](double y, double q) { return pinball_loss(y, q, p); });
}

double mean_interval_score(const VectorView& actual, const VectorView& low, const VectorView& high,
                           double alpha) {
  AMNOK_CHECK(actual.size() == low.size() && low.size() == high.size(), "sizes are {}, {} and {}",
              actual.size(), low.size(), high.size());
  double sum = 0;
  int count = 0;
  for (Eigen::Index t = 0; t < actual.size(); ++t) {
    if (std::isnan(actual(t)) || std::isnan(low(t)) || std::isnan(high(t))) continue;
    sum += interval_score(actual(t), low(t), high(t), alpha);
    ++count;
  }
  return count > 0 ? sum / count : kMissing;
}

double mean_scaled_interval_score(const VectorView& actual, const VectorView& low,
                                  const VectorView& high, double alpha, const VectorView& training,
                                  int season) {
  return mean_interval_score(actual, low, high, alpha) / seasonal_absolute_scale(training, season);
}

Coverage coverage_of(int inside, int count, double confidence, BinomialBand band) {
  AMNOK_CHECK(inside >= 0 && inside <= count, "{} of {} are inside", inside, count);
  AMNOK_CHECK(confidence > 0 && confidence < 1, "confidence is {}", confidence);
  Coverage c{inside, count};
  if (count == 0) return c;
  const double n = count, share = inside / n;
  c.share = share;
  const double tail = (1 - confidence) / 2;
  if (band == BinomialBand::exact) {
    c.low = inside == 0 ? 0 : beta_quantile(tail, inside, n - inside + 1);
    c.high = inside == count ? 1 : beta_quantile(1 - tail, inside + 1, n - inside);
    return c;
  }
  const double z = normal_quantile(1 - tail), denominator = 1 + z * z / n;
  const double centre = (share + z * z / (2 * n)) / denominator;
  const double half = z * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / denominator;
  c.low = std::max(centre - half, 0.0);
  c.high = std::min(centre + half, 1.0);
  return c;
}

Coverage interval_coverage(const VectorView& actual, const VectorView& low, const VectorView& high,
                           double confidence, BinomialBand band) {
  int inside = 0, count = 0;
  for (Eigen::Index t = 0; t < actual.size(); ++t) {
    if (std::isnan(actual(t)) || std::isnan(low(t)) || std::isnan(high(t))) continue;
    ++count;
    if (actual(t) >= low(t) && actual(t) <= high(t)) ++inside;
  }
  return coverage_of(inside, count, confidence, band);
}

double crps_normal(double actual, double mean, double sd) {
  AMNOK_CHECK(sd >= 0, "sd is {}", sd);
  if (sd == 0) return std::fabs(actual - mean);
  const double z = (actual - mean) / sd;
  return sd * (z * (2 * normal_cdf(z) - 1) + 2 * normal_pdf(z) - std::numbers::inv_sqrtpi);
}

double crps_sample(double actual, std::vector<double> draws, SampleCrps form) {
  const auto n = static_cast<double>(draws.size());
  AMNOK_CHECK(n >= (form == SampleCrps::fair ? 2 : 1), "{} draws", n);
  // Sorted, sum_{i,j} |x_i - x_j| = 2 sum_i (2 i - n - 1) x_i, i from 1. Draws count from the actual,
  // so that a large common level does not cancel.
  std::sort(draws.begin(), draws.end());
  double distance = 0, spread = 0;
  for (std::size_t i = 0; i < draws.size(); ++i) {
    const double x = draws[i] - actual;
    distance += std::fabs(x);
    spread += (2 * static_cast<double>(i + 1) - n - 1) * x;
  }
  return distance / n - spread / (n * (form == SampleCrps::fair ? n - 1 : n));
}

double log_score_normal(double actual, double mean, double sd) {
  AMNOK_CHECK(sd > 0, "sd is {}", sd);
  return 0.5 * std::log(2 * std::numbers::pi) + std::log(sd) + 0.5 * square((actual - mean) / sd);
}

double pit_normal(double actual, double mean, double sd) {
  AMNOK_CHECK(sd > 0, "sd is {}", sd);
  return normal_cdf((actual - mean) / sd);
}

double pit_sample(double actual, const std::vector<double>& draws) {
  AMNOK_CHECK(!draws.empty(), "no draws");
  double below = 0;
  for (double x : draws) below += x < actual ? 1 : x == actual ? 0.5 : 0;
  return below / static_cast<double>(draws.size());
}

}  // namespace amnok
