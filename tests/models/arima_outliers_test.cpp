#include "models/arima/arima_outliers.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/config/toml.h"
#include "models/arima/arima.h"
#include "models/arima/outlier_effects.h"
#include "tests/support/arima_series.h"
#include "tests/support/numbers.h"

namespace amnok {

namespace {

const Period kFirst{Frequency::monthly, 2010 * 12};
const ArimaOrder kAr1{1, 0, 0, 0, 0, 0, 1}, kIma{0, 1, 1, 0, 0, 0, 1}, kWalk{0, 1, 0, 0, 0, 0, 1};
const ArimaOrder kAirline{0, 1, 1, 0, 1, 1, 12};

VectorXd values(std::initializer_list<double> x) {
  return Eigen::Map<const VectorXd>(x.begin(), static_cast<Eigen::Index>(x.size()));
}

void plant(VectorXd& y, OutlierType type, int at, double effect) {
  for (int t = 0; t < y.size(); ++t) y(t) += effect * outlier_shape(type, t - at, 12);
}

ArimaSpec searching(const ArimaOrder& order, std::optional<double> critical = {}) {
  ArimaSpec spec;
  spec.order = order;
  spec.outlier_search = OutlierSearch{};
  spec.outlier_search->critical = critical;
  return spec;
}

bool has_note(const FitResult& fit, const std::string& part) {
  return std::any_of(fit.notes.begin(), fit.notes.end(),
                     [&](const std::string& note) { return note.find(part) != std::string::npos; });
}

const ResultTable* table_of(const FitResult& fit, const std::string& name) {
  for (const ResultTable& table : fit.tables) {
    if (table.name == name) return &table;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("arima outliers: shapes") {
  const auto shape = [](OutlierType type, int i) { return outlier_shape(type, i, 4); };
  for (OutlierType type : {OutlierType::additive, OutlierType::level_shift, OutlierType::transitory,
                           OutlierType::seasonal}) {
    CHECK(shape(type, -1) == 0);
    CHECK(shape(type, 0) == 1);
    CHECK(parse_outlier(outlier_code(type)) == type);
  }
  CHECK(shape(OutlierType::additive, 1) == 0);
  CHECK(shape(OutlierType::level_shift, 9) == 1);
  CHECK(shape(OutlierType::transitory, 2) == Approx(0.49));
  // A seasonal outlier leaves the sum over a season alone.
  double sum = 0;
  for (int i = 0; i < 4; ++i) sum += shape(OutlierType::seasonal, i);
  CHECK(sum == Approx(0).margin(1e-15));
  CHECK(shape(OutlierType::seasonal, 8) == 1);
  CHECK_FALSE(parse_outlier("IO").has_value());
  CHECK(outlier_name({OutlierType::level_shift, {Frequency::monthly, 2017 * 12 + 8}}) ==
        "LS_2017-09");
}

TEST_CASE("arima outliers: the critical value bounds the false alarms of all tests together") {
  // Two-sided normal tail times the number of tests: 5 %.
  CHECK(outlier_critical_value(1) == Approx(1.959964));
  CHECK(outlier_critical_value(500) == Approx(3.890592).epsilon(1e-6));  // z of 0.00005
  CHECK(outlier_critical_value(1800) > outlier_critical_value(150));
}

TEST_CASE("arima outliers: planted outliers are found with their type and date") {
  struct Case {
    const char* name;
    ArimaOrder order;
    VectorXd theta;
    OutlierType type;
    double effect;
  };
  const auto type = [](const char* code) { return *parse_outlier(code); };
  const Case cases[] = {
      {"AO in an AR(1)", kAr1, values({0.6}), type("AO"), 8},
      {"LS in an AR(1)", kAr1, values({0.6}), type("LS"), -8},
      {"TC in an AR(1)", kAr1, values({0.3}), type("TC"), 9},
      {"AO in an IMA(1,1)", kIma, values({-0.5}), type("AO"), -8},
      {"LS in an IMA(1,1)", kIma, values({-0.6}), type("LS"), 8},
      {"TC in an IMA(1,1)", kIma, values({-0.7}), type("TC"), 9},
      {"AO in an airline model", kAirline, values({-0.4, -0.6}), type("AO"), 8},
      {"LS in an airline model", kAirline, values({-0.4, -0.6}), type("LS"), -8},
      {"SO in an airline model", kAirline, values({-0.4, -0.6}), type("SO"), 9},
  };
  constexpr int kSeeds = 10, kRows = 132;
  for (const Case& c : cases) {
    int found = 0, covered = 0;
    for (std::uint32_t seed = 0; seed < kSeeds; ++seed) {
      VectorXd y = simulated_arima(c.order, c.theta, kRows, 100 + seed);
      const int at = 50 + 3 * static_cast<int>(seed);
      plant(y, c.type, at, c.effect);
      const FittedModel fitted =
          fit_model(*make_arima(searching(c.order)), arima_sample(y, c.order.period, kFirst));
      REQUIRE(fitted.result.usable());
      const int index = fitted.result.parameters.index_of(outlier_name({c.type, kFirst + at}));
      if (index < 0) continue;
      ++found;
      const double error = fitted.result.parameters.values()(index) - c.effect;
      covered += std::fabs(error) < 1.96 * fitted.result.standard_error(index) ? 1 : 0;
    }
    INFO(c.name);
    CHECK(found >= kSeeds - 1);
    CHECK(covered >= 7);  // of about 9.5 expected
  }
}

TEST_CASE("arima outliers: several at once, one hiding in the other's wake") {
  int right = 0;
  for (std::uint32_t seed = 0; seed < 10; ++seed) {
    VectorXd y = simulated_arima(kAr1, values({0.5}), 160, 300 + seed);
    plant(y, OutlierType::additive, 40, 9);
    plant(y, OutlierType::additive, 42, 9);
    plant(y, OutlierType::level_shift, 100, -6);
    const FoundOutliers found = find_outliers(searching(kAr1), arima_sample(y, 1, kFirst));
    const std::vector<Outlier> planted = {{OutlierType::additive, kFirst + 40},
                                          {OutlierType::additive, kFirst + 42},
                                          {OutlierType::level_shift, kFirst + 100}};
    right += std::all_of(planted.begin(), planted.end(), [&](const Outlier& outlier) {
      return std::find(found.outliers.begin(), found.outliers.end(), outlier) !=
             found.outliers.end();
    });
  }
  CHECK(right >= 8);
}

TEST_CASE("arima outliers: clean series show one in about 5 % of cases", "[slow]") {
  struct Clean {
    ArimaOrder order;
    VectorXd theta;
    int n;
  };
  constexpr int kSeries = 200;
  for (const Clean& c :
       {Clean{kAr1, values({0.6}), 60}, Clean{kAr1, values({0.6}), 120},
        Clean{kIma, values({-0.5}), 120}, Clean{kAirline, values({-0.4, -0.6}), 120}}) {
    int alarms = 0;
    for (std::uint32_t seed = 0; seed < kSeries; ++seed) {
      const VectorXd y = simulated_arima(c.order, c.theta, c.n, 5000 + seed);
      alarms += find_outliers(searching(c.order), arima_sample(y, c.order.period, kFirst))
                        .outliers.empty()
                    ? 0
                    : 1;
    }
    INFO(order_text(c.order) << " n = " << c.n);
    // 10 expected, standard deviation 3.1; Bonferroni is an upper bound and the tests overlap.
    CHECK(alarms <= 19);
    CHECK(alarms >= 1);
  }
}

TEST_CASE("arima outliers: the Nile's level fell between 1898 and 1899") {
  // The dam at Aswan; Cobb (1978, Biometrika 65, 243-251). With critical = 3 also the drought of
  // 1913: the coefficients are means of the observations, by hand.
  const VectorXd y = reference_column("nile.csv", "value");
  const Sample sample = arima_sample(y, 1, {Frequency::annual, 1871});
  const FitResult ar = fit_model(*make_arima(searching(kAr1)), sample).result;
  REQUIRE(ar.usable());
  CHECK(ar.parameters.names() == std::vector<std::string>{"ar1", "intercept", "LS_1899"});
  CHECK(has_note(ar, "after 1898 the level is"));

  const ArimaOrder white{0, 0, 0, 0, 0, 0, 1};
  const FitResult fit = fit_model(*make_arima(searching(white, 3.0)), sample).result;
  REQUIRE(fit.parameters.names() == std::vector<std::string>{"intercept", "LS_1899", "AO_1913"});
  const double before = y.head(28).mean();
  const double after = (y.tail(72).sum() - y(42)) / 71;
  CHECK(fit.parameters.values()(0) == Approx(before).epsilon(1e-10));
  CHECK(fit.parameters.values()(1) == Approx(after - before).epsilon(1e-10));
  CHECK(fit.parameters.values()(2) == Approx(y(42) - after).epsilon(1e-10));
  // R tsoutliers, tso(Nile, types = c("AO", "LS", "TC")), as its manual prints it.
  CHECK(fit.parameters.values()(1) == Approx(-242.2289).margin(1e-4));
  CHECK(fit.parameters.values()(2) == Approx(-399.5211).margin(1e-4));
  CHECK(fit.standard_error(1) == Approx(26.7793).margin(1e-3));
  CHECK(fit.standard_error(2) == Approx(120.8446).margin(1e-3));
}

TEST_CASE("arima outliers: the airline passengers have none, and May 1951 at a low bar") {
  Sample sample = arima_sample(reference_column("airpassengers.csv", "value").array().log(), 12,
                               {Frequency::monthly, 1949 * 12});
  sample.target.transform.kind = Transform::Kind::log;
  CHECK(find_outliers(searching(kAirline), sample).outliers.empty());
  // X-13ARIMA-SEATS names AO1951.May for this series.
  const FitResult low = fit_model(*make_arima(searching(kAirline, 3.0)), sample).result;
  CHECK(low.parameters.index_of("AO_1951-05") >= 0);
  const ResultTable* table = table_of(low, "outliers");
  REQUIRE(table != nullptr);
  CHECK(table->columns ==
        std::vector<std::string>{"type", "period", "effect", "std_error", "t", "effect_pct"});
  CHECK(std::get<std::string>(table->rows[0][1]) == "1951-05");
  const double effect = std::get<double>(table->rows[0][2]);
  CHECK(std::get<double>(table->rows[0][5]) == Approx(100 * (std::exp(effect) - 1)));
}

TEST_CASE("arima outliers: what a known event explains is no outlier") {
  VectorXd y = simulated_arima(kAr1, values({0.5}), 120, 11);
  plant(y, OutlierType::level_shift, 70, -8);
  Sample sample = arima_sample(y, 1, kFirst);
  sample.events["closure"] = EventActivity{{Episode{kFirst + 70, {}, 0, 0, 1, false}}};
  const std::string shift = outlier_name({OutlierType::level_shift, kFirst + 70});
  const FitResult without = fit_model(*make_arima(searching(kAr1)), sample).result;
  CHECK(without.parameters.index_of(shift) >= 0);

  ArimaSpec spec = searching(kAr1);
  Intervention step;
  step.event = "closure";
  spec.interventions = {step};
  const FitResult with = fit_model(*make_arima(spec), sample).result;
  CHECK(with.parameters.names() == std::vector<std::string>{"ar1", "intercept", "closure.omega0"});

  spec.outlier_search->before_events = true;
  const FitResult before = fit_model(*make_arima(spec), sample).result;
  REQUIRE(before.usable());
  CHECK(before.parameters.names() == with.parameters.names());
  CHECK(has_note(before, shift + " was found before the events"));
}

TEST_CASE("arima outliers: found across gaps, and in months known only in a sum") {
  VectorXd y = simulated_arima(kAr1, values({0.5}), 120, 12).array() + 100;
  plant(y, OutlierType::additive, 60, 9);
  plant(y, OutlierType::level_shift, 90, 8);
  Sample sample = arima_sample(y, 1, kFirst);
  for (int t : {10, 11, 30, 61, 62, 100}) sample.y(t) = kMissing;
  TemporalSum sum;
  sum.parts = {kFirst + 20, kFirst + 21};
  sum.value = y(20) + y(21) + 12;  // an error in the published sum
  sample.sums = {sum};
  sample.y(20) = sample.y(21) = kMissing;
  const FoundOutliers found = find_outliers(searching(kAr1), sample);
  CHECK(found.outliers == std::vector<Outlier>{{OutlierType::additive, kFirst + 20},
                                               {OutlierType::additive, kFirst + 60},
                                               {OutlierType::level_shift, kFirst + 90}});
}

TEST_CASE("arima outliers: they stay in a fit whose sums are linearised anew") {
  VectorXd y = (simulated_arima(kIma, values({-0.4}), 100, 13) * 0.05).array().exp() * 100;
  y(60) *= 1.8;
  Sample sample = arima_sample(y.array().log(), 1, kFirst);
  sample.target.transform.kind = Transform::Kind::log;
  TemporalSum sum;
  sum.parts = {kFirst + 30, kFirst + 31};
  sum.value = y(30) + y(31);
  sample.sums = {sum};
  sample.y(30) = sample.y(31) = kMissing;
  const FittedModel fitted = fit_model(*make_arima(searching(kIma)), sample);
  REQUIRE(fitted.result.usable());
  const int index = fitted.result.parameters.index_of("AO_2015-01");
  REQUIRE(index >= 0);
  CHECK(std::fabs(fitted.result.parameters.values()(index) - std::log(1.8)) <
        4 * fitted.result.standard_error(index));
  CHECK(table_of(fitted.result, "outliers")->rows.size() == 1);
  CHECK(has_note(fitted.result, "AO: 2015-01 alone is"));
}

TEST_CASE(
    "arima outliers: a shift goes on over the horizon, a transitory change fades, an AO ends") {
  // A random walk forecasts its last value: y_n - omega L(n - T) + omega L(n - T + h).
  constexpr int kRows = 60, kAt = 56, kAhead = 14;
  const VectorXd y = simulated_arima(kWalk, VectorXd(0), kRows, 14);
  for (OutlierType type : {OutlierType::additive, OutlierType::level_shift, OutlierType::transitory,
                           OutlierType::seasonal}) {
    ArimaSpec spec;
    spec.order = kWalk;
    spec.order.period = 12;
    spec.outliers = {{type, kFirst + kAt}};
    const Sample sample = arima_sample(y, 12, kFirst);
    const FittedModel fitted = fit_model(*make_arima(spec), sample);
    const double omega = fitted.result.parameters.values()(0);
    const Future future{{kFirst + kRows, kAhead}, MatrixXd(kAhead, 0), {}};
    const VectorXd mean = fitted.model->forecast(fitted.result, future).mean;
    INFO(outlier_code(type));
    for (int h = 1; h <= kAhead; ++h) {
      const int since = kRows - 1 - kAt;
      const double expected = y(kRows - 1) + omega * (outlier_shape(type, since + h, 12) -
                                                      outlier_shape(type, since, 12));
      CHECK(mean(h - 1) == Approx(expected).epsilon(1e-9));
    }
    // Paths without shocks are the forecast.
    ParameterDraws draws;
    draws.parameters = fitted.result.parameters.values();
    draws.sigma = VectorXd::Ones(1);
    const auto past = fitted.model->past_state(fitted.result, draws, 1, 0, -1);
    DrawMatrix path(kAhead, 1);
    fitted.model->simulate(draws, *past, {future.range, {}, {}}, DrawMatrix::Zero(kAhead, 1), 0,
                           kAhead, path);
    CHECK((path.col(0) - mean).cwiseAbs().maxCoeff() < 1e-9);
  }
}

TEST_CASE("arima outliers: a chosen model keeps those that another sample can tell") {
  VectorXd y = simulated_arima(kIma, values({-0.5}), 120, 15);
  plant(y, OutlierType::level_shift, 40, 10);
  plant(y, OutlierType::additive, 100, 12);
  const Sample sample = arima_sample(y, 1, kFirst);
  const FittedModel fitted = fit_model(*make_arima(searching(kIma, 5.0)), sample);
  REQUIRE(fitted.result.parameters.names() ==
          std::vector<std::string>{"ma1", "LS_2013-05", "AO_2018-05"});
  const auto chosen = fitted.model->chosen();
  REQUIRE(chosen != nullptr);
  CHECK(fit_model(*chosen, sample).result.log_likelihood ==
        Approx(fitted.result.log_likelihood).epsilon(1e-9));
  const FitResult shorter = fit_model(*chosen, arima_sample(y.head(90), 1, kFirst)).result;
  CHECK(shorter.parameters.names() == std::vector<std::string>{"ma1", "LS_2013-05"});
  Sample gap = sample;
  gap.y(100) = kMissing;
  const FitResult missing = fit_model(*chosen, gap).result;
  CHECK(missing.parameters.names() == std::vector<std::string>{"ma1", "LS_2013-05"});
}

TEST_CASE("arima outliers: with automatic orders a level shift is no reason to difference") {
  int undifferenced = 0;
  for (std::uint32_t seed = 0; seed < 5; ++seed) {
    VectorXd y = simulated_arima(kAr1, values({0.3}), 150, 700 + seed);
    plant(y, OutlierType::level_shift, 75, -9);
    ArimaSpec spec = searching(kAr1);
    spec.search = OrderSearch{};
    const FittedModel fitted = fit_model(*make_arima(spec), arima_sample(y, 1, kFirst));
    REQUIRE(fitted.result.usable());
    CHECK(fitted.result.parameters.index_of("LS_2016-04") >= 0);
    CHECK(table_of(fitted.result, "candidates") != nullptr);
    const auto& arima = dynamic_cast<const BoundArima&>(*fitted.model);
    undifferenced += arima.spec().order.d == 0 ? 1 : 0;
  }
  CHECK(undifferenced >= 4);
}

TEST_CASE("arima outliers: where the data cannot carry the search, the fit says so") {
  // A cap of a tenth: 100 observations, 14 of them far off.
  VectorXd y = simulated_arima(kAr1, values({0.2}), 100, 19);
  for (int i = 0; i < 14; ++i) y(5 + 6 * i + i % 3) += i % 2 == 0 ? 40 + i : -40 - i;
  const ArimaOrder white{0, 0, 0, 0, 0, 0, 1};
  ArimaSpec spec = searching(white);
  spec.outlier_search->types = {OutlierType::additive};
  const FitResult many = fit_model(*make_arima(spec), arima_sample(y, 1, kFirst)).result;
  CHECK(many.usable());
  CHECK(has_note(many, "more than 10 outliers in 100 observations"));
  VectorXd few(9);
  few << 1, 2, 1, 2, 100, 1, 2, 1, 2;
  const FitResult short_fit = fit_model(*make_arima(searching(white)), arima_sample(few)).result;
  CHECK(short_fit.usable());
  CHECK(has_note(short_fit, "9 observations are too few to tell an outlier"));
  // More than half of the values equal: the scale is that of the rest, not zero.
  VectorXd flat = VectorXd::Constant(60, 5);
  for (int t = 0; t < 60; t += 7) flat(t) = 5 + 0.1 * (t % 5);
  flat(30) = 9;
  const std::vector<Outlier> found =
      find_outliers(searching(white), arima_sample(flat, 1, kFirst)).outliers;
  const Outlier spike{OutlierType::additive, kFirst + 30};
  CHECK(std::find(found.begin(), found.end(), spike) != found.end());
}

TEST_CASE("arima outliers: results do not depend on the unit of the series") {
  VectorXd y = simulated_arima(kIma, values({-0.5}), 100, 16);
  plant(y, OutlierType::additive, 50, 10);
  const FoundOutliers base = find_outliers(searching(kIma), arima_sample(y, 1, kFirst));
  REQUIRE(base.outliers.size() == 1);
  for (double c : {1e-9, 1e9}) {
    CHECK(find_outliers(searching(kIma), arima_sample(y * c, 1, kFirst)).outliers == base.outliers);
  }
}

TEST_CASE("arima outliers: options say which types and how large") {
  const Plugin plugin = arima_plugin();
  VectorXd y = simulated_arima(kIma, values({-0.5}), 100, 17);
  plant(y, OutlierType::level_shift, 50, 10);
  const Sample sample = arima_sample(y, 1, kFirst);
  const auto names = [&](const std::string& options) {
    ProblemList problems;
    const std::string text = "plugin = \"arima\"\ntarget = \"y\"\norder = [0, 1, 1]\n" + options;
    const ConfigValue table = parse_toml(text, "test.toml", problems);
    check_schema(table, plugin.schema, "models.y", problems);
    problems.throw_if_errors();
    const EquationSpec equation = read_equation("y", table, plugin, problems);
    return fit_model(*plugin.make(equation, problems), sample).result.parameters.names();
  };
  using Names = std::vector<std::string>;
  CHECK(names("") == Names{"ma1"});
  CHECK(names("outliers = true") == Names{"ma1", "LS_2014-03"});
  CHECK(names("outliers = [\"LS\", \"TC\"]") == Names{"ma1", "LS_2014-03"});
  CHECK(names("outliers = true\ncritical = 20.0") == Names{"ma1"});
  CHECK_THROWS_WITH(names("outliers = [\"IO\"]"), Catch::Contains("AO"));
  CHECK_THROWS_WITH(names("outliers = true\ncritical = 1.0"), Catch::Contains("must be"));
}

}  // namespace amnok
