#include "engine/regression/cointegration.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "tests/support/arima_series.h"
#include "tests/support/dynamic_series.h"
#include "tests/support/message_of.h"
#include "tests/support/numbers.h"

namespace amnok {

namespace {

MatrixXd denmark() {
  MatrixXd x(55, 4);
  const char* const names[] = {"LRM", "LRY", "IBO", "IDE"};
  for (int j = 0; j < 4; ++j) x.col(j) = reference_column("jo_denmark.csv", names[j]);
  return x;
}
const std::vector<std::string> kNames = {"LRM", "LRY", "IBO", "IDE"};

JohansenSpec spec_of(DeterministicCase terms, int lags, bool long_run_form) {
  JohansenSpec spec;
  spec.terms = terms;
  spec.lags = lags;
  spec.long_run_form = long_run_form;
  spec.season = 4;
  return spec;
}

// y = 2 x + a stationary error, x and w random walks: rank 1.
MatrixXd one_relation(std::uint32_t draw, int n) {
  const MatrixXd z = normal_matrix(77, draw, n, 3);
  MatrixXd x(n, 3);
  x.col(1) = autoregression(z.col(0), 1);
  x.col(2) = autoregression(z.col(1), 1);
  x.col(0) = 2 * x.col(1) + autoregression(z.col(2), 0.4);
  return x;
}

}  // namespace

TEST_CASE("cointegration tables: MacKinnon's p-values agree with his critical values") {
  for (Deterministics terms : {Deterministics::constant, Deterministics::trend}) {
    for (int n = 1; n <= 6; ++n) {
      const CriticalValues c = *engle_granger_critical_values(terms, n, 1'000'000'000);
      CHECK(*engle_granger_p_value(c.pct1, terms, n) == Approx(0.01).margin(0.0006));
      CHECK(*engle_granger_p_value(c.pct5, terms, n) == Approx(0.05).margin(0.0015));
      CHECK(*engle_granger_p_value(c.pct10, terms, n) == Approx(0.10).margin(0.002));
    }
    // More variables, further out.
    for (int n = 2; n <= 12; ++n) {
      const CriticalValues c = *engle_granger_critical_values(terms, n, 100);
      CHECK(c.pct5 < engle_granger_critical_values(terms, n - 1, 100)->pct5);
      CHECK((c.pct1 < c.pct5 && c.pct5 < c.pct10));
    }
  }
  CHECK_FALSE(engle_granger_p_value(-3, Deterministics::constant, 7));
  CHECK_FALSE(engle_granger_critical_values(Deterministics::constant, 13, 100));
}

TEST_CASE("cointegration tables: gamma p-values agree with MacKinnon, Haug and Michelis") {
  // Their 5 % points (1999, J. Applied Econometrics 14, 563-577), cases I to V, 1 to 3 random walks.
  const double trace[5][3] = {{4.13, 12.32, 24.28},
                              {9.16, 20.26, 35.19},
                              {3.84, 15.49, 29.80},
                              {12.52, 25.87, 42.92},
                              {3.84, 18.40, 35.01}};
  const double max[5][3] = {{4.13, 11.22, 17.80},
                            {9.16, 15.89, 22.30},
                            {3.84, 14.26, 21.13},
                            {12.52, 19.39, 25.82},
                            {3.84, 17.15, 24.25}};
  for (int c = 0; c < 5; ++c) {
    for (int n = 1; n <= 3; ++n) {
      const auto terms = static_cast<DeterministicCase>(c + 1);
      INFO("case " << c + 1 << ", " << n);
      CHECK(johansen_trace_p_value(trace[c][n - 1], terms, n) == Approx(0.05).margin(0.003));
      // Doornik's fit of the largest eigenvalue is the rougher one.
      CHECK(johansen_max_p_value(max[c][n - 1], terms, n) == Approx(0.05).margin(0.004));
    }
  }
}

TEST_CASE("johansen: eigenvalues solve |l Skk - Sk0 S00^-1 S0k| = 0 and alpha, beta give Pi") {
  const MatrixXd x = denmark();
  for (DeterministicCase terms : {DeterministicCase::none, DeterministicCase::restricted_constant,
                                  DeterministicCase::constant, DeterministicCase::restricted_trend,
                                  DeterministicCase::trend}) {
    const Johansen test = johansen(x, kNames, spec_of(terms, 2, false));
    const double n = test.observations;
    const MatrixXd s00 = test.change_residuals.transpose() * test.change_residuals / n;
    const MatrixXd s0k = test.change_residuals.transpose() * test.level_residuals / n;
    const MatrixXd skk = test.level_residuals.transpose() * test.level_residuals / n;
    for (int r = 0; r < 4; ++r) {
      const VectorXd b = test.beta.col(r);
      const VectorXd gap =
          s0k.transpose() * s00.ldlt().solve(s0k * b) - test.eigenvalues(r) * (skk * b);
      CHECK(gap.norm() < 1e-8 * (skk * b).norm());
      CHECK(test.beta(0, r) == Approx(1));
    }
    // All four relations leave nothing of S0k Skk^-1 where there are no more rows than relations.
    if (test.beta.rows() == 4) {
      const MatrixXd pi = skk.ldlt().solve(s0k.transpose()).transpose();
      CHECK((test.alpha * test.beta.transpose() - pi).norm() < 1e-7 * pi.norm());
    }
    CHECK_THAT(test.trace(0),
               AgreesTo(2 * (test.log_likelihood_of_rank(4) - test.log_likelihood_of_rank(0)), 7));
  }
}

TEST_CASE("johansen: the long-run form has the same relations") {
  const MatrixXd x = denmark();
  const Johansen one =
      johansen(x, kNames, spec_of(DeterministicCase::restricted_constant, 3, false));
  const Johansen other =
      johansen(x, kNames, spec_of(DeterministicCase::restricted_constant, 3, true));
  CHECK((one.eigenvalues - other.eigenvalues).norm() < 1e-10);
  CHECK((one.beta - other.beta).norm() < 1e-6 * one.beta.norm());
  CHECK(one.names[0] == "LRM.l1");
  CHECK(other.names[0] == "LRM.l3");
  CHECK(other.names[4] == "constant");
}

TEST_CASE("johansen: a restricted trend, against the moment matrices in R") {
  // eigen(solve(SKK) %*% t(S0K) %*% solve(S00) %*% S0K) of residuals by lm, R 4.2.2.
  const double eigenvalues[] = {0.4622159976374, 0.2589364237688, 0.1501540812743, 0.0393962259522};
  const double beta[] = {1, -0.63898876635404, 5.06287025840146, -2.67052408496255,
                         -0.00154279329677};
  JohansenSpec spec = spec_of(DeterministicCase::restricted_trend, 2, true);
  spec.season = 0;
  const Johansen test = johansen(denmark(), kNames, spec);
  for (int j = 0; j < 4; ++j) CHECK_THAT(test.eigenvalues(j), AgreesTo(eigenvalues[j], 9));
  for (int j = 0; j < 5; ++j) CHECK_THAT(test.beta(j, 0), AgreesTo(beta[j], 8));
}

TEST_CASE("johansen: restrictions of beta and alpha") {
  const Johansen test =
      johansen(denmark(), kNames, spec_of(DeterministicCase::restricted_constant, 2, true));
  // No restriction, no statistic.
  const RestrictedBeta free = restrict_beta(test, 1, MatrixXd::Identity(5, 5));
  CHECK(free.test.statistic == Approx(0).margin(1e-8));
  CHECK(free.test.p_value == 1);
  // Money and income with opposite coefficients: Johansen & Juselius (1990) do not reject it.
  MatrixXd h = MatrixXd::Zero(5, 4);
  h(0, 0) = 1;
  h(1, 0) = -1;
  h.bottomRightCorner(3, 3).setIdentity();
  const RestrictedBeta homogeneous = restrict_beta(test, 1, h);
  CHECK(homogeneous.test.df == 1);
  CHECK(homogeneous.test.p_value > 0.5);
  CHECK(homogeneous.beta(0, 0) == Approx(-homogeneous.beta(1, 0)));
  // Of the four, money adjusts.
  CHECK(weak_exogeneity(test, 1, {0}).p_value < 0.05);
  CHECK(weak_exogeneity(test, 1, {2, 3}).df == 2);
  CHECK(message_of([&] {
          weak_exogeneity(test, 1, {0, 1, 2, 3});
        }).find("at least 1 must adjust") != std::string::npos);
}

TEST_CASE("johansen: bad input is named") {
  const MatrixXd x = one_relation(3, 80);
  const std::vector<std::string> names = {"y", "x", "w"};
  JohansenSpec spec;
  spec.lags = 0;
  CHECK(message_of([&] { johansen(x, names, spec); }) ==
        "the number of lags of the Johansen test is 0, but must be at least 1");
  spec.lags = 30;
  CHECK(message_of([&] { johansen(x, names, spec); }) ==
        "the data of the Johansen test have 80 observations, but must have at least 126");
  spec.lags = 2;
  spec.season = 1;
  CHECK(message_of([&] { johansen(x, names, spec); }) ==
        "the season of the Johansen test is 1, but must be 0 (none) or at least 2");
  spec.season = 0;
  MatrixXd twice = x;
  twice.col(2) = x.col(0) - x.col(1);
  CHECK(message_of([&] { johansen(twice, names, spec); }) ==
        "the changes of the Johansen test have rank 2 given the terms and lagged changes, but must "
        "have that of their 3 columns");
}

TEST_CASE("johansen: finds one relation and its coefficients") {
  const MatrixXd x = one_relation(0, 400);
  JohansenSpec spec;
  spec.terms = DeterministicCase::restricted_constant;
  const Johansen test = johansen(x, {"y", "x", "w"}, spec);
  CHECK(test.rank() == 1);
  CHECK(test.beta(1, 0) == Approx(-2).margin(0.05));
  CHECK(test.beta(2, 0) == Approx(0).margin(0.05));
  CHECK(test.alpha(0, 0) < 0);
}

TEST_CASE("engle-granger: the steps are the regressions they say") {
  const MatrixXd x = one_relation(1, 120);
  const EngleGranger test = engle_granger(x.col(0), x.rightCols(2), Deterministics::constant, 1);
  CHECK(test.tau == dickey_fuller(test.static_fit.residuals, Deterministics::none, 1).tau);
  CHECK(*test.p_value < 0.05);
  CHECK(test.words.find("are cointegrated") != std::string::npos);
  CHECK(test.error_correction.coefficients(1) < 0);
  // A random walk of its own.
  const EngleGranger apart =
      engle_granger(x.col(2), x.middleCols(1, 1), Deterministics::constant, 4, LagCriterion::bic);
  CHECK(*apart.p_value > 0.05);
  CHECK(apart.lag >= 1);
  CHECK(message_of([&] {
          engle_granger(x.col(0), x.rightCols(2), Deterministics::constant, -1);
        }) == "the lag of the Engle-Granger test is -1, but must be at least 0");
  MatrixXd twice(120, 2);
  twice << x.col(1), 2 * x.col(1);
  CHECK(message_of([&] { engle_granger(x.col(0), twice, Deterministics::constant, 1); }) ==
        "the static regression has rank 2, but must have that of its 3 columns");
}

TEST_CASE("engle-granger and phillips-ouliaris: five per cent of unrelated walks reject",
          "[slow]") {
  int tau = 0, pu = 0, z_tau = 0;
  constexpr int kDraws = 2000;
  for (std::uint32_t r = 0; r < kDraws; ++r) {
    const MatrixXd z = normal_matrix(78, r, 200, 2);
    const VectorXd y = autoregression(z.col(0), 1), x = autoregression(z.col(1), 1);
    const EngleGranger eg = engle_granger(y, x, Deterministics::constant, 0);
    const PhillipsOuliaris po = phillips_ouliaris(y, x, Deterministics::constant, 2, 2);
    tau += eg.tau < eg.critical->pct5;
    pu += po.pu > po.pu_critical->pct5;
    z_tau += *po.z_tau_p_value < 0.05;
  }
  // 3 standard errors are 0.015; the asymptotic ones have a finite-sample error of their own.
  CHECK(tau / double{kDraws} == Approx(0.05).margin(0.015));
  CHECK(z_tau / double{kDraws} == Approx(0.05).margin(0.025));
  CHECK(pu / double{kDraws} == Approx(0.05).margin(0.025));
}

TEST_CASE("johansen: five per cent of unrelated walks have a relation by the trace", "[slow]") {
  constexpr int kDraws = 2000;
  int found = 0;
  for (std::uint32_t r = 0; r < kDraws; ++r) {
    const MatrixXd z = normal_matrix(79, r, 400, 2);
    MatrixXd x(400, 2);
    for (int j = 0; j < 2; ++j) x.col(j) = autoregression(z.col(j), 1);
    JohansenSpec spec;
    spec.lags = 1;
    spec.terms = DeterministicCase::restricted_constant;
    found += johansen(x, {"a", "b"}, spec).trace_p(0) < 0.05;
  }
  CHECK(found / double{kDraws} == Approx(0.05).margin(0.017));
}

}  // namespace amnok
