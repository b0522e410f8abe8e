#include "engine/regression/robust_covariance.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "engine/regression/bootstrap_t.h"
#include "engine/stats/distributions.h"
#include "engine/stats/hac.h"
#include "engine/stats/random_stream.h"
#include "tests/support/numbers.h"

namespace amnok {

namespace {

struct Drawn {
  MatrixXd x;
  VectorXd y;
};

// y = 1 + 0 x + u, x and u AR(1) with the same coefficient.
Drawn drawn(int n, double rho, std::uint32_t draw) {
  std::vector<double> z(static_cast<std::size_t>(2 * n));
  fill_normals({2018, Purpose::simulation, 1}, draw, z);
  Drawn data{MatrixXd::Ones(n, 2), VectorXd(n)};
  double x = 0, u = 0;
  for (int t = 0; t < n; ++t) {
    x = rho * x + z[static_cast<std::size_t>(t)];
    u = rho * u + z[static_cast<std::size_t>(n + t)];
    data.x(t, 1) = x;
    data.y(t) = 1 + u;
  }
  return data;
}

ReferenceDistribution fixed_b(double b) {
  return {ReferenceDistribution::Kind::fixed_b, kMissing, b};
}

}  // namespace

TEST_CASE("robust covariance: critical values of fixed-b as published") {
  // Kiefer & Vogelsang (2005), table 1, at b = 1: the sums of the coefficients.
  CHECK(fixed_b(1).critical(0.95) == Approx(1.9600 + 2.9694 + 0.4160 - 0.5324).margin(1e-4));
  CHECK(fixed_b(1).critical(0.90) == Approx(1.6449 + 2.1859 + 0.3142 - 0.3427).margin(1e-4));
  CHECK(fixed_b(1).critical(0.80) == Approx(1.2816 + 1.3040 + 0.5135 - 0.3386).margin(1e-4));
  CHECK(fixed_b(1).critical(0.98) == Approx(2.3263 + 4.1618 + 0.5368 - 0.9060).margin(1e-4));
  // Kiefer, Vogelsang & Bunzel (2000, Econometrica 68, table II) simulated b = 1 in units of
  // sqrt(2): 3.890, 5.374, 6.811.
  CHECK(fixed_b(1).critical(0.80) == Approx(3.890 / std::numbers::sqrt2).margin(0.015));
  CHECK(fixed_b(1).critical(0.90) == Approx(5.374 / std::numbers::sqrt2).margin(0.015));
  CHECK(fixed_b(1).critical(0.95) == Approx(6.811 / std::numbers::sqrt2).margin(0.015));
  // Without lags to speak of, the normal.
  CHECK(fixed_b(1e-9).critical(0.95) == Approx(normal_quantile(0.975)).margin(1e-6));
  for (double confidence : {0.5, 0.8, 0.9, 0.95, 0.98, 0.99}) {
    const double t = fixed_b(0.3).critical(confidence);
    CHECK_THAT(fixed_b(0.3).two_sided_p(t), AgreesTo(1 - confidence, 6));
  }
}

TEST_CASE("robust covariance: all cosines of a constant add up to the sum of squares") {
  // The cosines are orthogonal to a constant and to each other: sum over j = 1 .. n - 1 of
  // 2 L_j^2 is n times the centred sum of squares.
  const Drawn data = drawn(40, 0.5, 1);
  const VectorXd& s = data.y;
  const double expected = 40 * (s.array() - s.mean()).square().sum() / 39;
  CHECK_THAT(cosine_covariance(s, 39)(0, 0), AgreesTo(expected, 11));
}

TEST_CASE("robust covariance: every kind is the sandwich that it says") {
  const Drawn data = drawn(80, 0.5, 2);
  const LinearFit fit = solve(LinearLeastSquares{data.x, data.y});
  const MatrixXd scores = regression_scores(data.x, fit.residuals);
  RobustOptions options;
  options.lags = 4;
  const RobustCovariance nw = robust_covariance(data.x, fit, options);
  CHECK(
      nw.covariance.isApprox(80.0 / 78 * sandwich(fit.xtx_inverse, newey_west(scores, 4)), 1e-11));
  CHECK(nw.name == "Newey-West, 4 lags");
  options.kind = RobustKind::newey_west_fixed_b;
  const RobustCovariance kv = robust_covariance(data.x, fit, options);
  CHECK(kv.covariance.isApprox(78.0 / 80 * nw.covariance, 1e-11));
  CHECK_THAT(kv.reference.b, AgreesTo(5.0 / 80, 14));
  options.kind = RobustKind::ewc;
  CHECK(robust_covariance(data.x, fit, options).reference.df == 7);  // 0.4 80^(2/3) = 7.4
  options.kind = RobustKind::hc3;
  CHECK(robust_covariance(data.x, fit, options)
            .covariance.isApprox(heteroskedastic_covariance(data.x, fit, RegressionCovariance::hc3),
                                 1e-14));
  options.kind = RobustKind::cluster;
  options.clusters = equal_blocks(80, 8);
  const RobustCovariance cluster = robust_covariance(data.x, fit, options);
  CHECK(cluster.covariance.isApprox(
      10.0 / 9 * 79 / 78 *
          sandwich(fit.xtx_inverse, clustered_covariance(scores, options.clusters)),
      1e-11));
  CHECK(cluster.reference.df == 9);
}

TEST_CASE("robust covariance: sizes with autocorrelated scores", "[slow]") {
  // 5% tests of a true zero, n = 120, x and u AR(1) with 0.6: the t-ratio of few lags and normal
  // quantiles rejects far too often; cosines and fixed-b nearly as often as they say.
  int narrow = 0, cosine = 0, fixed = 0;
  constexpr int kDraws = 1000;
  for (std::uint32_t draw = 0; draw < kDraws; ++draw) {
    const Drawn data = drawn(120, 0.6, 100 + draw);
    const LinearFit fit = solve(LinearLeastSquares{data.x, data.y});
    const auto rejects = [&](RobustKind kind) {
      RobustOptions options;
      options.kind = kind;
      const RobustCovariance v = robust_covariance(data.x, fit, options);
      return v.reference.two_sided_p(fit.coefficients(1) / std::sqrt(v.covariance(1, 1))) < 0.05;
    };
    narrow += rejects(RobustKind::hc0);
    cosine += rejects(RobustKind::ewc);
    fixed += rejects(RobustKind::newey_west_fixed_b);
  }
  CHECK(narrow > 120);
  CHECK(cosine < 95);
  CHECK(fixed < 95);
}

TEST_CASE("bootstrap t: the weights have mean 0, variance 1 and their third moments") {
  // A regression on a constant with errors e and one cluster a row: b* = mean(v e), so that the
  // replicates' spread is that of the sample's own standard error.
  const Drawn data = drawn(200, 0, 3);
  for (WildWeights weights : {WildWeights::rademacher, WildWeights::mammen, WildWeights::webb}) {
    const BootstrapT result =
        wild_bootstrap_t(data.x, data.y, 1, 0, ErrorStructure::hc1(), weights, {1999, 5, 0});
    CHECK(result.replicates.size() == 1999);
    const double mean = result.replicates.mean();
    CHECK(mean == Approx(0).margin(0.1));
    CHECK((result.replicates.array() - mean).square().mean() == Approx(1).margin(0.15));
  }
}

TEST_CASE("bootstrap t: p-values keep with exact distributions") {
  // Symmetric errors of one cluster each and Rademacher weights: close to Student's t.
  const Drawn data = drawn(60, 0, 4);
  const BootstrapT result = wild_bootstrap_t(data.x, data.y, 1, 0.25, ErrorStructure::hc1(),
                                             WildWeights::rademacher, {4999, 1, 0});
  CHECK(result.p_value == Approx(student_t_two_sided_p(result.statistic, 58)).margin(0.03));
  // The same seed gives the same bits, and more replications keep the first ones.
  const BootstrapT again = wild_bootstrap_t(data.x, data.y, 1, 0.25, ErrorStructure::hc1(),
                                            WildWeights::rademacher, {4999, 1, 0});
  CHECK(result.replicates == again.replicates);
}

TEST_CASE("bootstrap t: a true value is covered by either bootstrap", "[slow]") {
  int wild = 0, block = 0, narrow = 0;
  constexpr int kDraws = 150;
  for (std::uint32_t draw = 0; draw < kDraws; ++draw) {
    const Drawn data = drawn(120, 0.5, 3000 + draw);
    const Groups runs = equal_blocks(120, 10);
    const BootstrapT clusters = wild_bootstrap_t(
        data.x, data.y, 1, 0, ErrorStructure::clustered(runs), WildWeights::webb, {199, draw, 0});
    wild += clusters.p_value >= 0.05;
    const auto interval =
        block_bootstrap_t(data.x, data.y, 1, 0, 8, {199, draw, 1}).equal_tailed(0.95);
    block += interval.low <= 0 && interval.high >= 0;
    const LinearFit fit = solve(LinearLeastSquares{data.x, data.y});
    narrow +=
        std::fabs(fit.coefficients(1)) <= 1.96 * std::sqrt(fit.sigma2() * fit.xtx_inverse(1, 1));
  }
  CHECK(wild >= 132);   // 142 expected
  CHECK(block >= 129);  // pairs of a short sample
  CHECK(narrow < wild);
}

}  // namespace amnok
