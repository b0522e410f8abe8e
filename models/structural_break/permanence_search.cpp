#include "models/structural_break/permanence_search.h"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>

#include "engine/solver/linear_least_squares.h"
#include "engine/stats/lag_polynomial.h"

namespace amnok {

namespace {

constexpr double kCancelled = 1e-16;  // share of the squares that subtraction cannot tell from none
constexpr double kNothingNew = 1e-9;  // share of a column's squares beyond the base

// Of omega's prior, relative to sigma^2: kTypicalEffect standard deviations of the noise.
double prior_variance(const std::vector<double>& phi) {
  std::vector<double> gamma;
  if (!arma_autocovariances<double>(phi, {}, 0, gamma)) return 1;
  return kTypicalEffect * kTypicalEffect * gamma[0];
}

MatrixXd all_columns(const PermanenceProblem& problem, const ObservedPeriods& observed) {
  MatrixXd columns(observed.count(), base_row(problem, 0).size());
  for (Eigen::Index i = 0; i < columns.rows(); ++i) {
    columns.row(i) = base_row(problem, observed.at[static_cast<std::size_t>(i)]).transpose();
  }
  return columns;
}

}  // namespace

VectorXd base_row(const PermanenceProblem& problem, int t) {
  const Eigen::Index k = problem.x.cols(), dummies = std::max(problem.season - 1, 0);
  const auto controls = static_cast<Eigen::Index>(problem.controls.size());
  VectorXd row = VectorXd::Zero(k + dummies + controls);
  row.head(k) = problem.x.row(t).transpose();
  if (dummies > 0 && t % problem.season > 0) row(k + t % problem.season - 1) = 1;
  for (Eigen::Index j = 0; j < controls; ++j) {
    if (t >= problem.controls[static_cast<std::size_t>(j)]) row(k + dummies + j) = 1;
  }
  return row;
}

PermanenceData permanence_data(const PermanenceProblem& problem) {
  PermanenceData data;
  data.observed.periods = static_cast<int>(problem.y.size());
  for (int t = 0; t < data.observed.periods; ++t) {
    if (std::isfinite(problem.y(t)) && problem.x.row(t).allFinite()) data.observed.at.push_back(t);
  }
  data.y = problem.y(data.observed.at);
  const MatrixXd all = all_columns(problem, data.observed);
  std::vector<int> aliased;
  if (all.rows() > 0) aliased = solve(LinearLeastSquares{all, data.y}).aliased;
  const auto first_control = all.cols() - static_cast<Eigen::Index>(problem.controls.size());
  for (Eigen::Index j = 0; j < all.cols(); ++j) {
    if (std::find(aliased.begin(), aliased.end(), j) != aliased.end()) continue;
    if (j >= first_control) {
      data.controls.push_back(problem.controls[static_cast<std::size_t>(j - first_control)]);
      data.columns.push_back(static_cast<Eigen::Index>(data.kept.size()));
    }
    data.kept.push_back(j);
  }
  data.base = all(Eigen::all, data.kept);
  return data;
}

MatrixXd with_column(const MatrixXd& base, const VectorXd& column) {
  MatrixXd joined(base.rows(), base.cols() + 1);
  joined << base, column;
  return joined;
}

bool ShapeScan::usable() const {
  return log_likelihood.size() > 0 && std::isfinite(log_likelihood.maxCoeff());
}

VectorXd ShapeScan::probability() const {
  const VectorXd weights = (log_marginal.array() - log_marginal.maxCoeff()).exp();
  return weights / weights.sum();
}

double ShapeScan::mean_log_marginal() const {
  const double largest = log_marginal.maxCoeff();
  const auto finite = log_marginal.array().isFinite().count();
  return largest +
         std::log((log_marginal.array() - largest).exp().sum() / static_cast<double>(finite));
}

ShapeScan scan_shapes(const PermanenceData& data, const std::vector<ResponseShape>& shapes,
                      const std::vector<double>& phi) {
  const auto count = static_cast<Eigen::Index>(shapes.size());
  const Eigen::Index k = data.base.cols();
  const int n = data.observed.count();
  MatrixXd columns(n, 1 + k + count);
  columns.col(0) = data.y;
  columns.middleCols(1, k) = data.base;
  for (Eigen::Index j = 0; j < count; ++j) {
    columns.col(1 + k + j) = response_column(shapes[static_cast<std::size_t>(j)], data.observed);
  }
  const ArWhitened whitened = ar_whitened(phi, data.observed, columns);
  if (!whitened.ok) return {};
  const Eigen::HouseholderQR<MatrixXd> qr(whitened.rows.middleCols(1, k));
  const MatrixXd basis = qr.householderQ() * MatrixXd::Identity(n, k);
  const VectorXd residual =
      whitened.rows.col(0) - basis * (basis.transpose() * whitened.rows.col(0));
  MatrixXd effects = whitened.rows.rightCols(count);
  const Eigen::RowVectorXd before = effects.colwise().squaredNorm();
  effects -= (basis * (basis.transpose() * effects)).eval();
  const Eigen::RowVectorXd after = effects.colwise().squaredNorm();
  const Eigen::RowVectorXd product = residual.transpose() * effects;
  const double rss = residual.squaredNorm();
  const double base = -0.5 * whitened.log_determinant -
                      qr.matrixQR().topRows(k).diagonal().array().abs().log().sum();
  const double prior = prior_variance(phi);  // of omega, relative to sigma^2
  ShapeScan scan{VectorXd(count), VectorXd(count)};
  for (Eigen::Index j = 0; j < count; ++j) {
    const ResponseShape& shape = shapes[static_cast<std::size_t>(j)];
    const bool none = shape.response == Response::none;
    if (!none && !(after(j) > kNothingNew * before(j))) {
      scan.log_likelihood(j) = scan.log_marginal(j) = -INFINITY;
      continue;
    }
    const double squares = product(j) * product(j);
    const double kappa = none ? 0 : prior / (shape.typical_size() * shape.typical_size());
    // Of an exact response the difference is rounding, of either sign.
    const double left = none ? rss : std::max(rss - squares / after(j), kCancelled * rss);
    scan.log_likelihood(j) = ar_log_likelihood(left, whitened.log_determinant, n);
    scan.log_marginal(j) =
        base - 0.5 * std::log1p(kappa * after(j)) -
        0.5 * static_cast<double>(n - k) * std::log(rss - kappa * squares / (1 + kappa * after(j)));
  }
  return scan;
}

int effect_parameters(Response response, std::size_t starts) {
  if (response == Response::none) return 0;
  const bool searched =
      response == Response::block || response == Response::ramp || response == Response::decay;
  return 1 + (searched ? 1 : 0) + (starts > 1 ? 1 : 0);
}

Criteria criteria_of(double log_likelihood, double log_marginal, int parameters, int count) {
  const double k = parameters, n = count;
  return {n > k + 1 ? -2 * log_likelihood + 2 * k + 2 * k * (k + 1) / (n - k - 1) : INFINITY,
          -2 * log_likelihood + k * std::log(n), -2 * log_marginal};
}

VectorXd criterion_weights(const VectorXd& criterion) {
  const double best = criterion.minCoeff();
  if (!std::isfinite(best)) {
    return VectorXd::Constant(criterion.size(), 1 / static_cast<double>(criterion.size()));
  }
  const VectorXd weights = (-0.5 * (criterion.array() - best)).exp();
  return weights / weights.sum();
}

}  // namespace amnok
