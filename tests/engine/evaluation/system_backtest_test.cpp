#include "engine/evaluation/system_backtest.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "models/builtin.h"
#include "tests/support/study_fixture.h"

namespace amnok {

namespace {

// The fixture's closure, by the config lasting from 2019-01 to 2020-06.
LoadedStudy study_with_closure(const StudyFixture& fixture) {
  std::string text = StudyFixture::models_toml();
  const std::string step = "shape = \"step\"";
  text.replace(text.find(step), step.size(), "shape = \"block\"");
  fixture.folder.write("study.toml", text + "[events.closure]\nend = \"2020-06-30\"\n");
  return load_study_and_data(fixture.config, builtin_plugins());
}

const VariableBacktest& of(const std::vector<VariableBacktest>& all, const std::string& name) {
  for (const VariableBacktest& variable : all) {
    if (variable.variable == name) return variable;
  }
  FAIL("no " << name);
  return all.front();
}

SystemBacktestPlan plan_at(int month) {
  SystemBacktestPlan plan;
  plan.origins = {{Frequency::monthly, month}};
  plan.horizon = 12;
  plan.draws = 400;
  plan.threads = 1;
  return plan;
}

}  // namespace

TEST_CASE("system backtest: knowing that an event ends moves what it acts on, and nothing else") {
  const StudyFixture fixture;
  const LoadedStudy loaded = study_with_closure(fixture);
  const std::vector<double> probabilities = {0.25, 0.5, 0.75};
  const auto all = backtest_system(loaded.study, loaded.data, builtin_plugins(),
                                   plan_at(2019 * 12 + 11), probabilities);  // as of 2019-12
  const VariableBacktest &m = of(all, "m"), &x = of(all, "x");
  REQUIRE(m.informed.failures == 0);
  CHECK(x.informed.mean == x.blind.mean);
  // Up to 2020-06 the two agree; from 2020-07 on the closure's effect, about one in logarithms, is
  // gone for who knows.
  CHECK(m.informed.mean.leftCols(6) == m.blind.mean.leftCols(6));
  for (int h = 6; h < 12; ++h) {
    CHECK(std::log(m.informed.quantiles[1](0, h) / m.blind.quantiles[1](0, h)) ==
          Approx(1).margin(0.2));
  }
  CHECK(m.informed.actual(0, 0) == loaded.data.frame.get("m").at({Frequency::monthly, 2020 * 12}));
}

TEST_CASE("system backtest: before an event nobody knows of it, and its intervention is left out") {
  const StudyFixture fixture;
  const LoadedStudy loaded = study_with_closure(fixture);
  const auto all =
      backtest_system(loaded.study, loaded.data, builtin_plugins(), plan_at(2018 * 12 + 5), {0.5});
  CHECK(of(all, "m").informed.failures == 0);
  CHECK(of(all, "m").informed.mean == of(all, "m").blind.mean);
}

TEST_CASE("system backtest: numbers do not depend on threads") {
  const StudyFixture fixture;
  const LoadedStudy loaded = study_with_closure(fixture);
  SystemBacktestPlan plan = plan_at(2019 * 12 + 11);
  plan.origins.push_back({Frequency::monthly, 2020 * 12 + 2});
  const auto one = backtest_system(loaded.study, loaded.data, builtin_plugins(), plan, {0.5});
  plan.threads = 2;
  const auto two = backtest_system(loaded.study, loaded.data, builtin_plugins(), plan, {0.5});
  for (std::size_t v = 0; v < one.size(); ++v) {
    CHECK(one[v].informed.quantiles[0] == two[v].informed.quantiles[0]);
  }
}

}  // namespace amnok
