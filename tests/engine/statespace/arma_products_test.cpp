#include "engine/statespace/arma_products.h"

#include <Eigen/QR>
#include <catch2/catch.hpp>
#include <cmath>

namespace amnok {

namespace {

using V = std::vector<double>;

struct Model {
  V ar, ma;
};

const Model kModels[] = {
    {{}, {}},
    {{0.7}, {}},
    {{}, {0.6}},
    {{0.5}, {-0.4}},
    {{1.2, -0.5}, {0.3, 0.2}},
    {{0, 0, 0, 0.8}, {}},
    {{}, {-0.4, 0, 0, -0.6, 0.24}},
    {{0.3, 0, 0, 0.5, -0.15}, {-0.4, 0, 0, -0.9, 0.36}},
    {{0.9}, {-0.85}},
    {{0.2, -0.1}, {0.4, 0.0}},  // the last weight has gone
    {{}, {-0.999}},
};

// Every coefficient is a parameter.
ArmaCoefficients with_identity(const Model& model) {
  const auto p = static_cast<Eigen::Index>(model.ar.size()),
             q = static_cast<Eigen::Index>(model.ma.size());
  ArmaCoefficients arma{model.ar, model.ma, MatrixXd::Zero(p, p + q), MatrixXd::Zero(q, p + q)};
  arma.ar_derivative.leftCols(p).setIdentity();
  arma.ma_derivative.rightCols(q).setIdentity();
  return arma;
}

MatrixXd data_of(int rows, int regressors) {
  MatrixXd data(rows, 1 + regressors);
  for (int t = 0; t < rows; ++t) {
    data(t, 0) = std::cos(0.7 * t) + std::sin(0.05 * t * t) + 0.3;
    if (regressors > 0) data(t, 1) = 1;
    if (regressors > 1) data(t, 2) = t >= rows / 2 ? 1 : 0;
    for (int j = 2; j < regressors; ++j) data(t, j + 1) = std::sin(0.3 * j * t);
  }
  return data;
}

// From the errors of the filter, whitened.
struct Whitened {
  MatrixXd rows;
  double log_determinant = 0;
};
Whitened whitened(const ArmaCoefficients& arma, const MatrixXd& data) {
  Whitened result;
  const ArmaErrors errors = arma_errors(arma, data, result.rows);
  REQUIRE(errors.ok);
  result.log_determinant = errors.log_determinant;
  return result;
}

}  // namespace

TEST_CASE("arma products: sums of squares, determinant and coefficients are those of the filter") {
  for (const Model& model : kModels) {
    for (int regressors : {0, 1, 2, 5}) {
      const MatrixXd data = data_of(60, regressors);
      const ArmaCoefficients arma = with_identity(model);
      const Whitened white = whitened(arma, data);
      const ArmaProducts products = arma_products(arma, data);
      REQUIRE(products.ok);
      CHECK(products.log_determinant == Approx(white.log_determinant).epsilon(1e-11).margin(1e-11));
      VectorXd e = white.rows.col(0);
      if (regressors > 0) {
        const MatrixXd x = white.rows.rightCols(regressors);
        const VectorXd beta = x.colPivHouseholderQr().solve(e);
        CHECK((products.beta - beta).norm() < 1e-10 * beta.norm());
        CHECK((products.regression_products - x.transpose() * x).norm() < 1e-10 * x.squaredNorm());
        e -= x * beta;
        const VectorXd given = 0.5 * beta;
        const ArmaProducts elsewhere = arma_products(arma, data, given);
        const VectorXd rest = white.rows.col(0) - x * given;
        CHECK(elsewhere.rss == Approx(rest.squaredNorm()).epsilon(1e-10));
        CHECK((elsewhere.regression_score - x.transpose() * rest).norm() <
              1e-9 * x.norm() * rest.norm());
      }
      CHECK(products.rss == Approx(e.squaredNorm()).epsilon(1e-10));
    }
  }
}

TEST_CASE("arma products: derivatives match differences") {
  constexpr double kStep = 1e-6;
  const MatrixXd data = data_of(70, 2);
  for (const Model& model : kModels) {
    const ArmaCoefficients arma = with_identity(model);
    const ArmaProducts at = arma_products(arma, data);
    REQUIRE(at.ok);
    const int p = static_cast<int>(model.ar.size());
    REQUIRE(at.half_gradient.size() == arma.parameters());
    for (int j = 0; j < arma.parameters(); ++j) {
      const auto moved = [&](double step) {
        Model there = model;
        (j < p ? there.ar[static_cast<std::size_t>(j)]
               : there.ma[static_cast<std::size_t>(j - p)]) += step;
        return arma_products(with_identity(there), data, at.beta);
      };
      const ArmaProducts up = moved(kStep), down = moved(-kStep);
      const double tolerance = 1e-6 * (1 + std::fabs(at.half_gradient(j)));
      CHECK(std::fabs(at.half_gradient(j) - (up.rss - down.rss) / (4 * kStep)) < tolerance);
      CHECK(at.log_determinant_derivative(j) ==
            Approx((up.log_determinant - down.log_determinant) / (2 * kStep))
                .epsilon(1e-6)
                .margin(1e-6));
    }
  }
}

TEST_CASE("arma products: J'J is that of the errors less what x and beta take out") {
  // With beta and x at their best after a step, |a|^2 + x'Q^-1 x is smallest in both; the projected
  // derivative is what remains of da when they may move with it.
  const Model model{{0.5}, {-0.4}};
  const MatrixXd data = data_of(40, 2);
  const ArmaCoefficients arma = with_identity(model);
  const ArmaProducts at = arma_products(arma, data);
  const Eigen::Index n = data.rows();
  // a, row by row, from theta(B) a = phi(B) z - x.
  const VectorXd z = data.col(0) - data.rightCols(2) * at.beta;
  const auto divided = [&](VectorXd v) {
    for (Eigen::Index t = 1; t < n; ++t) v(t) -= model.ma[0] * v(t - 1);
    return v;
  };
  const auto lagged = [&](const VectorXd& v) {
    VectorXd result = VectorXd::Zero(n);
    result.tail(n - 1) = v.head(n - 1);
    return result;
  };
  MatrixXd nuisance(n + 1, 3);  // of x and beta, with the row of x / sqrt(Q)
  nuisance.col(0).head(n) = divided(VectorXd::Unit(n, 0));
  for (int j = 1; j <= 2; ++j) {
    const VectorXd x = data.col(j);
    nuisance.col(j).head(n) = divided(x - model.ar[0] * lagged(x));
  }
  // Q = var(phi z_0 + theta e_0), e_0 of variance one.
  const double gamma = (1 + model.ma[0] * model.ma[0] + 2 * model.ar[0] * model.ma[0]) /
                       (1 - model.ar[0] * model.ar[0]);
  const double q =
      model.ar[0] * model.ar[0] * gamma + model.ma[0] * model.ma[0] + 2 * model.ar[0] * model.ma[0];
  nuisance.row(n) << -1 / std::sqrt(q), 0, 0;
  VectorXd target(n + 1);
  target.head(n) = divided(z - model.ar[0] * lagged(z));
  target(n) = 0;
  const auto qr = nuisance.colPivHouseholderQr();
  const VectorXd a = (target - nuisance * qr.solve(target)).head(n);
  MatrixXd jacobian = MatrixXd::Zero(n + 1, 2);
  jacobian.col(0).head(n) = -lagged(divided(z));
  jacobian.col(1).head(n) = -lagged(divided(a));
  CHECK((at.error_products - jacobian.topRows(n).transpose() * a).norm() < 1e-9);
  const MatrixXd rest = jacobian - nuisance * qr.solve(jacobian);
  CHECK((at.gram - rest.transpose() * rest).norm() < 1e-9 * rest.squaredNorm());
}

TEST_CASE("arma products: what they cannot give") {
  const MatrixXd data = data_of(40, 0);
  CHECK_FALSE(arma_products(with_identity({{1.01}, {}}), data).ok);       // not stationary
  CHECK_FALSE(arma_products(with_identity({{}, V(36, 0.01)}), data).ok);  // hardly longer than x
  MatrixXd collinear = data_of(40, 2);
  collinear.col(2) = collinear.col(1) * (1 + 1e-9);
  CHECK_FALSE(arma_products(with_identity({{0.5}, {}}), collinear).ok);
}

}  // namespace amnok
