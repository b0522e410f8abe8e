#include "models/structural_break/monitoring.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "engine/base/input_error.h"
#include "engine/solver/growing_regression.h"
#include "engine/solver/linear_least_squares.h"
#include "engine/stats/distributions.h"

namespace amnok {

namespace {

// Simulated c(h, T) by level, 200,000 paths (amnok-monitoring-values); errors of the 5 % column are
// at most 0.006.
constexpr std::array<double, 4> kLevels = {0.10, 0.05, 0.025, 0.01};
struct MosumRow {
  double window, horizon;
  std::array<double, kLevels.size()> critical;
};
constexpr std::array<MosumRow, 21> kMosum = {{
    {0.25, 2, {1.5899, 1.7319, 1.8608, 2.0129}},  {0.25, 3, {1.7271, 1.8606, 1.9818, 2.1298}},
    {0.25, 4, {1.7567, 1.8850, 2.0005, 2.1471}},  {0.25, 5, {1.7639, 1.8902, 2.0041, 2.1487}},
    {0.25, 6, {1.7662, 1.8918, 2.0053, 2.1497}},  {0.25, 8, {1.7674, 1.8925, 2.0054, 2.1498}},
    {0.25, 10, {1.7679, 1.8927, 2.0055, 2.1498}}, {0.5, 2, {2.1390, 2.3725, 2.5887, 2.8545}},
    {0.5, 3, {2.3889, 2.6119, 2.8203, 3.0664}},   {0.5, 4, {2.4448, 2.6610, 2.8628, 3.0976}},
    {0.5, 5, {2.4613, 2.6735, 2.8712, 3.1043}},   {0.5, 6, {2.4687, 2.6782, 2.8737, 3.1057}},
    {0.5, 8, {2.4731, 2.6812, 2.8745, 3.1057}},   {0.5, 10, {2.4746, 2.6818, 2.8749, 3.1058}},
    {1, 2, {2.7451, 3.1407, 3.4994, 3.9328}},     {1, 3, {3.2991, 3.7092, 4.0765, 4.5037}},
    {1, 4, {3.4266, 3.8155, 4.1659, 4.5913}},     {1, 5, {3.4701, 3.8477, 4.1892, 4.6100}},
    {1, 6, {3.4899, 3.8610, 4.1994, 4.6141}},     {1, 8, {3.5056, 3.8716, 4.2052, 4.6181}},
    {1, 10, {3.5106, 3.8740, 4.2072, 4.6187}},
}};

std::optional<std::size_t> level_column(double level) {
  for (std::size_t j = 0; j < kLevels.size(); ++j) {
    if (std::fabs(kLevels[j] - level) < 1e-9) return j;
  }
  return std::nullopt;
}

void check(const MatrixView& x, const VectorView& y, int history,
           const MonitoringOptions& options) {
  ProblemList problems;
  const auto n = static_cast<int>(y.size()), k = static_cast<int>(x.cols());
  if (history < k + 2 || history >= n) {
    problems.error({}, fmt::format("history is {}, but must be in [{}, {}]: {} coefficients, {} "
                                   "observations",
                                   history, k + 2, n - 1, k, n));
  }
  if (!(options.level > 0 && options.level < 1)) {
    problems.error({}, fmt::format("level is {}, but must be in (0, 1)", options.level));
  }
  const bool mosum = options.process == MonitoringProcess::ols_mosum;
  if (mosum &&
      std::isnan(monitoring_mosum_critical_value(options.level, options.window, options.horizon))) {
    problems.error({}, fmt::format("MOSUM monitoring has level {}, window {} and horizon {}, but "
                                   "its critical values are simulated for levels 0.10, 0.05, "
                                   "0.025, 0.01, windows 0.25, 0.5, 1 and horizons in [2, 10]",
                                   options.level, options.window, options.horizon));
  }
  if (mosum && options.window * history < 1) {
    problems.error({}, fmt::format("window is {} of a history of {} observations, but must hold "
                                   "at least one",
                                   options.window, history));
  }
  problems.throw_if_errors();
}

struct Residuals {
  VectorXd all;      // of every observation that has one
  int skipped = 0;   // observations before the first
  double sigma = 0;  // of the history's
};

double deviation(const VectorXd& e, double df, Errors errors) {
  if (errors != Errors::hac) return std::sqrt(e.squaredNorm() / df);
  const auto n = static_cast<double>(e.size());
  return std::sqrt(score_covariance(e, errors, false)(0, 0) * (n - 1) / df);
}

Residuals recursive(const MatrixView& x, const VectorView& y, int history, Errors errors) {
  GrowingRegression regression(column_scale(x));
  VectorXd w(y.size());
  Eigen::Index count = 0;
  int skipped = 0;
  for (Eigen::Index t = 0; t < y.size(); ++t) {
    const int rank = regression.rank();
    const double residual = regression.add(x, y, t);
    if (regression.rank() > rank) {
      ++skipped;  // it told a coefficient and nothing else
    } else {
      w(count++) = residual;
    }
  }
  Residuals result{w.head(count), skipped, 0};
  const VectorXd past = result.all.head(history - skipped);
  result.sigma = deviation(past, static_cast<double>(past.size()), errors);
  return result;
}

Residuals historical(const MatrixView& x, const VectorView& y, int history, Errors errors) {
  const LinearFit fit = solve(LinearLeastSquares{x.topRows(history), y.head(history)});
  return {y - x * fit.coefficients, 0, deviation(fit.residuals, fit.df_residual(), errors)};
}

double boundary_at(double t, double critical, MonitoringProcess process) {
  switch (process) {
    case MonitoringProcess::recursive_cusum:
      return std::sqrt(t * (critical * critical + std::log(t)));
    case MonitoringProcess::ols_cusum:
      return std::sqrt(t * (t - 1) * (critical * critical + std::log(t / (t - 1))));
    case MonitoringProcess::ols_mosum:
      break;
  }
  return critical * std::sqrt(std::max(1.0, std::log(t)));
}

}  // namespace

double monitoring_cusum_critical_value(double level) {
  return std::sqrt(chi_squared_quantile(1 - level, 3));
}

double monitoring_mosum_critical_value(double level, double window, double horizon) {
  const auto column = level_column(level);
  if (!column) return kMissing;
  const MosumRow* before = nullptr;
  for (const MosumRow& row : kMosum) {
    if (std::fabs(row.window - window) > 1e-9) continue;
    const double value = row.critical[*column];
    if (row.horizon == horizon) return value;
    if (row.horizon > horizon) {
      if (before == nullptr) return kMissing;
      const double share = (horizon - before->horizon) / (row.horizon - before->horizon);
      return before->critical[*column] + share * (value - before->critical[*column]);
    }
    before = &row;
  }
  return kMissing;
}

Monitoring monitor(const MatrixView& x, const VectorView& y, int history,
                   const MonitoringOptions& options) {
  check(x, y, history, options);
  const bool mosum = options.process == MonitoringProcess::ols_mosum;
  const Residuals residuals = options.process == MonitoringProcess::recursive_cusum
                                  ? recursive(x, y, history, options.errors)
                                  : historical(x, y, history, options.errors);
  Monitoring result;
  result.history = history;
  result.sigma = residuals.sigma;
  result.critical =
      mosum ? monitoring_mosum_critical_value(options.level, options.window, options.horizon)
            : monitoring_cusum_critical_value(options.level);
  result.source = mosum ? "simulated limit of Leisch, Hornik & Kuan (2000)"
                        : "Robbins & Siegmund (1970); Chu, Stinchcombe & White (1996)";
  const Eigen::Index count = y.size() - history;
  const double scale = residuals.sigma * std::sqrt(static_cast<double>(history));
  const int width = static_cast<int>(std::floor(options.window * history));
  result.process.resize(count);
  result.boundary.resize(count);
  for (Eigen::Index j = 0; j < count; ++j) {
    const Eigen::Index end = history + j + 1 - residuals.skipped;  // residuals up to it
    const Eigen::Index rows = mosum ? width : end;
    result.process(j) = residuals.all.segment(end - rows, rows).sum() / scale;
    const double t = static_cast<double>(history + j + 1) / history;
    result.boundary(j) = boundary_at(t, result.critical, options.process);
    const double ratio = std::fabs(result.process(j)) / result.boundary(j);
    result.statistic = std::max(result.statistic, ratio);
    if (ratio > 1 && result.alarm < 0) result.alarm = history + static_cast<int>(j);
  }
  return result;
}

}  // namespace amnok
