#include "engine/statespace/arma_filter.h"

#include <Eigen/Cholesky>
#include <catch2/catch.hpp>
#include <cmath>

#include "engine/stats/lag_polynomial.h"

namespace amnok {

namespace {

using V = std::vector<double>;

ArmaCoefficients plain(const V& phi, const V& theta) {
  return {phi, theta, MatrixXd(static_cast<Eigen::Index>(phi.size()), 0),
          MatrixXd(static_cast<Eigen::Index>(theta.size()), 0)};
}

const std::pair<V, V> kModels[] = {{{0.7}, {}},          {{}, {0.6}},
                                   {{0.5}, {-0.4}},      {{1.2, -0.5}, {0.3, 0.2}},
                                   {{0, 0, 0, 0.8}, {}}, {{}, {-0.4, 0, 0, -0.6, 0.24}},
                                   {{0.9}, {-0.85}}};

}  // namespace

TEST_CASE("arma filter: errors and variances equal those of the joint normal") {
  constexpr int kRows = 25;
  for (const auto& [phi, theta] : kModels) {
    V gamma;
    REQUIRE(arma_autocovariances(phi, theta, kRows, gamma));
    MatrixXd v(kRows, kRows);
    for (int i = 0; i < kRows; ++i) {
      for (int j = 0; j < kRows; ++j) v(i, j) = gamma[static_cast<std::size_t>(std::abs(i - j))];
    }
    MatrixXd y(kRows, 2);
    y.col(0) = VectorXd::LinSpaced(kRows, -1, 2).array().sin() * 3;
    y.col(1) = VectorXd::LinSpaced(kRows, 0, 5).array().cos();
    const Eigen::LLT<MatrixXd> llt(v);
    const MatrixXd expected = llt.matrixL().solve(y);  // the same errors, in order
    MatrixXd e;
    const ArmaErrors result = arma_errors(plain(phi, theta), y, e);
    REQUIRE(result.ok);
    CHECK((e - expected).cwiseAbs().maxCoeff() < 1e-10);
    const double log_det = 2 * llt.matrixL().toDenseMatrix().diagonal().array().log().sum();
    CHECK(result.log_determinant == Approx(log_det).epsilon(1e-11).margin(1e-11));
  }
}

TEST_CASE("arma filter: the steady state changes nothing") {
  // MA(1) with theta 0.3 is steady after a dozen steps; the last of 400 errors still agrees.
  constexpr int kRows = 400;
  VectorXd y(kRows);
  for (int t = 0; t < kRows; ++t) y(t) = std::cos(0.7 * t) + 0.01 * t;
  MatrixXd e;
  REQUIRE(arma_errors(plain({}, {0.3}), y, e).ok);
  // The exact filter by hand: F_1 = 1 + theta^2, F' = 1 + theta^2 - theta^2 / F.
  double f = 1.09, prediction = 0;
  for (int t = 0; t < kRows; ++t) {
    const double error = y(t) - prediction;
    CHECK(e(t, 0) == Approx(error / std::sqrt(f)).epsilon(1e-12));
    prediction = 0.3 * error / f;
    f = 1.09 - 0.09 / f;
  }
}

TEST_CASE("arma filter: derivatives match differences, before and after the steady state") {
  constexpr int kRows = 150;
  constexpr double kStep = 1e-6;
  VectorXd y(kRows);
  for (int t = 0; t < kRows; ++t) y(t) = std::cos(0.7 * t) + std::sin(0.05 * t * t);
  for (const auto& model : kModels) {
    const V &phi = model.first, &theta = model.second;
    const auto p = static_cast<Eigen::Index>(phi.size()),
               q = static_cast<Eigen::Index>(theta.size());
    ArmaCoefficients arma = plain(phi, theta);
    arma.ar_derivative = MatrixXd::Zero(p, p + q);
    arma.ar_derivative.leftCols(p).setIdentity();
    arma.ma_derivative = MatrixXd::Zero(q, p + q);
    arma.ma_derivative.rightCols(q).setIdentity();
    // The series moves with the first parameter as well.
    MatrixXd dz = MatrixXd::Zero(kRows, p + q);
    dz.col(0) = y.array().square();
    VectorXd e, dlog;
    MatrixXd de;
    const ArmaErrors at = arma_errors_with_derivatives(arma, y, dz, e, de, dlog);
    REQUIRE(at.ok);
    MatrixXd plain_errors;
    const ArmaErrors same = arma_errors(arma, y, plain_errors);
    CHECK(at.log_determinant == Approx(same.log_determinant).epsilon(1e-13).margin(1e-13));
    CHECK((plain_errors.col(0) - e).cwiseAbs().maxCoeff() < 1e-12);
    for (Eigen::Index j = 0; j < p + q; ++j) {
      const auto moved = [&](double step, MatrixXd& errors) {
        V a = phi, b = theta;
        (j < p ? a[static_cast<std::size_t>(j)] : b[static_cast<std::size_t>(j - p)]) += step;
        return arma_errors(plain(a, b), y + step * dz.col(j), errors).log_determinant;
      };
      MatrixXd up, down;
      const double difference = (moved(kStep, up) - moved(-kStep, down)) / (2 * kStep);
      CHECK(dlog(j) == Approx(difference).epsilon(1e-6).margin(1e-6));
      CHECK((de.col(j) - (up - down).col(0) / (2 * kStep)).cwiseAbs().maxCoeff() <
            1e-6 * (1 + de.col(j).cwiseAbs().maxCoeff()));
    }
  }
}

TEST_CASE("arma filter: products are those of the errors, whatever the number of parameters") {
  constexpr int kRows = 120;
  VectorXd y(kRows);
  for (int t = 0; t < kRows; ++t) y(t) = std::cos(0.7 * t) + std::sin(0.05 * t * t);
  for (const auto& [phi, theta] : kModels) {
    for (int k : {0, 1, 3, 4, 5, 8, 11}) {
      ArmaCoefficients arma = plain(phi, theta);
      const auto direction = [&](const V& c, double from) {
        MatrixXd d = MatrixXd::Zero(static_cast<Eigen::Index>(c.size()), k);
        for (Eigen::Index i = 0; i < d.size(); ++i) d(i) = std::sin(from + static_cast<double>(i));
        return d;
      };
      arma.ar_derivative = direction(phi, 1);
      arma.ma_derivative = direction(theta, 2);
      VectorXd e, dlog;
      MatrixXd de;
      const ArmaErrors errors =
          arma_errors_with_derivatives(arma, y, MatrixXd(kRows, 0), e, de, dlog);
      REQUIRE(errors.ok);
      for (bool with_gram : {false, true}) {
        const ArmaErrorProducts products = arma_error_products(arma, y, with_gram);
        REQUIRE(products.ok);
        CHECK(products.log_determinant == Approx(errors.log_determinant).epsilon(1e-14));
        CHECK(products.rss == Approx(e.squaredNorm()).epsilon(1e-13));
        const double size = std::sqrt(1 + de.squaredNorm());
        CHECK((products.log_determinant_derivative - dlog).norm() <= 1e-13 * (1 + dlog.norm()));
        CHECK((products.error_products - de.transpose() * e).norm() < 1e-13 * size * e.norm());
        CHECK(products.gram.rows() == (with_gram ? k : 0));
        if (with_gram) CHECK((products.gram - de.transpose() * de).norm() < 1e-13 * size * size);
      }
    }
  }
}

TEST_CASE("arma filter: a series that is not stationary has no errors") {
  MatrixXd e;
  CHECK_FALSE(arma_errors(plain({1.01}, {}), VectorXd::Ones(10), e).ok);
  CHECK_FALSE(arma_error_products(plain({1.01}, {}), VectorXd::Ones(10), true).ok);
}

}  // namespace amnok
