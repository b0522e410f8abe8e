#include "models/trade_elasticity/elasticity_report.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/regression/specification_tests.h"
#include "engine/stats/distributions.h"
#include "engine/stats/random_stream.h"
#include "models/trade_elasticity/elasticity_prior.h"
#include "models/trade_elasticity/elasticity_terms.h"
#include "models/trade_elasticity/trade_elasticity.h"
#include "tests/support/elasticity_samples.h"
#include "tests/support/numbers.h"

namespace amnok {

namespace {

ReportedRegression regression(std::uint32_t draw, int n) {
  const Sample sample = elasticity_sample(draw, n, 0);
  ReportedRegression r;
  r.x.resize(n, 2);
  r.x << VectorXd::Ones(n), sample.regressors;
  r.y = sample.y;
  r.names = {"intercept", "log(imports)"};
  for (int t = 0; t < n; ++t) r.periods.push_back(sample.range[t]);
  r.fit = solve(LinearLeastSquares{r.x, r.y});
  return r;
}

double number(const ResultTable::Cell& cell) {
  return std::get<double>(cell);
}

}  // namespace

TEST_CASE("influence: Cook's distance and DFBETAS are what leaving the row out does") {
  const ReportedRegression all = regression(5, 30);
  const ResultTable table = influence_table(all);
  REQUIRE(table.rows.size() == 10);
  const auto& worst = table.rows.front();
  int at = 0;
  while (format_period(all.periods[static_cast<std::size_t>(at)]) !=
         std::get<std::string>(worst[0])) {
    ++at;
  }
  std::vector<int> rest;
  for (int t = 0; t < 30; ++t) {
    if (t != at) rest.push_back(t);
  }
  const LinearFit without = solve(LinearLeastSquares{all.x(rest, Eigen::all), all.y(rest)});
  const VectorXd change = all.fit.coefficients - without.coefficients;
  CHECK_THAT(number(worst[3]),
             AgreesTo((all.x * change).squaredNorm() / (2 * all.fit.sigma2()), 9));
  double largest = 0;
  for (int j = 0; j < 2; ++j) {
    const double moved = change(j) / std::sqrt(without.sigma2() * all.fit.xtx_inverse(j, j));
    if (std::fabs(moved) > std::fabs(largest)) largest = moved;
  }
  CHECK_THAT(number(worst[4]), AgreesTo(largest, 9));
  for (std::size_t i = 1; i < table.rows.size(); ++i) {
    CHECK(number(table.rows[i][3]) <= number(table.rows[i - 1][3]));
  }
}

TEST_CASE("influence: a period that decides the answer is said so, with the answer without it") {
  ReportedRegression r = regression(5, 30);
  CHECK(influence_note(r, 1).empty());
  r.x(7, 1) = 40;
  r.fit = solve(LinearLeastSquares{r.x, r.y});
  const std::string note = influence_note(r, 1);
  CHECK(note.find("without 2010-08") != std::string::npos);
  CHECK(note.find("log(imports) is -0.") != std::string::npos);
  // Nothing but one period moves the regressor.
  r.x.col(1).setZero();
  r.x(7, 1) = 1;
  r.fit = solve(LinearLeastSquares{r.x, r.y});
  CHECK(influence_note(r, 1).empty());
}

TEST_CASE("referee: every question has a test, a p-value and a verdict that follows it") {
  const auto questions = referee_questions(regression(6, 120), 12);
  std::vector<std::string> asked;
  for (const RefereeQuestion& q : questions) {
    asked.push_back(q.test.name);
    CHECK(q.test.p_value >= 0);
    CHECK(q.test.p_value <= 1);
    CHECK_FALSE(q.test.words.empty());
  }
  for (const char* name : {"durbin_watson", "jarque_bera", "cusum", "cusum_of_squares"}) {
    CHECK(std::count(asked.begin(), asked.end(), name) == 1);
  }
  CHECK(referee_questions(regression(6, 120), 12, true).size() == questions.size() - 1);
}

TEST_CASE("referee: CUSUM has the statistic and the p-value of strucchange") {
  // R 4.2, strucchange 1.5.3, women: sctest(efp(weight ~ height, type = "Rec-CUSUM")).
  ReportedRegression r = regression(6, 15);
  for (int t = 0; t < 15; ++t) r.x(t, 1) = 58 + t;
  r.y << 115, 118, 119, 124, 123, 129, 131, 130, 139, 138, 146, 147, 150, 159, 161;
  r.fit = solve(LinearLeastSquares{r.x, r.y});
  for (const RefereeQuestion& q : referee_questions(r, 1)) {
    if (q.test.name != "cusum") continue;
    CHECK_THAT(q.test.statistic, AgreesTo(0.64317175926685, 10));
    CHECK_THAT(q.test.p_value, AgreesTo(0.33560922094162, 10));
    return;
  }
  FAIL("no CUSUM");
}

TEST_CASE("referee: CUSUM and CUSUM of squares hold their size and see a break", "[slow]") {
  constexpr int kSamples = 1000;
  int sums = 0, squares = 0, seen = 0;
  for (std::uint32_t s = 0; s < kSamples; ++s) {
    ReportedRegression r = regression(3000 + s, 100);
    const auto rejects = [](const ReportedRegression& of, const std::string& name) {
      for (const RefereeQuestion& q : referee_questions(of, 1, true)) {
        if (q.test.name == name) return q.test.p_value < 0.05 ? 1 : 0;
      }
      return 0;
    };
    sums += rejects(r, "cusum");
    squares += rejects(r, "cusum_of_squares");
    r.y.tail(60).array() += 2;
    r.fit = solve(LinearLeastSquares{r.x, r.y});
    seen += rejects(r, "cusum");
  }
  INFO("cusum " << sums << ", of squares " << squares << ", a break " << seen);
  // Both keep to 5 % or less in samples of this size.
  CHECK(sums < 70);
  CHECK(squares < 70);
  CHECK(sums > 10);
  CHECK(squares > 10);
  CHECK(seen > 0.9 * kSamples);
}

TEST_CASE("equivalent degrees of freedom carry the interval of fixed-b") {
  ReferenceDistribution fixed_b;
  fixed_b.kind = ReferenceDistribution::Kind::fixed_b;
  fixed_b.b = 0.2;
  CHECK_THAT(student_t_quantile(0.975, equivalent_df(fixed_b)),
             AgreesTo(fixed_b.critical(0.95), 9));
  CHECK(equivalent_df({}) == 0);
}

TEST_CASE("collinear columns: the combination is spelled out") {
  MatrixXd x(4, 3);
  x << 1, 1, 5, 1, 2, 8, 1, 3, 11, 1, 5, 17;
  CHECK(collinear_columns(x, {"intercept", "a", "b"}, {2}) ==
        "b is a linear combination of the regressors before it (2 intercept + 3 a)");
}

TEST_CASE("mixed estimation: one coefficient, by hand") {
  // Sample -0.2 with variance 0.04, prior -0.6 with variance 0.01: weights 1 to 4.
  const VectorXd b = VectorXd::Constant(1, -0.2);
  const MatrixXd v = MatrixXd::Constant(1, 1, 0.04);
  const MixedEstimate mixed = mixed_estimate(b, v, {"x"}, {{"x", -0.6, 0.1, {}, {}}});
  CHECK_THAT(mixed.coefficients(0), AgreesTo(-0.52, 12));
  CHECK_THAT(mixed.covariance(0, 0), AgreesTo(0.008, 12));
  CHECK_THAT(mixed.data_share(0), AgreesTo(0.2, 12));
  CHECK_THAT(mixed.compatibility.statistic, AgreesTo(0.16 / 0.05, 12));
}

TEST_CASE("mixed estimation: stacked least squares with the prior as a further row") {
  const ReportedRegression r = regression(8, 40);
  const double s2 = r.fit.sigma2(), sd = 0.05;
  const MixedEstimate mixed = mixed_estimate(r.fit.coefficients, s2 * r.fit.xtx_inverse, r.names,
                                             {{"log(imports)", -0.5, sd, {}, {}}});
  MatrixXd x(41, 2);
  VectorXd y(41);
  x.topRows(40) = r.x / std::sqrt(s2);
  y.head(40) = r.y / std::sqrt(s2);
  x.row(40) << 0, 1 / sd;
  y(40) = -0.5 / sd;
  const LinearFit stacked = solve(LinearLeastSquares{x, y});
  CHECK((mixed.coefficients - stacked.coefficients).norm() < 1e-10);
  CHECK((mixed.covariance - stacked.xtx_inverse).norm() < 1e-12);
}

TEST_CASE("mixed estimation: a range that binds moves the others along") {
  VectorXd b(2);
  b << 0.3, 1;
  MatrixXd v(2, 2);
  v << 0.04, 0.02, 0.02, 0.09;
  const MixedEstimate mixed = mixed_estimate(b, v, {"x", "z"}, {{"x", {}, {}, {}, 0.0}});
  CHECK(mixed.at_bound[0]);
  CHECK_THAT(mixed.coefficients(0) + 1, AgreesTo(1.0, 12));
  CHECK_THAT(mixed.coefficients(1), AgreesTo(1 - 0.3 * 0.02 / 0.04, 12));
  CHECK(mixed.covariance(0, 0) == 0);
  CHECK_THAT(mixed.covariance(1, 1), AgreesTo(0.09 - 0.02 * 0.02 / 0.04, 12));
  const MixedEstimate loose = mixed_estimate(b, v, {"x", "z"}, {{"x", {}, {}, 0.0, 1.0}});
  CHECK_FALSE(loose.at_bound[0]);
  CHECK_THAT(loose.coefficients(0), AgreesTo(0.3, 12));
}

TEST_CASE("mixed estimation: impossible priors are all named") {
  const VectorXd b = VectorXd::Zero(1);
  const MatrixXd v = MatrixXd::Identity(1, 1);
  try {
    mixed_estimate(b, v, {"x"}, {{"w", 0.0, 1.0, {}, {}}, {"x", 0.0, {}, {}, {}}});
    FAIL("accepted");
  } catch (const InputError& error) {
    REQUIRE(error.problems().size() == 2);
    CHECK(error.problems()[0].message.find("must name a coefficient: x") != std::string::npos);
    CHECK(error.problems()[1].message.find("must have mean and sd") != std::string::npos);
  }
}

}  // namespace amnok
