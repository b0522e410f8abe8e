// The observed information of an arima likelihood.
#include <algorithm>
#include <cmath>

#include "models/arima/arima_likelihood.h"

namespace amnok {

VectorXd ArimaLikelihood::admissible_steps(const VectorXd& theta, double relative) const {
  VectorXd step(theta.size());
  for (Eigen::Index i = 0; i < theta.size(); ++i) {
    double h = relative * std::max(std::fabs(theta(i)), 0.1);
    for (int halving = 0; halving < 12; ++halving, h /= 2) {
      VectorXd up = theta, down = theta;
      up(i) += h;
      down(i) -= h;
      if (parameters_.is_admissible(up) && parameters_.is_admissible(down)) break;
    }
    step(i) = h;
  }
  return step;
}

MatrixXd ArimaLikelihood::information(const VectorXd& theta, const VectorXd& beta) const {
  return complete_ ? information_from_scores(theta, beta) : information_from_values(theta, beta);
}

MatrixXd ArimaLikelihood::information_from_scores(const VectorXd& theta,
                                                  const VectorXd& beta) const {
  const auto k = theta.size(), kb = beta.size();
  const double n = nobs_;
  MatrixXd information = MatrixXd::Constant(k + kb, k + kb, kMissing);
  const MatrixXd identity = MatrixXd::Identity(k, k);
  MatrixXd regression;  // - d2 log L / d beta2 there, where it comes along
  // d log L / d (theta, beta) with sigma^2 concentrated out.
  const auto score = [&](const VectorXd& at, VectorXd& gradient) {
    if (has_products() && kb == 0) {
      const ArmaErrorProducts products =
          arma_error_products(coefficients(at, identity), differenced_.col(0), false);
      if (!products.ok) return false;
      gradient =
          -0.5 * products.log_determinant_derivative - n / products.rss * products.error_products;
      return true;
    }
    if (has_products()) {
      const ArmaProducts products = arma_products(coefficients(at, identity), differenced_, beta);
      if (products.ok) {
        gradient.resize(k + kb);
        gradient.head(k) =
            -0.5 * products.log_determinant_derivative - n / products.rss * products.half_gradient;
        gradient.tail(kb) = n / products.rss * products.regression_score;
        regression = n / products.rss * products.regression_products;
        return true;
      }
    }
    const ErrorDerivatives d = error_derivatives(at, identity, beta);
    if (!d.ok) return false;
    const double weight = n / d.errors.squaredNorm();
    gradient.resize(k + kb);
    gradient.head(k) =
        -0.5 * d.log_determinant_derivative - weight * (d.derivatives.transpose() * d.errors);
    if (kb == 0) return true;
    const Whitened white = whiten(at);
    if (!white.ok) return false;
    gradient.tail(kb) = weight * (white.rows.rightCols(kb).transpose() * d.errors);
    return true;
  };
  // One-sided: a step's truncation and the scores' rounding each cost about 1e-5 of a derivative.
  const VectorXd step = admissible_steps(theta, 1e-5);
  VectorXd moved = theta, centre, up;
  if (!score(theta, centre)) return information;
  if (kb > 0 && regression.size() == 0) {
    const Whitened white = whiten(theta);
    if (!white.ok) return information;
    const auto x = white.rows.rightCols(kb);
    const double rss = (white.rows.col(0) - x * beta).squaredNorm();
    regression = n / rss * (x.transpose() * x);
  }
  information.bottomRightCorner(kb, kb) = regression;
  for (Eigen::Index i = 0; i < k; ++i) {
    moved(i) = theta(i) + step(i);
    if (!score(moved, up)) return MatrixXd::Constant(k + kb, k + kb, kMissing);
    moved(i) = theta(i);
    information.col(i) = -(up - centre) / step(i);
  }
  information.topRightCorner(k, kb) = information.bottomLeftCorner(kb, k).transpose();
  information.topLeftCorner(k, k) =
      (0.5 * (information.topLeftCorner(k, k) + information.topLeftCorner(k, k).transpose()))
          .eval();
  return information;
}

MatrixXd ArimaLikelihood::information_from_values(const VectorXd& theta,
                                                  const VectorXd& beta) const {
  const int k = static_cast<int>(theta.size()), kb = regression_count_;
  struct Point {
    bool ok = false;
    double log_likelihood = 0;
    VectorXd score;  // d log L / d beta
    MatrixXd cross;  // - d2 log L / d beta2
  };
  const double n = nobs_;
  const auto at = [&](const VectorXd& value) {
    Point point;
    const Whitened white = whiten(value);
    if (!white.ok) return point;
    const auto x = white.rows.rightCols(kb);
    const VectorXd e = white.rows.col(0) - x * beta;
    const double rss = e.squaredNorm(), weight = noisy_ ? 1.0 : n / rss;
    point.ok = true;
    point.log_likelihood =
        -0.5 * white.log_determinant - (noisy_ ? 0.5 * rss : 0.5 * n * std::log(rss));
    point.score = weight * (x.transpose() * e);
    point.cross = weight * (x.transpose() * x);
    return point;
  };
  const VectorXd step = admissible_steps(theta, 1e-3);
  MatrixXd information = MatrixXd::Constant(k + kb, k + kb, kMissing);
  const Point centre = at(theta);
  if (!centre.ok) return information;
  information.bottomRightCorner(kb, kb) = centre.cross;
  VectorXd moved = theta;
  std::vector<Point> up(static_cast<std::size_t>(k)), down(static_cast<std::size_t>(k));
  for (int i = 0; i < k; ++i) {
    const auto index = static_cast<std::size_t>(i);
    moved(i) = theta(i) + step(i);
    up[index] = at(moved);
    moved(i) = theta(i) - step(i);
    down[index] = at(moved);
    moved(i) = theta(i);
    if (!up[index].ok || !down[index].ok) return information;
    information(i, i) =
        -(up[index].log_likelihood - 2 * centre.log_likelihood + down[index].log_likelihood) /
        (step(i) * step(i));
    const VectorXd mixed = -(up[index].score - down[index].score) / (2 * step(i));
    information.row(i).tail(kb) = mixed.transpose();
    information.col(i).tail(kb) = mixed;
  }
  for (int i = 0; i < k; ++i) {
    for (int j = 0; j < i; ++j) {
      double sum = 0;
      for (int signs = 0; signs < 4; ++signs) {
        const double si = signs % 2 == 0 ? 1 : -1, sj = signs < 2 ? 1 : -1;
        moved(i) = theta(i) + si * step(i);
        moved(j) = theta(j) + sj * step(j);
        const Point corner = at(moved);
        sum += corner.ok ? si * sj * corner.log_likelihood : kMissing;
      }
      moved(i) = theta(i);
      moved(j) = theta(j);
      information(i, j) = information(j, i) = -sum / (4 * step(i) * step(j));
    }
  }
  return information;
}

}  // namespace amnok
