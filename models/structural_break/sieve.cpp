#include "models/structural_break/sieve.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/solver/linear_least_squares.h"
#include "engine/stats/lag_polynomial.h"

namespace amnok {

namespace {

constexpr int kBurnIn = 100;  // periods before the sample
constexpr int kCorrectionDraws = 99;
constexpr std::uint32_t kCorrectionFrom = 0x80000000u;  // draws that no replication uses

int largest_order(int n) {
  const double logs = 10 * std::log10(static_cast<double>(n));
  return std::max(0, std::min(static_cast<int>(std::floor(logs)), n / 10));
}

MatrixXd lag_columns(const VectorXd& e, int order, int skip) {
  MatrixXd lags(e.size() - skip, order);
  for (int j = 0; j < order; ++j) lags.col(j) = e.segment(skip - 1 - j, e.size() - skip);
  return lags;
}

int akaike_order(const VectorXd& e) {
  const int most = largest_order(static_cast<int>(e.size()));
  const MatrixXd lags = lag_columns(e, most, most);
  const VectorXd now = e.tail(e.size() - most);
  const auto rows = static_cast<double>(now.size());
  double best = INFINITY;
  int order = 0;
  for (int p = 0; p <= most; ++p) {
    const double rss = solve(LinearLeastSquares{lags.leftCols(p), now}).rss;
    const double aic = rows * std::log(rss / rows) + 2 * p;
    if (aic < best) {
      best = aic;
      order = p;
    }
  }
  return order;
}

bool stationary(const VectorXd& ar) {
  return is_stationary(std::vector<double>(ar.begin(), ar.end()));
}

Sieve with_coefficients(const VectorXd& e, const VectorXd& ar) {
  const Eigen::Index p = ar.size(), rows = e.size() - p;
  Sieve sieve;
  sieve.ar = ar;
  sieve.innovations = e.tail(rows) - lag_columns(e, static_cast<int>(p), static_cast<int>(p)) * ar;
  sieve.innovations.array() -= sieve.innovations.mean();
  sieve.innovations *= std::sqrt(static_cast<double>(rows) /
                                 static_cast<double>(std::max<Eigen::Index>(rows - p, 1)));
  return sieve;
}

VectorXd least_squares(const VectorXd& e, int order) {
  VectorXd ar = solve(LinearLeastSquares{lag_columns(e, order, order), e.tail(e.size() - order)})
                    .coefficients;
  while (!stationary(ar)) ar *= 0.98;
  return ar;
}

}  // namespace

VectorXd Sieve::draw(const StreamKey& key, std::uint32_t draw, Eigen::Index n) const {
  VectorXd u(n + kBurnIn);
  fill_uniforms(key, draw, {u.data(), static_cast<std::size_t>(u.size())});
  const Eigen::Index p = ar.size(), most = innovations.size();
  for (Eigen::Index t = 0; t < u.size(); ++t) {
    const auto pick = static_cast<Eigen::Index>(u(t) * static_cast<double>(most));
    u(t) = innovations(std::min(pick, most - 1));
    for (Eigen::Index j = 1; j <= std::min(p, t); ++j) u(t) += ar(j - 1) * u(t - j);
  }
  return u.tail(n);
}

Sieve fit_sieve(const VectorXd& e, int order) {
  return with_coefficients(e, least_squares(e, order < 0 ? akaike_order(e) : order));
}

Sieve corrected_sieve(const VectorXd& e,
                      const std::function<VectorXd(const VectorXd&)>& residuals_of,
                      const StreamKey& key) {
  const Sieve first = fit_sieve(e);
  const auto order = static_cast<int>(first.ar.size());
  if (order == 0) return first;
  VectorXd bias = VectorXd::Zero(order);
  for (std::uint32_t r = 0; r < kCorrectionDraws; ++r) {
    const VectorXd drawn = residuals_of(first.draw(key, kCorrectionFrom + r, e.size()));
    bias += (least_squares(drawn, order) - first.ar) / kCorrectionDraws;
  }
  while (!stationary(first.ar - bias)) bias *= 0.95;
  return with_coefficients(e, first.ar - bias);
}

}  // namespace amnok
