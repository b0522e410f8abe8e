#include "engine/regression/bootstrap_t.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/base/check.h"
#include "engine/solver/covariance.h"
#include "engine/solver/linear_least_squares.h"
#include "engine/stats/random_stream.h"

namespace amnok {

namespace {

double wild_weight(WildWeights weights, double u) {
  switch (weights) {
    case WildWeights::rademacher:
      return u < 0.5 ? -1 : 1;
    case WildWeights::mammen: {
      const double root5 = std::sqrt(5.0);
      return u < (root5 + 1) / (2 * root5) ? (1 - root5) / 2 : (1 + root5) / 2;
    }
    case WildWeights::webb: {
      constexpr double kSquares[] = {1.5, 1.0, 0.5, 0.5, 1.0, 1.5};
      const int point = std::min(5, static_cast<int>(6 * u));
      return std::copysign(std::sqrt(kSquares[point]), point - 2.5);
    }
  }
  return 0;
}

// The rest of the columns.
MatrixXd without_column(const MatrixView& x, int column) {
  MatrixXd rest(x.rows(), x.cols() - 1);
  rest << x.leftCols(column), x.rightCols(x.cols() - 1 - column);
  return rest;
}

void finish(BootstrapT& result, std::vector<double> replicates) {
  std::sort(replicates.begin(), replicates.end());
  const double size = std::fabs(result.statistic) * (1 - 1e-12);
  const auto beyond = std::count_if(replicates.begin(), replicates.end(),
                                    [&](double t) { return std::fabs(t) >= size; });
  result.p_value = (1 + static_cast<double>(beyond)) / (1 + static_cast<double>(replicates.size()));
  result.replicates =
      Eigen::Map<const VectorXd>(replicates.data(), static_cast<Eigen::Index>(replicates.size()));
}

}  // namespace

BootstrapT::Interval BootstrapT::equal_tailed(double confidence) const {
  const auto r = static_cast<double>(replicates.size());
  AMNOK_CHECK(confidence > 0 && confidence < 1 && r > 0, "confidence {}, {} replicates", confidence,
              r);
  const auto quantile = [&](double p) {
    const double rank = std::clamp(p * (r + 1), 1.0, r);
    return replicates(static_cast<Eigen::Index>(std::lround(rank)) - 1);
  };
  const double tail = 0.5 * (1 - confidence);
  return {coefficient - standard_error * quantile(1 - tail),
          coefficient - standard_error * quantile(tail)};
}

BootstrapT wild_bootstrap_t(const MatrixView& x, const VectorView& y, int coefficient, double null,
                            const ErrorStructure& errors, WildWeights weights,
                            const BootstrapTOptions& options) {
  const Eigen::Index n = x.rows(), k = x.cols();
  AMNOK_CHECK(coefficient >= 0 && coefficient < k, "coefficient {} of {}", coefficient, k);
  AMNOK_CHECK(errors.kind == ErrorStructure::Kind::heteroskedastic ||
                  errors.kind == ErrorStructure::Kind::cluster,
              "errors {}", errors.name());
  const bool by_cluster = errors.kind == ErrorStructure::Kind::cluster;
  const Groups groups = by_cluster ? errors.clusters : equal_blocks(n, 1);
  const LinearFit fit = solve(LinearLeastSquares{x, y});
  AMNOK_CHECK(fit.rank == k, "rank {} of {}", fit.rank, k);
  // The coefficient is a'y, and its residuals enter its variance by their sums over groups.
  const VectorXd a = x * fit.xtx_inverse.col(coefficient);
  const MatrixXd pseudo_inverse = fit.xtx_inverse * x.transpose();
  const double factor = small_sample_factor(errors, n, k);
  const auto error_of = [&](const VectorXd& residuals) {
    return std::sqrt(factor * group_sums(a.cwiseProduct(residuals), groups).squaredNorm());
  };
  BootstrapT result;
  result.coefficient = fit.coefficients(coefficient);
  result.standard_error = error_of(fit.residuals);
  result.statistic = (result.coefficient - null) / result.standard_error;

  const VectorXd shifted = y - null * x.col(coefficient);
  const LinearFit restricted = solve(LinearLeastSquares{without_column(x, coefficient), shifted});
  const VectorXd fitted = y - restricted.residuals;
  std::vector<double> replicates, u(static_cast<std::size_t>(groups.count));
  VectorXd star(n);
  for (int r = 0; r < options.replications; ++r) {
    fill_uniforms({options.seed, Purpose::bootstrap, options.equation},
                  static_cast<std::uint32_t>(r), u);
    for (double& v : u) v = wild_weight(weights, v);
    for (Eigen::Index t = 0; t < n; ++t) {
      const auto g = static_cast<std::size_t>(groups.code[static_cast<std::size_t>(t)]);
      star(t) = fitted(t) + u[g] * restricted.residuals(t);
    }
    const VectorXd b = pseudo_inverse * star;
    const double error = error_of(star - x * b);
    if (error > 0) replicates.push_back((b(coefficient) - null) / error);
  }
  finish(result, std::move(replicates));
  return result;
}

BootstrapT block_bootstrap_t(const MatrixView& x, const VectorView& y, int coefficient, double null,
                             int block, const BootstrapTOptions& options) {
  const Eigen::Index n = x.rows(), k = x.cols();
  AMNOK_CHECK(coefficient >= 0 && coefficient < k, "coefficient {} of {}", coefficient, k);
  AMNOK_CHECK(block >= 1 && 2 * block <= n, "block {}, n {}", block, n);
  const LinearFit fit = solve(LinearLeastSquares{x, y});
  AMNOK_CHECK(fit.rank == k, "rank {} of {}", fit.rank, k);
  BootstrapT result;
  result.coefficient = fit.coefficients(coefficient);
  const MatrixXd covariance = sandwich(fit.xtx_inverse, newey_west(x, fit.residuals, block - 1));
  result.standard_error = std::sqrt(covariance(coefficient, coefficient));
  result.statistic = (result.coefficient - null) / result.standard_error;

  const Eigen::Index blocks = (n + block - 1) / block;
  std::vector<double> replicates, u(static_cast<std::size_t>(blocks));
  std::vector<Eigen::Index> rows(static_cast<std::size_t>(n));
  const Groups groups = equal_blocks(n, block);
  for (int r = 0; r < options.replications; ++r) {
    fill_uniforms({options.seed, Purpose::bootstrap, options.equation},
                  static_cast<std::uint32_t>(r), u);
    for (Eigen::Index t = 0; t < n; ++t) {
      const auto start = static_cast<Eigen::Index>(u[static_cast<std::size_t>(t / block)] *
                                                   static_cast<double>(n - block + 1));
      rows[static_cast<std::size_t>(t)] = std::min(start, n - block) + t % block;
    }
    const MatrixXd x_star = x(rows, Eigen::all);
    const LinearFit star = solve(LinearLeastSquares{x_star, y(rows)});
    if (star.rank < k) continue;
    const VectorXd a = x_star * star.xtx_inverse.col(coefficient);
    const double error = group_sums(a.cwiseProduct(star.residuals), groups).norm();
    if (error > 0) {
      replicates.push_back((star.coefficients(coefficient) - result.coefficient) / error);
    }
  }
  finish(result, std::move(replicates));
  return result;
}

}  // namespace amnok
