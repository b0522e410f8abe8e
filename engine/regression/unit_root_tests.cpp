#include "engine/regression/unit_root_tests.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "engine/base/check.h"
#include "engine/base/input_error.h"
#include "engine/solver/linear_least_squares.h"
#include "engine/stats/hac.h"

namespace amnok {

namespace {

void check_series(const std::string& test, const VectorView& y, Eigen::Index shortest) {
  const auto missing =
      std::count_if(y.begin(), y.end(), [](double v) { return !std::isfinite(v); });
  if (missing > 0) {
    throw InputError(
        fmt::format("the series of {} has {} missing values, but must have none", test, missing));
  }
  if (y.size() < shortest) {
    throw InputError(fmt::format("the series of {} has {} observations, but must have at least {}",
                                 test, y.size(), shortest));
  }
}

void check_lag(const std::string& test, int lag) {
  if (lag < 0) {
    throw InputError(fmt::format("the lag of {} is {}, but must be at least 0", test, lag));
  }
}

VectorXd differences(const VectorView& y) {
  const Eigen::Index n = y.size();
  return y.tail(n - 1) - y.head(n - 1);
}

VectorXd trend_of(Eigen::Index n) {
  return VectorXd::LinSpaced(n, 1, static_cast<double>(n));
}

// y about its mean or about its line.
VectorXd without_terms(const VectorView& y, Deterministics terms) {
  VectorXd rest = y.array() - y.mean();
  if (terms == Deterministics::trend) {
    const VectorXd t = trend_of(y.size()).array() - 0.5 * static_cast<double>(y.size() + 1);
    rest -= t * (t.dot(rest) / t.squaredNorm());
  }
  return rest;
}

// sum e^2 / n + 2 sum_j (1 - j / (lag + 1)) sum_t e_t e_{t-j} / n.
double long_run_variance(const VectorXd& e, int lag) {
  return newey_west(e, lag)(0, 0) / static_cast<double>(e.size());
}

// Whether the residuals are rounding errors.
bool is_exact(const LinearFit& fit, const VectorXd& y) {
  return fit.rss <= 1e-24 * y.squaredNorm();
}

// The t statistic of one coefficient against a value; NaN when the regression says nothing of it.
double t_statistic(const LinearFit& fit, const VectorXd& y, int column, double value = 0) {
  const double variance = fit.xtx_inverse(column, column);
  if (fit.df_residual() < 1 || variance <= 0 || is_exact(fit, y)) return kMissing;
  return (fit.coefficients(column) - value) / std::sqrt(fit.sigma2() * variance);
}

// -2 log-likelihood + penalty (coefficients + 1). Lags may be compared on samples of different
// length, so no constant is left out.
double gaussian_criterion(const LinearFit& fit, double penalty) {
  const auto n = static_cast<double>(fit.residuals.size());
  return n * (std::log(2 * std::numbers::pi * fit.rss / n) + 1) + penalty * (fit.rank + 1);
}

// The Dickey-Fuller regression on the rows that max_lag leaves; columns: [constant, y_{t-1},
// trend, dy_{t-1} .. dy_{t-max_lag}] without the terms that are not asked for.
struct DickeyFullerRegression {
  MatrixXd x;
  VectorXd dy;
  int level = 0;  // the column of y_{t-1}
  int terms = 0;  // columns before the lags

  DickeyFullerRegression(const VectorView& y, Deterministics deterministics, int max_lag) {
    const VectorXd d = differences(y);
    const Eigen::Index n = d.size() - max_lag;
    dy = d.tail(n);
    level = deterministics == Deterministics::none ? 0 : 1;
    terms = 1 + static_cast<int>(deterministics);
    x.resize(n, terms + max_lag);
    if (level == 1) x.col(0).setOnes();
    x.col(level) = y.segment(max_lag, n);
    if (deterministics == Deterministics::trend) x.col(2) = trend_of(n);
    for (int j = 1; j <= max_lag; ++j) x.col(terms + j - 1) = d.segment(max_lag - j, n);
  }

