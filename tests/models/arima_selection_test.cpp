#include "models/arima/arima_selection.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/stats/random_stream.h"

namespace amnok {

namespace {

VectorXd noise(int n, std::uint32_t draw) {
  std::vector<double> e(static_cast<std::size_t>(n));
  fill_normals({9, Purpose::simulation, 21}, draw, e);
  return Eigen::Map<VectorXd>(e.data(), n);
}

ArimaSpec automatic(int season) {
  ArimaSpec spec;
  spec.order.period = season;
  spec.search = OrderSearch{};
  return spec;
}

VectorXd seasonal_walk(int n) {
  const VectorXd e = noise(n, 77);
  VectorXd y(n);
  for (int t = 0; t < n; ++t) {
    const auto at = [&](const VectorXd& v, int i) { return i >= 0 ? v(i) : 0.0; };
    y(t) = at(y, t - 1) + at(y, t - 12) - at(y, t - 13) + e(t) - 0.4 * at(e, t - 1) -
           0.6 * at(e, t - 12) + 0.24 * at(e, t - 13) + (t < 13 ? 10 * std::sin(t * 0.5236) : 0);
  }
  return y;
}

}  // namespace

TEST_CASE("arima order: differences of known processes are found") {
  int walks = 0, levels = 0;
  constexpr int kSeeds = 40;
  for (std::uint32_t seed = 0; seed < kSeeds; ++seed) {
    const VectorXd e = noise(120, seed);
    VectorXd walk(120);
    double sum = 0;
    for (int t = 0; t < 120; ++t) walk(t) = sum += e(t);
    walks += choose_order(automatic(1), plain_sample(walk, 1)).best.order.d >= 1 ? 1 : 0;
    levels += choose_order(automatic(1), plain_sample(e, 1)).best.order.d == 0 ? 1 : 0;
  }
  // KPSS at 5 % keeps white noise in 95 % of samples, and has a power of about 0.9 against a walk
  // of 120 (Kwiatkowski et al. 1992, table 4): both bounds are three standard deviations below.
  CHECK(levels >= 34);
  CHECK(walks >= 31);
}

TEST_CASE("arima order: the chosen AICc is no worse than that of the true order") {
  for (std::uint32_t seed = 0; seed < 10; ++seed) {
    const VectorXd e = noise(200, 100 + seed);
    VectorXd y = VectorXd::Zero(200);
    for (int t = 2; t < 200; ++t) y(t) = 0.9 * y(t - 1) - 0.5 * y(t - 2) + e(t);
    ArimaSpec spec = automatic(1);
    spec.search->d = 0;
    spec.search->method = OrderSearch::Method::exhaustive;
    spec.search->max_p = spec.search->max_q = 3;
    const OrderChoice choice = choose_order(spec, plain_sample(y, 1));
    ArimaSpec truth;
    truth.order = {2, 0, 0, 0, 0, 0, 1};
    truth.constant = ArimaConstant::no;
    const double aicc = fit_model(*make_arima(truth), plain_sample(y, 1)).result.aicc;
    CHECK(choice.best.criterion <= aicc + 1e-3);
  }
}

TEST_CASE("arima order: the exhaustive search is never worse than the stepwise one") {
  ArimaSpec spec = automatic(1);
  spec.search->max_p = spec.search->max_q = 3;
  const VectorXd e = noise(90, 5);
  VectorXd y = VectorXd::Zero(90);
  for (int t = 1; t < 90; ++t) y(t) = 0.7 * y(t - 1) + e(t) + 0.4 * e(t - 1);
  const double stepwise = choose_order(spec, plain_sample(y, 1)).best.criterion;
  spec.search->method = OrderSearch::Method::exhaustive;
  spec.search->max_order = 6;
  CHECK(choose_order(spec, plain_sample(y, 1)).best.criterion <= stepwise + 1e-3);
}

TEST_CASE("arima order: y times c and a shift of the sample change nothing") {
  const VectorXd y = seasonal_walk(120);
  const OrderChoice base = choose_order(automatic(12), plain_sample(y, 12));
  CHECK(base.best.order.d == 1);
  CHECK(base.best.order.seasonal_d == 1);
  for (double c : {1e-9, 1e9}) {
    const OrderChoice scaled = choose_order(automatic(12), plain_sample(c * y, 12));
    CHECK(scaled.best.order == base.best.order);
    CHECK(scaled.candidates.size() == base.candidates.size());
  }
}

TEST_CASE("arima order: a gap at the end equals the shorter series") {
  const VectorXd e = noise(80, 3);
  VectorXd y = VectorXd::Zero(80);
  for (int t = 1; t < 80; ++t) y(t) = 0.6 * y(t - 1) + e(t);
  VectorXd gap = y;
  gap.tail(4).setConstant(kMissing);
  ArimaSpec spec;
  spec.order = {1, 0, 0, 0, 0, 0, 1};
  const FitResult a = fit_model(*make_arima(spec), plain_sample(gap, 1)).result;
  const FitResult b = fit_model(*make_arima(spec), plain_sample(y.head(76), 1)).result;
  CHECK(a.log_likelihood == Approx(b.log_likelihood).epsilon(1e-9));
  CHECK((a.parameters.values() - b.parameters.values()).norm() < 1e-5);
}

TEST_CASE("arima order: the table of candidates is in the result") {
  const FittedModel fitted =
      fit_model(*make_arima(automatic(12)), plain_sample(seasonal_walk(120), 12));
  REQUIRE(fitted.result.usable());
  REQUIRE_FALSE(fitted.result.tables.empty());
  const ResultTable& table = fitted.result.tables.front();
  CHECK(table.name == "candidates");
  CHECK(table.rows.size() > 10);
  REQUIRE(fitted.model->chosen() != nullptr);
}

TEST_CASE("arima order: a series too short to compare ends in a fallback that is told") {
  ArimaSpec with_mean = automatic(12);
  with_mean.constant =
      ArimaConstant::yes;  // two parameters: AICc needs more than three observations
  const FittedModel fitted =
      fit_model(*make_arima(with_mean), plain_sample((VectorXd(3) << 1, 3, 2).finished(), 12));
  REQUIRE_FALSE(fitted.result.notes.empty());
  CHECK_THAT(fitted.result.notes.front(), Catch::Contains("3 observations are too few"));
  CHECK_THROWS_WITH(
      fit_model(*make_arima(automatic(12)), plain_sample(VectorXd::Constant(30, 7), 12)),
      Catch::Contains("y is constant (7)"));
}

TEST_CASE("arima: permuted regressors change nothing") {
  const VectorXd e = noise(90, 8), a = noise(90, 9), b = noise(90, 10);
  Sample sample = plain_sample(e + 2 * a - b, 1);
  sample.regressor_names = {"a", "b"};
  sample.regressors.resize(90, 2);
  sample.regressors << a, b;
  Sample swapped = sample;
  swapped.regressor_names = {"b", "a"};
  swapped.regressors << b, a;
  ArimaSpec spec;
  spec.order = {1, 0, 1, 0, 0, 0, 1};
  const FitResult x = fit_model(*make_arima(spec), sample).result;
  const FitResult y = fit_model(*make_arima(spec), swapped).result;
  CHECK(x.log_likelihood == Approx(y.log_likelihood).epsilon(1e-10));
  for (const char* name : {"a", "b"}) {
    CHECK(x.parameters.values()(x.parameters.index_of(name)) ==
          Approx(y.parameters.values()(y.parameters.index_of(name))).epsilon(1e-6));
  }
}

TEST_CASE("arima: a series without noise is refused in words, not explained by a mean") {
  VectorXd seasonal(48), line(20);
  for (int t = 0; t < 48; ++t) seasonal(t) = 50 + 3 * (t % 12);
  for (int t = 0; t < 20; ++t) line(t) = 2 * t;
  CHECK_THROWS_WITH(fit_model(*make_arima(automatic(12)), plain_sample(seasonal, 12)),
                    Catch::Contains("y has no noise: its change from season to season does not"));
  CHECK_THROWS_WITH(fit_model(*make_arima(automatic(1)), plain_sample(line, 1)),
                    Catch::Contains("y has no noise: its change does not vary"));
}

}  // namespace amnok
