#include "engine/statespace/conditional_arma.h"

#include <catch2/catch.hpp>
#include <cmath>

namespace amnok {

TEST_CASE("conditional arma: errors are the recursion from the p-th observation on") {
  const ArmaCoefficients arma{{0.5, 0, 0.2}, {-0.4, 0.3}, {}, {}};
  VectorXd y(9);
  y << 1, -2, 0.5, 3, 2, -1, 0.25, 4, -3;
  const MatrixXd errors = conditional_errors(arma, y);
  REQUIRE(errors.rows() == 6);
  VectorXd e = VectorXd::Zero(9);
  for (int t = 3; t < 9; ++t) {
    e(t) = y(t) - 0.5 * y(t - 1) - 0.2 * y(t - 3) + 0.4 * e(t - 1) - 0.3 * e(t - 2);
    CHECK(errors(t - 3, 0) == Approx(e(t)).epsilon(1e-14));
  }
}

TEST_CASE("conditional arma: derivatives match differences") {
  constexpr int kRows = 60;
  constexpr double kStep = 1e-6;
  VectorXd y(kRows), dy(kRows);
  for (int t = 0; t < kRows; ++t) {
    y(t) = std::cos(0.7 * t) + std::sin(0.05 * t * t);
    dy(t) = std::sin(0.3 * t);
  }
  // Parameters: phi_1, theta_1 = -theta_4 / 2, and one that moves the data.
  const auto at = [&](double phi, double theta, double move) {
    const ArmaCoefficients arma{{phi, 0.1}, {theta, 0, 0, -2 * theta}, {}, {}};
    return VectorXd(conditional_errors(arma, VectorXd(y + move * dy)).col(0));
  };
  ArmaCoefficients arma{{0.4, 0.1}, {0.2, 0, 0, -0.4}, MatrixXd::Zero(2, 3), MatrixXd::Zero(4, 3)};
  arma.ar_derivative(0, 0) = 1;
  arma.ma_derivative(0, 1) = 1;
  arma.ma_derivative(3, 1) = -2;
  MatrixXd dz = MatrixXd::Zero(kRows, 3);
  dz.col(2) = dy;
  VectorXd errors;
  MatrixXd derivatives;
  conditional_errors_with_derivatives(arma, y, dz, errors, derivatives);
  CHECK((errors - at(0.4, 0.2, 0)).norm() < 1e-13);
  const VectorXd expected[] = {at(0.4 + kStep, 0.2, 0) - at(0.4 - kStep, 0.2, 0),
                               at(0.4, 0.2 + kStep, 0) - at(0.4, 0.2 - kStep, 0),
                               at(0.4, 0.2, kStep) - at(0.4, 0.2, -kStep)};
  for (int j = 0; j < 3; ++j) {
    CHECK((derivatives.col(j) - expected[j] / (2 * kStep)).cwiseAbs().maxCoeff() < 1e-8);
  }
}

}  // namespace amnok
