#include "models/combination/combination.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/stats/random_stream.h"
#include "engine/study/estimation.h"
#include "models/arima/arima.h"
#include "models/builtin.h"
#include "models/combination/bound_combination.h"
#include "models/ets/ets.h"
#include "models/theta/theta.h"
#include "tests/support/study_fixture.h"

namespace amnok {

namespace {

constexpr int kAhead = 8;

// A level that drifts and learns from its errors.
Sample sample_of(int n, std::uint32_t stream = 1, double drift = 0.1) {
  std::vector<double> e(static_cast<std::size_t>(n));
  fill_normals({7, Purpose::simulation, stream}, 0, e);
  Sample sample;
  sample.range = {{Frequency::annual, 1900}, n};
  sample.target = {"y", {}};
  sample.y.resize(n);
  sample.regressors.resize(n, 0);
  double level = 50;
  for (int t = 0; t < n; ++t) {
    const double shock = e[static_cast<std::size_t>(t)];
    sample.y(t) = level + shock;
    level += drift + 0.5 * shock;
  }
  return sample;
}

Future ahead(const Sample& sample) {
  return {{sample.range.last() + 1, kAhead}, MatrixXd(kAhead, 0), {}};
}

std::shared_ptr<const Model> arima(int p, int d, int q) {
  ArimaSpec spec;
  spec.order = {p, d, q, 0, 0, 0, 1};
  return make_arima(spec);
}

std::shared_ptr<const Model> ets(const std::string& form) {
  EtsSpec spec;
  spec.form = form;
  return make_ets(spec);
}

CombinationSpec three_members() {
  CombinationSpec spec;
  spec.members = {{"arima", arima(0, 1, 1)},
                  {"ets", ets("AAN"), false, false},
                  {"theta", make_theta({}), false, false}};
  return spec;
}

std::vector<Forecast> forecasts_of(const CombinationSpec& spec, const Sample& sample) {
  std::vector<Forecast> forecasts;
  for (const CombinationMember& member : spec.members) {
    const FittedModel fitted = fit_model(*member.model, sample);
    forecasts.push_back(fitted.model->forecast(fitted.result, ahead(sample)));
  }
  return forecasts;
}

const BoundCombination& bound(const FittedModel& fitted) {
  return dynamic_cast<const BoundCombination&>(*fitted.model);
}

// Paths at the estimates; first < 0: the expected ones, without shocks.
DrawMatrix paths_of(const FittedModel& fitted, const Sample& sample, int draws, int first) {
  ParameterDraws at;
  at.parameters = fitted.result.parameters.values().replicate(1, draws);
  at.sigma = VectorXd::Constant(draws, std::sqrt(fitted.result.sigma2));
  DrawMatrix shocks = DrawMatrix::Zero(kAhead, draws), paths(kAhead, draws);
  std::vector<double> normals(kAhead);
  for (int r = 0; r < draws && first >= 0; ++r) {
    fill_normals({3, Purpose::innovation, 0}, static_cast<std::uint32_t>(r), normals);
    shocks.col(r) = Eigen::Map<const VectorXd>(normals.data(), kAhead);
  }
  const auto past = fitted.model->past_state(fitted.result, at, 3, 0, first);
  const DrawnFuture future{{sample.range.last() + 1, kAhead}, {}, {}};
  fitted.model->simulate(at, *past, future, shocks, 0, kAhead, paths);
  return paths;
}

void has_forecast_moments(const DrawMatrix& paths, const Forecast& forecast) {
  const auto draws = static_cast<double>(paths.cols());
  for (Eigen::Index h = 0; h < paths.rows(); ++h) {
    const double mean = paths.row(h).mean();
    const double variance = (paths.row(h).array() - mean).square().mean();
    CHECK(std::fabs(mean - forecast.mean(h)) < 4.5 * std::sqrt(forecast.variance(h) / draws));
    CHECK(variance == Approx(forecast.variance(h)).epsilon(4.5 * std::sqrt(2 / draws)));
  }
}

// The fixture's equation of x, combined; its solved system.
std::shared_ptr<System> system_with(const std::string& equation, const StudyFixture& fixture) {
  std::string text = StudyFixture::models_toml();
  const std::string plain = "plugin = \"arima\"\ntarget = \"log(x)\"\norder = [1, 0, 0]\n";
  text.replace(text.find(plain), plain.size(), equation);
  fixture.folder.write("study.toml", text + StudyFixture::scenarios_toml());
  const Study study = load_study(fixture.config, builtin_plugins());
  const StudyData data = load_data(study);
  return std::make_shared<System>(
      build_system(study, data, estimate(study, data, builtin_plugins())));
}

}  // namespace

TEST_CASE("combination: the mean's moments are those of the mixture of its members") {
  const Sample sample = sample_of(80);
  const CombinationSpec spec = three_members();
  const std::vector<Forecast> members = forecasts_of(spec, sample);
  const FittedModel fitted = fit_model(*make_combination(spec), sample);
  const Forecast all = fitted.model->forecast(fitted.result, ahead(sample));
  for (int h = 0; h < kAhead; ++h) {
    double mean = 0, second = 0;
    for (const Forecast& f : members) {
      mean += f.mean(h) / 3;
      second += (f.variance(h) + f.mean(h) * f.mean(h)) / 3;
    }
    CHECK(all.mean(h) == Approx(mean).epsilon(1e-12));
    CHECK(all.variance(h) == Approx(second - mean * mean).epsilon(1e-9));
  }
}

TEST_CASE("combination: each draw of a mean follows one member, as often as it weighs") {
  const Sample sample = sample_of(80);
  CombinationSpec spec = three_members();
  spec.chosen_weights = (VectorXd(3) << 0.6, 0.3, 0.1).finished();
  const FittedModel fitted = fit_model(*make_combination(spec), sample);
  constexpr int kDraws = 4000;
  has_forecast_moments(paths_of(fitted, sample, kDraws, 0),
                       fitted.model->forecast(fitted.result, ahead(sample)));
  const DrawMatrix paths = paths_of(fitted, sample, kDraws, 0);
  std::vector<double> share(3, 0.0);
  for (int r = 0; r < kDraws; ++r) {
    for (std::size_t i = 0; i < 3; ++i) {
      const FittedModel& member = bound(fitted).members()[i].fitted;
      ParameterDraws one{member.result.parameters.values(),
                         VectorXd::Constant(1, std::sqrt(member.result.sigma2))};
      const auto past = member.model->past_state(member.result, one, 3, 0, -1);
      std::vector<double> normals(kAhead);
      fill_normals({3, Purpose::innovation, 0}, static_cast<std::uint32_t>(r), normals);
      const DrawMatrix shocks = Eigen::Map<const VectorXd>(normals.data(), kAhead);
      DrawMatrix path(kAhead, 1);
      member.model->simulate(one, *past, {{sample.range.last() + 1, kAhead}, {}, {}}, shocks, 0,
                             kAhead, path);
      if ((path.col(0) - paths.col(r)).cwiseAbs().maxCoeff() < 1e-9) share[i] += 1.0 / kDraws;
    }
  }
  for (std::size_t i = 0; i < 3; ++i) {
    const double w = spec.chosen_weights(static_cast<Eigen::Index>(i));
    CHECK(std::fabs(share[i] - w) < 4.5 * std::sqrt(w * (1 - w) / kDraws));
  }
}

TEST_CASE("combination: the median of three members") {
  const Sample sample = sample_of(80);
  CombinationSpec spec = three_members();
  spec.combine = Combine::median;
  const std::vector<Forecast> members = forecasts_of(spec, sample);
  const FittedModel fitted = fit_model(*make_combination(spec), sample);
  const DrawMatrix path = paths_of(fitted, sample, 1, -1);
  for (int h = 0; h < kAhead; ++h) {
    const double a = members[0].mean(h), b = members[1].mean(h), c = members[2].mean(h);
    const double median = std::max(std::min(a, b), std::min(std::max(a, b), c));
    CHECK(path(h, 0) == Approx(median).epsilon(1e-9));
  }
  has_forecast_moments(paths_of(fitted, sample, 4000, 0),
                       fitted.model->forecast(fitted.result, ahead(sample)));
  CHECK_THAT(fitted.result.equation, Catch::Equals("y = median(arima, ets, theta)"));
}

TEST_CASE("combination: a median of two members is the middle between them") {
  const Sample sample = sample_of(60);
  CombinationSpec spec = three_members();
  spec.combine = Combine::median;
  spec.members.pop_back();
  const std::vector<Forecast> members = forecasts_of(spec, sample);
  const FittedModel fitted = fit_model(*make_combination(spec), sample);
  const DrawMatrix path = paths_of(fitted, sample, 1, -1);
  for (int h = 0; h < kAhead; ++h) {
    CHECK(path(h, 0) == Approx((members[0].mean(h) + members[1].mean(h)) / 2));
  }
}

TEST_CASE("combination: Akaike's weights of members with the same data") {
  const Sample sample = sample_of(60);
  CombinationSpec spec;
  spec.weighting = MemberWeighting::aicc;
  spec.members = {{"arima1", arima(0, 1, 1)}, {"arima2", arima(1, 1, 0)}};
  const double a = fit_model(*spec.members[0].model, sample).result.aicc;
  const double b = fit_model(*spec.members[1].model, sample).result.aicc;
  const FittedModel fitted = fit_model(*make_combination(spec), sample);
  CHECK(bound(fitted).members()[0].weight == Approx(1 / (1 + std::exp((a - b) / 2))));
  CHECK(bound(fitted).members()[1].weight == Approx(1 / (1 + std::exp((b - a) / 2))));
  // An exponential smoothing and a stationary ARMA are both likelihoods of the series itself.
  spec.members = {{"arima", arima(1, 0, 0)}, {"ets", ets("ANN")}};
  CHECK_NOTHROW(fit_model(*make_combination(spec), sample));
}

TEST_CASE("combination: AICc does not compare what differencing has made different") {
  const Sample sample = sample_of(60);
  CombinationSpec spec = three_members();
  spec.weighting = MemberWeighting::aicc;
  CHECK_THROWS_WITH(fit_model(*make_combination(spec), sample),
                    Catch::Contains("that of arima is of differences (d = 1) (59 observations), "
                                    "that of ets of the target itself (60 observations)"));
}

TEST_CASE("combination: backtest weights are inverse mean squared errors of rolling origins") {
  const Sample sample = sample_of(60);
  CombinationSpec spec = three_members();
  spec.weighting = MemberWeighting::backtest;
  const FittedModel fitted = fit_model(*make_combination(spec), sample);
  VectorXd precision(3);
  for (int i = 0; i < 3; ++i) {  // by hand: four origins, windows of 4
    double squares = 0;
    for (int origin = 60 - 16; origin < 60; origin += 4) {
      const Sample known = first_rows(sample, origin);
      const FittedModel member = fit_model(*spec.members[static_cast<std::size_t>(i)].model, known);
      const Future next{{known.range.last() + 1, 4}, MatrixXd(4, 0), {}};
      squares += (sample.y.segment(origin, 4) - member.model->forecast(member.result, next).mean)
                     .squaredNorm();
    }
    precision(i) = 1 / squares;
    CHECK(bound(fitted).members()[static_cast<std::size_t>(i)].backtest_rmse ==
          Approx(std::sqrt(squares / 16)));
  }
  precision /= precision.sum();
  for (int i = 0; i < 3; ++i) {
    CHECK(bound(fitted).members()[static_cast<std::size_t>(i)].weight == Approx(precision(i)));
  }
}

TEST_CASE("combination: a member that cannot be fitted is left out, in words") {
  const Sample sample = sample_of(10);
  CombinationSpec spec = three_members();
  spec.members[0].model = arima(5, 1, 5);
  const FittedModel fitted = fit_model(*make_combination(spec), sample);
  CHECK(fitted.result.usable());
  CHECK(bound(fitted).members().size() == 2);
  CHECK(bound(fitted).members()[0].weight == 0.5);
  CHECK_THAT(fitted.result.message, Catch::Contains("2 of 3 members fitted"));
  CHECK_THAT(fitted.result.notes.front(),
             Catch::StartsWith("arima is left out: y has 10 observations"));
  const ResultTable& table = fitted.result.tables.front();
  CHECK(table.name == "members");
  CHECK(std::get<std::string>(table.rows[2][1]) == "left out");
}

TEST_CASE("combination: without any member that can be fitted, there is none") {
  CHECK_THROWS_WITH(fit_model(*make_combination(three_members()), sample_of(2)),
                    Catch::Contains("no member of the combination can be fitted: arima: ") &&
                        Catch::Contains("theta: "));
}

TEST_CASE("combination: what was chosen is bound to other samples as it is") {
  const Sample sample = sample_of(60);
  CombinationSpec spec = three_members();
  spec.weighting = MemberWeighting::backtest;
  spec.members[0].model = arima(9, 2, 9);  // left out on 20 observations
  const Sample first = first_rows(sample, 20);
  const FittedModel fitted = fit_model(*make_combination(spec), first);
  REQUIRE(bound(fitted).members().size() == 2);
  const FittedModel again = fit_model(*fitted.model->chosen(), first);
  CHECK(again.result.parameters.names() == fitted.result.parameters.names());
  CHECK(again.model->forecast(again.result, ahead(first)).mean ==
        fitted.model->forecast(fitted.result, ahead(first)).mean);
  const FittedModel later = fit_model(*fitted.model->chosen(), sample);
  CHECK(bound(later).members().size() == 2);
  CHECK(bound(later).members()[0].weight == bound(fitted).members()[0].weight);
}

TEST_CASE("combination: gaps are filled from the members") {
  Sample sample = sample_of(60);
  sample.y(30) = kMissing;
  const CombinationSpec spec = three_members();
  double mean = 0;
  for (const CombinationMember& member : spec.members) {
    const FittedModel fitted = fit_model(*member.model, sample);
    mean += fitted.model->completed(fitted.result)(30) / 3;
  }
  const FittedModel fitted = fit_model(*make_combination(spec), sample);
  CHECK(fitted.model->completed(fitted.result)(30) == Approx(mean));
}

TEST_CASE("combination: regressors and events act through the members that use them") {
  const StudyFixture fixture;
  const auto system = system_with(
      "plugin = \"combination\"\ntarget = \"log(x)\"\nregressors = [\"log(w)\"]\n"
      "interventions = [{ event = \"closure\" }]\n"
      "members = [{ plugin = \"arima\", order = [1, 0, 0] }, { plugin = \"ets\" }]\n",
      fixture);
  const FitResult& fit = system->equations()[1].fitted.result;
  CHECK(fit.parameters.index_of("arima.log(w)") >= 0);
  CHECK(fit.parameters.index_of("arima.closure.omega0") >= 0);
  CHECK_THAT(fit.notes[0], Catch::StartsWith("regressors are not used by ets"));
  CHECK_THAT(fit.notes[1], Catch::StartsWith("dated events are not used by ets"));
}

TEST_CASE("combination: shocks that force a path give the same path again") {
  const std::string members =
      "members = [{ plugin = \"arima\", order = [0, 1, 1] }, "
      "{ plugin = \"ets\", form = \"MNN\" }, { plugin = \"theta\" }]\n";
  for (const std::string& equation :
       {"plugin = \"combination\"\ntarget = \"log(x)\"\n" + members,
        "plugin = \"combination\"\ntarget = \"log(x)\"\ncombine = \"median\"\n" + members,
        std::string("plugin = \"ets\"\ntarget = \"log(x)\"\nform = \"MNN\"\n")}) {
    INFO(equation);
    const StudyFixture fixture;
    const auto system = system_with(equation, fixture);
    const SystemDraws draws = system->draw(5, 0, 50);
    SystemInputs inputs;
    inputs.events = shared_events(system->equations()[0].sample.events);
    inputs.exogenous["w"] = VectorXd::Constant(12, 100);
    SystemInputs forced = inputs;
    VectorXd path = VectorXd::Constant(12, kMissing);
    path.segment(2, 4) << 90, 40, 70, 75;
    forced.fixed["x"] = path;
    SystemDraws implied = draws;
    const auto x = static_cast<std::size_t>(system->index_of("x"));
    const DrawMatrix paths = system->simulate(draws, forced, &implied.shocks)[x];
    CHECK(paths(2, 7) == Approx(90));
    CHECK(paths(5, 7) == Approx(75));
    const DrawMatrix again = system->simulate(implied, inputs)[x];
    CHECK(((again - paths).array() / paths.array()).abs().maxCoeff() < 1e-7);
  }
}

}  // namespace amnok
