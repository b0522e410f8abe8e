#include "models/structural_break/further_tests.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/model/model.h"
#include "engine/stats/random_stream.h"
#include "models/structural_break/structural_break.h"

namespace amnok {

namespace {

VectorXd normals(std::uint32_t draw, int n) {
  VectorXd e(n);
  fill_normals({2009, Purpose::simulation, 4}, draw, {e.data(), static_cast<std::size_t>(n)});
  return e;
}

VectorXd walk(const VectorXd& e) {
  VectorXd y = e;
  for (Eigen::Index t = 1; t < y.size(); ++t) y(t) += y(t - 1);
  return y;
}

Sample sample_of(const VectorXd& y) {
  Sample sample;
  sample.range = {{Frequency::monthly, 2000 * 12}, y.size()};
  sample.season = 12;
  sample.target = {"y", {}};
  sample.y = y;
  sample.regressors.resize(y.size(), 0);
  return sample;
}

// Without breaks of the coefficients, so that only the further tests see what was planted.
FitResult tested(const Sample& sample, bool trend = false) {
  StructuralBreakSpec spec;
  spec.criterion = StructuralBreakSpec::Criterion::fixed;
  spec.further = {true, true, true};
  spec.trend = trend;
  return fit_model(*make_structural_break(spec), sample).result;
}

const ResultTable& table(const FitResult& fit, const std::string& name) {
  for (const ResultTable& t : fit.tables) {
    if (t.name == name) return t;
  }
  throw std::runtime_error("no table " + name);
}

std::string text(const ResultTable& table, std::size_t row, const std::string& column) {
  const auto at = std::find(table.columns.begin(), table.columns.end(), column);
  const auto& cell = table.rows.at(row).at(static_cast<std::size_t>(at - table.columns.begin()));
  return std::get<std::string>(cell);
}

std::string answer(const FitResult& fit, std::size_t row) {
  return text(table(fit, "further_tests"), row, "answer");
}

int month_of(const std::string& date) {
  return static_cast<int>(parse_period(date, Frequency::monthly)->ordinal - 2000 * 12);
}

}  // namespace

TEST_CASE("further tests: noise has no other breaks", "[further_tests]") {
  const FitResult fit = tested(sample_of(normals(1, 120)));
  CHECK(answer(fit, 0) == "no sign of a change");
  CHECK(answer(fit, 1) == "no sign of a change");
  CHECK_THAT(answer(fit, 2), Catch::StartsWith("no sign of a break, whatever the noise"));
  CHECK(table(fit, "variance_tests").rows.size() == 3);
  CHECK(table(fit, "variance_segments").rows.size() == 1);
  CHECK(table(fit, "persistence_tests").rows.size() == 9);
  CHECK(table(fit, "trend_tests").rows.size() == 8);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(text(table(fit, "variance_tests"), i, "last_period_before").empty());
  }
}

TEST_CASE("further tests: a planted change of the variance is dated and sized", "[further_tests]") {
  VectorXd y = normals(2, 200);
  y.tail(100) *= 3;
  const FitResult fit = tested(sample_of(y));
  CHECK_THAT(answer(fit, 0), Catch::StartsWith("it changes after"));
  CHECK(answer(fit, 1) == "no sign of a change");
  const ResultTable& segments = table(fit, "variance_segments");
  REQUIRE(segments.rows.size() == 2);
  CHECK(std::abs(month_of(text(segments, 0, "last_period")) - 99) <= 10);
  CHECK(std::get<double>(segments.rows[0][3]) == Approx(1).epsilon(0.25));
  CHECK(std::get<double>(segments.rows[1][3]) == Approx(3).epsilon(0.25));
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK_THAT(text(table(fit, "variance_tests"), i, "says"), Catch::StartsWith("rejects at 5 %"));
  }
}

TEST_CASE("further tests: a planted change of persistence is told with its direction",
          "[further_tests]") {
  VectorXd y = normals(3, 200);
  y.tail(100) = y(99) + walk(normals(4, 100)).array();
  CHECK_THAT(answer(tested(sample_of(y)), 1), Catch::StartsWith("stationary until"));
  const VectorXd back = y.reverse();
  const std::string words = answer(tested(sample_of(back)), 1);
  CHECK_THAT(words, Catch::StartsWith("like a random walk until"));
  CHECK_THAT(words, Catch::EndsWith("then stationary"));
}

