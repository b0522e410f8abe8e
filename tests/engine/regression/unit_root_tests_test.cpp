#include "engine/regression/unit_root_tests.h"

#include <catch2/catch.hpp>

#include "engine/regression/seasonal_unit_root_tests.h"
#include "engine/stats/random_stream.h"
#include "tests/support/message_of.h"
#include "tests/support/numbers.h"

namespace amnok {

namespace {

VectorXd noise(int n, std::uint32_t draw) {
  std::vector<double> x(static_cast<std::size_t>(n));
  fill_normals({23, Purpose::simulation, 4}, draw, x);
  return Eigen::Map<const VectorXd>(x.data(), n);
}

// x_t = x_{t-lag} + e_t.
VectorXd integrated(VectorXd e, Eigen::Index lag = 1) {
  for (Eigen::Index t = lag; t < e.size(); ++t) e(t) += e(t - lag);
  return e;
}

VectorXd line(int n) {
  return VectorXd::LinSpaced(n, 0.1, 0.1 * n);
}

constexpr Deterministics kNone = Deterministics::none, kConstant = Deterministics::constant,
                         kTrend = Deterministics::trend;
constexpr DifferenceTest kDifferenceTests[] = {DifferenceTest::kpss, DifferenceTest::adf,
                                               DifferenceTest::pp};

// Every statistic that location and scale must not change.
std::vector<double> all_statistics(const VectorXd& y) {
  std::vector<double> all;
  for (Deterministics terms : {kConstant, kTrend}) {
    all.push_back(dickey_fuller(y, terms, 3).tau);
    all.push_back(dickey_fuller(y, terms, 4, LagCriterion::bic).tau);
    if (terms == kTrend) all.push_back(dickey_fuller(y, terms, 3).phi3);
    const PhillipsPerron pp = phillips_perron(y, terms, 4);
    all.push_back(pp.z_tau);
    all.push_back(pp.z_alpha);
    all.push_back(kpss(y, terms, 4).statistic);
    all.push_back(dickey_fuller_gls(y, terms, 2).statistic);
    // Of one lag: a choice among several depends on units (see the header).
    all.push_back(point_optimal(y, terms, 1).statistic);
  }
  for (BreakIn model : {BreakIn::intercept, BreakIn::trend, BreakIn::both}) {
    const ZivotAndrews za = zivot_andrews(y, model, 1);
    all.push_back(za.t);
    all.push_back(za.last_observation_before);
  }
  for (int period : {4, 12}) {
    all.push_back(osborn_chui_smith_birchenhall(y, period).statistic);
    all.push_back(hylleberg_engle_granger_yoo(y, period).statistic);
  }
  return all;
}

}  // namespace

TEST_CASE("unit root tables: p-values agree with published critical values") {
  // MacKinnon (2010), no finite-sample terms; the p-values are MacKinnon's (1994).
  for (Deterministics terms : {kNone, kConstant, kTrend}) {
    const CriticalValues critical = dickey_fuller_critical_values(terms, 1'000'000'000);
    CHECK(dickey_fuller_p_value(critical.pct1, terms) == Approx(0.01).margin(0.0005));
    CHECK(dickey_fuller_p_value(critical.pct5, terms) == Approx(0.05).margin(0.001));
    CHECK(dickey_fuller_p_value(critical.pct10, terms) == Approx(0.10).margin(0.001));
  }
  // Fuller (1976), table 8.5.2, the last row: two decimals.
  CHECK(dickey_fuller_p_value(-1.95, kNone) == Approx(0.05).margin(0.002));
  CHECK(dickey_fuller_p_value(-2.86, kConstant) == Approx(0.05).margin(0.001));
  CHECK(dickey_fuller_p_value(-3.41, kTrend) == Approx(0.05).margin(0.001));
  CHECK(dickey_fuller_p_value(-3.96, kTrend) == Approx(0.01).margin(0.001));
}

TEST_CASE("unit root tables: three tables of tau with a constant agree in finite samples") {
  for (int n : {25, 50, 100, 250}) {
    const CriticalValues fuller = fuller_critical_values(n - 1);
    const CriticalValues older = mackinnon_1991_critical_values(n);
    const CriticalValues newer = dickey_fuller_critical_values(kConstant, n);
    CHECK(newer.pct1 == Approx(fuller.pct1).margin(0.03));
    CHECK(newer.pct5 == Approx(fuller.pct5).margin(0.02));
    CHECK(newer.pct10 == Approx(fuller.pct10).margin(0.02));
    CHECK(newer.pct1 == Approx(older.pct1).margin(0.02));
    CHECK(newer.pct5 == Approx(older.pct5).margin(0.02));
  }
}

TEST_CASE("unit root tables: p-values rise with tau from 0 to 1") {
  for (Deterministics terms : {kNone, kConstant, kTrend}) {
    double last = 0;
    for (double tau = -30; tau < 8; tau += 0.05) {
      const double p = dickey_fuller_p_value(tau, terms);
      CHECK(p >= last - 3e-3);  // the two polynomials meet to about 3e-3
      last = p;
    }
    CHECK(dickey_fuller_p_value(-30, terms) == 0);
    CHECK(dickey_fuller_p_value(10, terms) == Approx(1).margin(1e-6));
    CHECK(std::isnan(dickey_fuller_p_value(kMissing, terms)));
  }
}

TEST_CASE("unit root tables: KPSS p-values are the table's at its points and stay within it") {
  CHECK(kpss_p_value(0.463, false) == Approx(0.05));
  CHECK(kpss_p_value(0.176, true) == Approx(0.025));
  CHECK(kpss_p_value((0.347 + 0.463) / 2, false) == Approx(0.075));
  CHECK(kpss_p_value(0.01, false) == 0.10);
  CHECK(kpss_p_value(5, true) == 0.01);
}

TEST_CASE("unit root tests: Dickey-Fuller without terms and lags by hand") {
  VectorXd y(4);
  y << 1, 3, 2, 4;  // dy 2, -1, 2 on 1, 3, 2: r = 3/14, rss = 9 - 9/14
  const DickeyFuller test = dickey_fuller(y, kNone, 0);
  const double rss = 9 - 9.0 / 14;
  CHECK_THAT(test.tau, AgreesTo(3.0 / 14 / std::sqrt(rss / 2 / 14), 14));
  CHECK(test.observations == 3);
  CHECK(std::isnan(test.phi1));
}

TEST_CASE("unit root tests: KPSS by hand") {
  VectorXd y(4);
  y << 1, 2, 3, 4;  // e -1.5, -0.5, 0.5, 1.5; S -1.5, -2, -1.5, 0
  CHECK_THAT(kpss(y, kConstant, 0).statistic, AgreesTo(8.5 / 16 / 1.25, 14));
  // The first autocovariance 1.25 / 4 comes twice, with weight 1/2.
  CHECK_THAT(kpss(y, kConstant, 1).statistic, AgreesTo(8.5 / 16 / (1.25 + 1.25 / 4), 14));
}

TEST_CASE("unit root tests: without lags, Phillips-Perron is Dickey-Fuller") {
  const VectorXd y = integrated(noise(60, 1));
  for (Deterministics terms : {kConstant, kTrend}) {
    CHECK_THAT(phillips_perron(y, terms, 0).z_tau, AgreesTo(dickey_fuller(y, terms, 0).tau, 10));
  }
}

TEST_CASE("unit root tests: a chosen lag is estimated on the common sample") {
  const VectorXd y = integrated(noise(120, 2));
  for (LagCriterion criterion : {LagCriterion::aic, LagCriterion::bic}) {
    const DickeyFuller chosen = dickey_fuller(y, kTrend, 8, criterion);
    REQUIRE(chosen.lag >= 1);
    const DickeyFuller direct = dickey_fuller(y.tail(120 - (8 - chosen.lag)), kTrend, chosen.lag);
    CHECK_THAT(chosen.tau, AgreesTo(direct.tau, 12));
    CHECK_THAT(chosen.phi2, AgreesTo(direct.phi2, 10));
    CHECK(chosen.observations == 111);
  }
  CHECK(dickey_fuller(y, kTrend, 8, LagCriterion::bic).lag <=
        dickey_fuller(y, kTrend, 8, LagCriterion::aic).lag);
  CHECK(dickey_fuller(y, kConstant, 0, LagCriterion::bic).lag == 0);
}

TEST_CASE("unit root tests: the lag of an autoregression is found") {
  VectorXd d = noise(400, 3);
  for (int t = 3; t < 400; ++t) d(t) += 0.6 * d(t - 3);
  CHECK(dickey_fuller(integrated(d), kConstant, 6, LagCriterion::bic).lag == 3);
}

TEST_CASE("unit root tests: units and the level do not matter") {
  const VectorXd y = integrated(noise(90, 4));
  const std::vector<double> base = all_statistics(y), scaled = all_statistics(1e-6 * y),
                            moved = all_statistics(y.array() + 500),
                            turned = all_statistics(-1e3 * y.array() - 7e3);
  for (std::size_t i = 0; i < base.size(); ++i) {
    CAPTURE(i);
    CHECK_THAT(scaled[i], AgreesTo(base[i], 9));
    CHECK_THAT(moved[i], AgreesTo(base[i], 8));
    CHECK_THAT(turned[i], AgreesTo(base[i], 8));
  }
}

TEST_CASE("unit root tests: a trend does not matter where the terms have one") {
  const VectorXd y = integrated(noise(90, 5)), z = y + 20 * line(90);
  CHECK_THAT(dickey_fuller(z, kTrend, 2).tau, AgreesTo(dickey_fuller(y, kTrend, 2).tau, 9));
  CHECK_THAT(phillips_perron(z, kTrend, 4).z_alpha,
             AgreesTo(phillips_perron(y, kTrend, 4).z_alpha, 9));
  CHECK_THAT(kpss(z, kTrend, 4).statistic, AgreesTo(kpss(y, kTrend, 4).statistic, 9));
  CHECK_THAT(dickey_fuller_gls(z, kTrend, 2).statistic,
             AgreesTo(dickey_fuller_gls(y, kTrend, 2).statistic, 9));
}

TEST_CASE("unit root tests: a true hypothesis is rejected at about the nominal rate") {
  int adf = 0, pp = 0, gls = 0, optimal = 0, stationary = 0;
  constexpr int kSeries = 400;
  for (std::uint32_t s = 0; s < kSeries; ++s) {
    const VectorXd e = noise(100, 100 + s), y = integrated(e);
    adf += dickey_fuller(y, kTrend, 1).p_value < 0.05 ? 1 : 0;
    pp += phillips_perron(y, kConstant, 4).p_value < 0.05 ? 1 : 0;
    const ElliottRothenbergStock df_gls = dickey_fuller_gls(y, kTrend, 1);
    gls += df_gls.statistic < df_gls.critical.pct5 ? 1 : 0;
    const ElliottRothenbergStock p_t = point_optimal(y, kConstant, 1);
    optimal += p_t.statistic < p_t.critical.pct5 ? 1 : 0;
    stationary += kpss(e, kConstant, 2).p_value < 0.05 ? 1 : 0;
  }
  // 5 % of 400 is 20, with a binomial standard deviation of 4.4; P_T has an estimated spectrum.
  for (int rejected : {adf, pp, gls, stationary}) {
    CHECK(rejected > 6);
    CHECK(rejected < 38);
  }
  CHECK(optimal > 6);
  CHECK(optimal < 60);
}

TEST_CASE("unit root tests: white noise has no unit root, a random walk is not stationary") {
  const VectorXd e = noise(200, 6), y = integrated(e);
  CHECK(dickey_fuller(e, kConstant, 2).p_value < 0.001);
  CHECK(phillips_perron(e, kConstant, 4).p_value < 0.001);
  const PhillipsPerron pp = phillips_perron(e, kTrend, 4);
  CHECK(pp.z_alpha < -100);
  CHECK(pp.z_tau < pp.critical.pct1);
  const ElliottRothenbergStock p_t = point_optimal(e, kConstant, 1);
  CHECK(p_t.statistic < p_t.critical.pct1);
  CHECK(kpss(y, kConstant, 4).p_value == 0.01);
}

TEST_CASE("unit root tests: every statistic has a p-value on its table") {
  const VectorXd y = integrated(noise(120, 8)), steps = y.tail(119) - y.head(119);
  const auto upper_half = [](double statistic, const CriticalValues& c) {  // 5 to 10 % by hand
    return 0.05 + 0.05 * (statistic - c.pct5) / (c.pct10 - c.pct5);
  };
  const auto expected = [&](double statistic, const CriticalValues& c) {
    if (statistic <= c.pct1) return 0.01;
    if (statistic >= c.pct10) return 0.10;
    return statistic < c.pct5 ? kMissing : upper_half(statistic, c);
  };
  int between = 0;
  const auto check = [&](double p, double statistic, const CriticalValues& c) {
    const double by_hand = expected(statistic, c);
    if (std::isnan(by_hand)) {
      CHECK((p > 0.01 && p < 0.05));
    } else {
      CHECK(p == Approx(by_hand).epsilon(1e-12));
    }
    if (p > 0.01 && p < 0.10) ++between;
  };
  // Mixtures of the walk and its steps lie between the two verdicts.
  for (double share = 0; share <= 1; share += 0.005) {
    const VectorXd x = share * steps + (1 - share) * 0.3 * y.tail(119);
    const auto gls = dickey_fuller_gls(x, kTrend, 1);
    check(gls.p_value, gls.statistic, gls.critical);
    const auto point = point_optimal(x, kConstant, 1);
    check(point.p_value, point.statistic, point.critical);
    const auto broken = zivot_andrews(x, BreakIn::intercept, 1);
    check(broken.p_value, broken.t, broken.critical);
    const auto mean = dickey_fuller_gls(x, kConstant, 1);
    CHECK(mean.p_value == dickey_fuller_p_value(mean.statistic, kNone));
  }
  CHECK(between > 10);
}

TEST_CASE("unit root tests: Zivot-Andrews finds the last observation before a break") {
  VectorXd y = noise(80, 7);
  y.tail(50).array() += 12;
  const ZivotAndrews test = zivot_andrews(y, BreakIn::intercept, 1);
  CHECK(test.last_observation_before == 30);
  CHECK(test.t < test.critical.pct1);
  CHECK(test.critical.pct5 == -4.80);
  CHECK(zivot_andrews(y, BreakIn::both, 0).last_observation_before == 30);
}

TEST_CASE("unit root tests: a constant series and a line have no statistic") {
  for (double value : {0.0, 0.1, 1234.5}) {
    const VectorXd y = VectorXd::Constant(40, value);
    for (Deterministics terms : {kConstant, kTrend}) {
      const DickeyFuller adf = dickey_fuller(y, terms, 2);
      CHECK(std::isnan(adf.tau));
      CHECK(std::isnan(adf.p_value));
      CHECK(std::isnan(adf.phi1));
      CHECK(std::isnan(dickey_fuller(y, terms, 2, LagCriterion::bic).tau));
      CHECK(std::isnan(phillips_perron(y, terms, 2).z_tau));
      CHECK(std::isnan(kpss(y, terms, 2).p_value));
      CHECK(std::isnan(dickey_fuller_gls(y, terms, 2).statistic));
      CHECK(std::isnan(point_optimal(y, terms, 2).statistic));
    }
    const ZivotAndrews za = zivot_andrews(y, BreakIn::both, 1);
    CHECK(std::isnan(za.t));
    CHECK(za.last_observation_before == 0);
  }
  CHECK(std::isnan(dickey_fuller(line(40), kTrend, 1).tau));
  CHECK(std::isnan(kpss(line(40), kTrend, 2).statistic));
  CHECK(std::isnan(point_optimal(line(40), kTrend, 2).statistic));
}

TEST_CASE("unit root tests: a short series, a lag out of range and missing values are named") {
  const VectorXd y = noise(20, 8);
  CHECK(message_of([&] { dickey_fuller(y, kTrend, 8); }) ==
        "the series of the Dickey-Fuller test with 8 lags has 20 observations, but must have at "
        "least 21");
  CHECK(message_of([&] { dickey_fuller(y, kTrend, 9, LagCriterion::bic); }) ==
        "the series of the Dickey-Fuller test with 9 lags has 20 observations, but must have at "
        "least 23");
  CHECK(message_of([&] { dickey_fuller(y, kNone, -1); }) ==
        "the lag of the Dickey-Fuller test is -1, but must be at least 0");
  CHECK(message_of([&] { phillips_perron(y, kTrend, 19); }) ==
        "the series of the Phillips-Perron test with 19 lags has 20 observations, but must have "
        "at least 21");
  CHECK(message_of([&] { kpss(y, kConstant, 20); }) ==
        "the series of the KPSS test with 20 lags has 20 observations, but must have at least 21");
  CHECK(message_of([&] { dickey_fuller_gls(y, kTrend, 10); }) ==
        "the series of the DF-GLS test with 10 lags has 20 observations, but must have at least "
        "24");
  CHECK(message_of([&] { point_optimal(y, kTrend, -2); }) ==
        "the lag of the point-optimal test is -2, but must be at least 0");
  CHECK(message_of([&] { zivot_andrews(y, BreakIn::both, 7); }) ==
        "the series of the Zivot-Andrews test with 7 lags has 20 observations, but must have at "
        "least 21");
  VectorXd gaps = y;
  gaps(3) = gaps(5) = kMissing;
  CHECK(message_of([&] { kpss(gaps, kConstant, 2); }) ==
        "the series of the KPSS test with 2 lags has 2 missing values, but must have none");
  CHECK(message_of([&] { osborn_chui_smith_birchenhall(gaps, 4); }) ==
        "the series of a seasonal unit-root test has 2 missing values, but must have none");
  CHECK(message_of([&] { hylleberg_engle_granger_yoo(y, 1); }) ==
        "the period of a seasonal unit-root test is 1, but must be at least 2");
}

TEST_CASE("unit root tests: the shortest series that a test takes has a finite statistic") {
  const VectorXd y = integrated(noise(40, 9));
  CHECK(std::isfinite(dickey_fuller(y.head(21), kTrend, 8).tau));
  CHECK(std::isfinite(phillips_perron(y.head(5), kTrend, 0).z_tau));
  CHECK(std::isfinite(kpss(y.head(2), kConstant, 0).statistic));
  CHECK(std::isfinite(dickey_fuller_gls(y.head(8), kTrend, 2).statistic));
  CHECK(std::isfinite(point_optimal(y.head(8), kTrend, 2).statistic));
  CHECK(std::isfinite(zivot_andrews(y.head(11), BreakIn::both, 2).t));
}

TEST_CASE("number of differences: the order of integration") {
  for (DifferenceTest test : kDifferenceTests) {
    int right[3] = {0, 0, 0};
    for (std::uint32_t s = 0; s < 100; ++s) {
      VectorXd x = noise(200, 600 + s);
      for (int d = 0; d <= 2; ++d) {
        right[d] += number_of_differences(x, test) == d ? 1 : 0;
        x = integrated(x);
      }
    }
    CAPTURE(static_cast<int>(test));
    for (int d = 0; d <= 2; ++d) CHECK(right[d] > 75);
  }
}

TEST_CASE("number of differences: constant series, lines, gaps and short series") {
  for (DifferenceTest test : kDifferenceTests) {
    CHECK(number_of_differences(VectorXd::Constant(30, 0.1), test) == 0);
    CHECK(number_of_differences(line(30), test) == 1);
    CHECK(number_of_differences(VectorXd(), test) == 0);
    CHECK(number_of_differences(VectorXd::Constant(5, kMissing), test) == 0);
    const VectorXd y = integrated(noise(100, 10));
    VectorXd gaps(103);
    gaps << kMissing, y.head(40), kMissing, y.tail(60), kMissing;
    CHECK(number_of_differences(gaps, test) == number_of_differences(y, test));
    for (int n = 1; n < 12; ++n) {
      const int d = number_of_differences(y.head(n), test);
      CHECK(d >= 0);
      CHECK(d <= 2);
    }
    CHECK(number_of_differences(y, test, 0.05, 0) == 0);
  }
}

TEST_CASE("seasonal unit root: a seasonal random walk has one, noise has not") {
  for (int period : {4, 12}) {
    int ocsb[2] = {0, 0}, hegy[2] = {0, 0};
    for (std::uint32_t s = 0; s < 60; ++s) {
      const VectorXd e = noise(20 * period, 800 + s);
      const VectorXd series[] = {e, integrated(e, period)};
      for (int i : {0, 1}) {
        ocsb[i] += number_of_seasonal_differences(series[i], period, SeasonalDifferenceTest::ocsb);
        hegy[i] += number_of_seasonal_differences(series[i], period, SeasonalDifferenceTest::hegy);
      }
    }
    CAPTURE(period, ocsb[0], ocsb[1], hegy[0], hegy[1]);
    CHECK(ocsb[0] < 12);
    CHECK(ocsb[1] > 48);
    CHECK(hegy[0] < 12);
    CHECK(hegy[1] > 48);
  }
}

TEST_CASE("seasonal unit root: constant and short series need no seasonal difference") {
  for (SeasonalDifferenceTest test : {SeasonalDifferenceTest::ocsb, SeasonalDifferenceTest::hegy}) {
    CHECK(number_of_seasonal_differences(VectorXd::Constant(60, 2), 12, test) == 0);
    for (int n = 1; n < 30; ++n) {
      const int d = number_of_seasonal_differences(noise(n, 11), 12, test);
      CHECK((d == 0 || d == 1));
      if (n < 17) CHECK(d == 0);
    }
  }
  CHECK(std::isnan(hylleberg_engle_granger_yoo(noise(30, 11), 12).statistic));
}

}  // namespace amnok
