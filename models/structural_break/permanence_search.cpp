#include "models/structural_break/permanence_search.h"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>

#include "engine/solver/linear_least_squares.h"

namespace amnok {

namespace {

constexpr double kNothingNew = 1e-9;  // share of a column's squares beyond the base

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

VectorXd shape_log_likelihoods(const PermanenceData& data, const std::vector<ResponseShape>& shapes,
                               const std::vector<double>& phi) {
  const auto count = static_cast<Eigen::Index>(shapes.size());
  const Eigen::Index k = data.base.cols();
  MatrixXd columns(data.y.size(), 1 + k + count);
  columns.col(0) = data.y;
  columns.middleCols(1, k) = data.base;
  for (Eigen::Index j = 0; j < count; ++j) {
    columns.col(1 + k + j) = response_column(shapes[static_cast<std::size_t>(j)], data.observed);
  }
  ArWhitened whitened = ar_whitened(phi, data.observed, columns);
  if (!whitened.ok) return {};
  const MatrixXd basis =
      Eigen::HouseholderQR<MatrixXd>(whitened.rows.middleCols(1, k)).householderQ() *
      MatrixXd::Identity(data.y.size(), k);
  const VectorXd residual =
      whitened.rows.col(0) - basis * (basis.transpose() * whitened.rows.col(0));
  auto effects = whitened.rows.rightCols(count);
  const Eigen::RowVectorXd before = effects.colwise().squaredNorm();
  effects -= (basis * (basis.transpose() * effects)).eval();
  const Eigen::RowVectorXd after = effects.colwise().squaredNorm();
  const Eigen::RowVectorXd product = residual.transpose() * effects;
  const double rss = residual.squaredNorm();
  VectorXd result(count);
  for (Eigen::Index j = 0; j < count; ++j) {
    const bool tells = after(j) > kNothingNew * before(j);
    result(j) = tells ? ar_log_likelihood(rss - product(j) * product(j) / after(j),
                                          whitened.log_determinant, data.observed.count())
                      : -INFINITY;
  }
  return result;
}

VectorXd likelihood_weights(const VectorXd& log_likelihood) {
  const VectorXd weights = (log_likelihood.array() - log_likelihood.maxCoeff()).exp();
  return weights / weights.sum();
}

int effect_parameters(Response response, std::size_t starts) {
  if (response == Response::none) return 0;
  const bool searched =
      response == Response::block || response == Response::ramp || response == Response::decay;
  return 1 + (searched ? 1 : 0) + (starts > 1 ? 1 : 0);
}

void set_criteria(double log_likelihood, int parameters, int count, double& aicc, double& bic) {
  const double k = parameters, n = count;
  aicc = n > k + 1 ? -2 * log_likelihood + 2 * k + 2 * k * (k + 1) / (n - k - 1) : INFINITY;
  bic = -2 * log_likelihood + k * std::log(n);
}

void set_weights(std::vector<Alternative>& alternatives) {
  double best_aicc = INFINITY, best_bic = INFINITY, sum_aicc = 0, sum_bic = 0;
  for (const Alternative& a : alternatives) {
    best_aicc = std::min(best_aicc, a.aicc);
    best_bic = std::min(best_bic, a.bic);
  }
  for (Alternative& a : alternatives) {
    a.weight_aicc = std::isfinite(best_aicc) ? std::exp(-0.5 * (a.aicc - best_aicc)) : 1;
    a.weight_bic = std::exp(-0.5 * (a.bic - best_bic));
    sum_aicc += a.weight_aicc;
    sum_bic += a.weight_bic;
  }
  for (Alternative& a : alternatives) {
    a.weight_aicc /= sum_aicc;
    a.weight_bic /= sum_bic;
  }
}

}  // namespace amnok
