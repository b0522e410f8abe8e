#include "engine/regression/heterogeneous_panel.h"

#include <fmt/format.h>

#include <Eigen/Cholesky>

#include "engine/base/check.h"
#include "engine/base/input_error.h"
#include "engine/solver/linear_least_squares.h"

namespace amnok {

namespace {

// A constant and, for common factors, the means of y and x over the entities of each row's period.
MatrixXd nuisance_columns(const PanelData& data, bool factors) {
  const Eigen::Index n = data.rows(), k = data.x.cols();
  MatrixXd columns = MatrixXd::Ones(n, factors ? k + 2 : 1);
  if (!factors) return columns;
  MatrixXd observed(n, k + 1);
  observed << data.y, data.x;
  columns.rightCols(k + 1) = group_means(observed, data.time)(data.time.code, Eigen::all);
  return columns;
}

// Of one entity: slopes and the squares X'MX, M takes out the nuisance columns.
struct EntityFit {
  int entity = 0;
  VectorXd slopes;
  MatrixXd squares;
};

struct EntityFits {
  std::vector<EntityFit> fits;
  std::vector<int> left_out;
};

EntityFits fit_entities(const PanelData& data, bool factors) {
  AMNOK_CHECK(data.x.rows() == data.rows() && data.entity.size() == data.rows() &&
                  data.time.size() == data.rows(),
              "y has {} rows, x {}", data.rows(), data.x.rows());
  const MatrixXd nuisance = nuisance_columns(data, factors);
  std::vector<std::vector<Eigen::Index>> rows(static_cast<std::size_t>(data.entity.count));
  for (std::size_t t = 0; t < data.entity.code.size(); ++t) {
    rows[static_cast<std::size_t>(data.entity.code[t])].push_back(static_cast<Eigen::Index>(t));
  }
  EntityFits all;
  const Eigen::Index k = data.x.cols();
  for (int i = 0; i < data.entity.count; ++i) {
    const std::vector<Eigen::Index>& own = rows[static_cast<std::size_t>(i)];
    MatrixXd x(static_cast<Eigen::Index>(own.size()), nuisance.cols() + k);
    x << nuisance(own, Eigen::all), data.x(own, Eigen::all);
    const LinearFit fit = solve(LinearLeastSquares{x, data.y(own)});
    if (x.rows() <= x.cols() || !fit.aliased.empty()) {
      all.left_out.push_back(i);
      continue;
    }
    const MatrixXd inverse = fit.xtx_inverse.bottomRightCorner(k, k);
    all.fits.push_back(
        {i, fit.coefficients.tail(k), inverse.llt().solve(MatrixXd::Identity(k, k))});
  }
  if (all.fits.size() < 2) {
    throw InputError(
        fmt::format("the number of entities with more than {} observations is {}, but must be at "
                    "least 2",
                    nuisance.cols() + k, all.fits.size()),
        "an entity's own regression has a slope for each regressor, a constant and, with common "
        "factors, their period means");
  }
  return all;
}

HeterogeneousFit average(const EntityFits& all) {
  HeterogeneousFit result;
  result.left_out = all.left_out;
  result.by_entity.resize(all.fits[0].slopes.size(), static_cast<Eigen::Index>(all.fits.size()));
  for (std::size_t i = 0; i < all.fits.size(); ++i) {
    result.by_entity.col(static_cast<Eigen::Index>(i)) = all.fits[i].slopes;
    result.entities.push_back(all.fits[i].entity);
  }
  result.coefficients = result.by_entity.rowwise().mean();
  const MatrixXd spread = result.by_entity.colwise() - result.coefficients;
  const auto n = static_cast<double>(all.fits.size());
  result.covariance = spread * spread.transpose() / (n * (n - 1));
  return result;
}

}  // namespace

HeterogeneousFit mean_group(const PanelData& data) {
  return average(fit_entities(data, false));
}

HeterogeneousFit cce_mean_group(const PanelData& data) {
  return average(fit_entities(data, true));
}

HeterogeneousFit cce_pooled(const PanelData& data) {
  const EntityFits all = fit_entities(data, true);
  HeterogeneousFit result = average(all);
  const Eigen::Index k = data.x.cols();
  const auto n = static_cast<double>(all.fits.size());
  MatrixXd squares = MatrixXd::Zero(k, k), meat = MatrixXd::Zero(k, k);
  VectorXd products = VectorXd::Zero(k);
  for (const EntityFit& fit : all.fits) {
    squares += fit.squares;
    products += fit.squares * fit.slopes;
    const VectorXd deviation = fit.squares * (fit.slopes - result.coefficients);
    meat += deviation * deviation.transpose();
  }
  const Eigen::LLT<MatrixXd> llt(squares);
  const MatrixXd inverse = llt.solve(MatrixXd::Identity(k, k));
  result.coefficients = llt.solve(products);
  result.covariance = n / (n - 1) * inverse * meat * inverse;
  return result;
}

}  // namespace amnok
