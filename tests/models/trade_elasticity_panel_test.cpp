// Several units in one equation: against the panel estimators themselves, least squares with
// dummies, and what is refused.
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "engine/regression/heterogeneous_panel.h"
#include "engine/report/result_table.h"
#include "engine/solver/covariance.h"
#include "engine/stats/random_stream.h"
#include "models/trade_elasticity/trade_elasticity.h"
#include "tests/support/elasticity_samples.h"
#include "tests/support/message_of.h"
#include "tests/support/numbers.h"

namespace amnok {

namespace {

using Kind = ElasticitySpec::PanelEffectsKind;
using Errors = ElasticitySpec::PanelErrorsKind;
using Estimator = ElasticitySpec::Estimator;

// Units with y = a_i - 0.3 x + 0.2 w + g_t + e: w in common if asked, every `gap`-th cell missing.
// The own unit is the first; the others follow as further columns.
struct City {
  Sample sample;
  ElasticitySpec spec;
  PanelData panel;  // the same rows, for the estimators
};
City cities(int units, int n, int gap, bool common, std::uint32_t draw = 0) {
  std::vector<double> z(static_cast<std::size_t>(units * n * 3 + n + units));
  fill_normals({61, Purpose::simulation, 2}, draw, z);
  const auto at = [&](int i, int t, int which) {
    return z[static_cast<std::size_t>((i * n + t) * 3 + which)];
  };
  City city;
  Sample& sample = city.sample;
  sample.range = {{Frequency::monthly, 2012 * 12}, n};
  sample.season = 12;
  sample.target = {"rice", {Transform::Kind::log, 0}};
  sample.regressor_names = {"log(imports)", "log(fuel)"};
  sample.regressors.resize(n, 2 + 3 * (units - 1));
  sample.y.resize(n);
  std::vector<double> y;
  std::vector<Eigen::RowVector2d> x;
  Groups &entity = city.panel.entity, &time = city.panel.time;
  for (int i = 0; i < units; ++i) {
    if (i > 0) {
      city.spec.panel.push_back({"unit" + std::to_string(i), 2, false});
      for (const char* name : {"y", "x", "w"}) {
        sample.regressor_names.push_back(name + std::to_string(i));
      }
    }
    const double a = z[static_cast<std::size_t>(units * n * 3 + n + i)];
    for (int t = 0; t < n; ++t) {
      const double g = z[static_cast<std::size_t>(units * n * 3 + t)];
      const double price = at(i, t, 0) + a, fuel = common ? at(0, t, 1) : at(i, t, 1);
      double target = a - 0.3 * price + 0.2 * fuel + 0.5 * g + 0.4 * at(i, t, 2);
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
  city.panel.y = Eigen::Map<const VectorXd>(y.data(), std::ssize(y));
  city.panel.x.resize(std::ssize(y), 2);
  for (std::size_t t = 0; t < x.size(); ++t) {
    city.panel.x.row(static_cast<Eigen::Index>(t)) = x[t];
  }
  return city;
}

FitResult fitted(const City& city) {
  return fit_model(*make_trade_elasticity(city.spec), city.sample).result;
}

VectorXd slopes(const FitResult& fit) {
  return fit.parameters.values().tail(2);
}

MatrixXd slope_covariance(const FitResult& fit) {
  return fit.covariance.bottomRightCorner(2, 2);
}

}  // namespace

TEST_CASE("panel elasticity: unit effects are least squares with a dummy for each unit") {
  City city = cities(4, 30, 5, false);
  city.spec.panel_errors = Errors::clustered;
  const FitResult fit = fitted(city);
  const Eigen::Index n = city.panel.rows();
  MatrixXd x = MatrixXd::Zero(n, 6);
  x.rightCols(2) = city.panel.x;
  for (Eigen::Index t = 0; t < n; ++t) {
    x(t, city.panel.entity.code[static_cast<std::size_t>(t)]) = 1;
  }
  const LinearFit dummies = solve(LinearLeastSquares{x, city.panel.y});
  const std::vector<int> own = {0, 4, 5};
  const VectorXd expected = dummies.coefficients(own);
  CHECK((fit.parameters.values() - expected).norm() < 1e-10);
  // Standard errors of the own constant and the slopes together.
  const MatrixXd meat =
      clustered_covariance(regression_scores(x, dummies.residuals), city.panel.entity);
  const double factor = 4.0 / 3 * static_cast<double>(n - 1) / static_cast<double>(n - 3);
  const MatrixXd all = factor * sandwich(dummies.xtx_inverse, meat);
  CHECK((fit.covariance - all(own, own)).norm() < 1e-10 * all.norm());
  CHECK(fit.inference_df == 3);
  CHECK(fit.nobs == 24);
  CHECK(rows_of(fit, "panel")[0].number("value") == static_cast<double>(n));
}

TEST_CASE("panel elasticity: slopes are those of the panel estimators") {
  City city = cities(5, 24, 4, false);
  city.spec.effects = Kind::two_way;
  CHECK((slopes(fitted(city)) - within(city.panel, PanelEffects::two_way).coefficients).norm() <
        1e-10);
  city.spec.effects = Kind::none;
  CHECK((slopes(fitted(city)) - pooled(city.panel).coefficients.tail(2)).norm() < 1e-10);
  city.spec.effects = Kind::random;
  const RandomEffectsFit random = random_effects(city.panel, VarianceComponents::swamy_arora);
  city.spec.panel_errors = Errors::classical;
  const FitResult fit = fitted(city);
  CHECK((slopes(fit) - random.coefficients.tail(2)).norm() < 1e-10);
  CHECK((slope_covariance(fit) - random.covariance().bottomRightCorner(2, 2)).norm() < 1e-10);
  city.spec.estimator = Estimator::mean_group;
  CHECK((slopes(fitted(city)) - mean_group(city.panel).coefficients).norm() < 1e-10);
  CHECK((slope_covariance(fitted(city)) - mean_group(city.panel).covariance).norm() < 1e-10);
  city.spec.estimator = Estimator::cce;
  CHECK((slopes(fitted(city)) - cce_mean_group(city.panel).coefficients).norm() < 1e-10);
  city.spec.estimator = Estimator::cce_pooled;
  CHECK((slopes(fitted(city)) - cce_pooled(city.panel).coefficients).norm() < 1e-10);
}

TEST_CASE("panel elasticity: error structures are those of the panel") {
  City city = cities(5, 24, 4, false);
  const WithinFit fit = within(city.panel, PanelEffects::entity);
  const auto n = static_cast<double>(city.panel.rows());
  const auto factor = [&](double groups) { return groups / (groups - 1) * (n - 1) / (n - 3); };
  const auto compare = [&](Errors errors, const MatrixXd& expected) {
    city.spec.panel_errors = errors;
    CHECK((slope_covariance(fitted(city)) - expected).norm() < 1e-9 * expected.norm());
  };
  compare(Errors::classical, fit.covariance());
  compare(Errors::hc0, panel_covariance(fit, PanelErrors::white));
  compare(Errors::clustered, factor(5) * panel_covariance(fit, PanelErrors::entity));
  city.spec.lags = 2;
  compare(Errors::driscoll_kraay,
          factor(24) * panel_covariance(fit, PanelErrors::driscoll_kraay, 2));
  city.spec.lags.reset();
  city.spec.panel_errors = Errors::automatic;
  CHECK(fitted(city).covariance_kind == "Driscoll-Kraay, 2 lags");
  CHECK(fitted(cities(24, 12, 5, false)).covariance_kind == "clustered by unit (24 units)");
  // What all units share speaks once a period.
  CHECK(fitted(cities(24, 12, 5, true)).covariance_kind == "Driscoll-Kraay, 2 lags");
}

TEST_CASE("panel elasticity: the own unit's residuals have mean zero with unit effects") {
  const City city = cities(4, 30, 5, false);
  const FitResult fit = fitted(city);
  double sum = 0, squares = 0;
  for (double e : fit.residuals) {
    sum += std::isnan(e) ? 0 : e;
    squares += std::isnan(e) ? 0 : e * e;
  }
  CHECK(std::fabs(sum) < 1e-10);
  CHECK_THAT(fit.sigma2, AgreesTo(squares / fit.nobs, 10));
}

TEST_CASE("panel elasticity: random effects come with Hausman's test against fixed ones") {
  City city = cities(8, 30, 5, false);  // prices go with the units' effects
  city.spec.effects = Kind::random;
  const FitResult fit = fitted(city);
  const ResultTable* table = find_table(fit, "hausman");
  REQUIRE(table != nullptr);
  CHECK(table->title.find("chi-squared(2)") != std::string::npos);
  CHECK_THAT(rows_of(fit, "hausman")[0].number("fixed"),
             AgreesTo(within(city.panel, PanelEffects::entity).coefficients(0), 10));
  bool asked = false;
  for (const TableRow& row : rows_of(fit, "panel_tests")) {
    asked = asked || row.text("test") == "hausman";
  }
  CHECK(asked);
}

TEST_CASE("panel elasticity: what effects absorb is named") {
  City city = cities(4, 30, 5, true);
  city.spec.effects = Kind::two_way;
  CHECK(message_of([&] {
          fitted(city);
        }).find("log(fuel) is absorbed: it is the same for all units") == 0);
  city.spec.effects = Kind::unit;
  CHECK(fitted(city).usable());
  city.spec.estimator = Estimator::cce;
  CHECK(message_of([&] { fitted(city); }).find("log(fuel) is absorbed") == 0);
  city = cities(4, 30, 5, false);
  for (Eigen::Index j : {1, 4, 7, 10})
    city.sample.regressors.col(j).setConstant(static_cast<double>(j));
  CHECK(message_of([&] { fitted(city); }) ==
        "log(fuel) is absorbed by the unit effects: it does not vary within a unit");
}

TEST_CASE("panel elasticity: a unit without rows is refused by name") {
  City city = cities(3, 30, 0, false);
  city.sample.regressors.col(5).setConstant(kMissing);
  CHECK(message_of([&] { fitted(city); }).find("panel unit unit2 has 0 observations") == 0);
}

TEST_CASE("panel elasticity: slopes by pooled, between, within and differenced variation") {
  City city = cities(5, 30, 11, false);
  const FitResult fit = fitted(city);
  std::map<std::string, std::vector<TableRow>> rows;
  for (const TableRow& row : rows_of(fit, "slopes_by_estimator")) {
    rows[row.text("estimator")].push_back(row);
  }
  const auto agrees = [&](const char* name, const PanelFit& expected) {
    INFO(name);
    REQUIRE(rows[name].size() == 2);
    for (std::size_t j = 0; j < 2; ++j) {
      const auto at = expected.coefficients.size() - 2 + static_cast<Eigen::Index>(j);
      CHECK_THAT(rows[name][j].number("estimate"), AgreesTo(expected.coefficients(at), 11));
      CHECK(rows[name][j].number("rows") == static_cast<double>(expected.residuals.size()));
    }
  };
  agrees("pooled", pooled(city.panel));
  agrees("between units", between(city.panel));
  agrees("within units", within(city.panel, PanelEffects::entity));
  const PanelFit differences = first_differences(city.panel);
  agrees("first differences", differences);
  // The equation's own errors; those of differences by hand.
  CHECK_THAT(rows["within units"][0].number("std_error"), AgreesTo(fit.standard_error(1), 11));
  const auto n = static_cast<double>(differences.residuals.size());
  CHECK_THAT(
      rows["first differences"][0].number("std_error"),
      AgreesTo(std::sqrt(29.0 / 28 * (n - 1) / (n - 3) *
                         panel_covariance(differences, PanelErrors::driscoll_kraay, 3)(1, 1)),
               11));  // 29 periods with a neighbour, 4 (30 / 100)^(2/9) lags
  CHECK(rows["between units"][0].text("errors") == "classical");
  // What all units share has no variation between them but for gaps, and the table goes on without.
  City common = cities(3, 30, 0, true);
  CHECK(rows_of(fitted(common), "slopes_by_estimator").size() == 6);
}

TEST_CASE("panel elasticity: a unit that is observed once is no cluster") {
  City city = cities(4, 30, 0, false);
  const auto fitted = [](const City& c) {
    return fit_model(*make_trade_elasticity(c.spec), c.sample).result;
  };
  const auto keep_one = [&](int unit) {
    const Eigen::Index column = 2 + 3 * (unit - 1);
    city.sample.regressors.col(column).tail(29).setConstant(kMissing);
  };
  city.spec.panel_errors = Errors::clustered;
  keep_one(3);
  City without = cities(4, 30, 0, false);
  without.spec.panel_errors = Errors::clustered;
  without.spec.panel.pop_back();
  without.sample.regressors.conservativeResize(Eigen::NoChange, 8);
  without.sample.regressor_names.resize(8);
  const FitResult fit = fitted(city), three = fitted(without);
  CHECK(fit.covariance_kind == "clustered by unit (3 units)");
  CHECK(fit.inference_df == three.inference_df);
  CHECK_THAT(fit.parameters.values()(1), AgreesTo(three.parameters.values()(1), 11));
  CHECK(std::any_of(fit.notes.begin(), fit.notes.end(), [](const std::string& note) {
    return note.find("observed once") == 0 && note.find("unit3") != std::string::npos;
  }));
  keep_one(1);
  keep_one(2);
  CHECK_THAT(message_of([&] { fitted(city); }),
             Catch::Contains("the number of units with more than one observation is 1"));
  // Nor has a test of autocorrelation a cluster to go by.
  city.spec.panel_errors = Errors::driscoll_kraay;
  for (const Diagnostic& test : fitted(city).diagnostics) CHECK(test.statistic < 1e6);
}

TEST_CASE("panel elasticity: a unit may share the equation's regressors") {
  City city = cities(3, 30, 4, false);
  Sample& sample = city.sample;
  // The second unit's target alone, the third with its own columns.
  MatrixXd columns(sample.n(), 6);
  columns << sample.regressors.leftCols(3), sample.regressors.rightCols(3);
  City explicit_city = city;
  explicit_city.sample.regressors.col(3) = sample.regressors.col(0);
  explicit_city.sample.regressors.col(4) = sample.regressors.col(1);
  sample.regressors = columns;
  sample.regressor_names.erase(sample.regressor_names.begin() + 3,
                               sample.regressor_names.begin() + 5);
  city.spec.panel[0] = {"unit1", 0, true};
  CHECK((fitted(city).parameters.values() - fitted(explicit_city).parameters.values()).norm() <
        1e-12);
}

}  // namespace amnok
