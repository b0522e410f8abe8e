#include "engine/cli/series_forecast.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/input_error.h"
#include "models/arima/arima_selection.h"
#include "models/ets/ets.h"
#include "models/theta/theta.h"

namespace amnok {

namespace {

using Components = std::vector<ForecastComponent>;

constexpr std::size_t kMostMembers = 8;   // of an average
constexpr double kLeastWeight = 0.01;
// By how much -2 log L must prefer logarithms: their forecasts grow without bound, and pay in error for a
// small gain in likelihood (benchmarks/accuracy).
constexpr double kLogPenalty = 10;
constexpr int kLeastObservations = 6;  // of a model; below it, a random walk

Sample plain_sample(const VectorXd& y, int season) {
  Sample sample;
  sample.range = {{Frequency::undated, 1}, y.size()};
  sample.season = season;
  sample.target = {"the series", {}};
  sample.y = y;
  sample.regressors.resize(y.size(), 0);
  return sample;
}

VectorXd logarithms(const VectorXd& y) {
  return y.array().log();
}

bool is_positive(const VectorXd& y) {
  return y.array().isNaN().select(1.0, y).minCoeff() > 0;
}

// The members that weigh most, their weights adding up to one.
std::vector<std::pair<std::size_t, double>> heaviest(const std::vector<double>& weights) {
  std::vector<std::pair<std::size_t, double>> members;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] > kLeastWeight) members.emplace_back(i, weights[i]);
  }
  std::stable_sort(members.begin(), members.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  members.resize(std::min(members.size(), kMostMembers));
  double total = 0;
  for (const auto& [i, w] : members) total += w;
  for (auto& [i, w] : members) w /= total;
  return members;
}

// The forecast of a fit: innovation variance over its degrees of freedom, parameter uncertainty, and
// Student's t for what is left.
bool add_component(const FittedModel& fitted, const Transform& transform, double weight, int horizon,
                   Components& components) {
  FitResult fit = fitted.result;
  if (std::isfinite(fit.sigma2_df)) fit.sigma2 = fit.sigma2_df;
  const Future future{{fit.sample.first + fit.sample.count, horizon}, MatrixXd(horizon, 0), {}};
  const Forecast forecast = forecast_with_parameter_uncertainty(*fitted.model, fit, future);
  if (!forecast.mean.allFinite() || !forecast.variance.allFinite()) return false;
  components.push_back({weight, transform, forecast.mean, forecast.variance.cwiseMax(0).cwiseSqrt(),
                        std::max(1.0, static_cast<double>(fit.nobs - fit.parameters.size()))});
  return true;
}

void renormalise(Components& components, double weight) {
  double total = 0;
  for (const ForecastComponent& c : components) total += c.weight;
  for (ForecastComponent& c : components) c.weight *= weight / total;
}

// -2 log L of the airline model (random walk with MA without a season), in units of the level; how
// Gomez & Maravall's TRAMO compares logarithms with levels.
double level_deviance(const Sample& sample, bool log) {
  ArimaSpec spec;
  const int seasonal = sample.season > 1 && sample.n() > 2 * sample.season + 4 ? 1 : 0;
  spec.order = {0, 1, 1, 0, seasonal, seasonal, sample.season};
  const FitResult fit = fit_model(*make_arima(spec), sample).result;
  if (!fit.usable()) return INFINITY;
  double deviance = -2 * fit.log_likelihood;
  if (log) {  // dz / dy = 1 / y of the observations that differencing leaves
    for (Eigen::Index t = spec.order.differences(); t < sample.y.size(); ++t) {
      if (!std::isnan(sample.y(t))) deviance += 2 * sample.y(t);
    }
  }
  return deviance;
}

Components arima_components(const VectorXd& y, int season, int horizon) {
  ArimaSpec spec;
  spec.order.period = season;
  spec.search = OrderSearch{};
  const Sample level = plain_sample(y, season);
  std::vector<Sample> samples;
  std::vector<double> shares = {1};
  if (is_positive(y)) {
    const Sample log = plain_sample(logarithms(y), season);
    shares = criterion_weights(std::vector<double>{level_deviance(level, false), kLogPenalty + level_deviance(log, true)});
    samples = {level, log};
  } else {
    samples = {level};
  }
  Components all;
  for (std::size_t s = 0; s < samples.size(); ++s) {
    if (shares[s] < 0.05) continue;
    const OrderChoice choice = choose_order(spec, samples[s]);
    std::vector<double> criteria;
    for (const OrderCandidate& c : choice.candidates) criteria.push_back(c.criterion);
    const Transform transform = s == 0 ? Transform{} : Transform{Transform::Kind::log, 0};
    Components components;
    for (const auto& [i, weight] : heaviest(criterion_weights(criteria))) {
      add_component(fitted_candidate(spec, choice.candidates[i], samples[s]), transform, weight, horizon,
                    components);
    }
    if (components.empty()) {
      ArimaSpec chosen = spec;
      chosen.search.reset();
      chosen.order = choice.best.order;
      chosen.constant = choice.best.constant;
      add_component(fit_model(*make_arima(chosen), samples[s]), transform, 1, horizon, components);
    }
    renormalise(components, shares[s]);
    all.insert(all.end(), components.begin(), components.end());
  }
  renormalise(all, 1);
  return all;
}

