#include "engine/regression/cointegrating_regression.h"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

#include "engine/base/check.h"
#include "engine/base/input_error.h"
#include "engine/regression/wald.h"
#include "engine/solver/covariance.h"
#include "engine/solver/linear_least_squares.h"

namespace amnok {

namespace {

void check_data(const std::string& name, const VectorView& y, const MatrixView& x, int columns,
                int lost) {
  AMNOK_CHECK(x.rows() == y.size() && x.cols() > 0, "x is {} x {}, y {}", x.rows(), x.cols(),
              y.size());
  const auto missing = (!y.array().isFinite()).count() + (!x.array().isFinite()).count();
  if (missing > 0) {
    throw InputError(
        fmt::format("the data of {} have {} missing values, but must have none", name, missing));
  }
  if (y.size() - lost <= columns + 1) {
    throw InputError(fmt::format("the data of {} have {} observations, but must have at least {}",
                                 name, y.size(), columns + lost + 2));
  }
}

void check_variance(const LongRunVariance& variance) {
  if (variance.bandwidth && *variance.bandwidth < 0) {
    throw InputError(
        fmt::format("the bandwidth of the long-run variance is {}, but must be at "
                    "least 0",
                    *variance.bandwidth));
  }
}

std::vector<std::string> names_of(Deterministics terms, Eigen::Index k) {
  std::vector<std::string> names;
  if (terms != Deterministics::none) names.emplace_back("const");
  if (terms == Deterministics::trend) names.emplace_back("trend");
  for (Eigen::Index j = 1; j <= k; ++j) names.push_back(fmt::format("x{}", j));
  return names;
}

// [1], [t], x_t for observations first + 1 .. first + rows.
MatrixXd level_columns(const MatrixView& x, Deterministics terms, Eigen::Index first,
                       Eigen::Index rows) {
  const int d = static_cast<int>(terms);
  MatrixXd z(rows, d + x.cols());
  if (d > 0) z.col(0).setOnes();
  if (d > 1) {
    z.col(1).setLinSpaced(static_cast<double>(first + 1), static_cast<double>(first + rows));
  }
  z.rightCols(x.cols()) = x.middleRows(first, rows);
  return z;
}

MatrixXd changes(const MatrixView& x) {
  return x.bottomRows(x.rows() - 1) - x.topRows(x.rows() - 1);
}

double bandwidth_of(const MatrixView& scores, const LongRunVariance& variance) {
  if (variance.bandwidth) return *variance.bandwidth;
  // Weighted by their inverse variances squared, so that units do not matter.
  const VectorXd squares = scores.colwise().squaredNorm().transpose();
  const VectorXd weights =
      squares.unaryExpr([](double s) { return s > 0 ? 1 / (s * s) : 0.0; }) * squares.squaredNorm();
  const double automatic = andrews_bandwidth(scores, weights, variance.kernel);
  // A series close to a random walk asks for more than there is.
  const auto most = static_cast<double>(scores.rows());
  return std::isfinite(automatic) ? std::min(automatic, most) : most;
}

// The regression with dx_{t+leads} .. dx_{t-lags} behind the levels, on the rows that `margin`
// leads and lags leave.
LinearLeastSquares dynamic_problem(const VectorView& y, const MatrixView& x, Deterministics terms,
                                   int leads, int lags, int lead_margin, int lag_margin) {
  const MatrixXd d = changes(x);
  const Eigen::Index first = lag_margin + 1, rows = y.size() - first - lead_margin, k = x.cols();
  const MatrixXd levels = level_columns(x, terms, first, rows);
  LinearLeastSquares problem{MatrixXd(rows, levels.cols() + k * (leads + lags + 1)),
                             y.segment(first, rows)};
  problem.x.leftCols(levels.cols()) = levels;
  Eigen::Index at = levels.cols();
  for (int shift = -lags; shift <= leads; ++shift, at += k) {
    // Row t of the changes is dx_{t+1}, counting observations from 0.
    problem.x.middleCols(at, k) = d.middleRows(first - 1 + shift, rows);
  }
  return problem;
}

// The errors of u_t = a u_{t-1} + e_t and 1 / (1 - a).
struct Whitened {
  VectorXd errors;
  double recolour;
};
Whitened whitened(const VectorXd& u) {
  const Eigen::Index n = u.size() - 1;
  const VectorXd before = u.head(n), now = u.tail(n);
  const double a = std::clamp(before.dot(now) / before.squaredNorm(), -0.97, 0.97);
  return {now - a * before, 1 / (1 - a)};
}

LinearFit solve_full_rank(const std::string& name, const LinearLeastSquares& problem) {
  LinearFit fit = solve(problem);
  if (!fit.aliased.empty()) {
    throw InputError(
        fmt::format("the regression of {} has rank {}, but must have that of its {} "
                    "columns",
                    name, fit.rank, problem.x.cols()));
  }
  return fit;
}

}  // namespace

double CointegratingRegression::standard_error(int j) const {
  return std::sqrt(covariance(j, j));
}

Diagnostic wald_test(const CointegratingRegression& fit, const MatrixView& restrictions,
                     const VectorView& values) {
  return wald_test("wald", fit.coefficients, fit.covariance, restrictions, values);
}

CointegratingRegression dynamic_ols(const VectorView& y, const MatrixView& x,
                                    const DynamicOlsSpec& spec) {
  if (spec.leads < 0 || spec.lags < 0) {
    throw InputError(
        fmt::format("leads and lags are {} and {}, but must be at least 0", spec.leads, spec.lags));
  }
  check_variance(spec.variance);
  const int d = static_cast<int>(spec.terms), k = static_cast<int>(x.cols());
  check_data("dynamic least squares", y, x, d + k * (spec.leads + spec.lags + 2),
             spec.leads + spec.lags + 1);
  const LinearLeastSquares problem =
      dynamic_problem(y, x, spec.terms, spec.leads, spec.lags, spec.leads, spec.lags);
  const LinearFit fit = solve_full_rank("dynamic least squares", problem);
  CointegratingRegression result;
  result.names = names_of(spec.terms, k);
  result.coefficients = fit.coefficients.head(d + k);
  result.residuals = fit.residuals;
  result.observations = static_cast<int>(problem.y.size());
  result.df = fit.df_residual();
  result.leads = spec.leads;
  result.lags = spec.lags;
  const bool prewhiten = spec.prewhiten && spec.errors == DynamicOlsSpec::Errors::rescaled;
  const Whitened white = prewhiten ? whitened(fit.residuals) : Whitened{fit.residuals, 1};
  result.bandwidth = bandwidth_of(white.errors, spec.variance);
  result.long_run_variance =
      kernel_covariance(white.errors, spec.variance.kernel, result.bandwidth)(0, 0) *
      white.recolour * white.recolour / result.df;
  MatrixXd covariance;
  if (spec.errors == DynamicOlsSpec::Errors::rescaled) {
    covariance = result.long_run_variance * fit.xtx_inverse;
    result.covariance_name = "long-run variance";
  } else {
    const double small_sample = static_cast<double>(result.observations) / result.df;
    covariance =
        sandwich(fit.xtx_inverse,
                 small_sample * kernel_covariance(regression_scores(problem.x, fit.residuals),
                                                  spec.variance.kernel, result.bandwidth));
    result.covariance_name = "HAC";
  }
  result.covariance = covariance.topLeftCorner(d + k, d + k);
  return result;
}

int choose_leads_and_lags(const VectorView& y, const MatrixView& x, Deterministics terms, int most,
                          DynamicOlsCriterion criterion) {
  if (most < 0) {
    throw InputError(fmt::format("the most leads and lags are {}, but must be at least 0", most));
  }
  check_data("dynamic least squares", y, x,
             static_cast<int>(terms) + static_cast<int>(x.cols()) * (2 * most + 2), 2 * most + 1);
  int best = 0;
  double least = INFINITY;
  for (int j = 0; j <= most; ++j) {
    const LinearFit fit = solve(dynamic_problem(y, x, terms, j, j, most, most));
    const auto n = static_cast<double>(fit.residuals.size());
    const double penalty = criterion == DynamicOlsCriterion::aic ? 2 : std::log(n);
    const double value = n * std::log(fit.rss / n) + penalty * fit.rank;
    if (value < least) {
      least = value;
      best = j;
    }
  }
  return best;
}

CointegratingRegression fully_modified_ols(const VectorView& y, const MatrixView& x,
                                           const FullyModifiedSpec& spec) {
  check_variance(spec.variance);
  const int d = static_cast<int>(spec.terms), k = static_cast<int>(x.cols());
  check_data("fully modified least squares", y, x, d + k, 1);
  const Eigen::Index n = y.size() - 1;
  const LinearLeastSquares all{level_columns(x, spec.terms, 0, n + 1), y};
  const LinearFit first = solve_full_rank("fully modified least squares", all);
  MatrixXd uv(n, 1 + k);
  uv.col(0) = first.residuals.tail(n);
  uv.rightCols(k) = changes(x);
  if (spec.drift) {
    const Eigen::RowVectorXd mean = uv.rightCols(k).colwise().mean();
    uv.rightCols(k).rowwise() -= mean;
  }
  CointegratingRegression result;
  result.bandwidth = bandwidth_of(uv, spec.variance);
  const auto size = static_cast<double>(n);
  const MatrixXd w = kernel_covariance(uv, spec.variance.kernel, result.bandwidth) / size;
  const MatrixXd one_sided =
      one_sided_covariance(uv, spec.variance.kernel, result.bandwidth) / size;
  const Eigen::LDLT<MatrixXd> w_vv(w.bottomRightCorner(k, k));
  const VectorXd w_vu = w.col(0).tail(k);
  const VectorXd shift = w_vv.solve(w_vu);
  result.long_run_variance = w(0, 0) - w_vu.dot(shift);
  // How u moves with the past of v: sum_j E(u_{t+j} v_t), the row of u.
  const VectorXd bias =
      one_sided.row(0).tail(k).transpose() - one_sided.bottomRightCorner(k, k).transpose() * shift;

  const MatrixXd z = level_columns(x, spec.terms, 1, n);
  const VectorXd corrected = y.tail(n) - uv.rightCols(k) * shift;
  const LinearFit fit = solve_full_rank("fully modified least squares", {z, corrected});
  VectorXd correction = VectorXd::Zero(d + k);
  correction.tail(k) = size * bias;
  result.names = names_of(spec.terms, k);
  result.coefficients = fit.coefficients - fit.xtx_inverse * correction;
  result.covariance = result.long_run_variance * fit.xtx_inverse;
  result.covariance_name = "long-run variance";
  result.residuals = y.tail(n) - z * result.coefficients;
  result.observations = static_cast<int>(n);
  result.df = static_cast<int>(n) - d - k;
  return result;
}

}  // namespace amnok
