#include "models/structural_break/structural_break.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/report/break_summary.h"
#include "engine/report/result_table.h"
#include "engine/stats/random_stream.h"

namespace amnok {

namespace {

Sample shift_sample(std::uint32_t draw, double shift, int n = 100) {
  std::vector<double> e(static_cast<std::size_t>(n));
  fill_normals({31, Purpose::simulation, 2}, draw, e);
  Sample sample;
  sample.range = {{Frequency::monthly, 2010 * 12}, n};
  sample.season = 12;
  sample.target = {"y", {}};
  sample.y.resize(n);
  sample.regressors.resize(n, 0);
  for (int t = 0; t < n; ++t)
    sample.y(t) = e[static_cast<std::size_t>(t)] + (t >= n / 2 ? shift : 0);
  return sample;
}

const ResultTable* table(const FitResult& fit, const std::string& name) {
  for (const ResultTable& t : fit.tables) {
    if (t.name == name) return &t;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("structural break: argmax distribution is a distribution") {
  for (const double xi : {1.0, 0.3, 2.5}) {
    for (const double ratio : {1.0, 0.5, 2.0}) {
      double last = 0;
      for (double x = -400; x <= 400; x += 0.5) {
        const double p = argmax_cdf(x, xi, 1.0, ratio);
        CHECK(p >= last - 1e-9);
        CHECK((p >= -1e-9 && p <= 1 + 1e-9));
        last = p;
      }
      CHECK(argmax_cdf(-2000, xi, 1, ratio) < 1e-6);
      CHECK(argmax_cdf(2000, xi, 1, ratio) > 1 - 1e-6);
    }
  }
  // Symmetric when both sides are alike (Yao 1987): quantile 0.975 is near 11.
  CHECK(argmax_cdf(0, 1, 1, 1) == Approx(0.5));
  CHECK(argmax_cdf(11.03, 1, 1, 1) == Approx(0.975).margin(0.001));
}

TEST_CASE("structural break: a shift of two sd is dated, with its interval") {
  const FitResult fit = fit_model(*make_structural_break({}), shift_sample(1, 2)).result;
  const ResultTable* breaks = table(fit, "breaks");
  REQUIRE(breaks != nullptr);
  REQUIRE(breaks->rows.size() == 1);
  const std::string before = std::get<std::string>(breaks->rows[0][0]);
  const std::string after = std::get<std::string>(breaks->rows[0][1]);
  const Period last = *parse_period(before, Frequency::monthly);
  CHECK(*parse_period(after, Frequency::monthly) == last + 1);
  CHECK(std::llabs(last - Period{Frequency::monthly, 2010 * 12 + 49}) <= 3);
}

TEST_CASE("structural break: intervals cover the break") {
  int covered = 0;
  constexpr int kSamples = 200;
  StructuralBreakSpec spec;
  spec.criterion = StructuralBreakSpec::Criterion::fixed;
  spec.fixed_breaks = 1;
  for (std::uint32_t s = 0; s < kSamples; ++s) {
    const FitResult fit =
        fit_model(*make_structural_break(spec), shift_sample(100 + s, 1.5)).result;
    const auto& row = table(fit, "breaks")->rows[0];
    const Period truth{Frequency::monthly, 2010 * 12 + 49};
    covered += *parse_period(std::get<std::string>(row[2]), Frequency::monthly) <= truth &&
                       truth <= *parse_period(std::get<std::string>(row[3]), Frequency::monthly)
                   ? 1
                   : 0;
  }
  CHECK(covered > 0.90 * kSamples);
}

TEST_CASE("structural break: white noise mostly has no break") {
  int none = 0;
  for (std::uint32_t s = 0; s < 100; ++s) {
    const FitResult fit = fit_model(*make_structural_break({}), shift_sample(500 + s, 0)).result;
    none += table(fit, "breaks") == nullptr ? 1 : 0;
  }
  CHECK(none > 75);  // BIC over up to five breaks
}

TEST_CASE("structural break: missing periods are left out and dates stay right") {
  Sample sample = shift_sample(2, 5);
  for (int t : {10, 30, 47, 48, 70}) sample.y(t) = kMissing;
  const FitResult fit = fit_model(*make_structural_break({}), sample).result;
  CHECK(fit.missing == 5);
  CHECK(fit.nobs == 95);
  CHECK(std::get<std::string>(table(fit, "breaks")->rows[0][1]) == "2014-03");
}

TEST_CASE("structural break: too short a sample is refused with the numbers") {
  CHECK_THROWS_WITH(fit_model(*make_structural_break({}), shift_sample(1, 1, 3)),
                    Catch::Contains("y has 3 complete observations"));
}

TEST_CASE("structural break: fewer breaks than asked for is said") {
  StructuralBreakSpec spec;
  spec.criterion = StructuralBreakSpec::Criterion::fixed;
  spec.fixed_breaks = 4;
  spec.trim = 0.4;
  const FitResult fit = fit_model(*make_structural_break(spec), shift_sample(2, 5)).result;
  REQUIRE_FALSE(fit.notes.empty());
  CHECK_THAT(fit.notes[0],
             Catch::Contains("4 breaks were asked for") && Catch::Contains("leave room for 1"));
}

TEST_CASE("structural break: few observations are called few") {
  const FitResult fit = fit_model(*make_structural_break({}), shift_sample(1, 1, 8)).result;
  REQUIRE_FALSE(fit.notes.empty());
  CHECK_THAT(fit.notes[0], Catch::Contains("8 observations for 1 coefficient a segment"));
}

TEST_CASE("structural break: a collinear regressor is named") {
  Sample sample = shift_sample(1, 1);
  sample.regressor_names = {"flat"};
  sample.regressors = MatrixXd::Constant(100, 1, 3);
  CHECK_THROWS_WITH(fit_model(*make_structural_break({}), sample),
                    Catch::Contains("flat is a linear combination"));
}

TEST_CASE("structural break: the tests stand in tables, with their verdicts") {
  StructuralBreakSpec spec;
  spec.known_date = "2014-03";
  spec.f_path = true;
  for (const Errors errors : {Errors::classical, Errors::hc, Errors::hac}) {
    spec.errors = errors;
    const FitResult fit = fit_model(*make_structural_break(spec), shift_sample(3, 4)).result;
    const ResultTable* one = table(fit, "break_tests");
    REQUIRE(one != nullptr);
    // Three bootstrap rows under robust errors, of the sieve under hac; else sup-F by it. The last
    // row holds the breaks against persistent errors.
    CHECK(one->rows.size() == (errors == Errors::classical ? 14 : errors == Errors::hc ? 17 : 16));
    for (const auto& row : one->rows) {
      const std::string test = std::get<std::string>(row[0]);
      INFO(test);
      if (test.find("bootstrap") != std::string::npos || test.rfind("persistent", 0) == 0) {
        CHECK(std::get<double>(row[3]) < 0.05);
        CHECK_THAT(std::get<std::string>(row[4]), Catch::StartsWith("rejects at 5 %"));
        continue;
      }
      // The long-run variance of residuals that hold the shift is too large for them.
      if (errors == Errors::hac && test.substr(0, 4) == "OLS-") continue;
      CHECK(std::get<double>(row[1]) >= std::get<double>(row[2]));  // every test sees four sd
      CHECK(std::get<double>(row[3]) < 0.05);
      CHECK_THAT(std::get<std::string>(row[4]), Catch::StartsWith("rejects at 5 %"));
    }
    const ResultTable* path = table(fit, "f_path");
    REQUIRE(path != nullptr);
    CHECK(path->rows.size() == 71);
    const ResultTable* many = table(fit, "multiple_break_tests");
    REQUIRE(many != nullptr);
    CHECK(std::get<std::string>(many->rows[0][0]) == "supF(0|1)");
    CHECK(many->rows.size() == 5 + 2 + 5);
  }
}

TEST_CASE("structural break: breaks that a criterion finds are held against persistent errors") {
  const auto p_value = [](const FitResult& fit, const std::string& test) {
    for (const TableRow& row : rows_of(fit, "break_tests")) {
      if (row.text("test") == test) return row.number("p_value");
    }
    return kMissing;
  };
  const std::string sieve = "sup-F, sieve bootstrap", ar = "breaks or AR errors",
                    both = "persistent errors without a break";
  // BIC takes the errors of an AR(1) of 0.7 for breaks.
  Sample sample = shift_sample(12, 0);
  for (int t = 1; t < sample.n(); ++t) sample.y(t) += 0.7 * sample.y(t - 1);
  const FitResult persistent = fit_model(*make_structural_break({}), sample).result;
  REQUIRE(table(persistent, "breaks") != nullptr);
  CHECK(p_value(persistent, both) ==
        Approx(std::min(1.0, 2 * std::min(p_value(persistent, sieve), p_value(persistent, ar)))));
  CHECK_THAT(break_verdict(persistent),
             Catch::Contains(", or none: persistent errors without a break could look like this"));
  // A shift is seen by sup-F of the sieve; a block, whose shifts cancel, is not, but against AR errors.
  const FitResult shifted = fit_model(*make_structural_break({}), shift_sample(3, 4)).result;
  CHECK(p_value(shifted, sieve) <= 0.025);
  CHECK(std::isnan(p_value(shifted, ar)));
  CHECK_THAT(break_verdict(shifted),
             Catch::StartsWith("1 break; persistent errors without a break do not explain"));
  sample = shift_sample(6, 0);
  sample.y.segment(40, 20).array() += 4;
  sample.y(50) = kMissing;
  const FitResult block = fit_model(*make_structural_break({}), sample).result;
  CHECK(p_value(block, sieve) > 0.1);
  CHECK(p_value(block, ar) <= 0.025);
  CHECK_THAT(break_verdict(block), Catch::StartsWith("2 breaks; persistent errors"));
  StructuralBreakSpec none;
  none.automatic_bootstrap = false;
  const FitResult asked = fit_model(*make_structural_break(none), shift_sample(3, 4)).result;
  CHECK(break_verdict(asked) == "1 break");
}

TEST_CASE("structural break: the number by sequential tests") {
  StructuralBreakSpec spec;
  spec.criterion = StructuralBreakSpec::Criterion::sequential;
  const FitResult one = fit_model(*make_structural_break(spec), shift_sample(1, 2)).result;
  REQUIRE(table(one, "breaks") != nullptr);
  CHECK(table(one, "breaks")->rows.size() == 1);
  CHECK(table(one, "breaks_by_criterion")->rows.size() == 5);
  const FitResult none = fit_model(*make_structural_break(spec), shift_sample(4, 0)).result;
  CHECK(table(none, "breaks") == nullptr);
  spec.trim = 0.12;
  CHECK_THROWS_WITH(fit_model(*make_structural_break(spec), shift_sample(1, 2)),
                    Catch::Contains("breaks is \"sequential\", but trimming is 0.12"));
}

TEST_CASE("structural break: a trimming without published values says so in its table") {
  StructuralBreakSpec spec;
  spec.trim = 0.12;
  const FitResult fit = fit_model(*make_structural_break(spec), shift_sample(1, 2)).result;
  const auto& row = table(fit, "multiple_break_tests")->rows[0];
  CHECK(std::isnan(std::get<double>(row[2])));
  CHECK_THAT(std::get<std::string>(row[3]), Catch::Contains("trimming is 0.12, but must be"));
}

TEST_CASE("structural break: a known date outside the sample is refused with the range") {
  StructuralBreakSpec spec;
  for (const std::string date : {"2009-12", "2010-01", "2019-01", "soon"}) {
    spec.known_date = date;
    CHECK_THROWS_WITH(fit_model(*make_structural_break(spec), shift_sample(1, 2)),
                      Catch::Contains("chow is " + date + ", but must be a period after 2010-01"));
  }
}

TEST_CASE("structural break: a series without noise has no verdict, and does not crash") {
  Sample sample = shift_sample(1, 0);
  sample.y.setConstant(7);
  StructuralBreakSpec spec;
  for (const Errors errors : {Errors::classical, Errors::hc, Errors::hac}) {
    spec.errors = errors;
    const FitResult fit = fit_model(*make_structural_break(spec), sample).result;
    CHECK(table(fit, "break_tests")->rows.size() == (errors == Errors::classical ? 10 : 13));
  }
}

TEST_CASE("structural break: only the coefficients that are named change") {
  Sample sample = shift_sample(3, 4);
  sample.regressor_names = {"x"};
  sample.regressors.resize(100, 1);
  for (int t = 0; t < 100; ++t) sample.regressors(t, 0) = std::sin(0.7 * t);
  sample.y += 2 * sample.regressors.col(0);
  sample.y(30) = kMissing;
  StructuralBreakSpec spec;
  spec.breaking = {"intercept"};
  for (const Errors errors : {Errors::classical, Errors::hc, Errors::hac}) {
    spec.errors = errors;
    const FitResult fit = fit_model(*make_structural_break(spec), sample).result;
    const ResultTable* breaks = table(fit, "breaks");
    REQUIRE(breaks != nullptr);
    REQUIRE(breaks->rows.size() == 1);
    CHECK(std::get<std::string>(breaks->rows[0][1]) == "2014-03");
    CHECK(breaks->columns == std::vector<std::string>{"last_period_before", "first_period_after",
                                                      "ci95_low", "ci95_high", "intercept_before",
                                                      "intercept_after", "set95"});
    CHECK(fit.parameters.values()(0) == Approx(4).margin(0.6));
    CHECK(fit.parameters.values()(1) == Approx(2).margin(0.5));
    CHECK(fit.covariance.rows() == 2);
    CHECK_THAT(fit.equation, Catch::Contains("those of x stay"));
    // The size is the change of what changes; the levels hold what stays.
    const TableRow size = rows_of(fit, "break_effects").at(0);
    CHECK(size.number("effect") ==
          Approx(std::get<double>(breaks->rows[0][5]) - std::get<double>(breaks->rows[0][4])));
    CHECK(
        size.number("level_after") ==
        Approx(fit.parameters.values()(0) + fit.parameters.values()(1) * sample.regressors(50, 0)));
    CHECK(std::get<double>(table(fit, "break_tests")->rows[0][3]) < 0.001);
  }
  spec.breaking = {"slope"};
  CHECK_THROWS_WITH(fit_model(*make_structural_break(spec), sample),
                    Catch::Contains("breaking is slope, but must be among intercept, x"));
}

TEST_CASE("structural break: seasonal dummies stay, the level changes") {
  Sample sample = shift_sample(3, 4);
  const auto season = [](std::int64_t t) {
    return 3 * std::cos(0.5235987755982988 * static_cast<double>(t));
  };
  for (int t = 0; t < sample.n(); ++t) sample.y(t) += season(t);
  sample.y(30) = kMissing;
  StructuralBreakSpec spec;
  spec.seasonal = true;
  const auto model = make_structural_break(spec);
  const auto bound = model->bind(sample);
  const FitResult fit = fit_model(*model, sample).result;
  const ResultTable* breaks = table(fit, "breaks");
  REQUIRE(breaks != nullptr);
  REQUIRE(breaks->rows.size() == 1);
  CHECK(std::get<std::string>(breaks->rows[0][1]) == "2014-03");
  CHECK(breaks->columns[4] == "intercept_before");
  CHECK(breaks->columns.size() == 7);  // of the seasons nothing changes
  CHECK_THAT(fit.equation,
             Catch::StartsWith("y = intercept + seasonal, coefficients change at 1 date (those of "
                               "seasonal stay)"));
  CHECK(fit.parameters.size() == 12);
  CHECK(fit.parameters.values()(0) == Approx(4).margin(0.5));  // the mean of a year
  const PeriodRange ahead{sample.range.first + 100, 14};
  const Forecast forecast = bound->forecast(fit, {ahead, MatrixXd(14, 0), {}});
  for (int h = 0; h < 14; ++h) CHECK(forecast.mean(h) == Approx(4 + season(100 + h)).margin(1.2));
  CHECK(forecast.mean(0) == Approx(forecast.mean(12)));
  // Draws of the fit's own parameters without shocks are the forecast.
  ParameterDraws draws{fit.parameters.values(), VectorXd::Ones(1)};
  DrawnFuture future;
  future.range = ahead;
  DrawMatrix paths(14, 1);
  bound->simulate(draws, *bound->past_state(fit, draws, 1, 0, 0), future, DrawMatrix::Zero(14, 1),
                  0, 14, paths);
  CHECK((paths.col(0) - forecast.mean).norm() < 1e-9);
  spec.breaking = {"intercept", "seasonal"};
  const FitResult all = fit_model(*make_structural_break(spec), sample).result;
  CHECK(table(all, "breaks")->columns.size() == 4 + 2 * 12 + 1);
  spec.breaking = {"season1"};
  CHECK_THROWS_WITH(fit_model(*make_structural_break(spec), sample),
                    Catch::Contains("breaking is season1, but must be among intercept, seasonal"));
  spec.breaking = {};
  sample.range.first = {Frequency::annual, 1900};
  CHECK_THROWS_WITH(fit_model(*make_structural_break(spec), sample),
                    Catch::Contains("seasonal is true, but y is annual"));
}

TEST_CASE("structural break: the set of dates holds the date and the asked scheme is used") {
  StructuralBreakSpec spec;
  spec.automatic_bootstrap = false;
  spec.bootstrap = Bootstrap::mammen;
  spec.replications = 199;
  const FitResult fit = fit_model(*make_structural_break(spec), shift_sample(1, 2)).result;
  const auto& row = table(fit, "breaks")->rows[0];
  CHECK_THAT(std::get<std::string>(row.back()),
             Catch::Contains(std::get<std::string>(row[0]).substr(0, 4)));
  CHECK_THAT(std::get<std::string>(table(fit, "break_tests")->rows[3][4]),
             Catch::Contains("wild, Mammen, 199 replications"));
  CHECK_THAT(std::get<std::string>(table(fit, "multiple_break_tests")->rows[7].back()),
             Catch::Contains("bootstrap p 0."));
}

TEST_CASE("structural break: the longest of trim, min_segment and coefficients + 1 counts") {
  StructuralBreakSpec spec;
  spec.min_segment = 40;
  const FitResult fit = fit_model(*make_structural_break(spec), shift_sample(1, 2)).result;
  CHECK(table(fit, "number_of_breaks")->rows.size() == 2);
  spec.min_segment = 5;  // below trim's 15
  const FitResult trimmed = fit_model(*make_structural_break(spec), shift_sample(1, 2)).result;
  CHECK(table(trimmed, "number_of_breaks")->rows.size() == 6);
}

TEST_CASE("structural break: shifts that cancel are named where the sequence misses them") {
  Sample sample = shift_sample(6, 0);
  sample.y.segment(42, 16).array() += 8;
  StructuralBreakSpec spec;
  spec.errors = Errors::hac;
  const FitResult fit = fit_model(*make_structural_break(spec), sample).result;
  for (const auto& row : table(fit, "multiple_break_tests")->rows) {
    if (std::get<std::string>(row[0]) != "supF(1|0)") continue;
    CHECK_THAT(std::get<std::string>(row[3]),
               Catch::StartsWith("does not reject at 5 %") &&
                   Catch::Contains("; UDmax does: shifts that cancel"));
  }
}

TEST_CASE("structural break: a series without a break is said to have one in at most 7 of 100",
          "[slow]") {
  // Docs: docs/structural_break.md (amnok-break-tests). Neither verdict "no break" nor "or none".
  constexpr int kDraws = 300;
  const auto model = make_structural_break({});
  const auto breaks = [&](double rho, double shift) {
    int count = 0;
    for (std::uint32_t r = 0; r < kDraws; ++r) {
      Sample sample = shift_sample(9000 + r, 0, 150);
      for (int t = 1; t < 150; ++t) sample.y(t) += rho * sample.y(t - 1);
      sample.range.count = 100;
      sample.y = VectorXd(sample.y.tail(100));
      sample.y.tail(50).array() += shift;
      sample.regressors.resize(100, 0);
      const std::string verdict = break_verdict(fit_model(*model, sample).result);
      const bool reserved = verdict.find(", or none") != std::string::npos;
      count += verdict.rfind("no break", 0) != 0 && !reserved ? 1 : 0;
    }
    return count;
  };
  CHECK(breaks(0, 0) <= 0.07 * kDraws);
  CHECK(breaks(0.5, 0) <= 0.07 * kDraws);
  CHECK(breaks(0, 1) >= 0.8 * kDraws);
  CHECK(breaks(0.5, 2) >= 0.7 * kDraws);
}

}  // namespace amnok
