#include "engine/regression/ardl.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/regression/ardl_selection.h"
#include "engine/regression/bounds_test.h"
#include "engine/regression/wald.h"
#include "engine/stats/distributions.h"
#include "tests/support/arima_series.h"
#include "tests/support/dynamic_series.h"
#include "tests/support/message_of.h"
#include "tests/support/numbers.h"

namespace amnok {

namespace {

ArdlData denmark() {
  ArdlData data;
  const std::string file = "ardl_denmark.csv";
  data.y_name = "LRM";
  data.y = reference_column(file, "LRM");
  data.x_names = {"LRY", "IBO", "IDE"};
  data.x.resize(data.y.size(), 3);
  for (int j = 0; j < 3; ++j) {
    data.x.col(j) = reference_column(file, data.x_names[static_cast<std::size_t>(j)]);
  }
  data.fixed.resize(data.y.size(), 0);
  return data;
}

ArdlData us_gasoline() {
  const std::string file = "ardl_usgas.csv";
  ArdlData data{"lq", reference_column(file, "lq"), {"ly", "lp"}, {}, {}, {}};
  data.x.resize(data.y.size(), 2);
  data.x << reference_column(file, "ly"), reference_column(file, "lp");
  return data;
}

constexpr DeterministicCase kAllCases[] = {
    DeterministicCase::none, DeterministicCase::restricted_constant, DeterministicCase::constant,
    DeterministicCase::restricted_trend, DeterministicCase::trend};

}  // namespace

TEST_CASE("ardl: bounds statistics of Danish money demand are the published ones") {
  // Natsiopoulos & Tzeremes (2022, J. Applied Econometrics 37), to four digits.
  const double published[] = {0.7109, 5.1168, 6.2059, 5.4306, 6.7853};
  for (int c = 0; c < 5; ++c) {
    const ArdlFit fit = fit_ardl(denmark(), {3, {1, 3, 2}}, kAllCases[c]);
    CHECK(bounds_f_test(fit).value == Approx(published[c]).margin(5e-5));
  }
}

TEST_CASE("ardl: both forms are one regression") {
  const ArdlData data = denmark();
  const ArdlOrder order{3, {0, 3, 1}};
  const ArdlFit fit = fit_ardl(data, order, DeterministicCase::restricted_trend);
  const ArdlLevels levels = ardl_levels(fit);
  // Fitted values from the levels, term by term.
  const int first = fit.first;
  for (Eigen::Index i = 0; i < fit.target.size(); ++i) {
    const Eigen::Index t = first + i;
    double y =
        fit.coefficient(fit.constant) + fit.coefficient(fit.trend) * static_cast<double>(t + 1);
    Eigen::Index at = 0;
    for (int l = 1; l <= order.p; ++l) y += levels.coefficients(at++) * data.y(t - l);
    for (int j = 0; j < 3; ++j) {
      for (int l = 0; l <= order.q[static_cast<std::size_t>(j)]; ++l) {
        y += levels.coefficients(at++) * data.x(t - l, j);
      }
    }
    CHECK(data.y(t) - y == Approx(fit.fit.residuals(i)).margin(1e-9));
  }
  // The long run from the levels.
  const double feedback = 1 - levels.coefficients.head(order.p).sum();
  CHECK_THAT(long_run(fit)[1].value(),
             AgreesTo(levels.coefficients.segment(order.p + 1, 4).sum() / feedback, 8));
}

TEST_CASE("ardl: the restricted form has the coefficients of the unrestricted one") {
  for (DeterministicCase terms : kAllCases) {
    const ArdlFit fit = fit_ardl(denmark(), {2, {1, 0, 2}}, terms);
    const RestrictedEcm ecm = restricted_ecm(fit);
    CHECK_THAT(ecm.fit.coefficients(0), AgreesTo(fit.coefficient(fit.level), 8));
    CHECK_THAT(ecm.fit.rss, AgreesTo(fit.fit.rss, 8));
    CHECK(ecm.fit.df_residual() ==
          fit.fit.df_residual() + static_cast<int>(fit.level_columns().size()) - 1);
  }
}

TEST_CASE("ardl: the Fieller set holds what a t test does not reject") {
  const ArdlFit fit = fit_ardl(denmark(), {1, {1, 1, 1}}, DeterministicCase::constant);
  const LongRunCoefficient theta = long_run(fit, 0.9)[0];
  REQUIRE(theta.fieller.shape == RatioSet::Shape::interval);
  // At its ends the linear combination a + theta b has |t| at the quantile.
  const double quantile = student_t_quantile(0.95, fit.fit.df_residual());
  for (double end : {theta.fieller.lower, theta.fieller.upper}) {
    const Ratio& r = theta.ratio;
    const double t = (r.a + end * r.b) / std::sqrt(r.v_aa + 2 * end * r.v_ab + end * end * r.v_bb);
    CHECK_THAT(std::fabs(t), AgreesTo(quantile, 8));
  }
  CHECK(theta.fieller.contains(theta.value()));
}

TEST_CASE("ratio set: its three shapes") {
  const Ratio precise{-2, 1, 0.01, 0, 0.01}, weak{-2, 0.1, 0.01, 0, 0.01},
      nothing{0.1, 0.1, 1, 0, 1};
  CHECK(fieller_set(precise, 2).shape == RatioSet::Shape::interval);
  const RatioSet rays = fieller_set(weak, 2);
  CHECK(rays.shape == RatioSet::Shape::outside);
  CHECK(rays.contains(20));
  CHECK_FALSE(rays.contains(0.5 * (rays.lower + rays.upper)));
  CHECK(rays.words().find("not an interval") != std::string::npos);
  CHECK(fieller_set(nothing, 2).shape == RatioSet::Shape::everything);
  CHECK(fieller_set(nothing, 2).contains(1e9));
}

TEST_CASE("ardl: a speed near zero is said in words, and Fieller sets are unbounded") {
  const ArdlFit fit = fit_ardl(us_gasoline(), {1, {1, 1}}, DeterministicCase::constant);
  const Adjustment speed = adjustment(fit);
  CHECK_FALSE(speed.identified);
  CHECK(speed.words.find("not identified") != std::string::npos);
  for (const LongRunCoefficient& theta : long_run(fit)) {
    CHECK(theta.fieller.shape != RatioSet::Shape::interval);
    CHECK(theta.fieller.contains(theta.value()));
  }
  const Adjustment sound =
      adjustment(fit_ardl(denmark(), {3, {1, 3, 2}}, DeterministicCase::restricted_constant));
  CHECK(sound.identified);
  CHECK(*sound.half_life == Approx(std::log(0.5) / std::log(1 - 0.416852398914192)));
}

TEST_CASE("ardl: multipliers are the response of the simulated equation and reach the long run") {
  const ArdlFit fit = fit_ardl(denmark(), {2, {1, 3, 0}}, DeterministicCase::constant);
  const ArdlLevels levels = ardl_levels(fit);
  const VectorXd change = Eigen::Vector3d(1, -0.5, 2);
  const DynamicMultipliers path = dynamic_multipliers(fit, change, 400);
  // The equation from zero with x at `change` from period 3 on.
  VectorXd y = VectorXd::Zero(20);
  for (int t = 3; t < 20; ++t) {
    Eigen::Index at = 0;
    for (int l = 1; l <= 2; ++l) y(t) += levels.coefficients(at++) * y(t - l);
    for (int j = 0; j < 3; ++j) {
      for (int l = 0; l <= fit.order.q[static_cast<std::size_t>(j)]; ++l, ++at) {
        if (t - l >= 3) y(t) += levels.coefficients(at) * change(j);
      }
    }
    CHECK_THAT(path.cumulative(t - 3), AgreesTo(y(t), 9));
  }
  CHECK_THAT(path.cumulative(400), AgreesTo(path.long_run, 8));
  // At the end the band is that of the long run, by the delta method.
  const VectorXd first = Eigen::Vector3d(1, 0, 0);
  CHECK_THAT(dynamic_multipliers(fit, first, 400).standard_error(400),
             AgreesTo(long_run(fit)[0].standard_error(), 6));
}

TEST_CASE("ardl: bands of multipliers agree with differences in the coefficients") {
  ArdlFit fit = fit_ardl(denmark(), {2, {1, 2, 1}}, DeterministicCase::constant);
  const VectorXd change = Eigen::Vector3d(0, 1, 0);
  const DynamicMultipliers path = dynamic_multipliers(fit, change, 6);
  MatrixXd gradient(7, fit.fit.coefficients.size());
  for (Eigen::Index j = 0; j < gradient.cols(); ++j) {
    const double step = 1e-6 * std::max(1.0, std::fabs(fit.fit.coefficients(j)));
    ArdlFit up = fit, down = fit;
    up.fit.coefficients(j) += step;
    down.fit.coefficients(j) -= step;
    gradient.col(j) = (dynamic_multipliers(up, change, 6).cumulative -
                       dynamic_multipliers(down, change, 6).cumulative) /
                      (2 * step);
  }
  const MatrixXd v = gradient * fit.covariance * gradient.transpose();
  for (int h = 0; h <= 6; ++h) {
    CHECK_THAT(path.standard_error(h), AgreesTo(std::sqrt(v(h, h)), 5));
  }
}

TEST_CASE("ardl: robust errors enter the long run and the Wald bounds statistic") {
  const ArdlData data = denmark();
  const ArdlOrder order{2, {1, 1, 1}};
  const ArdlFit plain = fit_ardl(data, order, DeterministicCase::constant);
  const ArdlFit robust =
      fit_ardl(data, order, DeterministicCase::constant, {RegressionCovariance::hc3, {}});
  const ArdlFit hac =
      fit_ardl(data, order, DeterministicCase::constant, {RegressionCovariance::newey_west, 3});
  CHECK(robust.covariance_name == "HC3");
  CHECK(hac.covariance_name == "Newey-West(3)");
  CHECK(robust.fit.coefficients == plain.fit.coefficients);
  CHECK(long_run(robust)[0].standard_error() != Approx(long_run(plain)[0].standard_error()));
  // A plain Wald statistic is the F statistic of two sums of squares.
  MatrixXd r = MatrixXd::Zero(4, plain.fit.coefficients.size());
  const std::vector<int> columns = plain.level_columns();
  for (int i = 0; i < 4; ++i) r(i, columns[static_cast<std::size_t>(i)]) = 1;
  const Diagnostic wald = wald_test("levels", hac.fit.coefficients, hac.covariance, r,
                                    VectorXd::Zero(4), hac.fit.df_residual());
  CHECK_THAT(bounds_f_test(hac).value, AgreesTo(wald.statistic, 8));
}

TEST_CASE("ardl selection: the whole grid agrees with every fit on the common sample") {
  const ArdlData data = denmark();
  ArdlSearch search;
  search.max_p = 2;
  search.max_q = {2, 1, 1};
  for (DeterministicCase terms : {DeterministicCase::none, DeterministicCase::trend}) {
    const ArdlSelection selection = select_ardl(data, terms, search);
    CHECK(selection.candidates.size() == 2 * 3 * 2 * 2);
    CHECK(selection.first == 2);
    double last = -INFINITY;
    for (const ArdlCandidate& candidate : selection.candidates) {
      const ArdlFit fit = fit_ardl(data, candidate.order, terms, {}, selection.first);
      CHECK_THAT(candidate.aic, AgreesTo(fit.aic, 8));
      CHECK_THAT(candidate.bic, AgreesTo(fit.bic, 8));
      CHECK_THAT(candidate.aicc, AgreesTo(fit.aicc, 8));
      CHECK(candidate.bic >= last);
      last = candidate.bic;
    }
  }
}

TEST_CASE("ardl selection: steps find what the grid finds in a strong dynamic") {
  DynamicRegression truth{0.5, 0.2, 0.8, 0.7, 0.5};
  const ArdlData data = truth.draw(11, 0, 200);
  ArdlSearch search;
  search.max_p = 5;
  search.max_q = {5};
  const ArdlSelection grid = select_ardl(data, DeterministicCase::constant, search);
  CHECK(grid.whole_grid);
  CHECK(grid.best().name() == "ARDL(1,1)");
  search.whole_grid_up_to = 3;
  const ArdlSelection steps = select_ardl(data, DeterministicCase::constant, search);
  CHECK_FALSE(steps.whole_grid);
  CHECK(steps.best().name() == "ARDL(1,1)");
  CHECK(steps.candidates.size() < grid.candidates.size());
}

TEST_CASE("ardl: recovers the long run, the speed and the impact") {
  DynamicRegression truth;
  const ArdlFit fit = fit_ardl(truth.draw(3, 0, 4000), {1, {1}}, DeterministicCase::constant);
  const LongRunCoefficient theta = long_run(fit)[0];
  CHECK(std::fabs(theta.value() - truth.long_run()) < 3 * theta.standard_error());
  CHECK(theta.standard_error() < 0.1);
  const Adjustment speed = adjustment(fit);
  CHECK(std::fabs(speed.speed - (truth.f - 1)) < 3 * speed.standard_error);
  const ArdlLevels levels = ardl_levels(fit);
  for (int j = 0; j < 3; ++j) {
    const double expected[] = {truth.f, truth.b0, truth.b1};
    CHECK(std::fabs(levels.coefficients(j) - expected[j]) < 3 * std::sqrt(levels.covariance(j, j)));
  }
}

TEST_CASE("ardl: the Fieller set of the long run covers at n = 60, where delta falls short",
          "[slow]") {
  constexpr int kDraws = 3000;
  for (double f : {0.6, 0.8}) {
    for (double rho : {0.5, 0.8, 0.95}) {
      DynamicRegression truth;
      truth.f = f;
      truth.rho = rho;
      int fieller = 0, delta = 0;
      for (std::uint32_t r = 0; r < kDraws; ++r) {
        const ArdlFit fit = fit_ardl(truth.draw(8, r, 60), {1, {1}}, DeterministicCase::constant);
        const LongRunCoefficient theta = long_run(fit)[0];
        fieller += theta.set().contains(truth.long_run());
        delta += theta.delta.contains(truth.long_run());
      }
      INFO("f " << f << " rho " << rho << " Fieller " << fieller << " delta " << delta);
      CHECK(fieller >= 0.92 * kDraws);
      CHECK(fieller <= 0.97 * kDraws);
      CHECK(delta < fieller);
    }
  }
}

TEST_CASE("ardl: bad input is named") {
  ArdlData data = denmark();
  const auto fit = [&](ArdlOrder order) {
    return message_of([&] { fit_ardl(data, order, DeterministicCase::constant); });
  };
  CHECK(fit({0, {1, 1, 1}}) == "p is 0, but must be at least 1");
  CHECK(fit({1, {1, -1, 1}}) == "q is -1, but must be at least 0");
  CHECK(fit({1, {1}}) == "q has 1 orders, but must have one for each of 3 regressors");
  CHECK(fit({20, {20, 20, 20}}) ==
        "ARDL(20,20,20,20) leaves 35 observations of 55, but must leave at least 85 for its 84 "
        "coefficients");
  data.x(4, 1) = kMissing;
  CHECK(fit({1, {1, 1, 1}}) == "IBO has 1 missing values, but must have none");
  data = denmark();
  data.x.col(2) = 2 * data.x.col(1);
  CHECK(fit({1, {1, 0, 0}}) ==
        "ARDL(1,1,0,0) has collinear terms: IDE is a linear combination of those before it");
}

}  // namespace amnok
