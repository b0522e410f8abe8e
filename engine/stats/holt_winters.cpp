#include "engine/stats/holt_winters.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/check.h"
#include "engine/base/input_error.h"

namespace amnok {

namespace {

void check(const VectorView& y, const HoltWintersOptions& options) {
  ProblemList problems;
  const auto parameter = [&](const char* name, double value) {
    if (!(value >= 0 && value <= 1)) {
      problems.error({}, fmt::format("{} is {}, but must be in [0, 1]", name, value));
    }
  };
  parameter("alpha", options.alpha);
  if (options.beta) parameter("beta", *options.beta);
  if (options.gamma) {
    parameter("gamma", *options.gamma);
    if (options.period < 2) {
      problems.error({}, fmt::format("the period is {}, but must be at least 2 with a season",
                                     options.period));
    }
    if (options.start_periods < 2) {
      problems.error(
          {}, fmt::format("start_periods is {}, but must be at least 2", options.start_periods));
    }
  }
  const int least = options.gamma ? options.start_periods * options.period : options.beta ? 3 : 2;
  if (y.size() < least) {
    problems.error({}, fmt::format("the series has {} observations, but must have at least {}",
                                   y.size(), least));
  }
  for (Eigen::Index t = 0; t < y.size(); ++t) {
    if (std::isfinite(y(t))) continue;
    problems.error(
        {}, fmt::format("observation {} of {} is {}, but must be finite", t + 1, y.size(), y(t)));
    break;
  }
  problems.throw_if_errors();
}

// Level and trend: intercept and slope of a regression on 1, 2, ...
void fit_line(const VectorXd& values, HoltWintersState& state) {
  const Eigen::Index n = values.size();
  const VectorXd time = VectorXd::LinSpaced(n, 1, static_cast<double>(n));
  const VectorXd centred = time.array() - time.mean();
  // A lone value has no slope.
  state.trend = n > 1 ? centred.dot(values) / centred.squaredNorm() : 0;
  state.level = values.mean() - state.trend * time.mean();
}

}  // namespace

HoltWintersStart holt_winters_start(const VectorView& y, const HoltWintersOptions& options) {
  check(y, options);
  HoltWintersStart start;
  if (options.gamma) {
    const int used = options.start_periods * options.period;
    const Decomposition parts =
        classical_decomposition(y.head(used), options.period, options.seasonality);
    const int half = options.period / 2;
    fit_line(parts.trend.segment(half, used - 2 * half), start.state);
    start.state.season = parts.indices;
    start.first = options.period;
    if (!options.beta) start.state.trend = 0;
  } else if (options.beta) {
    start.state.level = y(1);
    start.state.trend = y(1) - y(0);
    start.first = 2;
  } else {
    start.state.level = y(0);
    start.first = 1;
  }
  return start;
}

HoltWintersResult holt_winters(const VectorView& y, const HoltWintersOptions& options,
                               const HoltWintersStart& start) {
  check(y, options);
  const bool seasonal = options.gamma.has_value();
  AMNOK_CHECK(start.state.season.size() == (seasonal ? options.period : 0),
              "the start has {} seasons, the period is {}", start.state.season.size(),
              options.period);
  const bool additive = options.seasonality == Seasonality::additive;
  const double alpha = options.alpha, gamma = options.gamma.value_or(0);
  HoltWintersResult result;
  result.first = start.first;
  result.fitted.resize(y.size() - start.first);
  double level = start.state.level, trend = start.state.trend;
  VectorXd season = start.state.season;
  const double no_season = additive ? 0 : 1;
  Eigen::Index at = 0;  // the season of observation t
  for (Eigen::Index t = start.first; t < y.size(); ++t) {
    const double before = level, s = seasonal ? season(at) : no_season;
    result.fitted(t - start.first) = additive ? level + trend + s : (level + trend) * s;
    level = alpha * (additive ? y(t) - s : y(t) / s) + (1 - alpha) * (before + trend);
    if (options.beta) trend = *options.beta * (level - before) + (1 - *options.beta) * trend;
    if (!seasonal) continue;
    season(at) = gamma * (additive ? y(t) - level : y(t) / level) + (1 - gamma) * s;
    at = (at + 1) % options.period;
  }
  result.residuals = y.tail(result.fitted.size()) - result.fitted;
  result.sse = result.residuals.squaredNorm();
  std::rotate(season.begin(), season.begin() + at, season.end());
  result.state = {level, trend, season};
  return result;
}

HoltWintersResult holt_winters(const VectorView& y, const HoltWintersOptions& options) {
  return holt_winters(y, options, holt_winters_start(y, options));
}

VectorXd holt_winters_forecast(const HoltWintersState& state, Seasonality seasonality,
                               int horizon) {
  VectorXd forecast(horizon);
  const Eigen::Index period = state.season.size();
  for (int h = 1; h <= horizon; ++h) {
    double& f = forecast(h - 1);
    f = state.level + h * state.trend;
    if (period == 0) continue;
    const double s = state.season((h - 1) % period);
    f = seasonality == Seasonality::additive ? f + s : f * s;
  }
  return forecast;
}

}  // namespace amnok
