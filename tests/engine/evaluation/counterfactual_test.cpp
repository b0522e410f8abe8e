#include "engine/evaluation/counterfactual.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/stats/random_stream.h"
#include "models/unobserved_components/unobserved_components.h"
#include "tests/support/message_of.h"

namespace amnok {

namespace {

VectorXd normals(int n, std::uint32_t draw) {
  VectorXd x(n);
  fill_normals({23, Purpose::simulation, 7}, draw, {x.data(), static_cast<std::size_t>(n)});
  return x;
}

// y = 50 + slow level + 2 x + noise, and `effect` from `before` on.
Sample sample_with_effect(int n, int before, double effect, std::uint32_t draw) {
  Sample sample;
  sample.range = {{Frequency::undated, 1}, n};
  sample.target = {"y", {}};
  sample.regressor_names = {"x", "w"};
  sample.regressors.resize(n, 2);
  sample.regressors << normals(n, 4 * draw), normals(n, 4 * draw + 3);
  const VectorXd level = normals(n, 4 * draw + 1), noise = normals(n, 4 * draw + 2);
  sample.y.resize(n);
  double mu = 50;
  for (int t = 0; t < n; ++t) {
    mu += 0.1 * level(t);
    sample.y(t) = mu + 2 * sample.regressors(t, 0) + noise(t) + (t >= before ? effect : 0);
  }
  return sample;
}

CounterfactualOptions options_at(int before) {
  CounterfactualOptions options;
  options.before = before;
  options.draws = 500;
  return options;
}

}  // namespace

TEST_CASE("counterfactual: an effect is found, and its sums agree", "[counterfactual]") {
  const Sample sample = sample_with_effect(100, 80, 6, 1);
  const Counterfactual c = counterfactual(*make_unobserved_components({}), sample, options_at(80));
  REQUIRE(c.usable());
  REQUIRE(c.effect.size() == 20);
  CHECK(c.average.estimate == Approx(6).margin(2));
  CHECK(c.average.low < 6);
  CHECK(c.average.high > 6);
  CHECK(c.p_value < 0.02);
  CHECK(c.total.estimate == Approx(20 * c.average.estimate));
  CHECK(c.cumulative[4].estimate == Approx((c.actual - c.counterfactual).head(5).sum()));
  CHECK(c.actual(3) == sample.y(83));
  // Errors of one level add up: the sum is less certain than independent periods would be.
  double independent = 0;
  for (const EffectBand& band : c.effect) independent += band.sd * band.sd;
  CHECK(c.total.sd > std::sqrt(independent));
  CHECK(c.effect[0].sd > 0.9 * c.expected_sd(0));
}

TEST_CASE("counterfactual: what is smaller than detectable is not significant",
          "[counterfactual]") {
  const Sample sample = sample_with_effect(100, 80, 0, 2);
  const Counterfactual c = counterfactual(*make_unobserved_components({}), sample, options_at(80));
  CHECK(std::fabs(c.average.estimate) < c.smallest_detectable);
  CHECK(c.p_value > 0.05);
}

TEST_CASE("counterfactual: placebo dates do not reach a large effect", "[counterfactual]") {
  const Sample sample = sample_with_effect(90, 70, 8, 3);
  const PlaceboDates placebos =
      placebo_dates(*make_unobserved_components({}), sample, options_at(70), 30, 6, 10);
  CHECK(placebos.dates.size() == 6);
  CHECK(placebos.p_value == Approx(1.0 / 7));
}

TEST_CASE("counterfactual: leaving a control out tells which one matters", "[counterfactual]") {
  const Sample sample = sample_with_effect(100, 80, 6, 4);
  const auto left = leave_one_control_out(*make_unobserved_components({}), sample, options_at(80));
  REQUIRE(left.size() == 2);
  CHECK(left[0].control == "x");
  CHECK(left[0].rmse_before > 1.4 * left[1].rmse_before);
}

TEST_CASE("counterfactual: bands cover a known effect as often as they say",
          "[counterfactual][slow]") {
  int covered = 0;
  constexpr int kRuns = 60;
  for (std::uint32_t r = 0; r < kRuns; ++r) {
    CounterfactualOptions options = options_at(60);
    options.level = 0.8;
    options.draws = 200;
    const Counterfactual c = counterfactual(*make_unobserved_components({}),
                                            sample_with_effect(75, 60, 3, 10 + r), options);
    if (c.usable() && c.average.low < 3 && c.average.high > 3) ++covered;
  }
  // Binomial(60, 0.8): four standard deviations are 0.21.
  CHECK(covered > 60 * 0.59);
}

TEST_CASE("counterfactual: an event outside the sample is refused", "[counterfactual]") {
  const Sample sample = sample_with_effect(30, 20, 0, 5);
  CHECK(message_of([&] {
          counterfactual(*make_unobserved_components({}), sample, options_at(30));
        }).find("after 30 periods") != std::string::npos);
}

TEST_CASE("counterfactual: a published sum counts as its parts would", "[counterfactual]") {
  Sample sample = sample_with_effect(100, 80, 6, 6);
  const auto model = make_unobserved_components({});
  const Counterfactual known = counterfactual(*model, sample, options_at(80));
  const Period first = sample.range.first + 84;
  sample.sums.push_back({{first, first + 1}, sample.y(84) + sample.y(85), 0, "", {}});
  sample.y.segment(84, 2).setConstant(kMissing);
  const Counterfactual summed = counterfactual(*model, sample, options_at(80));
  CHECK(std::isnan(summed.effect[4].estimate));
  CHECK(summed.cumulative[4].estimate == Approx(known.cumulative[3].estimate));
  CHECK(summed.cumulative[5].estimate == Approx(known.cumulative[5].estimate));
  CHECK(summed.average.low == Approx(known.average.low));
  CHECK(summed.covered == 20);
  CHECK(summed.covered_by_sums == 2);
  // One that spans the event says nothing of what came after.
  sample.sums = {{{sample.range.first + 79, sample.range.first + 80}, 100, 0, "", {}}};
  CHECK(counterfactual(*model, sample, options_at(80)).covered == 18);
}

TEST_CASE("counterfactual: of a control for the time before, nothing after is used",
          "[counterfactual]") {
  Sample sample = sample_with_effect(100, 80, 6, 7);
  const auto model = make_unobserved_components({});
  CounterfactualOptions options = options_at(80);
  const double with = counterfactual(*model, sample, options).effect[3].sd;
  options.before_only = {"x"};
  options.regressor_model = make_unobserved_components({});
  const Counterfactual seen = counterfactual(*model, sample, options);
  sample.regressors.col(0).tail(20).setConstant(1e6);
  const Counterfactual changed = counterfactual(*model, sample, options);
  CHECK(seen.counterfactual == changed.counterfactual);
  CHECK(seen.total.low == changed.total.low);
  // Not knowing x, of coefficient 2 and variance 1, leaves more open than the noise of variance 1.
  CHECK(seen.effect[3].sd > 1.5 * with);
}

TEST_CASE("counterfactual: a zero after the event is an outcome like others", "[counterfactual]") {
  Sample sample = sample_with_effect(100, 80, 0, 8);
  sample.target.transform = {Transform::Kind::log};
  sample.y = (sample.y.array() / 50).matrix();
  Outcome outcome{sample.y.array().exp(), {}};
  outcome.values(85) = 0;
  CounterfactualOptions options = options_at(80);
  options.outcome = outcome;
  const Counterfactual c = counterfactual(*make_unobserved_components({}), sample, options);
  CHECK(c.effect[5].estimate == Approx(-c.counterfactual(5)));
  CHECK(c.covered == 20);
}

}  // namespace amnok
