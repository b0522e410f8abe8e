#include "engine/regression/impulse_response.h"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <Eigen/LU>
#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/input_error.h"
#include "engine/stats/kronecker.h"
#include "engine/stats/random_stream.h"
#include "engine/stats/sorted_quantile.h"

namespace amnok {

namespace {

MatrixXd impact(const VectorAutoregression& var) {
  return var.sigma().llt().matrixL();
}

// G_s = d vec(F_s) / d vec(A_1 .. A_p)' (Luetkepohl 2005, eq. 3.7.6): with C the companion matrix
// and J its first K rows of the identity, sum_{m<s} J (C')^{s-1-m} (x) F_m. Steps 0 .. horizon.
std::vector<MatrixXd> moving_average_slopes(const VectorAutoregression& var,
                                            const std::vector<MatrixXd>& weights) {
  const Eigen::Index k = var.size(), size = k * var.spec.lags;
  std::vector<MatrixXd> powers{MatrixXd::Identity(k, size)};  // J (C')^i
  const MatrixXd transposed = companion_matrix(var).transpose();
  std::vector<MatrixXd> slopes{MatrixXd::Zero(k * k, k * size)};
  for (std::size_t s = 1; s < weights.size(); ++s) {
    MatrixXd slope = MatrixXd::Zero(k * k, k * size);
    for (std::size_t m = 0; m < s; ++m) slope += kronecker(powers[s - 1 - m], weights[m]);
    slopes.push_back(slope);
    powers.push_back(powers.back() * transposed);
  }
  return slopes;
}

// d vec(P) / d vech(S)' (Luetkepohl 2005, eq. 3.7.9).
MatrixXd cholesky_slope(const MatrixXd& p) {
  const Eigen::Index k = p.rows();
  const MatrixXd l = elimination_matrix(k), one = MatrixXd::Identity(k, k);
  const MatrixXd inner = l * (MatrixXd::Identity(k * k, k * k) + commutation_matrix(k)) *
                         kronecker(p, one) * l.transpose();
  return l.transpose() * inner.inverse();
}

// Covariance of vech of the estimated S: 2 D+ (S (x) S) D+' / T.
MatrixXd covariance_of_sigma(const MatrixXd& sigma, int observations) {
  const MatrixXd d = duplication_matrix(sigma.rows());
  const MatrixXd inverse = (d.transpose() * d).inverse() * d.transpose();
  return 2.0 / observations * inverse * kronecker(sigma, sigma) * inverse.transpose();
}

void accumulate(std::vector<MatrixXd>& steps) {
  for (std::size_t s = 1; s < steps.size(); ++s) steps[s] += steps[s - 1];
}

// The series that drawn rows of centred residuals give from the presample.
MatrixXd rebuilt(const VectorAutoregression& var, const MatrixXd& centred,
                 const std::vector<double>& uniforms) {
  const Eigen::Index k = var.size(), p = var.spec.lags, rows = var.observations();
  const Eigen::Index terms = var.term_count();
  MatrixXd y = var.y;
  for (Eigen::Index t = 0; t < rows; ++t) {
    Eigen::RowVectorXd next = var.x.row(t).head(terms) * var.coefficients.topRows(terms);
    for (Eigen::Index lag = 1; lag <= p; ++lag) {
      next += y.row(t + p - lag) * var.coefficients.middleRows(terms + (lag - 1) * k, k);
    }
    const auto pick = static_cast<Eigen::Index>(uniforms[static_cast<std::size_t>(t)] *
                                                static_cast<double>(rows));
    y.row(t + p) = next + centred.row(std::min(pick, rows - 1));
  }
  return y;
}

void check_options(const ResponseBootstrapOptions& options) {
  ProblemList problems;
  if (options.draws < 20) {
    problems.error({}, fmt::format("draws is {}, but must be at least 20", options.draws));
  }
  if (!(options.confidence > 0 && options.confidence < 1)) {
    problems.error({}, fmt::format("confidence is {}, but must be in (0, 1)", options.confidence));
  }
  problems.throw_if_errors();
}

}  // namespace

std::vector<MatrixXd> impulse_responses(const VectorAutoregression& var, int horizon,
                                        ResponseKind kind) {
  std::vector<MatrixXd> steps = moving_average(var, horizon);
  if (kind.orthogonal) {
    const MatrixXd p = impact(var);
    for (MatrixXd& step : steps) step = step * p;
  }
  if (kind.accumulated) accumulate(steps);
  return steps;
}

std::vector<MatrixXd> response_standard_errors(const VectorAutoregression& var, int horizon,
                                               ResponseKind kind) {
  const Eigen::Index k = var.size();
  std::vector<MatrixXd> weights = moving_average(var, horizon);
  std::vector<MatrixXd> slopes = moving_average_slopes(var, weights);
  if (kind.accumulated) {
    accumulate(weights);
    accumulate(slopes);
  }
  const MatrixXd one = MatrixXd::Identity(k, k), sigma = var.sigma(), p = impact(var);
  const MatrixXd turn =
      kind.orthogonal ? kronecker(p.transpose(), one) : MatrixXd(MatrixXd::Identity(k * k, k * k));
  const MatrixXd of_lags = var.lag_covariance();
  MatrixXd of_impact = MatrixXd::Zero(k * k, k * k);  // covariance of vec(P)
  if (kind.orthogonal) {
    const MatrixXd h = cholesky_slope(p);
    of_impact = h * covariance_of_sigma(sigma, var.observations()) * h.transpose();
  }
  std::vector<MatrixXd> errors;
  for (std::size_t s = 0; s < weights.size(); ++s) {
    const MatrixXd by_lags = turn * slopes[s], by_impact = kronecker(one, weights[s]);
    const MatrixXd covariance =
        by_lags * of_lags * by_lags.transpose() + by_impact * of_impact * by_impact.transpose();
    const VectorXd error = covariance.diagonal().cwiseMax(0).cwiseSqrt();
    errors.push_back(Eigen::Map<const MatrixXd>(error.data(), k, k));
  }
  return errors;
}

std::vector<MatrixXd> variance_decomposition(const VectorAutoregression& var, int horizon) {
  std::vector<MatrixXd> shares;
  MatrixXd sum = MatrixXd::Zero(var.size(), var.size());
  for (const MatrixXd& step : impulse_responses(var, horizon)) {
    sum += step.cwiseAbs2();
    shares.push_back(sum.rowwise().sum().cwiseInverse().asDiagonal() * sum);
  }
  return shares;
}

ResponseBands bootstrap_response_bands(const VectorAutoregression& var, int horizon,
                                       ResponseKind kind, const ResponseBootstrapOptions& options) {
  check_options(options);
  const Eigen::Index k = var.size(), steps = horizon + 1;
  const MatrixXd centred = var.residuals.rowwise() - var.residuals.colwise().mean();
  MatrixXd drawn(options.draws, steps * k * k);
  std::vector<double> uniforms(static_cast<std::size_t>(var.observations()));
  ResponseBands bands;
  for (int r = 0; r < options.draws; ++r) {
    fill_uniforms({options.seed, Purpose::bootstrap, 0}, static_cast<std::uint32_t>(r), uniforms);
    const MatrixXd y = rebuilt(var, centred, uniforms);
    if (!y.allFinite()) continue;  // an explosive process overflows
    const auto responses = impulse_responses(fit_var(y, var.variables, var.spec), horizon, kind);
    for (Eigen::Index s = 0; s < steps; ++s) {
      drawn.row(bands.draws).segment(s * k * k, k * k) =
          Eigen::Map<const VectorXd>(responses[static_cast<std::size_t>(s)].data(), k * k);
    }
    ++bands.draws;
  }
  AMNOK_CHECK(bands.draws > 0, "no draw of {} is finite", options.draws);
  const std::vector<MatrixXd> estimate = impulse_responses(var, horizon, kind);
  const double tail = (1 - options.confidence) / 2;
  for (Eigen::Index s = 0; s < steps; ++s) {
    MatrixXd low(k, k), high(k, k);
    for (Eigen::Index e = 0; e < k * k; ++e) {
      const VectorXd column = drawn.col(s * k * k + e).head(bands.draws);
      std::vector<double> sorted(column.begin(), column.end());
      std::sort(sorted.begin(), sorted.end());
      low.data()[e] = sorted_quantile(sorted, tail);
      high.data()[e] = sorted_quantile(sorted, 1 - tail);
    }
    if (options.bands == BandKind::hall) {
      const MatrixXd twice = 2 * estimate[static_cast<std::size_t>(s)];
      const MatrixXd turned = twice - high;
      high = twice - low;
      low = turned;
    }
    bands.lower.push_back(low);
    bands.upper.push_back(high);
  }
  return bands;
}

}  // namespace amnok
