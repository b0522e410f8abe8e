#include "engine/regression/nardl.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "tests/support/dynamic_series.h"
#include "tests/support/message_of.h"
#include "tests/support/numbers.h"

namespace amnok {

namespace {

// y_t = 0.5 y_{t-1} + 0.5 (up x_t(+) + down x_t(-)) + e_t: long-run coefficients up and down.
ArdlData asymmetric(std::uint32_t draw, int n, double up, double down) {
  const MatrixXd z = normal_matrix(83, draw, n, 2);
  const VectorXd x = autoregression(z.col(0), 1);
  const PartialSums sums = partial_sums(x);
  VectorXd y = 0.5 * z.col(1);
  for (int t = 1; t < n; ++t) {
    y(t) += 0.5 * y(t - 1) + 0.5 * (up * sums.positive(t) + down * sums.negative(t));
  }
  return {"y", y, {"x"}, x, {}, MatrixXd(n, 0)};
}

NardlSpec spec_of(int p, int q) {
  NardlSpec spec;
  spec.order = {p, {q}};
  spec.asymmetric = {0};
  return spec;
}

}  // namespace

TEST_CASE("nardl: partial sums add to the series, and a threshold moves the small rises") {
  const VectorXd x = (VectorXd(6) << 2, 3, 1, 1, 1.2, 5).finished();
  const PartialSums sums = partial_sums(x);
  CHECK(sums.positive ==
        (VectorXd(6) << 0, 1, 1, 1, 1 + (1.2 - 1), 1 + (1.2 - 1) + (5 - 1.2)).finished());
  CHECK((sums.positive + sums.negative + VectorXd::Constant(6, x(0)) - x).norm() < 1e-14);
  const PartialSums above = partial_sums(x, 0.5);
  CHECK(above.positive(4) == 1);
  CHECK(above.negative(4) == Approx(-2 + 0.2));
}

TEST_CASE("nardl: recovers two long-run coefficients and rejects their equality") {
  const ArdlData data = asymmetric(0, 400, 2, 1);
  const NardlFit fit = fit_nardl(data, spec_of(1, 1));
  REQUIRE(fit.split.size() == 1);
  CHECK(fit.ardl.x_names == std::vector<std::string>{"x_pos", "x_neg"});
  const auto theta = long_run(fit.ardl);
  CHECK(std::fabs(theta[0].value() - 2) < 3 * theta[0].standard_error());
  CHECK(std::fabs(theta[1].value() - 1) < 3 * theta[1].standard_error());
  const SymmetryTests tests = symmetry_tests(fit, fit.split[0]);
  CHECK(tests.long_run.p_value < 0.001);
  CHECK(tests.long_run.df == 1);
  CHECK(tests.short_run_sum.statistic == Approx(tests.short_run_each.statistic));  // one difference
}

TEST_CASE("nardl: multipliers of a rise and a fall, and their sum") {
  const NardlFit fit = fit_nardl(asymmetric(1, 400, 2, 1), spec_of(1, 1));
  const AsymmetricMultipliers paths = asymmetric_multipliers(fit, fit.split[0], 60);
  CHECK_THAT(paths.rise.cumulative(60), AgreesTo(paths.rise.long_run, 6));
  CHECK(paths.rise.long_run == Approx(2).margin(0.2));
  CHECK(paths.fall.long_run == Approx(-1).margin(0.2));
  for (int h : {0, 3, 60}) {
    CHECK(paths.asymmetry.cumulative(h) ==
          Approx(paths.rise.cumulative(h) + paths.fall.cumulative(h)));
  }
  // The band of the sum counts the covariance of its parts.
  CHECK(paths.asymmetry.lower(60) > 0);
}

TEST_CASE("nardl: split and unsplit regressors stand side by side") {
  ArdlData data = asymmetric(2, 120, 1, 1);
  data.x_names = {"w", "x"};
  MatrixXd both(120, 2);
  both << normal_matrix(84, 0, 120, 1), data.x;
  data.x = both;
  NardlSpec spec;
  spec.order = {2, {0, 2}};
  spec.asymmetric = {1};
  const NardlFit fit = fit_nardl(data, spec);
  CHECK(fit.ardl.x_names == std::vector<std::string>{"w", "x_pos", "x_neg"});
  CHECK(fit.ardl.order.name() == "ARDL(2,0,2,2)");
  const SymmetryTests tests = symmetry_tests(fit, fit.split[0]);
  CHECK(tests.short_run_each.df == 2);
  CHECK(tests.short_run_sum.df == 1);
  NardlSpec impact = spec;
  impact.order = {1, {0, 0}};
  const NardlFit still = fit_nardl(data, impact);
  CHECK(std::isnan(symmetry_tests(still, still.split[0]).short_run_each.statistic));
}

TEST_CASE("nardl: bad input is named") {
  const ArdlData data = asymmetric(3, 60, 1, 1);
  NardlSpec spec = spec_of(1, 1);
  spec.threshold = 50;
  CHECK(message_of([&] { fit_nardl(data, spec); }) ==
        "x has 0 changes above 50 and 59 below, but must have at least 2 of each to be split");
  spec = spec_of(1, 1);
  spec.asymmetric = {1};
  CHECK(message_of([&] { fit_nardl(data, spec); }) ==
        "the regressor to split is number 1, but must be in [0, 0]");
}

TEST_CASE("nardl: symmetry is rejected in five per cent of symmetric samples", "[slow]") {
  constexpr int kDraws = 2000;
  int rejected = 0;
  for (std::uint32_t r = 0; r < kDraws; ++r) {
    const NardlFit fit = fit_nardl(asymmetric(r, 150, 1, 1), spec_of(1, 1));
    rejected += symmetry_tests(fit, fit.split[0]).long_run.p_value < 0.05;
  }
  // 3 standard errors: 0.015.
  CHECK(rejected / double{kDraws} == Approx(0.05).margin(0.02));
}

}  // namespace amnok
