#include "engine/solver/linear_least_squares.h"

#include <Eigen/Cholesky>
#include <Eigen/QR>
#include <algorithm>
#include <cmath>

#include "engine/base/check.h"
#include "engine/base/cross_product.h"

namespace amnok {

namespace {

template <class Scalar>
using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;
template <class Scalar>
using Vector = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;

// Columns that add to the span of those before them, judged by Gram-Schmidt from the left, so that
// the column a reader would call superfluous (the later one) is the one that goes.
std::vector<int> independent_columns(const MatrixXd& scaled, double tolerance) {
  std::vector<int> kept;
  MatrixXd basis(scaled.rows(), 0);
  for (int j = 0; j < scaled.cols(); ++j) {
    VectorXd rest = scaled.col(j);
    for (int pass = 0; pass < 2; ++pass) rest -= basis * (basis.transpose() * rest);
    if (rest.norm() <= tolerance || static_cast<int>(kept.size()) == scaled.rows()) continue;
    basis.conservativeResize(Eigen::NoChange, basis.cols() + 1);
    basis.col(basis.cols() - 1) = rest.normalized();
    kept.push_back(j);
  }
  return kept;
}

// The same problem from a pivoted QR that is already there.
void solve_pivoted(const Eigen::ColPivHouseholderQR<MatrixXd>& qr, const MatrixXd& scaled,
                   const VectorXd& y, const VectorXd& scale, LinearFit& fit) {
  const VectorXd b = qr.solve(y);
  fit.residuals = y;
  fit.residuals.noalias() -= scaled * b;
  fit.rss = fit.residuals.squaredNorm();
  fit.coefficients = b.cwiseQuotient(scale);
  const auto k = scaled.cols();
  const MatrixXd r_inverse = qr.matrixQR().topLeftCorner(k, k).triangularView<Eigen::Upper>().solve(
      MatrixXd::Identity(k, k));
  const MatrixXd rows = scale.cwiseInverse().asDiagonal() * (qr.colsPermutation() * r_inverse);
  fit.xtx_inverse.noalias() = rows * rows.transpose();
}

template <class Scalar>
void solve_full_rank(const MatrixXd& x, const VectorXd& y, const VectorXd& scale, LinearFit& fit,
                     const std::vector<int>& columns) {
  Matrix<Scalar> scaled(x.rows(), static_cast<Eigen::Index>(columns.size()));
  for (std::size_t c = 0; c < columns.size(); ++c) {
    scaled.col(static_cast<Eigen::Index>(c)) =
        x.col(columns[c]).cast<Scalar>() / static_cast<Scalar>(scale(columns[c]));
  }
  const Eigen::HouseholderQR<Matrix<Scalar>> qr(scaled);
  const Vector<Scalar> target = y.cast<Scalar>();
  const Vector<Scalar> b = qr.solve(target);
  const Vector<Scalar> residuals = target - scaled * b;
  const auto k = scaled.cols();
  const Matrix<Scalar> r_inverse =
      qr.matrixQR().topLeftCorner(k, k).template triangularView<Eigen::Upper>().solve(
          Matrix<Scalar>::Identity(k, k));
  const Matrix<Scalar> inverse = r_inverse * r_inverse.transpose();
  fit.residuals = residuals.template cast<double>();
  fit.rss = static_cast<double>(residuals.squaredNorm());
  for (Eigen::Index i = 0; i < k; ++i) {
    const int row = columns[static_cast<std::size_t>(i)];
    fit.coefficients(row) = static_cast<double>(b(i) / static_cast<Scalar>(scale(row)));
    for (Eigen::Index j = 0; j < k; ++j) {
      const int column = columns[static_cast<std::size_t>(j)];
      fit.xtx_inverse(row, column) = static_cast<double>(
          inverse(i, j) / static_cast<Scalar>(scale(row)) / static_cast<Scalar>(scale(column)));
    }
  }
}

// Many rows and a small condition: corrected seminormal equations (Bjorck 1987, Linear Algebra and
// its Applications 88/89, 31-48). Solve from the Cholesky factor of X'X, then once more for the
// residuals, which gives back the digits that forming X'X cost. False where the condition, found on
// the way, asks for the QR.
bool solve_well_conditioned(const MatrixXd& x, const VectorXd& y, LinearFit& fit) {
  constexpr double kLargestCondition = 300;
  const Eigen::Index n = x.rows(), k = x.cols();
  const MatrixXd all = cross_product(n, k + 1, [&](Eigen::Index first, auto block) {
    block.leftCols(k) = x.middleRows(first, block.rows());
    block.col(k) = y.segment(first, block.rows());
  });
  const VectorXd squares = all.diagonal().head(k);
  if (!all.allFinite() || squares.minCoeff() < 1e-200 || squares.maxCoeff() > 1e200) return false;
  const VectorXd shrink = squares.cwiseSqrt().cwiseInverse();
  const Eigen::LDLT<MatrixXd> ldlt(shrink.asDiagonal() * all.topLeftCorner(k, k) *
                                   shrink.asDiagonal());
  const double smallest = ldlt.vectorD().minCoeff();
  if (!(smallest * kLargestCondition * kLargestCondition >= ldlt.vectorD().maxCoeff())) {
    return false;
  }
  fit.condition = std::sqrt(ldlt.vectorD().maxCoeff() / smallest);
  fit.rank = static_cast<int>(k);
  const auto solve_normal = [&](const VectorXd& right) {
    return VectorXd(shrink.cwiseProduct(ldlt.solve(shrink.cwiseProduct(right))));
  };
  fit.coefficients = solve_normal(all.col(k).head(k));
  VectorXd gradient = VectorXd::Zero(k);
  for (Eigen::Index first = 0; first < n; first += kBlockRows) {
    const Eigen::Index rows = std::min(kBlockRows, n - first);
    const auto block = x.middleRows(first, rows);
    fit.residuals.segment(first, rows).noalias() -= block * fit.coefficients;
    gradient.noalias() += block.transpose() * fit.residuals.segment(first, rows);
  }
  const VectorXd correction = solve_normal(gradient);
  fit.coefficients += correction;
  // Residuals follow unless the correction is lost in their rounding.
  if (correction.cwiseQuotient(shrink).norm() > 1e-14 * std::sqrt(all(k, k))) {
    fit.residuals.noalias() -= x * correction;
  }
  fit.rss = fit.residuals.squaredNorm();
  fit.xtx_inverse =
      shrink.asDiagonal() * ldlt.solve(MatrixXd::Identity(k, k)) * shrink.asDiagonal();
  fit.xtx_inverse = (0.5 * (fit.xtx_inverse + fit.xtx_inverse.transpose())).eval();
  return true;
}

}  // namespace

LinearFit solve(const LinearLeastSquares& problem) {
  const MatrixXd& x = problem.x;
  const Eigen::Index k = x.cols();
  AMNOK_CHECK(k == 0 || x.rows() == problem.y.size(), "X has {} rows, y {}", x.rows(),
              problem.y.size());
  LinearFit fit;
  fit.coefficients = VectorXd::Zero(k);
  fit.xtx_inverse = MatrixXd::Zero(k, k);
  fit.residuals = problem.y;
  fit.rss = problem.y.squaredNorm();
  if (k == 0) return fit;
  if (x.rows() >= std::max<Eigen::Index>(100, 8 * k) && solve_well_conditioned(x, problem.y, fit)) {
    return fit;
  }

  const VectorXd scale =
      x.colwise().norm().transpose().unaryExpr([](double s) { return s > 0 ? s : 1.0; });
  const MatrixXd scaled = x * scale.cwiseInverse().asDiagonal();
  Eigen::ColPivHouseholderQR<MatrixXd> pivoted(scaled);
  const auto diagonal = pivoted.matrixR().diagonal().cwiseAbs();
  const double largest = diagonal.maxCoeff(), smallest = diagonal.minCoeff();
  fit.condition = smallest > 0 && x.rows() >= k ? largest / smallest : INFINITY;

  std::vector<int> columns(static_cast<std::size_t>(k));
  for (int j = 0; j < k; ++j) columns[static_cast<std::size_t>(j)] = j;
  if (fit.condition > 1e13) {
    columns = independent_columns(scaled, 1e-12);
    for (int j = 0; j < k; ++j) {
      if (std::find(columns.begin(), columns.end(), j) == columns.end()) fit.aliased.push_back(j);
    }
  }
  fit.rank = static_cast<int>(columns.size());
  if (fit.rank == 0) return fit;
  const bool small = static_cast<double>(x.rows() * k * k) < 2e6;
  if (fit.condition > (small ? 1e3 : 1e7)) {
    solve_full_rank<long double>(x, problem.y, scale, fit, columns);
  } else if (fit.rank == k) {
    solve_pivoted(pivoted, scaled, problem.y, scale, fit);
  } else {
    solve_full_rank<double>(x, problem.y, scale, fit, columns);
  }
  return fit;
}

VectorXd leverages(const MatrixView& x, const MatrixView& xtx_inverse) {
  return (x * xtx_inverse).cwiseProduct(x).rowwise().sum();
}

}  // namespace amnok
