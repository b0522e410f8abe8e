#include "engine/regression/cointegration.h"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <Eigen/LU>
#include <Eigen/QR>
#include <Eigen/SVD>
#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/base/check.h"
#include "engine/base/input_error.h"
#include "engine/stats/distributions.h"
#include "engine/stats/hac.h"
#include "engine/stats/log_determinant.h"

namespace amnok {

namespace {

void check_sample(const std::string& test, const MatrixView& z, Eigen::Index shortest) {
  const auto missing = (!z.array().isFinite()).count();
  if (missing > 0) {
    throw InputError(
        fmt::format("the data of {} have {} missing values, but must have none", test, missing));
  }
  if (z.rows() < shortest) {
    throw InputError(fmt::format("the data of {} have {} observations, but must have at least {}",
                                 test, z.rows(), shortest));
  }
}

void check_lag(const std::string& name, int lag, int least = 0) {
  if (lag < least) {
    throw InputError(fmt::format("{} is {}, but must be at least {}", name, lag, least));
  }
}

MatrixXd beside(const MatrixView& left, const MatrixView& right) {
  MatrixXd both(left.rows(), left.cols() + right.cols());
  both << left, right;
  return both;
}

// [ones], [1 .. n].
MatrixXd terms_of(Eigen::Index n, Deterministics terms) {
  MatrixXd d(n, static_cast<int>(terms));
  if (terms != Deterministics::none) d.col(0).setOnes();
  if (terms == Deterministics::trend) d.col(1).setLinSpaced(1, static_cast<double>(n));
  return d;
}

MatrixXd changes(const MatrixView& x) {
  return x.bottomRows(x.rows() - 1) - x.topRows(x.rows() - 1);
}

// What is left of every column of y after a regression on x.
MatrixXd residuals_of(const MatrixView& y, const MatrixView& x) {
  MatrixXd left = y;
  for (Eigen::Index j = 0; j < y.cols() && x.cols() > 0; ++j) {
    left.col(j) = solve(LinearLeastSquares{x, y.col(j)}).residuals;
  }
  return left;
}

LinearFit static_regression(const VectorView& y, const MatrixView& x, Deterministics terms) {
  LinearFit fit = solve(LinearLeastSquares{beside(terms_of(y.size(), terms), x), y});
  if (!fit.aliased.empty()) {
    throw InputError(
        fmt::format("the static regression has rank {}, but must have that of its {} columns",
                    fit.rank, fit.coefficients.size()),
        "one of the variables is a linear combination of the others");
  }
  return fit;
}

EngleGranger with_test(const VectorView& y, const MatrixView& x, Deterministics terms,
                       LinearFit static_fit, const DickeyFuller& test) {
  EngleGranger result;
  const int variables = static_cast<int>(x.cols()) + 1;
  result.lag = test.lag;
  result.tau = test.tau;
  result.p_value = engle_granger_p_value(test.tau, terms, variables);
  result.critical = engle_granger_critical_values(terms, variables, test.observations);
  const Eigen::Index n = y.size() - 1;
  MatrixXd z(n, 1 + variables);
  z.col(0).setOnes();
  z.col(1) = static_fit.residuals.head(n);
  z.rightCols(x.cols()) = changes(x);
  result.error_correction = solve(LinearLeastSquares{z, y.tail(n) - y.head(n)});
  result.static_fit = std::move(static_fit);
  const bool found = result.p_value    ? *result.p_value < 0.05
                     : result.critical ? result.tau < result.critical->pct5
                                       : false;
  result.words = fmt::format("tau = {:.3f} with {} lags: {}", result.tau, result.lag,
                             found ? "the variables are cointegrated" : "no sign of cointegration");
  return result;
}

}  // namespace

EngleGranger engle_granger(const VectorView& y, const MatrixView& x, Deterministics terms,
                           int lag) {
  check_lag("the lag of the Engle-Granger test", lag);
  check_sample("the Engle-Granger test", beside(y, x), x.cols() + 5 + 2 * lag);
  LinearFit fit = static_regression(y, x, terms);
  const DickeyFuller test = dickey_fuller(fit.residuals, Deterministics::none, lag);
  return with_test(y, x, terms, std::move(fit), test);
}

EngleGranger engle_granger(const VectorView& y, const MatrixView& x, Deterministics terms,
                           int max_lag, LagCriterion criterion) {
  check_lag("the longest lag of the Engle-Granger test", max_lag);
  check_sample("the Engle-Granger test", beside(y, x), x.cols() + 5 + 2 * max_lag);
  LinearFit fit = static_regression(y, x, terms);
  const DickeyFuller test = dickey_fuller(fit.residuals, Deterministics::none, max_lag, criterion);
  return with_test(y, x, terms, std::move(fit), test);
}

PhillipsOuliaris phillips_ouliaris(const VectorView& y, const MatrixView& x, Deterministics terms,
                                   int lag, int residual_lag) {
  check_lag("the lag of the Phillips-Ouliaris test", lag);
  check_lag("the lag of the residual autocovariances", residual_lag);
  const MatrixXd z = beside(y, x);
  const Eigen::Index m = z.cols(), n = z.rows() - 1;
  check_sample("the Phillips-Ouliaris test", z,
               std::max<Eigen::Index>(2 * m + 3, std::max(lag, residual_lag) + 3));
  const auto size = static_cast<double>(n);
  PhillipsOuliaris test;
  test.lag = lag;
  test.residual_lag = residual_lag;
  const VectorXd u = static_regression(y, x, terms).residuals;
  const MatrixXd now = z.bottomRows(n);
  const MatrixXd shocks = residuals_of(now, beside(z.topRows(n), terms_of(n, terms)));
  const MatrixXd w = newey_west(shocks, lag) / size;
  const VectorXd w_xy = w.col(0).tail(m - 1);
  const double conditional =
      w(0, 0) - w_xy.dot(w.bottomRightCorner(m - 1, m - 1).ldlt().solve(w_xy));
  test.pu = size * conditional / (u.squaredNorm() / size);
  const MatrixXd moments = now.transpose() * now / size;
  test.pz = size * moments.ldlt().solve(w).trace();
  test.pu_critical = phillips_ouliaris_pu_critical_values(terms, static_cast<int>(m));
  test.pz_critical = phillips_ouliaris_pz_critical_values(terms, static_cast<int>(m));

  const VectorXd before = u.head(n);
  const double squares = before.squaredNorm(), a = before.dot(u.tail(n)) / squares;
  const VectorXd k = u.tail(n) - a * before;
  const double short_run = k.squaredNorm() / size;
  const double long_run = newey_west(k, residual_lag)(0, 0) / size;
  test.z_alpha = size * (a - 1) - 0.5 * size * size * (long_run - short_run) / squares;
  test.z_tau = std::sqrt(squares / long_run) * (a - 1) -
               0.5 * (long_run - short_run) * size / std::sqrt(long_run * squares);
  test.z_tau_p_value = engle_granger_p_value(test.z_tau, terms, static_cast<int>(m));
  return test;
}

namespace {

// x_{t-1} (or x_{t-K}) with its restricted term, over the rows t = K + 1 .. n.
MatrixXd level_columns(const MatrixView& x, const std::vector<std::string>& names,
                       const JohansenSpec& spec, std::vector<std::string>& level_names) {
  const int back = spec.long_run_form ? spec.lags : 1;
  const Eigen::Index rows = x.rows() - spec.lags, from = spec.lags - back;
  MatrixXd levels = x.middleRows(from, rows);
  for (const std::string& name : names) level_names.push_back(fmt::format("{}.l{}", name, back));
  if (spec.terms == DeterministicCase::restricted_constant) {
    level_names.emplace_back("constant");
    levels = beside(levels, VectorXd::Ones(rows));
  } else if (spec.terms == DeterministicCase::restricted_trend) {
    level_names.push_back(fmt::format("trend.l{}", back));
    levels = beside(levels, VectorXd::LinSpaced(rows, static_cast<double>(from + 1),
                                                static_cast<double>(from + rows)));
  }
  return levels;
}

// Seasonal dummies that sum to zero over a year: of all seasons but the last.
MatrixXd seasonal_columns(Eigen::Index n, int lags, int season, int start) {
  if (season < 2) return MatrixXd(n - lags, 0);
  MatrixXd dummies = MatrixXd::Constant(n - lags, season - 1, -1.0 / season);
  for (Eigen::Index t = lags; t < n; ++t) {
    if (const auto s = (t + start) % season; s < season - 1) dummies(t - lags, s) += 1;
  }
  return dummies;
}

// What enters without restriction: terms, dummies and lagged changes.
MatrixXd free_columns(const MatrixView& x, const JohansenSpec& spec) {
  const Eigen::Index n = x.rows(), rows = n - spec.lags;
  MatrixXd free(rows, 0);
  if (spec.terms != DeterministicCase::none &&
      spec.terms != DeterministicCase::restricted_constant) {
    free = beside(free, VectorXd::Ones(rows));
  }
  if (spec.terms == DeterministicCase::trend) {
    free = beside(free, VectorXd::LinSpaced(rows, spec.lags + 1, static_cast<double>(n)));
  }
  free = beside(free, seasonal_columns(n, spec.lags, spec.season, spec.season_start));
  if (spec.dummies.size() > 0) free = beside(free, spec.dummies.bottomRows(rows));
  const MatrixXd d = changes(x);
  for (int i = 1; i < spec.lags; ++i) free = beside(free, d.middleRows(spec.lags - 1 - i, rows));
  return free;
}

// Squared canonical correlations of two sets of residuals and the vectors b of the second with
// b'(R'R / n) b = 1.
struct Canonical {
  VectorXd squared;  // falling
  MatrixXd vectors;
};

Canonical canonical_correlations(const MatrixView& first, const MatrixView& second) {
  // Orthonormal bases make the correlations singular values, without cross-products of the data.
  const VectorXd scale = second.colwise().norm();
  const MatrixXd scaled = second * scale.cwiseInverse().asDiagonal();
  const Eigen::HouseholderQR<MatrixXd> qr0{MatrixXd(first)}, qr1(scaled);
  const MatrixXd q0 = qr0.householderQ() * MatrixXd::Identity(first.rows(), first.cols());
  const MatrixXd q1 = qr1.householderQ() * MatrixXd::Identity(second.rows(), second.cols());
  const MatrixXd cross = q1.transpose() * q0;
  const Eigen::JacobiSVD<MatrixXd> svd(cross, Eigen::ComputeThinU);
  Canonical result;
  result.squared = svd.singularValues().cwiseAbs2();
  const auto k = second.cols();
  result.vectors = scale.cwiseInverse().asDiagonal() *
                   MatrixXd(qr1.matrixQR().topLeftCorner(k, k).triangularView<Eigen::Upper>().solve(
                       svd.matrixU()));
  result.vectors *= std::sqrt(static_cast<double>(second.rows()));
  return result;
}

void check_johansen(const MatrixView& x, const JohansenSpec& spec) {
  check_lag("the number of lags of the Johansen test", spec.lags, 1);
  if (spec.season < 0 || spec.season == 1) {
    throw InputError(fmt::format(
        "the season of the Johansen test is {}, but must be 0 (none) or at least 2", spec.season));
  }
  if (spec.dummies.size() > 0 && spec.dummies.rows() != x.rows()) {
    throw InputError(
        fmt::format("the dummies of the Johansen test have {} rows, but must have the "
                    "{} of the data",
                    spec.dummies.rows(), x.rows()));
  }
  const Eigen::Index p = x.cols();
  const Eigen::Index columns = p * spec.lags + 2 + std::max(spec.season - 1, 0) +
                               (spec.dummies.size() > 0 ? spec.dummies.cols() : 0);
  check_sample("the Johansen test", x, spec.lags + columns + p + 1);
  if (spec.dummies.size() > 0) check_sample("the Johansen test", spec.dummies, 1);
}

// What is left of the columns after the terms must have full rank, or some variables move together
// exactly.
void check_rank(const std::string& what, const MatrixView& residuals, const MatrixView& columns) {
  const VectorXd scale = columns.colwise().norm();
  const MatrixXd scaled =
      residuals * scale.unaryExpr([](double s) { return s > 0 ? 1 / s : 0; }).asDiagonal();
  Eigen::ColPivHouseholderQR<MatrixXd> qr(scaled);
  qr.setThreshold(1e-11);
  if (qr.rank() < residuals.cols()) {
    throw InputError(fmt::format("the {} of the Johansen test have rank {} given the terms and "
                                 "lagged changes, but must have that of their {} columns",
                                 what, qr.rank(), residuals.cols()),
                     "one of the variables is a combination of others or of the terms");
  }
}

// Sum of log(1 - l) of the first `rank` eigenvalues.
double log_sum(const VectorView& eigenvalues, int rank) {
  return (-eigenvalues.head(rank).array()).log1p().sum();
}

Diagnostic likelihood_ratio(const std::string& name, double statistic, int df) {
  Diagnostic test;
  test.name = name;
  test.statistic = std::max(statistic, 0.0);
  test.df = df;
  test.p_value = df > 0 ? chi_squared_sf(test.statistic, df) : 1;
  return test;
}

}  // namespace

Johansen johansen(const MatrixView& x, const std::vector<std::string>& names,
                  const JohansenSpec& spec) {
  AMNOK_CHECK(static_cast<Eigen::Index>(names.size()) == x.cols(), "{} names, {} columns",
              names.size(), x.cols());
  check_johansen(x, spec);
  Johansen result;
  result.spec = spec;
  const auto p = static_cast<int>(x.cols());
  const Eigen::Index rows = x.rows() - spec.lags;
  result.variables = p;
  result.observations = static_cast<int>(rows);
  const MatrixXd levels = level_columns(x, names, spec, result.names);
  const MatrixXd free = free_columns(x, spec);
  const MatrixXd d = changes(x).bottomRows(rows);
  result.change_residuals = residuals_of(d, free);
  result.level_residuals = residuals_of(levels, free);
  check_rank("changes", result.change_residuals, d);
  check_rank("levels", result.level_residuals, levels);
  const Canonical canonical =
      canonical_correlations(result.change_residuals, result.level_residuals);
  result.eigenvalues = canonical.squared.head(p);
  result.beta = canonical.vectors.leftCols(p);
  // S0k b with b'Skk b = 1, then b's first element to 1: a b' stays.
  result.alpha = result.change_residuals.transpose() * (result.level_residuals * result.beta) /
                 static_cast<double>(rows);
  for (int j = 0; j < p; ++j) {
    const double first = result.beta(0, j);
    result.beta.col(j) /= first;
    result.alpha.col(j) *= first;
  }
  result.trace.resize(p);
  result.max_eigenvalue.resize(p);
  result.trace_p.resize(p);
  result.max_p.resize(p);
  double tail = 0;
  for (int r = p - 1; r >= 0; --r) {
    const double own = -static_cast<double>(rows) * std::log1p(-result.eigenvalues(r));
    tail += own;
    result.max_eigenvalue(r) = own;
    result.trace(r) = tail;
    result.trace_p(r) = johansen_trace_p_value(tail, spec.terms, p - r);
    result.max_p(r) = johansen_max_p_value(own, spec.terms, p - r);
  }
  return result;
}

double Johansen::log_likelihood_of_rank(int rank) const {
  AMNOK_CHECK(rank >= 0 && rank <= variables, "rank {} of {}", rank, variables);
  const double n = observations;
  const MatrixXd s00 = change_residuals.transpose() * change_residuals / n;
  return -0.5 * n *
         (variables * (std::log(2 * std::numbers::pi) + 1) + log_determinant(s00) +
          log_sum(eigenvalues, rank));
}

int Johansen::rank(double level) const {
  int rank = 0;
  while (rank < variables && trace_p(rank) < level) ++rank;
  return rank;
}

RestrictedBeta restrict_beta(const Johansen& unrestricted, int rank, const MatrixView& h) {
  const auto rows = static_cast<int>(unrestricted.names.size());
  if (h.rows() != rows || h.cols() < rank || h.cols() > rows || rank < 1) {
    throw InputError(
        fmt::format("the restriction of beta has {} rows and {} columns, but must have "
                    "{} rows and between {} and {} columns",
                    h.rows(), h.cols(), rows, std::max(rank, 1), rows));
  }
  const Canonical canonical =
      canonical_correlations(unrestricted.change_residuals, unrestricted.level_residuals * h);
  RestrictedBeta result;
  result.eigenvalues = canonical.squared;
  result.beta = h * canonical.vectors.leftCols(rank);
  const double statistic = unrestricted.observations * (log_sum(canonical.squared, rank) -
                                                        log_sum(unrestricted.eigenvalues, rank));
  result.test =
      likelihood_ratio("beta_restriction", statistic, rank * (rows - static_cast<int>(h.cols())));
  return result;
}

Diagnostic weak_exogeneity(const Johansen& unrestricted, int rank,
                           const std::vector<int>& variables) {
  const int p = unrestricted.variables, m = static_cast<int>(variables.size());
  if (rank < 1 || m < 1 || p - m < rank) {
    throw InputError(
        fmt::format("{} of {} variables are to be weakly exogenous with rank {}, but at "
                    "least {} must adjust",
                    m, p, rank, rank));
  }
  std::vector<int> others;
  for (int j = 0; j < p; ++j) {
    if (std::find(variables.begin(), variables.end(), j) == variables.end()) others.push_back(j);
  }
  AMNOK_CHECK(static_cast<int>(others.size()) == p - m, "variables out of range or twice");
  // The others given the changes of the exogenous ones (Johansen 1995, section 8.2.1).
  const MatrixXd given = unrestricted.change_residuals(Eigen::all, variables);
  const MatrixXd first = residuals_of(unrestricted.change_residuals(Eigen::all, others), given);
  const MatrixXd second = residuals_of(unrestricted.level_residuals, given);
  const VectorXd eigenvalues = canonical_correlations(first, second).squared;
  const double statistic = unrestricted.observations *
                           (log_sum(eigenvalues, rank) - log_sum(unrestricted.eigenvalues, rank));
  return likelihood_ratio("weak_exogeneity", statistic, rank * m);
}

}  // namespace amnok