  LinearFit fit(int lag) const { return solve(LinearLeastSquares{x.leftCols(terms + lag), dy}); }
  // Only the lags, after a constant where `constant`.
  LinearFit fit_of_lags(int lag, bool constant) const {
    MatrixXd z(x.rows(), lag + (constant ? 1 : 0));
    if (constant) z.col(0).setOnes();
    z.rightCols(lag) = x.middleCols(terms, lag);
    return solve(LinearLeastSquares{z, dy});
  }
};

double f_statistic(const LinearFit& restricted, const LinearFit& full) {
  return (restricted.rss - full.rss) / (full.rank - restricted.rank) / full.sigma2();
}

DickeyFuller report(const DickeyFullerRegression& regression, Deterministics terms, int lag) {
  DickeyFuller test;
  test.lag = lag;
  test.observations = static_cast<int>(regression.dy.size());
  test.critical = dickey_fuller_critical_values(terms, test.observations);
  const LinearFit full = regression.fit(lag);
  test.tau = t_statistic(full, regression.dy, regression.level);
  test.p_value = dickey_fuller_p_value(test.tau, terms);
  if (std::isnan(test.tau) || terms == Deterministics::none) return test;
  const double without_any = f_statistic(regression.fit_of_lags(lag, false), full);
  if (terms == Deterministics::constant) {
    test.phi1 = without_any;
  } else {
    test.phi2 = without_any;
    test.phi3 = f_statistic(regression.fit_of_lags(lag, true), full);
  }
  return test;
}

void check_dickey_fuller(const VectorView& y, Deterministics terms, int lag) {
  const std::string name = fmt::format("the Dickey-Fuller test with {} lags", lag);
  check_lag("the Dickey-Fuller test", lag);
  // One residual degree of freedom: n - 1 - lag rows for 1 + lag columns and the terms.
  check_series(name, y, 2 * lag + 3 + static_cast<int>(terms));
}

}  // namespace

DickeyFuller dickey_fuller(const VectorView& y, Deterministics terms, int lag) {
  check_dickey_fuller(y, terms, lag);
  return report(DickeyFullerRegression(y, terms, lag), terms, lag);
}

DickeyFuller dickey_fuller(const VectorView& y, Deterministics terms, int max_lag,
                           LagCriterion criterion) {
  check_dickey_fuller(y, terms, max_lag);
  const DickeyFullerRegression regression(y, terms, max_lag);
  const double penalty =
      criterion == LagCriterion::aic ? 2 : std::log(static_cast<double>(regression.dy.size()));
  int best = std::min(max_lag, 1);
  double least = INFINITY;
  for (int lag = best; lag <= max_lag; ++lag) {
    const double value = gaussian_criterion(regression.fit(lag), penalty);
    if (value < least) {
      least = value;
      best = lag;
    }
  }
  return report(regression, terms, best);
}

PhillipsPerron phillips_perron(const VectorView& y, Deterministics terms, int lag) {
  AMNOK_CHECK(terms != Deterministics::none, "Phillips-Perron needs a constant or a trend");
  check_lag("the Phillips-Perron test", lag);
  const int columns = 1 + static_cast<int>(terms);
  check_series(fmt::format("the Phillips-Perron test with {} lags", lag), y,
               std::max(columns, lag) + 2);
  const Eigen::Index n = y.size() - 1;
  const auto size = static_cast<double>(n);
  const VectorXd now = y.tail(n);
  MatrixXd x(n, columns);
  x.col(0).setOnes();
  x.col(1) = y.head(n);
  if (terms == Deterministics::trend) x.col(2) = trend_of(n);
  const LinearFit fit = solve(LinearLeastSquares{x, now});

  PhillipsPerron test;
  test.lag = lag;
  test.critical = dickey_fuller_critical_values(terms, static_cast<int>(n));
  const double t = t_statistic(fit, now, 1, 1);
  if (std::isnan(t)) return test;
  const double short_run = fit.rss / size, long_run = long_run_variance(fit.residuals, lag);
  double m = without_terms(now, terms).squaredNorm() / (size * size);
  if (terms == Deterministics::trend) m *= 1 - 1 / (size * size);
  const double excess = 0.5 * (long_run - short_run);
  test.z_tau = std::sqrt(short_run / long_run) * t - excess / std::sqrt(long_run * m);
  test.z_alpha = size * (fit.coefficients(1) - 1) - excess / m;
  test.p_value = dickey_fuller_p_value(test.z_tau, terms);
  return test;
}

Kpss kpss(const VectorView& y, Deterministics terms, int lag) {
  AMNOK_CHECK(terms != Deterministics::none, "KPSS needs a constant or a trend");
  check_lag("the KPSS test", lag);
  check_series(fmt::format("the KPSS test with {} lags", lag), y, std::max(2, lag + 1));
  Kpss test;
  test.lag = lag;
  const VectorXd e = without_terms(y, terms);
  if (e.squaredNorm() <= 1e-24 * y.squaredNorm()) return test;  // a constant, a line
  double sum = 0, squares = 0;
  for (double v : e) {
    sum += v;
    squares += sum * sum;
  }
  const auto n = static_cast<double>(y.size());
  test.statistic = squares / (n * n) / long_run_variance(e, lag);
  test.p_value = kpss_p_value(test.statistic, terms == Deterministics::trend);
  return test;
}

namespace {

// Least squares of y on its terms in quasi-differences at a.
struct QuasiDifferences {
  double a;
  VectorXd detrended;
  double rss;

