#include "engine/solver/linear_least_squares.h"

#include <catch2/catch.hpp>

#include "engine/solver/covariance.h"
#include "tests/support/numbers.h"

namespace amnok {

TEST_CASE("least squares: a line through three points") {
  MatrixXd x(3, 2);
  x << 1, 0, 1, 1, 1, 2;
  const LinearFit fit = solve(LinearLeastSquares{x, Eigen::Vector3d(1, 2, 4)});
  CHECK_THAT(fit.coefficients(0), AgreesTo(5.0 / 6, 14));
  CHECK_THAT(fit.coefficients(1), AgreesTo(1.5, 14));
  CHECK_THAT(fit.rss, AgreesTo(1.0 / 6, 12));
  CHECK(fit.df_residual() == 1);
}

TEST_CASE("least squares: an aliased column is named, the later one") {
  MatrixXd x(5, 4);
  x.col(0).setOnes();
  x.col(1) << 1, 2, 3, 4, 5;
  x.col(2) = 2 * x.col(1) - 3 * x.col(0);
  x.col(3) << 1, 0, 2, 0, 1;
  const LinearFit fit = solve(LinearLeastSquares{x, VectorXd::LinSpaced(5, 1, 2)});
  CHECK(fit.rank == 3);
  CHECK(fit.aliased == std::vector<int>{2});
  CHECK(fit.coefficients(2) == 0);
}

TEST_CASE("least squares: units do not matter") {
  MatrixXd x(6, 2);
  x << 1, 2, 1, 3, 1, 5, 1, 7, 1, 11, 1, 13;
  const VectorXd y = (VectorXd(6) << 3, 5, 4, 8, 9, 15).finished();
  const LinearFit base = solve(LinearLeastSquares{x, y});
  for (double c : {1e-9, 1e-3, 1e9}) {
    MatrixXd scaled = x;
    scaled.col(1) *= c;
    const LinearFit fit = solve(LinearLeastSquares{scaled, y});
    CHECK_THAT(fit.coefficients(1) * c, AgreesTo(base.coefficients(1), 12));
    CHECK_THAT(fit.rss, AgreesTo(base.rss, 11));
    const LinearFit large = solve(LinearLeastSquares{x, y * c});
    CHECK_THAT(large.coefficients(0), AgreesTo(base.coefficients(0) * c, 12));
  }
}

TEST_CASE("least squares: fewer rows than columns is a rank, not a crash") {
  const LinearFit fit = solve(LinearLeastSquares{MatrixXd::Random(2, 4), VectorXd::Ones(2)});
  CHECK(fit.rank == 2);
  CHECK(fit.rss < 1e-20);
  CHECK(solve(LinearLeastSquares{MatrixXd(3, 0), VectorXd::Ones(3)}).rss == 3);
}

TEST_CASE("least squares: many rows agree with the pivoted QR, well conditioned or not") {
  for (double noise : {1.0, 0.1, 1e-4}) {
    const int n = 500;
    MatrixXd x(n, 3);
    for (int t = 0; t < n; ++t) {
      x(t, 0) = 1;
      x(t, 1) = 3 + std::sin(1.7 * t);
      x(t, 2) = x(t, 1) + noise * std::cos(2.3 * t * t);
    }
    const VectorXd y = x * Eigen::Vector3d(1, -2, 0.5) + (0.9 * x.col(1).array()).sin().matrix();
    const LinearFit fit = solve(LinearLeastSquares{x, y});
    const VectorXd expected = x.colPivHouseholderQr().solve(y);
    CHECK((fit.coefficients - expected).norm() < 1e-13 / noise * expected.norm());
    CHECK((x.transpose() * fit.residuals).cwiseAbs().maxCoeff() < 1e-11);
    CHECK_THAT(fit.rss, AgreesTo((y - x * fit.coefficients).squaredNorm(), 11));
    const MatrixXd identity = fit.xtx_inverse * (x.transpose() * x);
    CHECK((identity - MatrixXd::Identity(3, 3)).cwiseAbs().maxCoeff() < 1e-12 / noise / noise);
  }
}

TEST_CASE("covariance: HC errors of a regression on a mean") {
  // With a constant alone: HC0 variance is sum e^2 / n^2, h = 1/n.
  const VectorXd y = (VectorXd(4) << 1, 2, 4, 9).finished();
  const MatrixXd x = MatrixXd::Ones(4, 1);
  const LinearFit fit = solve(LinearLeastSquares{x, y});
  const double ss = (y.array() - 4).square().sum();
  const auto variance = [&](RegressionCovariance kind) {
    return heteroskedastic_covariance(x, fit, kind)(0, 0);
  };
  CHECK_THAT(variance(RegressionCovariance::classical), AgreesTo(ss / 3 / 4, 12));
  CHECK_THAT(variance(RegressionCovariance::hc0), AgreesTo(ss / 16, 12));
  CHECK_THAT(variance(RegressionCovariance::hc1), AgreesTo(ss / 12, 12));
  CHECK_THAT(variance(RegressionCovariance::hc2), AgreesTo(ss / 12, 12));
  CHECK_THAT(variance(RegressionCovariance::hc3), AgreesTo(ss / 9, 12));
}

TEST_CASE("covariance: a ridge has no inverse") {
  MatrixXd information(2, 2), covariance;
  information << 1, 1, 1, 1;
  CHECK_FALSE(invert_information(information, covariance));
  information << 4, 1, 1, 9;
  REQUIRE(invert_information(information, covariance));
  CHECK((covariance * information - MatrixXd::Identity(2, 2)).norm() < 1e-14);
  information << 1e-18, 0, 0, 1e18;  // badly scaled is not singular
  CHECK(invert_information(information, covariance));
}

}  // namespace amnok
