#include "engine/regression/gls.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "engine/base/input_error.h"
#include "engine/solver/linear_least_squares.h"
#include "engine/stats/random_stream.h"
#include "tests/support/numbers.h"

namespace amnok {

namespace {

using Estimator = AutoregressiveErrors;
constexpr Estimator kAll[] = {Estimator::cochrane_orcutt, Estimator::prais_winsten,
                              Estimator::hildreth_lu, Estimator::maximum_likelihood};

struct Drawn {
  MatrixXd x;
  VectorXd y;
};

// y = 2 - x + u with AR(1) errors and an AR(1) regressor.
Drawn drawn(int n, double rho, std::uint32_t draw) {
  std::vector<double> z(static_cast<std::size_t>(2 * n));
  fill_normals({1949, Purpose::simulation, 5}, draw, z);
  Drawn data{MatrixXd::Ones(n, 2), VectorXd(n)};
  double u = z[0] / std::sqrt(1 - rho * rho), x = 0;
  for (int t = 0; t < n; ++t) {
    const auto i = static_cast<std::size_t>(t);
    if (t > 0) u = rho * u + z[i];
    x = 0.7 * x + z[static_cast<std::size_t>(n) + i];
    data.x(t, 1) = x;
    data.y(t) = 2 - x + u;
  }
  return data;
}

}  // namespace

TEST_CASE("autoregressive errors: the likelihood is that of the dense covariance") {
  const Drawn data = drawn(25, 0.6, 1);
  const Eigen::Vector2d b(1.8, -0.9);
  for (double rho : {-0.8, 0.0, 0.5, 0.95}) {
    MatrixXd v(25, 25);
    for (int s = 0; s < 25; ++s) {
      for (int t = 0; t < 25; ++t) v(s, t) = std::pow(rho, std::abs(s - t)) / (1 - rho * rho);
    }
    const VectorXd u = data.y - data.x * b;
    const double sigma2 = u.dot(v.llt().solve(u)) / 25;
    const double log_determinant = std::log(v.determinant()) + 25 * std::log(sigma2);
    const double dense = -0.5 * (25 * std::log(2 * std::numbers::pi) + log_determinant + 25);
    CHECK_THAT(autoregressive_log_likelihood(data.x, data.y, rho, b), AgreesTo(dense, 11));
  }
}

TEST_CASE("autoregressive errors: every estimator solves its own equation") {
  const Drawn data = drawn(60, 0.7, 2);
  for (Estimator estimator : kAll) {
    const AutoregressiveFit fit = fit_autoregressive_errors(data.x, data.y, estimator);
    INFO(estimator_name(estimator) << ": " << fit.message);
    REQUIRE(fit.status == FitStatus::converged);
    const VectorXd& u = fit.residuals;
    const double ratio = u.tail(59).dot(u.head(59)) / u.head(59).squaredNorm();
    if (estimator != Estimator::maximum_likelihood) CHECK_THAT(fit.rho, AgreesTo(ratio, 6));
  }
  // The least sum of squares is a fixed point of Cochrane and Orcutt's turns.
  const auto co = fit_autoregressive_errors(data.x, data.y, Estimator::cochrane_orcutt);
  const auto hl = fit_autoregressive_errors(data.x, data.y, Estimator::hildreth_lu);
  CHECK_THAT(hl.rho, AgreesTo(co.rho, 6));
  CHECK(hl.rss <= co.rss * (1 + 1e-12));
  // No rho or b near by has a larger likelihood.
  const auto ml = fit_autoregressive_errors(data.x, data.y, Estimator::maximum_likelihood);
  for (double step : {-1e-3, 1e-3}) {
    CHECK(autoregressive_log_likelihood(data.x, data.y, ml.rho + step, ml.coefficients) <
          ml.log_likelihood);
    const Eigen::Vector2d moved = ml.coefficients + Eigen::Vector2d(step, -step);
    CHECK(autoregressive_log_likelihood(data.x, data.y, ml.rho, moved) < ml.log_likelihood);
  }
  CHECK(fit_autoregressive_errors(data.x, data.y, Estimator::prais_winsten).log_likelihood <=
        ml.log_likelihood);
}

TEST_CASE("autoregressive errors: recovered, with honest standard errors") {
  int covered = 0;
  double mean_rho = 0;
  constexpr int kDraws = 200;
  for (std::uint32_t draw = 0; draw < kDraws; ++draw) {
    const Drawn data = drawn(150, 0.6, 100 + draw);
    const auto fit = fit_autoregressive_errors(data.x, data.y, Estimator::prais_winsten);
    mean_rho += fit.rho / kDraws;
    covered += std::fabs(fit.coefficients(1) + 1) <= 1.96 * std::sqrt(fit.covariance(1, 1));
  }
  // The bias of rho is about -(1 + 3 rho) / n.
  CHECK(mean_rho == Approx(0.6 - 0.019).margin(0.02));
  CHECK(covered >= 180);
}

TEST_CASE("autoregressive errors: input it cannot use is named") {
  Drawn data = drawn(20, 0.5, 3);
  data.x.conservativeResize(Eigen::NoChange, 3);
  data.x.col(2) = 3 * data.x.col(1) + data.x.col(0);
  CHECK_THROWS_WITH(fit_autoregressive_errors(data.x, data.y, Estimator::prais_winsten),
                    Catch::Contains("column 2 is a linear combination"));
  CHECK_THROWS_WITH(
      fit_autoregressive_errors(data.x.topRows(3), data.y.head(3), Estimator::prais_winsten),
      Catch::Contains("is 3, but must be at least 5"));
}

}  // namespace amnok