Components ets_components(const VectorXd& y, int season, int horizon) {
  const Sample sample = plain_sample(y, season);
  const std::vector<EtsCandidate> candidates = ets_candidates({}, sample);
  std::vector<double> criteria;
  for (const EtsCandidate& c : candidates) criteria.push_back(c.criterion);
  Components components;
  for (const auto& [i, weight] : heaviest(criterion_weights(criteria))) {
    add_component(fitted_candidate(candidates[i], sample), {}, weight, horizon, components);
  }
  if (components.empty()) add_component(fit_model(*make_ets({}), sample), {}, 1, horizon, components);
  renormalise(components, 1);
  return components;
}

Components theta_components(const VectorXd& y, int season, int horizon) {
  Components components;
  add_component(fit_model(*make_theta({}), plain_sample(y, season)), {}, 1, horizon, components);
  return components;
}

// The last season again; the variance of h steps is that of ceil(h / season) seasonal differences.
Components naive_components(const VectorXd& y, int season, int horizon) {
  const auto n = static_cast<int>(y.size());
  const int m = n > season ? season : 1;
  double squares = 0;
  int count = 0;
  for (int t = m; t < n; ++t) {
    const double change = y(t) - y(t - m);
    if (std::isnan(change)) continue;
    squares += change * change;
    ++count;
  }
  const double variance = count > 0 ? squares / count : 0;
  ForecastComponent c{1, {}, VectorXd(horizon), VectorXd(horizon), 0};
  for (int h = 0; h < horizon; ++h) {
    int t = n - m + h % m;
    while (t >= m && std::isnan(y(t))) t -= m;
    c.mean(h) = std::isnan(y(t)) ? y(n - 1) : y(t);
    c.sd(h) = std::sqrt(variance * (h / m + 1));
  }
  return {c};
}

Components components_of(const std::string& model, const VectorXd& y, int season, int horizon) {
  if (model == "arima") return arima_components(y, season, horizon);
  if (model == "ets") return ets_components(y, season, horizon);
  if (model == "theta") return theta_components(y, season, horizon);
  if (model == "snaive") return naive_components(y, season, horizon);
  Components all;
  for (const char* member : {"arima", "ets", "theta"}) {
    try {
      Components components = components_of(member, y, season, horizon);
      renormalise(components, 1);
      all.insert(all.end(), components.begin(), components.end());
    } catch (const InputError&) {
      continue;  // the others carry on
    }
  }
  if (all.empty()) throw InputError("no member of the combination can be fitted");
  renormalise(all, 1);
  return all;
}

}  // namespace

std::vector<std::string> series_models() {
  return {"auto", "arima", "ets", "theta", "combination", "snaive"};
}

SeriesForecast forecast_series(const VectorXd& y, int season, int horizon, const std::string& model) {
  SeriesForecast result;
  result.model = model == "auto" ? "combination" : model;
  const auto missing = y.array().isNaN();
  const auto observed = y.size() - missing.count();
  if (observed == 0) {
    result.note = "no observations";
    return result;
  }
  const double low = missing.select(INFINITY, y).minCoeff();
  const double high = missing.select(-INFINITY, y).maxCoeff();
  if (low == high) {
    result.model = "constant";
    result.note = observed == 1 ? "one observation, carried forward" : "a constant series, carried forward";
    result.distribution = ForecastMixture(
        {{1, {}, VectorXd::Constant(horizon, low), VectorXd::Zero(horizon), 0}});
    return result;
  }
  try {
    if (observed >= kLeastObservations || model == "snaive") {
      Components components = components_of(result.model, y, season, horizon);
      if (!components.empty()) {
        result.distribution = ForecastMixture(std::move(components));
        return result;
      }
      result.note = "the fit failed";
    } else {
      result.note = fmt::format("{} observations are too few for {}", observed, result.model);
    }
  } catch (const InputError& error) {
    result.note = error.problems().front().message;
  }
  result.note += ": a random walk instead";
  result.model = "snaive";
  result.distribution = ForecastMixture(naive_components(y, 1, horizon));
  return result;
}

}  // namespace amnok