TEST_CASE("further tests: a planted break of a slope is dated about noise of both kinds",
          "[further_tests]") {
  for (const bool unit_root : {false, true}) {
    INFO(unit_root);
    VectorXd y = normals(5, 120);
    if (unit_root) y = walk(y);
    for (int t = 0; t < 120; ++t) y(t) += 0.1 * t + (unit_root ? 1.5 : 0.3) * std::max(t - 59, 0);
    const FitResult fit = tested(sample_of(y), true);
    CHECK_THAT(answer(fit, 2),
               Catch::StartsWith("a break whatever the noise") && Catch::Contains("slope after"));
    const ResultTable& tests = table(fit, "trend_tests");
    CHECK(std::abs(month_of(text(tests, 1, "last_period_before")) - 59) <= 8);
    CHECK_THAT(text(tests, 1, "says"), Catch::Contains(unit_root ? "random walk" : "stationary"));
    // Stationary about a broken line, or not.
    CHECK_THAT(text(tests, 7, "says"),
               Catch::StartsWith(unit_root ? "does not reject" : "rejects"));
  }
}

TEST_CASE("further tests: what cannot be run says why", "[further_tests]") {
  Sample regressors = sample_of(normals(6, 80));
  regressors.regressor_names = {"x"};
  regressors.regressors = normals(7, 80);
  const FitResult with = tested(regressors);
  CHECK_THAT(answer(with, 0), Catch::StartsWith("no sign") || Catch::StartsWith("it changes"));
  for (const std::size_t i : {std::size_t{1}, std::size_t{2}}) {
    CHECK_THAT(answer(with, i), Catch::StartsWith("not run: ") && Catch::EndsWith("regressors: x"));
  }
  VectorXd gap = normals(8, 80);
  gap.segment(30, 2).setConstant(kMissing);
  gap(0) = kMissing;  // an end, which is no gap
  const FitResult parts = tested(sample_of(gap));
  for (const std::size_t i : {std::size_t{1}, std::size_t{2}}) {
    CHECK_THAT(answer(parts, i), !Catch::StartsWith("not run") &&
                                     Catch::EndsWith(" (2002-09..2006-08, the longest run without "
                                                     "a gap)"));
  }
  const FitResult run = tested(sample_of(gap.tail(48)));
  CHECK(std::get<double>(table(parts, "trend_tests").rows[0][2]) ==
        std::get<double>(table(run, "trend_tests").rows[0][2]));
  for (int t = 5; t < 80; t += 10) gap(t) = kMissing;
  CHECK_THAT(answer(tested(sample_of(gap)), 2),
             Catch::Contains("9 observations, but must be 20 to 1000"));
  const FitResult brief = tested(sample_of(normals(9, 15)));
  CHECK(answer(brief, 0) == "not run: 15 observations, but at least 20 are needed");
  CHECK_THAT(answer(brief, 1), Catch::Contains("15 observations, but must be 20 to 2000"));
  CHECK_THAT(answer(brief, 2), Catch::Contains("15 observations, but must be 20 to 1000"));
}

TEST_CASE("further tests: a series too long for every date says so", "[further_tests]") {
  FurtherTestInput input;
  input.residual_date = input.date = [](int i) { return std::to_string(i); };
  const auto refused = [&](const FurtherTests& wanted, int n, int longest) {
    input.residuals = input.y = normals(11, n);
    for (const ResultTable& t : further_test_tables(wanted, input)) {
      if (t.name == "further_tests") continue;
      CHECK(t.rows.size() == 1);
      CHECK(text(t, 0, "says") ==
            fmt::format("not run: {} observations, but must be 20 to {}: every date is tried", n,
                        longest));
    }
  };
  refused({false, false, true}, 1001, 1000);
  refused({false, true, false}, 2001, 2000);
}

TEST_CASE("further tests: only those that are named", "[further_tests]") {
  FurtherTestInput input;
  input.residuals = normals(10, 60);
  input.residual_date = input.date = [](int i) { return std::to_string(i); };
  input.y = input.residuals;
  const std::vector<ResultTable> tables = further_test_tables({true, false, false}, input);
  REQUIRE(tables.size() == 3);
  CHECK(tables[0].rows.size() == 1);
  CHECK(tables[1].name == "variance_tests");
}

}  // namespace amnok
