#include "models/structural_break/fluctuation_tests.h"

#include <Eigen/Cholesky>
#include <Eigen/QR>
#include <Eigen/SVD>
#include <cmath>

#include "engine/base/check.h"
#include "engine/regression/specification_tests.h"
#include "engine/solver/covariance.h"
#include "engine/solver/growing_regression.h"
#include "engine/solver/linear_least_squares.h"

namespace amnok {

namespace {

// 0, v_1, v_1 + v_2, ...
VectorXd cumulated(const VectorXd& v) {
  VectorXd sums(v.size() + 1);
  sums(0) = 0;
  for (Eigen::Index t = 0; t < v.size(); ++t) sums(t + 1) = sums(t) + v(t);
  return sums;
}

// Sums over all windows of `width`.
VectorXd moving_sums(const VectorXd& v, int width) {
  const VectorXd sums = cumulated(v);
  const Eigen::Index count = v.size() - width + 1;
  return sums.tail(count) - sums.head(count);
}

int window(Eigen::Index n, double h) {
  const int width = static_cast<int>(std::floor(static_cast<double>(n) * h));
  AMNOK_CHECK(width >= 1 && width <= n, "window {} of {} observations", width, n);
  return width;
}

double deviation_about_mean(const VectorXd& w, double df) {
  return std::sqrt((w.array() - w.mean()).square().sum() / df);
}

double residual_deviation(const LinearFit& fit, Errors errors = Errors::classical) {
  if (errors == Errors::classical) return deviation_about_mean(fit.residuals, fit.df_residual());
  const auto n = static_cast<double>(fit.residuals.size());
  const MatrixXd variance = score_covariance(fit.residuals, errors, false);
  return std::sqrt(variance(0, 0) * n / fit.df_residual());
}

// `first`: observations up to the process's first row.
Fluctuation farthest(MatrixXd process, int first) {
  Fluctuation result;
  Eigen::Index row = 0, column = 0;
  result.statistic = process.cwiseAbs().maxCoeff(&row, &column);
  result.at = first + static_cast<int>(row);
  result.process = std::move(process);
  return result;
}

// (X'X)^1/2 (b_s - b) for the estimate b_s of a sample with triangle R and rotated y z: with
// R = U S V', it is V U'(z - R b), without squaring R or solving with it.
VectorXd scaled_difference(const MatrixXd& triangle, const VectorXd& b) {
  const Eigen::Index k = b.size();
  const MatrixXd r = triangle.leftCols(k).triangularView<Eigen::Upper>();
  const Eigen::JacobiSVD<MatrixXd> svd(r, Eigen::ComputeFullU | Eigen::ComputeFullV);
  return svd.matrixV() * (svd.matrixU().transpose() * (triangle.col(k).head(k) - r * b));
}

}  // namespace

Fluctuation ols_cusum(const MatrixView& x, const VectorView& y, Errors errors) {
  const LinearFit fit = solve(LinearLeastSquares{x, y});
  const double scale = residual_deviation(fit, errors) * std::sqrt(static_cast<double>(y.size()));
  return farthest(cumulated(fit.residuals) / scale, 0);
}

Fluctuation ols_mosum(const MatrixView& x, const VectorView& y, double h, Errors errors) {
  const LinearFit fit = solve(LinearLeastSquares{x, y});
  const int width = window(y.size(), h);
  const double scale = residual_deviation(fit, errors) * std::sqrt(static_cast<double>(y.size()));
  return farthest(moving_sums(fit.residuals, width) / scale, width);
}

Fluctuation recursive_cusum(const MatrixView& x, const VectorView& y) {
  const VectorXd w = recursive_residuals(x, y);
  const auto m = static_cast<double>(w.size());
  const int lost = static_cast<int>(y.size() - w.size());
  const VectorXd process = cumulated(w) / (deviation_about_mean(w, m - 1) * std::sqrt(m));
  const VectorXd boundary = VectorXd::LinSpaced(process.size(), 1, 3);
  Fluctuation result = farthest(process.cwiseQuotient(boundary), lost);
  result.process = process;
  return result;
}

Fluctuation recursive_mosum(const MatrixView& x, const VectorView& y, double h) {
  const VectorXd w = recursive_residuals(x, y);
  const auto m = static_cast<double>(w.size());
  const int lost = static_cast<int>(y.size() - w.size()), width = window(w.size(), h);
  const double s = deviation_about_mean(w, m - static_cast<double>(x.cols()));
  return farthest(moving_sums(w, width) / (s * std::sqrt(m)), lost + width);
}

Fluctuation recursive_estimates(const MatrixView& x, const VectorView& y) {
  const LinearFit fit = solve(LinearLeastSquares{x, y});
  const Eigen::Index n = y.size(), k = x.cols();
  const double scale = residual_deviation(fit) * std::sqrt(static_cast<double>(n));
  MatrixXd process = MatrixXd::Zero(n - k + 2, k);  // after k - 1, k, ..., n observations
  GrowingRegression regression(column_scale(x));
  for (Eigen::Index t = 0; t + 1 < n; ++t) {
    regression.add(x, y, t);
    if (regression.rank() < k) continue;
    const double part = std::sqrt(static_cast<double>(t + 1));
    process.row(t - k + 2) =
        part / scale * scaled_difference(regression.triangle(), fit.coefficients).transpose();
  }
  return farthest(std::move(process), static_cast<int>(k) - 1);
}

Fluctuation moving_estimates(const MatrixView& x, const VectorView& y, double h) {
  const LinearFit fit = solve(LinearLeastSquares{x, y});
  const Eigen::Index n = y.size(), k = x.cols();
  const int width = window(n, h);
  AMNOK_CHECK(width >= k, "window {}, k {}", width, k);
  const double scale = residual_deviation(fit) * std::sqrt(static_cast<double>(n));
  const double part = std::sqrt(static_cast<double>(width));
  MatrixXd process(n - width + 1, k), rows(width, k + 1);
  for (Eigen::Index i = 0; i + width <= n; ++i) {
    rows.leftCols(k) = x.middleRows(i, width);
    rows.col(k) = y.segment(i, width);
    const MatrixXd triangle = rows.householderQr().matrixQR().topRows(k);
    process.row(i) = part / scale * scaled_difference(triangle, fit.coefficients).transpose();
  }
  return farthest(std::move(process), width);
}

double nyblom_hansen(const MatrixView& x, const VectorView& y) {
  const LinearFit fit = solve(LinearLeastSquares{x, y});
  const Eigen::Index n = y.size(), k = x.cols();
  MatrixXd scores(n, k + 1);
  scores.leftCols(k) = regression_scores(x, fit.residuals);
  scores.col(k) = fit.residuals.array().square() - fit.rss / static_cast<double>(n);
  // Each column in its own units, so that V is well scaled.
  for (Eigen::Index j = 0; j <= k; ++j) scores.col(j) /= scores.col(j).norm();
  const Eigen::LDLT<MatrixXd> v(scores.transpose() * scores);
  VectorXd sum = VectorXd::Zero(k + 1);
  double total = 0;
  for (Eigen::Index t = 0; t < n; ++t) {
    sum += scores.row(t).transpose();
    total += sum.dot(v.solve(sum));
  }
  return total / static_cast<double>(n);
}

}  // namespace amnok
