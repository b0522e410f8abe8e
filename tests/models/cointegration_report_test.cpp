#include "models/trade_elasticity/cointegration_report.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/regression/cointegrating_regression.h"
#include "engine/regression/cointegration.h"
#include "models/trade_elasticity/trade_elasticity.h"
#include "tests/support/dynamic_series.h"

namespace amnok {

namespace {

// k random walks x, and y = 8 - 0.3 x1 - 0.5 x2 .. + u: u AR(1) with coefficient rho, at 1 a walk of
// its own (spurious).
Sample levels_sample(std::uint32_t draw, int n, int k, double rho) {
  const MatrixXd z = normal_matrix(71, draw, n, k + 1);
  Sample sample;
  sample.range = {{Frequency::monthly, 2000 * 12}, n};
  sample.season = 12;
  sample.target = {"rice", {Transform::Kind::log, 0}};
  sample.regressors.resize(n, k);
  sample.y = 8 + autoregression(z.col(k), rho).array();
  for (int j = 0; j < k; ++j) {
    sample.regressor_names.push_back("x" + std::to_string(j + 1));
    sample.regressors.col(j) = autoregression(z.col(j), 1);
    sample.y -= (0.3 + 0.2 * j) * sample.regressors.col(j);
  }
  return sample;
}

ElasticitySpec spec_of(bool dynamic) {
  ElasticitySpec spec;
  spec.dynamic = dynamic;
  spec.cointegration = true;
  return spec;
}

FitResult fitted(const Sample& sample, bool dynamic) {
  return fit_model(*make_trade_elasticity(spec_of(dynamic)), sample).result;
}

const ResultTable& table(const FitResult& fit, const std::string& name) {
  for (const ResultTable& t : fit.tables) {
    if (t.name == name) return t;
  }
  throw std::runtime_error("no table " + name);
}

std::string note(const FitResult& fit, const std::string& start) {
  for (const std::string& note : fit.notes) {
    if (note.rfind(start, 0) == 0) return note;
  }
  return "";
}

const std::vector<ResultTable::Cell>& row(const ResultTable& table, std::size_t column,
                                          const std::string& text) {
  for (const auto& cells : table.rows) {
    if (std::get<std::string>(cells[column]) == text) return cells;
  }
  throw std::runtime_error("no row " + text);
}

double number(const ResultTable::Cell& cell) {
  return std::get<double>(cell);
}

}  // namespace

TEST_CASE("cointegration report: cointegrated variables are, and methods agree",
          "[cointegration_report]") {
  for (const bool dynamic : {false, true}) {
    for (const int k : {1, 2}) {
      INFO(dynamic << " " << k);
      const FitResult fit = fitted(levels_sample(1, 200, k, 0.4), dynamic);
      CHECK_THAT(note(fit, "cointegration: "),
                 Catch::StartsWith("cointegration: the variables are cointegrated, 1 relation"));
      const ResultTable& tests = table(fit, "cointegration_tests");
      CHECK(tests.rows.size() == static_cast<std::size_t>(3 * (k + 1) + 1));
      CHECK(number(row(tests, 0, "Engle-Granger")[4]) < 0.01);
      // Four methods a term.
      const ResultTable& methods = table(fit, "long_run_methods");
      REQUIRE(methods.rows.size() == static_cast<std::size_t>(4 * k));
      for (const auto& cells : methods.rows) {
        const bool first = std::get<std::string>(cells[0]) == "x1";
        CHECK(number(cells[2]) == Approx(first ? -0.3 : -0.5).margin(0.08));
      }
      for (const char* method : {"dynamic OLS", "fully modified OLS"}) {
        const auto& cells = row(methods, 1, method);
        CHECK(number(cells[4]) < -0.3);
        CHECK(number(cells[5]) > -0.3);
      }
    }
  }
}

TEST_CASE("cointegration report: what it prints is what the functions give",
          "[cointegration_report]") {
  const Sample sample = levels_sample(2, 120, 2, 0.5);
  const FitResult fit = fitted(sample, false);
  DynamicOlsSpec dynamic;
  dynamic.leads = dynamic.lags =
      choose_leads_and_lags(sample.y, sample.regressors, Deterministics::constant, 4);
  const CointegratingRegression dols = dynamic_ols(sample.y, sample.regressors, dynamic);
  const CointegratingRegression fmols = fully_modified_ols(sample.y, sample.regressors, {});
  const ResultTable& methods = table(fit, "long_run_methods");
  CHECK(number(row(methods, 1, "dynamic OLS")[2]) == Approx(dols.coefficients(1)));
  CHECK(number(row(methods, 1, "dynamic OLS")[3]) == Approx(dols.standard_error(1)));
  CHECK(number(row(methods, 1, "fully modified OLS")[2]) == Approx(fmols.coefficients(1)));
  CHECK(number(row(methods, 1, "least squares")[2]) == Approx(fit.parameters.values()(1)));
  CHECK(std::isnan(number(row(methods, 1, "least squares")[3])));
}

TEST_CASE("cointegration report: unrelated random walks are called so", "[cointegration_report]") {
  const FitResult fit = fitted(levels_sample(3, 150, 1, 1), false);
  CHECK_THAT(note(fit, "cointegration: "),
             Catch::StartsWith("cointegration: no sign of cointegration"));
  const ResultTable& tests = table(fit, "cointegration_tests");
  CHECK_THAT(std::get<std::string>(row(tests, 0, "Engle-Granger").back()),
             Catch::StartsWith("does not reject"));
  CHECK_THAT(std::get<std::string>(row(tests, 0, "Johansen trace, rank 0").back()),
             Catch::StartsWith("does not reject"));
  CHECK(table(fit, "long_run_methods").rows.size() == 3);  // no relation of Johansen's
}

TEST_CASE("cointegration report: stationary variables are no question of it",
          "[cointegration_report]") {
  Sample sample = levels_sample(4, 200, 1, 0.3);
  const VectorXd x = autoregression(normal_matrix(72, 1, 200, 1).col(0), 0.3);
  sample.y += 0.3 * (sample.regressors.col(0) - x);
  sample.regressors.col(0) = x;
  CHECK_THAT(note(fitted(sample, false), "cointegration: "),
             Catch::Contains("a unit root is rejected for every variable"));
}

TEST_CASE("cointegration report: gaps leave the longest run, and are stated",
          "[cointegration_report]") {
  Sample sample = levels_sample(5, 120, 1, 0.4);
  const Sample whole = sample;
  sample.y(20) = kMissing;
  sample.regressors(25, 0) = kMissing;
  const FitResult fit = fitted(sample, false);
  CHECK(note(fit, "cointegration is tested on ") ==
        "cointegration is tested on 2002-03..2009-12, the longest run without a gap: 94 of 120 "
        "periods");
  Sample tail = whole;
  tail.range = {tail.range.first + 26, 94};
  tail.y = whole.y.tail(94).eval();
  tail.regressors = whole.regressors.bottomRows(94).eval();
  CHECK(number(row(table(fit, "cointegration_tests"), 0, "Engle-Granger")[2]) ==
        number(row(table(fitted(tail, false), "cointegration_tests"), 0, "Engle-Granger")[2]));
  for (int t = 10; t < 120; t += 11) sample.y(t) = kMissing;
  CHECK_THAT(note(fitted(sample, false), "cointegration: not tested"),
             Catch::Contains("has 10, but must have at least 20"));
}

TEST_CASE("cointegration report: seasonal dummies take the seasons out", "[cointegration_report]") {
  Sample sample = levels_sample(6, 180, 1, 0.4);
  ElasticitySpec spec = spec_of(false);
  spec.seasonal_dummies = true;
  const auto tau = [&] {
    const FitResult fit = fit_model(*make_trade_elasticity(spec), sample).result;
    CHECK(!note(fit, "seasonal means").empty());
    return number(row(table(fit, "cointegration_tests"), 0, "Engle-Granger")[2]);
  };
  const double before = tau();
  for (int t = 0; t < 180; ++t) sample.y(t) += 5 * std::cos(t % 12);
  CHECK(tau() == Approx(before));
}

}  // namespace amnok
