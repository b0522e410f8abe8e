#include "engine/regression/lee_strazicich.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/check.h"
#include "engine/base/input_error.h"
#include "engine/solver/linear_least_squares.h"

namespace amnok {

namespace {

constexpr double kSignificant = 1.645;  // |t| of the last lag

// dZ for t = 2 .. n: the trend's constant, a pulse a shift of the level, a step a change of slope.
MatrixXd differenced_terms(Eigen::Index n, const std::vector<int>& breaks, LmBreak model) {
  const Eigen::Index each = model == LmBreak::both ? 2 : 1;
  MatrixXd z = MatrixXd::Zero(n - 1, 1 + each * static_cast<Eigen::Index>(breaks.size()));
  z.col(0).setOnes();
  for (std::size_t i = 0; i < breaks.size(); ++i) {
    const auto column = 1 + each * static_cast<Eigen::Index>(i);
    const int after = breaks[i] - 1;  // the row of t = b + 1
    z(after, column) = 1;
    if (model == LmBreak::both) z.col(column + 1).tail(n - 1 - after).setOnes();
  }
  return z;
}

// The t statistics of f and of the last lag.
struct LagFit {
  double t = kMissing, last_lag = kMissing;
};

LagFit fit_with_lag(const VectorXd& dy, const MatrixXd& z, const VectorXd& s, const VectorXd& ds,
                    int lag) {
  const Eigen::Index rows = dy.size() - lag;
  MatrixXd x(rows, 1 + z.cols() + lag);
  x.col(0) = s.segment(lag, rows);  // s is S_1 .. S_n, dy begins at t = 2
  x.middleCols(1, z.cols()) = z.bottomRows(rows);
  for (int j = 1; j <= lag; ++j) x.col(z.cols() + j) = ds.segment(lag - j, rows);
  const LinearFit fit = solve(LinearLeastSquares{x, dy.tail(rows)});
  LagFit result;
  if (fit.df_residual() < 1 || !(fit.rss > 0)) return result;
  const auto t = [&](Eigen::Index i) {
    return fit.coefficients(i) / std::sqrt(fit.sigma2() * fit.xtx_inverse(i, i));
  };
  result.t = t(0);
  if (lag > 0) result.last_lag = t(x.cols() - 1);
  return result;
}

// The statistic at given breaks and its lag.
std::pair<double, int> lm_statistic(const VectorXd& dy, const std::vector<int>& breaks,
                                    const LeeStrazicichOptions& options) {
  const MatrixXd z = differenced_terms(dy.size() + 1, breaks, options.model);
  const VectorXd ds = solve(LinearLeastSquares{z, dy}).residuals;
  // What rounding leaves of a line without noise is no noise.
  if (!(ds.squaredNorm() > 1e-24 * dy.squaredNorm())) return {kMissing, options.max_lag};
  VectorXd s = VectorXd::Zero(dy.size() + 1);
  for (Eigen::Index t = 0; t < dy.size(); ++t) s(t + 1) = s(t) + ds(t);
  int lag = options.max_lag;
  LagFit fit = fit_with_lag(dy, z, s, ds, lag);
  while (options.choose_lag && lag > 0 && !(std::fabs(fit.last_lag) > kSignificant)) {
    fit = fit_with_lag(dy, z, s, ds, --lag);
  }
  return {fit.t, lag};
}

// Lee & Strazicich (2013), model C by the break's fraction 0.1 .. 0.5.
CriticalValues one_break_critical_values(double fraction) {
  constexpr CriticalValues kTable[] = {{-5.11, -4.50, -4.21},
                                       {-5.07, -4.47, -4.20},
                                       {-5.15, -4.45, -4.18},
                                       {-5.05, -4.50, -4.18},
                                       {-5.11, -4.51, -4.17}};
  const double place = std::clamp(10 * std::min(fraction, 1 - fraction) - 1, 0.0, 4.0);
  const int i = std::min(static_cast<int>(place), 3);
  const double w = place - i;
  const CriticalValues &a = kTable[i], &b = kTable[i + 1];
  return {(1 - w) * a.pct1 + w * b.pct1, (1 - w) * a.pct5 + w * b.pct5,
          (1 - w) * a.pct10 + w * b.pct10};
}

// Lee & Strazicich (2003), model C; the rows of the first fraction 0.2, 0.4, 0.6, the
// columns of the second 0.4, 0.6, 0.8.
CriticalValues two_break_critical_values(double first, double second) {
  constexpr CriticalValues kTable[3][3] = {
      {{-6.16, -5.59, -5.27}, {-6.41, -5.74, -5.32}, {-6.33, -5.71, -5.33}},
      {{0, 0, 0}, {-6.45, -5.67, -5.31}, {-6.42, -5.65, -5.32}},
      {{0, 0, 0}, {0, 0, 0}, {-6.32, -5.73, -5.32}}};
  const auto nearest = [](double fraction, double base) {
    return std::clamp(static_cast<int>(std::lround((fraction - base) / 0.2)), 0, 2);
  };
  const int row = nearest(first, 0.2);
  return kTable[row][std::max(row, nearest(second, 0.4))];
}

CriticalValues critical_values(const LeeStrazicichOptions& options, const std::vector<int>& breaks,
                               Eigen::Index n) {
  // Model A does not depend on the dates.
  if (options.model == LmBreak::crash) {
    return options.breaks == 1 ? CriticalValues{-4.239, -3.566, -3.211}
                               : CriticalValues{-4.545, -3.842, -3.504};
  }
  const auto fraction = [&](std::size_t i) { return breaks[i] / static_cast<double>(n); };
  return options.breaks == 1 ? one_break_critical_values(fraction(0))
                             : two_break_critical_values(fraction(0), fraction(1));
}

}  // namespace

LeeStrazicich lee_strazicich(const VectorView& y, const LeeStrazicichOptions& options) {
  AMNOK_CHECK((options.breaks == 1 || options.breaks == 2) && options.max_lag >= 0 &&
                  options.trim > 0 && options.trim < 0.5,
              "breaks {}, max_lag {}, trim {}", options.breaks, options.max_lag, options.trim);
  const auto n = static_cast<int>(y.size());
  const int shortest = 2 * options.max_lag + 12;
  if (!y.allFinite() || n < shortest) {
    throw InputError(
        fmt::format("the series of the Lee-Strazicich test has {} observations of "
                    "which {} are missing, but must have at least {} and none missing",
                    n, n - y.array().isFinite().count(), shortest));
  }
  const VectorXd dy = y.tail(n - 1) - y.head(n - 1);
  const int ends = std::max(static_cast<int>(std::lround(options.trim * n)), 2);
  const int gap = options.model == LmBreak::both ? 3 : 2;
  LeeStrazicich test;
  const auto keep_least = [&](const std::vector<int>& breaks) {
    const auto [t, lag] = lm_statistic(dy, breaks, options);
    if (std::isnan(t) || t >= test.t) return;
    test.t = t;
    test.lag = lag;
    test.last_observation_before = breaks;
  };
  for (int b = ends + 1; b <= n - ends; ++b) {
    if (options.breaks == 1) keep_least({b});
    for (int c = b + gap; options.breaks == 2 && c <= n - ends; ++c) keep_least({b, c});
  }
  if (!std::isnan(test.t)) {
    test.critical = critical_values(options, test.last_observation_before, y.size());
  }
  return test;
}

}  // namespace amnok
