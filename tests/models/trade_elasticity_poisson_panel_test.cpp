// Levels of several units in one equation: against Poisson regressions with a dummy for each unit.
#include <catch2/catch.hpp>
#include <cmath>

#include "engine/regression/panel.h"
#include "engine/regression/poisson.h"
#include "engine/report/result_table.h"
#include "engine/solver/covariance.h"
#include "engine/stats/random_stream.h"
#include "models/trade_elasticity/trade_elasticity.h"
#include "tests/support/message_of.h"

namespace amnok {

namespace {

using Kind = ElasticitySpec::PanelEffectsKind;
using Errors = ElasticitySpec::PanelErrorsKind;

// y = exp(a_i - 0.6 x + 0.4 w + g_t) u, u uniform on (0, 2) and zero in a third of the cells; the same
// rows beside it as one panel.
struct Flows {
  Sample sample;
  ElasticitySpec spec;
  PanelData panel;
};
Flows flows(int units, int n, int gap) {
  std::vector<double> z(static_cast<std::size_t>(units * n * 2 + n + units));
  std::vector<double> u(static_cast<std::size_t>(units * n * 2));
  fill_normals({67, Purpose::simulation, 2}, 0, z);
  fill_uniforms({67, Purpose::simulation, 3}, 0, u);
  Flows flows;
  flows.spec.estimator = ElasticitySpec::Estimator::poisson;
  Sample& sample = flows.sample;
  sample.range = {{Frequency::monthly, 2012 * 12}, n};
  sample.season = 12;
  sample.target = {"flow", {}};
  sample.regressor_names = {"log(price)", "log(fuel)"};
  sample.regressors.resize(n, 2 + 3 * (units - 1));
  sample.y.resize(n);
  std::vector<double> y;
  std::vector<Eigen::RowVector2d> x;
  Groups &entity = flows.panel.entity, &time = flows.panel.time;
  for (int i = 0; i < units; ++i) {
    if (i > 0) {
      flows.spec.panel.push_back({"unit" + std::to_string(i), 2, false});
      for (const char* name : {"y", "x", "w"}) {
        sample.regressor_names.push_back(name + std::to_string(i));
      }
    }
    for (int t = 0; t < n; ++t) {
      const auto cell = static_cast<std::size_t>(i * n + t);
      const double a = z[static_cast<std::size_t>(units * n * 2 + n + i)];
      const double g = 0.3 * z[static_cast<std::size_t>(units * n * 2 + t)];
      const double price = z[2 * cell] + 0.5 * a, fuel = z[2 * cell + 1];
      double target = std::exp(2 + a - 0.6 * price + 0.4 * fuel + g) * 3 * u[2 * cell];
      if (u[2 * cell + 1] < 1.0 / 3) target = 0;
      if (gap > 0 && (7 * i + 3 * t + i * t) % gap == 0) target = kMissing;
      const Eigen::Index column = 2 + 3 * (i - 1);
      (i == 0 ? sample.y(t) : sample.regressors(t, column)) = target;
      sample.regressors(t, i == 0 ? 0 : column + 1) = price;
      sample.regressors(t, i == 0 ? 1 : column + 2) = fuel;
      if (std::isnan(target)) continue;
      y.push_back(target);
      x.push_back({price, fuel});
      entity.code.push_back(i);
      time.code.push_back(t);
    }
  }
  entity.count = units;
  time.count = n;
  flows.panel.y = Eigen::Map<const VectorXd>(y.data(), std::ssize(y));
  flows.panel.x.resize(std::ssize(y), 2);
  for (std::size_t t = 0; t < x.size(); ++t) {
    flows.panel.x.row(static_cast<Eigen::Index>(t)) = x[t];
  }
  return flows;
}

FitResult fitted(const Flows& flows) {
  return fit_model(*make_trade_elasticity(flows.spec), flows.sample).result;
}

// Dummies of all units, and of all periods but the first.
PoissonFit with_dummies(const PanelData& panel, bool units, bool periods) {
  const Eigen::Index n = panel.rows();
  const Eigen::Index first = units ? panel.entity.count : 1;
  MatrixXd x = MatrixXd::Zero(n, 2 + first + (periods ? panel.time.count - 1 : 0));
  x.leftCols(2) = panel.x;
  for (Eigen::Index t = 0; t < n; ++t) {
    const auto row = static_cast<std::size_t>(t);
    x(t, 2 + (units ? panel.entity.code[row] : 0)) = 1;
    if (periods && panel.time.code[row] > 0) x(t, 1 + first + panel.time.code[row]) = 1;
  }
  return fit_poisson(x, panel.y);
}

}  // namespace

TEST_CASE("ppml panel: unit effects are dummies, with every covariance", "[ppml_panel]") {
  Flows data = flows(6, 30, 5);
  const PoissonFit dummies = with_dummies(data.panel, true, false);
  const std::vector<int> own = {2, 0, 1};  // constant of unit 0, slopes
  const auto n = static_cast<double>(data.panel.rows());
  const auto factor = [&](double groups) { return groups / (groups - 1) * (n - 1) / (n - 3); };
  const auto check = [&](Errors errors, const ErrorStructure& structure, double times) {
    data.spec.panel_errors = errors;
    const FitResult fit = fitted(data);
    REQUIRE(fit.status == FitStatus::converged);
    const VectorXd expected = dummies.coefficients(own);
    CHECK((fit.parameters.values() - expected).norm() < 1e-8);
    const MatrixXd covariance = times * poisson_covariance(dummies, structure)(own, own);
    INFO(fit.covariance_kind);
    CHECK((fit.covariance - covariance).norm() < 1e-6 * covariance.norm());
  };
  check(Errors::classical, {}, 1);
  check(Errors::hc0, ErrorStructure::hc0(), 1);
  check(Errors::clustered, ErrorStructure::clustered(data.panel.entity, false), factor(6));
  data.spec.panel_errors = Errors::clustered;
  const FitResult fit = fitted(data);
  CHECK(fit.inference_df == 5);
  CHECK(fit.nobs == 24);
  CHECK(rows_of(fit, "panel")[0].number("value") == n);
  // Constants of all units.
  const std::vector<TableRow> units = rows_of(fit, "units");
  REQUIRE(units.size() == 6);
  for (int i = 0; i < 6; ++i) {
    CHECK(units[static_cast<std::size_t>(i)].number("constant") ==
          Approx(dummies.coefficients(2 + i)).margin(1e-8));
  }
}

TEST_CASE("ppml panel: two-way effects and none are dummies too", "[ppml_panel]") {
  Flows data = flows(6, 20, 5);
  data.spec.panel_errors = Errors::clustered;
  data.spec.effects = Kind::two_way;
  const FitResult two = fitted(data);
  const PoissonFit dummies = with_dummies(data.panel, true, true);
  REQUIRE(dummies.separated_rows.empty());
  CHECK((two.parameters.values().tail(2) - dummies.coefficients.head(2)).norm() < 1e-7);
  const auto n = static_cast<double>(data.panel.rows());
  const MatrixXd covariance =
      6.0 / 5 * (n - 1) / (n - 3) *
      poisson_covariance(dummies, ErrorStructure::clustered(data.panel.entity, false))
          .topLeftCorner(2, 2);
  CHECK((two.covariance.bottomRightCorner(2, 2) - covariance).norm() < 1e-6 * covariance.norm());
  // The own constant reproduces the own unit's total.
  const VectorXd fitted_values = two.fitted.array().isNaN().select(0.0, two.fitted);
  const VectorXd y = data.sample.y.array().isNaN().select(0.0, data.sample.y);
  CHECK(fitted_values.sum() == Approx(y.sum()));

  data.spec.effects = Kind::none;
  const FitResult pooled = fitted(data);
  const PoissonFit constant = with_dummies(data.panel, false, false);
  const std::vector<int> own = {2, 0, 1};
  CHECK((pooled.parameters.values() - constant.coefficients(own)).norm() < 1e-8);
  const MatrixXd all =
      6.0 / 5 * (n - 1) / (n - 3) *
      poisson_covariance(constant, ErrorStructure::clustered(data.panel.entity, false))(own, own);
  CHECK((pooled.covariance - all).norm() < 1e-8 * all.norm());
}

TEST_CASE("ppml panel: Driscoll and Kraay's errors are Newey and West's of the periods' scores",
          "[ppml_panel]") {
  Flows data = flows(5, 24, 0);
  data.spec.panel_errors = Errors::driscoll_kraay;
  data.spec.lags = 2;
  const FitResult fit = fitted(data);
  const PoissonFit dummies = with_dummies(data.panel, true, false);
  const MatrixXd by_period = group_sums(dummies.scores, data.panel.time);
  const MatrixXd meat = newey_west(by_period, 2);
  const std::vector<int> own = {2, 0, 1};
  const MatrixXd expected = 24.0 / 23 * 119 / (120 - 3) * sandwich(dummies.bread, meat)(own, own);
  CHECK((fit.covariance - expected).norm() < 1e-6 * expected.norm());
}

TEST_CASE("ppml panel: a unit without trade says nothing, and is named", "[ppml_panel]") {
  Flows data = flows(5, 24, 0);
  data.spec.panel_errors = Errors::clustered;
  Flows without = data;
  // The last unit is zero throughout.
  for (int t = 0; t < 24; ++t) data.sample.regressors(t, 2 + 3 * 3) = 0;
  without.spec.panel.pop_back();
  without.sample.regressors.conservativeResize(Eigen::NoChange, 11);
  without.sample.regressor_names.resize(11);
  const FitResult fit = fitted(data), expected = fitted(without);
  CHECK((fit.parameters.values() - expected.parameters.values()).norm() < 1e-8);
  CHECK((fit.covariance - expected.covariance).norm() < 1e-8);
  const bool named = std::any_of(fit.notes.begin(), fit.notes.end(), [](const std::string& note) {
    return note.find("24 rows of zeros") != std::string::npos &&
           note.find("zero throughout: unit4") != std::string::npos;
  });
  CHECK(named);
}

TEST_CASE("ppml panel: bad targets are named", "[ppml_panel]") {
  Flows data = flows(3, 24, 0);
  data.sample.regressors(5, 2) = -1;
  CHECK(message_of([&] { fitted(data); }) ==
        "panel unit unit1 in 2012-06 is -1, but must be at least 0 with estimator = \"ppml\"");
  data = flows(3, 24, 0);
  data.sample.y.setZero();
  CHECK_THAT(message_of([&] { fitted(data); }), Catch::Contains("flow is 0 in all 24"));
  data = flows(3, 24, 0);
  for (int i = 0; i < 2; ++i) data.sample.regressors.col(4 + 3 * i) = data.sample.regressors.col(1);
  data.spec.effects = Kind::two_way;
  CHECK_THAT(message_of([&] { fitted(data); }), Catch::StartsWith("log(fuel) is absorbed"));
}

}  // namespace amnok
