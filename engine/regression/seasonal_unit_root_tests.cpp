#include "engine/regression/seasonal_unit_root_tests.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/input_error.h"
#include "engine/regression/unit_root_tests.h"
#include "engine/solver/linear_least_squares.h"

namespace amnok {

namespace {

constexpr int kMostLags = 3;

void check_seasonal(const VectorView& y, int period) {
  if (period < 2) {
    throw InputError(fmt::format(
        "the period of a seasonal unit-root test is {}, but must be at least 2", period));
  }
  const auto missing =
      std::count_if(y.begin(), y.end(), [](double v) { return !std::isfinite(v); });
  if (missing > 0) {
    throw InputError(fmt::format(
        "the series of a seasonal unit-root test has {} missing values, but must have none",
        missing));
  }
}

VectorXd difference(const VectorView& y, Eigen::Index lag) {
  const Eigen::Index n = std::max<Eigen::Index>(y.size() - lag, 0);
  return y.tail(n) - y.head(n);
}

// x_{t-1} .. x_{t-lag} beside x_t for the last `rows` values of x.
MatrixXd lagged(const VectorXd& x, int lag, Eigen::Index rows) {
  MatrixXd z(rows, lag);
  for (int j = 1; j <= lag; ++j) z.col(j - 1) = x.segment(x.size() - rows - j, rows);
  return z;
}

double akaike(const LinearFit& fit) {
  const auto n = static_cast<double>(fit.residuals.size());
  return n * std::log(fit.rss / n) + 2.0 * (fit.rank + 1);
}

// The OCSB regression whose sample leaves out `reserved` >= lag observations of D D_s y; NaN where
// it cannot be estimated. Columns: lags of D D_s y, z_{t-1}, v_{t-period}.
struct OcsbRegression {
  LinearFit fit;
  double t = kMissing;

  OcsbRegression(const VectorXd& y, int period, int lag, int reserved) {
    const VectorXd seasonal = difference(y, period), first = difference(y, 1);
    const VectorXd both = difference(seasonal, 1);
    const Eigen::Index rows = both.size() - reserved;
    if (rows <= lag + 2) return;
    const VectorXd target = both.tail(rows);
    const MatrixXd lags = lagged(both, lag, rows);
    const VectorXd phi = solve(LinearLeastSquares{lags, target}).coefficients;
    MatrixXd x(rows, lag + 2);
    x << lags, filtered(seasonal, phi, rows, 1), filtered(first, phi, rows, period);
    fit = solve(LinearLeastSquares{x, target});
    const double variance = fit.xtx_inverse(lag + 1, lag + 1);
    if (fit.rank < lag + 2 || fit.rss <= 1e-24 * target.squaredNorm()) return;
    t = fit.coefficients(lag + 1) / std::sqrt(fit.sigma2() * variance);
  }

