#include "engine/solver/simplex_least_squares.h"

#include <Eigen/QR>
#include <algorithm>
#include <vector>

#include "engine/base/check.h"

namespace amnok {

namespace {

// Coefficients, summing to one, of the point nearest to the origin of the flat through the columns
// `corral` of p.
VectorXd affine_minimiser(const MatrixXd& p, const std::vector<int>& corral) {
  const auto k = static_cast<Eigen::Index>(corral.size());
  VectorXd coefficients(k);
  if (k == 1) {
    coefficients(0) = 1;
    return coefficients;
  }
  MatrixXd directions(p.rows(), k - 1);
  for (Eigen::Index j = 1; j < k; ++j) {
    directions.col(j - 1) = p.col(corral[static_cast<std::size_t>(j)]) - p.col(corral[0]);
  }
  coefficients.tail(k - 1) = directions.colPivHouseholderQr().solve(-p.col(corral[0]));
  coefficients(0) = 1 - coefficients.tail(k - 1).sum();
  return coefficients;
}

VectorXd mixture(const MatrixXd& p, const std::vector<int>& corral, const VectorXd& weights) {
  VectorXd point = VectorXd::Zero(p.rows());
  for (Eigen::Index j = 0; j < weights.size(); ++j) {
    point += weights(j) * p.col(corral[static_cast<std::size_t>(j)]);
  }
  return point;
}

// From weights towards `target` until the first of them vanishes, which leaves the corral. False:
// the target itself is inside.
bool step_to_edge(const VectorXd& target, std::vector<int>& corral, VectorXd& weights) {
  constexpr double kZero = 1e-14;
  Eigen::Index leaving = -1;
  double share = 1;
  for (Eigen::Index j = 0; j < target.size(); ++j) {
    if (target(j) > kZero) continue;
    const double s = weights(j) / std::max(weights(j) - target(j), 1e-300);
    if (leaving < 0 || s < share) {
      share = s;
      leaving = j;
    }
  }
  if (leaving < 0) {
    weights = target;
    return false;
  }
  weights += std::clamp(share, 0.0, 1.0) * (target - weights);
  const Eigen::Index left = weights.size() - 1 - leaving;
  weights.segment(leaving, left) = weights.tail(left).eval();
  weights.conservativeResize(weights.size() - 1);
  weights = weights.cwiseMax(0);
  weights /= weights.sum();
  corral.erase(corral.begin() + leaving);
  return true;
}

}  // namespace

SimplexFit simplex_least_squares(const MatrixView& x, const VectorView& y) {
  AMNOK_CHECK(x.cols() >= 1 && x.rows() == y.size(), "X is {} x {}, y has {}", x.rows(), x.cols(),
              y.size());
  constexpr double kTolerance = 1e-13;
  const MatrixXd p = x.colwise() - VectorXd(y);  // the hull about the origin
  const double scale = p.colwise().squaredNorm().maxCoeff();
  Eigen::Index nearest = 0;
  p.colwise().squaredNorm().minCoeff(&nearest);
  std::vector<int> corral = {static_cast<int>(nearest)};
  VectorXd weights = VectorXd::Ones(1);
  VectorXd point = p.col(nearest);
  SimplexFit fit;
  const int most = 50 * (static_cast<int>(x.cols()) + 10);
  for (; fit.iterations < most; ++fit.iterations) {
    Eigen::Index entering = 0;
    const double reach = (p.transpose() * point).minCoeff(&entering);
    fit.optimality_gap = scale > 0 ? std::max((point.squaredNorm() - reach) / scale, 0.0) : 0;
    const bool known =
        std::find(corral.begin(), corral.end(), static_cast<int>(entering)) != corral.end();
    if (known || fit.optimality_gap <= kTolerance) break;
    const std::vector<int> corral_before = corral;
    const VectorXd weights_before = weights;
    corral.push_back(static_cast<int>(entering));
    weights.conservativeResize(weights.size() + 1);
    weights(weights.size() - 1) = 0;
    while (step_to_edge(affine_minimiser(p, corral), corral, weights)) {
    }
    const VectorXd next = mixture(p, corral, weights);
    if (next.squaredNorm() >= point.squaredNorm()) {  // rounding: no progress to be had
      corral = corral_before;
      weights = weights_before;
      break;
    }
    point = next;
  }
  fit.weights = VectorXd::Zero(x.cols());
  for (Eigen::Index j = 0; j < weights.size(); ++j) {
    fit.weights(corral[static_cast<std::size_t>(j)]) = weights(j);
  }
  fit.residuals = y - x * fit.weights;
  fit.rss = fit.residuals.squaredNorm();
  return fit;
}

}  // namespace amnok
