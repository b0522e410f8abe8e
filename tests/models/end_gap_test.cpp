// A series with a gap at its end is the shorter series, forecast that much further: every model of
// one series, on seasonal data.
#include <catch2/catch.hpp>
#include <cmath>

#include "engine/model/model.h"
#include "engine/stats/random_stream.h"
#include "models/arima/arima.h"
#include "models/combination/combination.h"
#include "models/ets/ets.h"
#include "models/theta/theta.h"
#include "models/unobserved_components/unobserved_components.h"
#include "tests/support/arima_series.h"

namespace amnok {

namespace {

constexpr int kObservations = 96, kGap = 3, kHorizon = 6, kDraws = 1000;

// A season that grows with a trending level, as most models find one.
VectorXd seasonal_series() {
  std::vector<double> z(kObservations);
  fill_normals({41, Purpose::simulation, 0}, 0, z);
  VectorXd y(kObservations);
  double level = 100;
  for (int t = 0; t < kObservations; ++t) {
    const double shock = 1 + 0.02 * z[static_cast<std::size_t>(t)];
    y(t) = level * (1 + 0.15 * std::sin(2 * M_PI * t / 12)) * shock;
    level *= 1.004 * (1 + 0.3 * (shock - 1));
  }
  return y;
}

struct Fits {
  FittedModel gappy, shorter;
};

Fits fits_of(const Model& model) {
  const VectorXd y = seasonal_series();
  VectorXd longer(kObservations + kGap);
  longer << y, VectorXd::Constant(kGap, kMissing);
  const Period first{Frequency::monthly, 2010 * 12};
  return {fit_model(model, arima_sample(longer, 12, first)),
          fit_model(model, arima_sample(y, 12, first))};
}

Future ahead(const FittedModel& fitted, int count) {
  const Period next = fitted.result.sample.last() + 1;
  return {{next, count}, MatrixXd(count, 0), {}};
}

struct Case {
  std::string name;
  std::shared_ptr<const Model> model;
};

std::vector<Case> cases() {
  ArimaSpec airline, automatic;
  airline.order = {0, 1, 1, 0, 1, 1, 12};
  automatic.order.period = 12;
  automatic.search = OrderSearch{};
  UcmSpec components;
  components.slope = true;
  components.seasonal = UcmSpec::Seasonal::dummy;
  std::vector<Case> all = {{"arima", make_arima(airline)},
                           {"automatic arima", make_arima(automatic)},
                           {"ucm", make_unobserved_components(components)},
                           {"theta", make_theta({})}};
  for (const std::string form : {"ANN", "AAdA", "MAN", "MAM", ""}) {
    EtsSpec spec;
    spec.form = form;
    all.push_back({"ets " + form, make_ets(spec)});
  }
  CombinationSpec mean;
  mean.members = {{"arima", all[0].model}, {"ets", all[7].model}, {"theta", all[3].model}};
  CombinationSpec median = mean, tested = mean;
  median.combine = Combine::median;
  tested.weighting = MemberWeighting::backtest;
  all.push_back({"combination", make_combination(mean)});
  all.push_back({"median", make_combination(median)});
  all.push_back({"weights by a backtest", make_combination(tested)});
  return all;
}

}  // namespace

TEST_CASE("gap at the end: forecasts are those of the shorter series") {
  for (const Case& c : cases()) {
    INFO(c.name);
    const Fits fits = fits_of(*c.model);
    CHECK(fits.gappy.result.log_likelihood ==
          Approx(fits.shorter.result.log_likelihood).epsilon(1e-9));
    CHECK(fits.gappy.result.nobs == fits.shorter.result.nobs);
    const Forecast a = fits.gappy.model->forecast(fits.gappy.result, ahead(fits.gappy, kHorizon));
    const Forecast b =
        fits.shorter.model->forecast(fits.shorter.result, ahead(fits.shorter, kGap + kHorizon));
    for (int h = 0; h < kHorizon; ++h) {
      INFO("step " << h);
      if (c.name == "median") {  // simulated, and members bridge the gap each by itself
        CHECK(std::fabs(a.mean(h) - b.mean(kGap + h)) < 0.25 * std::sqrt(b.variance(kGap + h)));
        continue;
      }
      CHECK(a.mean(h) == Approx(b.mean(kGap + h)).epsilon(1e-5));
      CHECK(a.variance(h) == Approx(b.variance(kGap + h)).epsilon(1e-4));
    }
  }
}

TEST_CASE("gap at the end: simulated paths know how long nothing was observed") {
  for (const Case& c : cases()) {
    INFO(c.name);
    const FittedModel fitted = fits_of(*c.model).gappy;
    const Future future = ahead(fitted, kHorizon);
    const Forecast forecast = fitted.model->forecast(fitted.result, future);
    ParameterDraws draws;
    draws.parameters = fitted.result.parameters.values().replicate(1, kDraws);
    draws.sigma = VectorXd::Constant(kDraws, std::sqrt(fitted.result.sigma2));
    const auto past = fitted.model->past_state(fitted.result, draws, 5, 0, 0);
    DrawMatrix shocks(kHorizon, kDraws), paths(kHorizon, kDraws);
    std::vector<double> column(kHorizon);
    for (int r = 0; r < kDraws; ++r) {
      fill_normals({5, Purpose::innovation, 0}, static_cast<std::uint32_t>(r), column);
      shocks.col(r) = Eigen::Map<const VectorXd>(column.data(), kHorizon);
    }
    fitted.model->simulate(draws, *past, {future.range, {}, shared_events({})}, shocks, 0, kHorizon,
                           paths);
    for (int h = 0; h < kHorizon; ++h) {
      const double mean = paths.row(h).mean();
      const double variance = (paths.row(h).array() - mean).square().mean();
      INFO("step " << h);
      CHECK(std::fabs(mean - forecast.mean(h)) < 4.5 * std::sqrt(forecast.variance(h) / kDraws));
      CHECK(variance == Approx(forecast.variance(h)).epsilon(6 * std::sqrt(2.0 / kDraws)));
    }
  }
}

}  // namespace amnok
