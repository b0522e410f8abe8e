#include "engine/regression/perron_yabu.h"

#include <fmt/format.h>

#include <Eigen/LU>
#include <algorithm>
#include <cmath>

#include "engine/base/check.h"
#include "engine/base/input_error.h"
#include "engine/solver/linear_least_squares.h"
#include "engine/stats/hac.h"

namespace amnok {

namespace {

constexpr int kShortest = 20;
constexpr double kTrimmings[] = {0.01, 0.05, 0.10, 0.15, 0.25};

// Of Exp-W by trimming: 1, 5 and 10 % (Perron & Yabu 2009).
constexpr CriticalValues kCritical[3][5] = {{{3.33, 2.07, 1.60},
                                             {3.24, 1.97, 1.52},
                                             {3.05, 1.88, 1.41},
                                             {3.12, 1.74, 1.26},
                                             {2.83, 1.33, 0.91}},
                                            {{3.37, 2.02, 1.52},
                                             {3.27, 1.93, 1.40},
                                             {3.20, 1.86, 1.28},
                                             {3.06, 1.67, 1.13},
                                             {2.61, 1.28, 0.74}},
                                            {{5.02, 3.55, 2.96},
                                             {4.78, 3.36, 2.82},
                                             {4.59, 3.16, 2.65},
                                             {4.47, 3.12, 2.48},
                                             {4.57, 2.79, 2.15}}};

// The median-unbiased correction starts here: percentiles of the t statistic of a = 1 by the break's
// fraction, tenths (the same paper).
constexpr double kCorrectionStart[3][10] = {
    {-4.30, -4.39, -4.39, -4.34, -4.32, -4.45, -4.42, -4.33, -4.27, -4.27},
    {-4.27, -4.41, -4.51, -4.55, -4.56, -4.57, -4.51, -4.38, -4.26, -4.26},
    {-4.38, -4.65, -4.78, -4.81, -4.90, -4.88, -4.75, -4.70, -4.41, -4.41}};

int index_of(BreakIn model) {
  return model == BreakIn::intercept ? 0 : model == BreakIn::trend ? 1 : 2;
}

// (1, t, [1(t > T)], [(t - T) 1(t > T)]), t = 1 .. n.
MatrixXd trend_terms(int n, int last, BreakIn model) {
  MatrixXd x(n, model == BreakIn::both ? 4 : 3);
  for (int t = 1; t <= n; ++t) {
    Eigen::Index j = 0;
    x(t - 1, j++) = 1;
    x(t - 1, j++) = t;
    if (model != BreakIn::trend) x(t - 1, j++) = t > last ? 1 : 0;
    if (model != BreakIn::intercept) x(t - 1, j++) = std::max(t - last, 0);
  }
  return x;
}

// u_t on u_{t-1} and lag - 1 of its differences, the first `skip` observations left out.
LinearFit autoregression(const VectorXd& u, int lag, int skip) {
  const Eigen::Index rows = u.size() - skip;
  MatrixXd x(rows, lag);
  x.col(0) = u.segment(skip - 1, rows);
  for (int j = 1; j < lag; ++j) {
    x.col(j) = u.segment(skip - j, rows) - u.segment(skip - j - 1, rows);
  }
  return solve(LinearLeastSquares{x, u.tail(rows)});
}

int choose_lag(const VectorXd& u, int max_lag, LagCriterion criterion) {
  const auto rows = static_cast<double>(u.size() - max_lag);
  const double penalty = criterion == LagCriterion::aic ? 2 : std::log(rows);
  double best = INFINITY;
  int chosen = 1;
  for (int lag = 1; lag <= max_lag; ++lag) {
    const double value =
        rows * std::log(autoregression(u, lag, max_lag).rss / rows) + penalty * lag;
    if (value < best) {
      best = value;
      chosen = lag;
    }
  }
  return chosen;
}

// Roy & Fuller's corrected a, r terms in the trend, then 1 in the neighbourhood of 1.
double super_efficient(const LinearFit& fit, int lag, int n, Eigen::Index terms, double start) {
  const double variance = fit.rss / static_cast<double>(fit.residuals.size());
  const double error = std::sqrt(variance * fit.xtx_inverse(0, 0));
  const double a = fit.coefficients(0), t = (a - 1) / error;
  const auto r = static_cast<double>(terms), size = static_cast<double>(n);
  const double half = (lag + 1) / 2;  // whole
  constexpr double k = 10;
  double correction = 0;
  if (t > start) {
    correction = -t;
  } else if (t > -k) {
    const double c2 =
        ((1 + r) * size - start * start * (half + size)) / (start * (start + k) * (half + size));
    correction = half * t / size - (r + 1) / (t + c2 * (t + k));
  } else if (t > -std::sqrt((1 + r) * size)) {
    correction = half * t / size - (r + 1) / t;
  }
  const double corrected = std::clamp(a + correction * error, -0.99, 1.0);
  return std::sqrt(size) * std::fabs(corrected - 1) <= 1 ? 1 : corrected;
}

MatrixXd quasi_difference(const MatrixXd& x, double a) {
  MatrixXd d = x;
  d.bottomRows(x.rows() - 1) -= a * x.topRows(x.rows() - 1);
  return d;
}

double long_run_variance(const VectorXd& v) {
  const VectorXd one = VectorXd::Ones(1);
  return kernel_covariance(v, Kernel::quadratic_spectral,
                           andrews_bandwidth(v, one, Kernel::quadratic_spectral))(0, 0) /
         static_cast<double>(v.size());
}

// At a = 1: the error variance, and the level's coefficient as its autoregression passes it on.
void use_autoregression(const VectorXd& y, int last, BreakIn model, int lag, const VectorXd& v,
                        VectorXd& coefficients, double& variance) {
  const int p = lag - 1, n = static_cast<int>(y.size());
  MatrixXd lags(n - p, p);
  for (int j = 1; j <= p; ++j) lags.col(j - 1) = v.segment(p - j, n - p);
  const LinearFit fit = solve(LinearLeastSquares{lags, v.tail(n - p)});
  const double innovation = fit.rss / (n - lag), sum = fit.coefficients.sum();
  const double long_run = innovation / ((1 - sum) * (1 - sum));
  variance = model == BreakIn::intercept ? innovation : long_run;
  if (model == BreakIn::trend) return;
  double level = coefficients(2);
  for (int j = 1; j <= p; ++j) {
    const MatrixXd x = quasi_difference(trend_terms(n, last - j, model), 1);
    const VectorXd dy = quasi_difference(y, 1);
    level -= fit.coefficients(j - 1) * solve(LinearLeastSquares{x, dy}).coefficients(2);
  }
  coefficients(2) = level * std::sqrt(variance / innovation);
}

void check_series(const VectorView& y, const TrendBreakOptions& options) {
  const auto missing = y.size() - y.array().isFinite().count();
  if (missing > 0 || y.size() < kShortest) {
    throw InputError(
        fmt::format("the series of the Perron-Yabu test has {} observations of which "
                    "{} are missing, but must have at least {} and none missing",
                    y.size(), missing, kShortest));
  }
  if (options.max_lag >= 0 && (options.max_lag < 1 || 3 * options.max_lag + 8 > y.size())) {
    throw InputError(
        fmt::format("the largest lag of the Perron-Yabu test is {}, but must be in "
                    "[1, {}]",
                    options.max_lag, (y.size() - 8) / 3));
  }
}

int largest_lag(const VectorView& y, const TrendBreakOptions& options) {
  if (options.max_lag >= 0) return options.max_lag;
  const auto n = static_cast<double>(y.size());
  return std::clamp(static_cast<int>(12 * std::pow(n / 100, 0.25)), 1,
                    static_cast<int>((y.size() - 8) / 3));
}

CriticalValues critical_values(const TrendBreakOptions& options) {
  for (std::size_t i = 0; i < std::size(kTrimmings); ++i) {
    if (std::fabs(kTrimmings[i] - options.trim) < 1e-9) {
      return kCritical[index_of(options.model)][i];
    }
  }
  throw InputError(
      fmt::format("the trimming of the Perron-Yabu test is {:g}, but must be 0.01, "
                  "0.05, 0.1, 0.15 or 0.25",
                  options.trim));
}

}  // namespace

KnownTrendBreak perron_yabu_at(const VectorView& y, int last_observation_before,
                               const TrendBreakOptions& options) {
  check_series(y, options);
  const int n = static_cast<int>(y.size()), last = last_observation_before;
  AMNOK_CHECK(last >= 2 && last <= n - 2, "break after {}, n {}", last, n);
  KnownTrendBreak result;
  const MatrixXd x = trend_terms(n, last, options.model);
  const VectorXd u = solve(LinearLeastSquares{x, y}).residuals;
  // What rounding leaves of a line without noise is no noise.
  if (!(u.squaredNorm() > 1e-24 * y.squaredNorm())) return result;
  result.lag = choose_lag(u, largest_lag(y, options), options.criterion);
  const auto tenth = std::clamp(static_cast<int>(std::ceil(10.0 * last / n)) - 1, 0, 9);
  result.ar = super_efficient(autoregression(u, result.lag, result.lag), result.lag, n, x.cols(),
                              kCorrectionStart[index_of(options.model)][tenth]);
  const MatrixXd dx = quasi_difference(x, result.ar);
  const LinearFit fit = solve(LinearLeastSquares{dx, quasi_difference(y, result.ar)});
  VectorXd b = fit.coefficients;
  double variance = fit.rss / n;
  if (result.lag > 1 && result.ar == 1) {
    use_autoregression(y, last, options.model, result.lag, fit.residuals, b, variance);
  } else if (result.lag > 1) {
    variance = long_run_variance(fit.residuals);
  }
  const Eigen::Index q = x.cols() - 2;
  const MatrixXd v = variance * fit.xtx_inverse.bottomRightCorner(q, q);
  result.wald = b.tail(q).dot(v.partialPivLu().solve(b.tail(q)));
  return result;
}

TrendBreak perron_yabu(const VectorView& y, const TrendBreakOptions& options) {
  check_series(y, options);
  TrendBreak test;
  test.critical = critical_values(options);
  const int n = static_cast<int>(y.size());
  const int first = std::max(static_cast<int>(options.trim * n), 2);
  const int final = std::min(static_cast<int>((1 - options.trim) * n), n - 2);
  VectorXd wald(final - first + 1);
  for (int last = first; last <= final; ++last) {
    const KnownTrendBreak at = perron_yabu_at(y, last, options);
    if (std::isnan(at.wald)) return test;
    wald(last - first) = at.wald;
    if (!(at.wald <= test.sup_wald)) {
      test.sup_wald = at.wald;
      test.last_observation_before = last;
      test.ar = at.ar;
    }
  }
  test.exp_wald =
      test.sup_wald / 2 + std::log(((wald.array() - test.sup_wald) / 2).exp().sum() / n);
  return test;
}

}  // namespace amnok