  QuasiDifferences(const VectorView& y, Deterministics terms)
      : a(1 - (terms == Deterministics::trend ? 13.5 : 7.0) / static_cast<double>(y.size())) {
    MatrixXd z = MatrixXd::Ones(y.size(), static_cast<int>(terms));
    if (terms == Deterministics::trend) z.col(1) = trend_of(y.size());
    const LinearFit fit = solve(LinearLeastSquares{quasi_difference(z), quasi_difference(y)});
    rss = fit.rss;
    detrended = y - z * fit.coefficients;
  }

  MatrixXd quasi_difference(const MatrixView& x) const {
    MatrixXd q = x;
    q.bottomRows(x.rows() - 1) -= a * x.topRows(x.rows() - 1);
    return q;
  }
};

void check_elliott(const std::string& test, const VectorView& y, Deterministics terms, int lag) {
  AMNOK_CHECK(terms != Deterministics::none, "GLS detrending needs a constant or a trend");
  check_lag(test, lag);
  check_series(fmt::format("{} with {} lags", test, lag), y, 2 * lag + 4);
}

}  // namespace

ElliottRothenbergStock dickey_fuller_gls(const VectorView& y, Deterministics terms, int lag) {
  check_elliott("the DF-GLS test", y, terms, lag);
  ElliottRothenbergStock test;
  test.lag = lag;
  test.critical = gls_critical_values(terms, static_cast<int>(y.size()));
  const VectorXd detrended = QuasiDifferences(y, terms).detrended;
  if (detrended.squaredNorm() <= 1e-24 * y.squaredNorm()) return test;
  test.statistic = dickey_fuller(detrended, Deterministics::none, lag).tau;
  test.p_value = terms == Deterministics::constant
                     ? dickey_fuller_p_value(test.statistic, Deterministics::none)
                     : interpolated_p_value(test.statistic, test.critical);
  return test;
}

ElliottRothenbergStock point_optimal(const VectorView& y, Deterministics terms, int max_lag) {
  check_elliott("the point-optimal test", y, terms, max_lag);
  ElliottRothenbergStock test;
  test.critical = point_optimal_critical_values(terms, static_cast<int>(y.size()));
  double least = INFINITY, spectrum = kMissing;
  for (int lag = std::min(max_lag, 1); lag <= max_lag; ++lag) {
    const DickeyFullerRegression regression(y, Deterministics::constant, lag);
    const LinearFit fit = regression.fit(lag);
    if (is_exact(fit, regression.dy)) return test;
    const double bic = gaussian_criterion(fit, std::log(static_cast<double>(regression.dy.size())));
    const double sum = 1 - fit.coefficients.tail(lag).sum();
    if (bic >= least || fit.df_residual() < 1) continue;
    least = bic;
    test.lag = lag;
    spectrum = fit.sigma2() / (sum * sum);
  }
  const QuasiDifferences alternative(y, terms);
  const VectorXd d = differences(y);
  double null_rss = d.squaredNorm();
  if (terms == Deterministics::trend) {
    null_rss -= std::pow(d.sum(), 2) / static_cast<double>(y.size());
  }
  test.statistic = (alternative.rss - alternative.a * null_rss) / spectrum;
  test.p_value = interpolated_p_value(test.statistic, test.critical);
  return test;
}

ZivotAndrews zivot_andrews(const VectorView& y, BreakIn model, int lag) {
  check_lag("the Zivot-Andrews test", lag);
  check_series(fmt::format("the Zivot-Andrews test with {} lags", lag), y, 2 * lag + 7);
  ZivotAndrews test;
  test.lag = lag;
  test.critical = zivot_andrews_critical_values(model);
  const Eigen::Index first = lag + 1, rows = y.size() - first;
  const DickeyFullerRegression base(y, Deterministics::trend, lag);
  const VectorXd now = y.tail(rows);
  const int breaks = model == BreakIn::both ? 2 : 1;
  MatrixXd x(rows, base.x.cols() + breaks);
  x.leftCols(base.x.cols()) = base.x;
  for (Eigen::Index b = 1; b < y.size(); ++b) {
    for (Eigen::Index i = 0; i < rows; ++i) {
      const auto after = static_cast<double>(std::max<Eigen::Index>(i + first + 1 - b, 0));
      if (model != BreakIn::trend) x(i, base.x.cols()) = after > 0 ? 1 : 0;
      if (model != BreakIn::intercept) x(i, x.cols() - 1) = after;
    }
    const double t = t_statistic(solve(LinearLeastSquares{x, now}), now, base.level, 1);
    if (std::isnan(test.t) || t < test.t) {
      test.t = t;
      test.last_observation_before = static_cast<int>(b);
    }
  }
  if (std::isnan(test.t)) {
    test.last_observation_before = 0;
  } else {
    test.p_value = interpolated_p_value(test.t, test.critical);
  }
  return test;
}

bool nearly_constant(const VectorView& y) {
  double distance = 0, size = 0;
  for (double v : y) {
    if (v == y(0)) continue;
    distance += std::fabs(v - y(0));
    size += std::fabs(v);
  }
  return distance <= 1.5e-8 * size;
}

namespace {

// The p-value of a unit root (adf, pp) or of stationarity (kpss); NaN: y is too short.
double difference_p_value(const VectorView& y, DifferenceTest test) {
  const auto n = static_cast<double>(y.size());
  if (test == DifferenceTest::kpss) {
    const int lag = static_cast<int>(3 * std::sqrt(n) / 13);
    return kpss(y, Deterministics::constant, lag).p_value;
  }
  if (test == DifferenceTest::adf) {
    if (y.size() < 6) return kMissing;
    return interpolated_p_value(dickey_fuller(y, Deterministics::constant, 1).tau,
                                fuller_critical_values(static_cast<int>(y.size()) - 1));
  }
  if (y.size() < 4) return kMissing;
  const int lag = static_cast<int>(4 * std::pow((n - 1) / 100, 0.25));
  return interpolated_p_value(phillips_perron(y, Deterministics::constant, lag).z_tau,
                              mackinnon_1991_critical_values(static_cast<int>(y.size()) - 1));
}

}  // namespace

int number_of_differences(const VectorView& y, DifferenceTest test, double alpha, int max_d) {
  VectorXd x(y.size());
  Eigen::Index n = 0;
  for (double v : y) {
    if (!std::isnan(v)) x(n++) = v;
  }
  x.conservativeResize(n);
  alpha = std::clamp(alpha, 0.01, 0.10);
  for (int d = 0;; ++d) {
    if (nearly_constant(x)) return d;
    const double p = difference_p_value(x, test);
    if (std::isnan(p)) {
      const bool line = x.size() > 5 && d < max_d && nearly_constant(differences(x));
      return line ? d + 1 : std::max(d - 1, 0);
    }
    const bool stationary = test == DifferenceTest::kpss ? p >= alpha : p <= alpha;
    if (stationary || d >= max_d) return d;
    x = differences(x);
  }
}

}  // namespace amnok
