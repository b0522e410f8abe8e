#include "engine/stats/box_cox.h"

#include <Eigen/QR>
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "engine/base/input_error.h"
#include "engine/stats/random_stream.h"
#include "tests/support/numbers.h"

namespace amnok {

namespace {

VectorXd noise(int n, std::uint32_t draw) {
  std::vector<double> x(static_cast<std::size_t>(n));
  fill_normals({23, Purpose::simulation, 4}, draw, x);
  return Eigen::Map<const VectorXd>(x.data(), n);
}

// Blocks of four around growing means, with standard deviation mean^power.
VectorXd blocks(double power) {
  constexpr double shape[] = {-1, 0.5, 1, -0.5};
  VectorXd y(40);
  for (int t = 0; t < 40; ++t) {
    const double mean = 20 + 5 * std::pow(t / 4, 1.5);
    y(t) = mean + 0.5 * std::pow(mean, power) * shape[t % 4];
  }
  return y;
}

// The Gaussian log-likelihood of z on a constant and a trend.
double trend_log_likelihood(const VectorXd& z) {
  const Eigen::Index n = z.size();
  MatrixXd x(n, 2);
  x.col(0).setOnes();
  x.col(1) = VectorXd::LinSpaced(n, 1, static_cast<double>(n));
  const double rss = (z - x * x.colPivHouseholderQr().solve(z)).squaredNorm();
  const auto count = static_cast<double>(n);
  return -count / 2 * (std::log(2 * std::numbers::pi * rss / count) + 1);
}

VectorXd positive_trend(int n) {
  return (VectorXd::LinSpaced(n, 30, 60) + 4 * noise(n, 1)).cwiseAbs();
}

}  // namespace

TEST_CASE("box_cox: Guerrero's lambda is one minus the power of the block means") {
  CHECK(std::fabs(guerrero_lambda(blocks(1), 4)) < 1e-6);
  CHECK_THAT(guerrero_lambda(blocks(0.5), 4), AgreesTo(0.5, 6));
  CHECK_THAT(guerrero_lambda(blocks(0), 4), AgreesTo(1, 6));
  CHECK_THAT(guerrero_lambda(blocks(-0.5), 4), AgreesTo(1.5, 6));
}

TEST_CASE("box_cox: Guerrero's blocks are counted from the end") {
  VectorXd longer(43);
  longer << 500, 1, 700, blocks(0.5);
  CHECK_THAT(guerrero_lambda(longer, 4), AgreesTo(0.5, 6));
}

TEST_CASE("box_cox: Guerrero's lambda does not depend on units and stays in its interval") {
  const VectorXd y = positive_trend(60);
  CHECK_THAT(guerrero_lambda(VectorXd(1000 * y), 2), AgreesTo(guerrero_lambda(y, 2), 6));
  CHECK_THAT(guerrero_lambda(blocks(-1.5), 4), AgreesTo(2, 6));
  CHECK_THAT(guerrero_lambda(blocks(1), 4, 0.25, 1), AgreesTo(0.25, 6));
}

TEST_CASE("box_cox: the likelihood at 1 and 0 is that of the levels and of the logs") {
  const VectorXd y = positive_trend(50);
  const VectorXd logs = y.array().log();
  const BoxCoxLikelihood likelihood(y, 1);
  CHECK_THAT(likelihood(1), AgreesTo(trend_log_likelihood(y), 12));
  CHECK_THAT(likelihood(0), AgreesTo(trend_log_likelihood(logs) - logs.sum(), 12));
  CHECK_THAT(likelihood(1e-9), AgreesTo(likelihood(0), 8));
}

TEST_CASE("box_cox: units shift the likelihood by a constant") {
  const VectorXd y = positive_trend(48);
  const BoxCoxLikelihood a(y, 12), b(VectorXd(100 * y), 12);
  for (double lambda : {-1.0, 0.0, 0.7}) {
    CHECK_THAT(b(lambda), AgreesTo(a(lambda) - 48 * std::log(100), 10));
  }
}

TEST_CASE("box_cox: lambda of lognormal data is near 0, of additive data near 1") {
  const int n = 240;
  VectorXd mean(n);
  for (int t = 0; t < n; ++t) mean(t) = 0.02 * t + std::sin(2 * std::numbers::pi * t / 12);
  const VectorXd lognormal = (mean + 0.3 * noise(n, 2)).array().exp();
  const VectorXd additive = 20 + 8 * (mean + 0.3 * noise(n, 3)).array();
  CHECK(std::fabs(BoxCoxLikelihood(lognormal, 12).maximum()) < 0.1);
  CHECK(std::fabs(BoxCoxLikelihood(additive, 12).maximum() - 1) < 0.15);
}

TEST_CASE("box_cox: the maximum lies within a step of the grid's and is higher") {
  const BoxCoxLikelihood likelihood(positive_trend(80), 4);
  const double grid = likelihood.grid_maximum(), best = likelihood.maximum();
  CHECK(std::fabs(best - grid) <= 0.05);
  CHECK(std::fabs(std::remainder(grid, 0.05)) < 1e-12);
  CHECK(likelihood(best) >= likelihood(grid));
  CHECK(likelihood(best) >= likelihood(best - 1e-3));
  CHECK(likelihood(best) >= likelihood(best + 1e-3));
}

TEST_CASE("box_cox: missing observations are left out, in their place in time") {
  VectorXd y(30);
  for (int t = 0; t < 30; ++t) y(t) = std::exp(0.1 * t + 0.01 * (t % 3));
  y(7) = y(20) = kMissing;
  CHECK(std::fabs(BoxCoxLikelihood(y, 1).maximum()) < 0.02);
  CHECK(std::isfinite(guerrero_lambda(y, 2)));
}

TEST_CASE("box_cox: bad input names both numbers") {
  using Catch::Contains;
  VectorXd y = VectorXd::LinSpaced(8, 1, 8);
  CHECK_THROWS_WITH(BoxCoxLikelihood(y, 4),
                    Contains("the series has 8 observations, but must have more than 8 (two "
                             "periods of 4)"));
  CHECK_THROWS_WITH(guerrero_lambda(y, 5),
                    Contains("the series has 8 observations, but must have at least 10 (two blocks "
                             "of 5)"));
  CHECK_THROWS_WITH(guerrero_lambda(y, 2, 1, 0),
                    Contains("the lower end for lambda is 1, but must be below the upper end 0"));
  y(2) = -3;
  CHECK_THROWS_WITH(guerrero_lambda(y, 2),
                    Contains("observation 3 of 8 is -3, but must be positive"));
  CHECK_THROWS_WITH(BoxCoxLikelihood(y, 1),
                    Contains("observation 3 of 8 is -3, but must be positive"));
}

TEST_CASE("box_cox: a constant series has no lambda") {
  using Catch::Contains;
  const VectorXd y = VectorXd::Constant(20, 5);
  CHECK_THROWS_WITH(guerrero_lambda(y, 4),
                    Contains("the standard deviation is 0 in each of 5 blocks of 4, but must be "
                             "positive in one"));
  CHECK_THROWS_WITH(BoxCoxLikelihood(y, 4),
                    Contains("the series is 5 in all of 20 observations, but must vary"));
}

}  // namespace amnok