  // l(B) x_{t-back} for the last `rows` periods t.
  static VectorXd filtered(const VectorXd& x, const VectorXd& phi, Eigen::Index rows,
                           Eigen::Index back) {
    const VectorXd before = x.head(x.size() - back);
    return before.tail(rows) - lagged(before, static_cast<int>(phi.size()), rows) * phi;
  }
};

// The 5 % row for the F of all seasonal roots, constant and trend, AIC: the coefficients of u^i,
// then of lag u^i, lag^2 u^i, lag^3 u^i and period u^i; u = 1 / df.
constexpr double kResponseSurface[16] = {1.341361514,  3093.944702,  -1258174.642,  107500502.3,
                                         -707.0133763, 341336.7739,  -30709111.81,  57.76146002,
                                         -27440.60122, 2499881.854,  -0.9660307055, 493.217225,
                                         -51658.0997,  -21.49784498, 3609.61387,    23078.15771};

double response_surface(int period, int df, int lag) {
  const double u = 1.0 / df;
  double value = kResponseSurface[0];
  const double scale[] = {1.0, static_cast<double>(lag), std::pow(lag, 2), std::pow(lag, 3),
                          static_cast<double>(period)};
  for (int i = 0; i < 5; ++i) {
    const double* b = kResponseSurface + 1 + 3 * i;
    value += scale[i] * u * (b[0] + u * (b[1] + u * b[2]));
  }
  return value;
}

// The HEGY regression after `skipped` observations of D_s y. Columns: constant, trend, the sum of
// y_{t-1} .. y_{t-period}, the seasonal filters' space, lags of D_s y.
LinearFit hegy_fit(const VectorXd& y, int period, int lag, int skipped, bool seasonal_roots) {
  const VectorXd d = difference(y, period);
  const Eigen::Index rows = d.size() - skipped, first = period + skipped;
  const int roots = seasonal_roots ? period - 1 : 0;
  MatrixXd x = MatrixXd::Zero(rows, 3 + roots + lag);
  x.col(0).setOnes();
  x.col(1) = VectorXd::LinSpaced(rows, 1, static_cast<double>(rows));
  for (int k = 1; k <= period; ++k) x.col(2) += y.segment(first - k, rows);
  for (int k = 1; k <= roots; ++k) {
    x.col(2 + k) = y.segment(first - k, rows) - y.segment(first - k - 1, rows);
  }
  x.rightCols(lag) = lagged(d, lag, rows);
  return solve(LinearLeastSquares{x, d.tail(rows)});
}

}  // namespace

SeasonalUnitRoot osborn_chui_smith_birchenhall(const VectorView& y, int period) {
  check_seasonal(y, period);
  SeasonalUnitRoot test;
  const double m = std::log(period) - 0.7656451;
  test.critical = -0.2937411 * std::exp(-0.2850853 * m - 0.05983644 * m * m) - 1.652202;
  double least = INFINITY;
  for (int lag = 1; lag <= kMostLags; ++lag) {
    const OcsbRegression regression(y, period, lag, kMostLags);
    if (regression.fit.rank == 0) return test;
    const double aic = akaike(regression.fit);
    if (aic >= least) continue;
    least = aic;
    test.lag = lag - 1;
  }
  test.statistic = OcsbRegression(y, period, test.lag, test.lag).t;
  test.found = test.statistic > test.critical;
  return test;
}

SeasonalUnitRoot hylleberg_engle_granger_yoo(const VectorView& y, int period, HegyTable table) {
  check_seasonal(y, period);
  SeasonalUnitRoot test;
  // At most constant, trend, the roots and three lags; one degree of freedom more.
  if (y.size() - period - kMostLags < period + kMostLags + 3) return test;
  double least = INFINITY;
  for (int lag = 0; lag <= kMostLags; ++lag) {
    const double aic = akaike(hegy_fit(y, period, lag, kMostLags, true));
    if (aic >= least) continue;
    least = aic;
    test.lag = lag;
  }
  const LinearFit full = hegy_fit(y, period, test.lag, test.lag, true);
  const LinearFit restricted = hegy_fit(y, period, test.lag, test.lag, false);
  if (full.rss <= 1e-24 * difference(y, period).squaredNorm()) return test;
  test.statistic = (restricted.rss - full.rss) / (full.rank - restricted.rank) / full.sigma2();
  test.critical = table == HegyTable::simulated
                      ? 1 + 3.12 * std::pow(period - 1, -0.535)
                      : response_surface(period, full.df_residual(), test.lag);
  test.found = test.statistic < test.critical;
  return test;
}

int number_of_seasonal_differences(const VectorView& y, int period, SeasonalDifferenceTest test,
                                   HegyTable table) {
  check_seasonal(y, period);
  if (y.size() <= period || nearly_constant(y)) return 0;
  const SeasonalUnitRoot root = test == SeasonalDifferenceTest::ocsb
                                    ? osborn_chui_smith_birchenhall(y, period)
                                    : hylleberg_engle_granger_yoo(y, period, table);
  return root.found ? 1 : 0;
}

}  // namespace amnok
