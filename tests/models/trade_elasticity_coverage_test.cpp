// What intervals and tests of elasticities promise, held to account by simulation. The program
// benchmarks/accuracy/elasticity_coverage.cpp prints the same experiments in full.
#include <catch2/catch.hpp>

#include "tests/support/elasticity_experiments.h"
#include "tests/support/elasticity_samples.h"

namespace amnok {

TEST_CASE("elasticity coverage: the default long-run set covers 92 to 97 % at n = 60", "[slow]") {
  for (double rho : {0.5, 0.8, 0.95}) {
    DynamicRegression process;
    process.rho = rho;
    const LongRunCoverage share = long_run_coverage(process, 60, 1500, ArdlCriterion::bic);
    INFO(rho);
    CHECK(share.fieller > 0.92);
    CHECK(share.fieller < 0.97);
    CHECK(share.delta < share.fieller);
  }
}

TEST_CASE("elasticity coverage: the default static interval holds where Newey and West's is short",
          "[slow]") {
  constexpr int kSamples = 1500;
  ElasticitySpec kernel;
  kernel.errors = RobustKind::newey_west;
  const auto usual = make_trade_elasticity({}), other = make_trade_elasticity(kernel);
  double cosines = 0, newey_west = 0;
  for (std::uint32_t s = 0; s < kSamples; ++s) {
    const Sample sample = elasticity_sample(s, 60, 0.5);
    const auto covers = [&](const Model& model) {
      const Coefficient slope = coefficient_table(fit_model(model, sample).result)[1];
      return slope.ci_low < -0.3 && slope.ci_high > -0.3 ? 1.0 / kSamples : 0;
    };
    cosines += covers(*usual);
    newey_west += covers(*other);
  }
  INFO("cosines " << cosines << ", Newey-West " << newey_west);
  CHECK(cosines > 0.91);
  CHECK(newey_west < cosines - 0.02);
}

TEST_CASE("elasticity coverage: bounds tests keep their size at n = 40", "[slow]") {
  for (int k : {1, 2}) {
    for (double rho : {0.0, 1.0}) {
      const BoundsSize size = bounds_size(40, k, rho, 4000);
      INFO(k << " regressors, rho " << rho);
      CHECK(std::fabs(size.f - 0.05) < 0.02);
      CHECK(std::fabs(size.t - 0.05) < 0.02);
    }
  }
}

TEST_CASE("elasticity coverage: Anderson-Rubin keeps its size with weak instruments, 2SLS does not",
          "[slow]") {
  const InstrumentSize weak = instrument_size(200, 0.05, 4000);
  CHECK(std::fabs(weak.anderson_rubin - 0.05) < 0.015);
  CHECK(weak.two_stage > 0.10);
  const InstrumentSize strong = instrument_size(200, 1, 4000);
  CHECK(std::fabs(strong.anderson_rubin - 0.05) < 0.015);
  CHECK(std::fabs(strong.two_stage - 0.05) < 0.015);
}

TEST_CASE("elasticity coverage: a regressor in common needs errors by period", "[slow]") {
  using Errors = ElasticitySpec::PanelErrorsKind;
  const auto covered = [](Errors errors) {
    return panel_coverage(20, 80, true, 0.5, 0.2, errors, 300);
  };
  CHECK(covered(Errors::automatic) > 0.89);
  CHECK(covered(Errors::clustered) < 0.70);
}

TEST_CASE("elasticity coverage: cointegration is found where it is, seldom elsewhere", "[slow]") {
  const CointegrationShares none = cointegration_shares(120, 1, 600);
  CHECK(none.engle_granger < 0.06);
  CHECK(none.johansen < 0.08);
  CHECK(none.verdict < 0.03);
  const CointegrationShares found = cointegration_shares(120, 0.5, 600);
  CHECK(found.engle_granger > 0.95);
  CHECK(found.johansen > 0.95);
  CHECK(found.fieller > 0.91);
  CHECK(found.dynamic_ols > found.fully_modified);
}

}  // namespace amnok
