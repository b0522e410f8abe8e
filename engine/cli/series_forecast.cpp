#include "engine/cli/series_forecast.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/base/input_error.h"
#include "models/arima/arima_average.h"
#include "models/arima/cleaned_series.h"
#include "models/ets/ets.h"
#include "models/theta/theta.h"
#include "models/unobserved_components/unobserved_components.h"

namespace amnok {

namespace {

using Components = std::vector<ForecastComponent>;

constexpr const char* kName = "the series";
constexpr int kLeastObservations = 6;  // of a model; below it, a random walk

// The forecast of a fit: innovation variance over its degrees of freedom, parameter uncertainty,
// and Student's t for what is left.
bool add_component(const FittedModel& fitted, const Transform& transform, double weight,
                   int horizon, Components& components) {
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

Components arima_components(const VectorXd& y, int season, int horizon) {
  Components components;
  for (const WeightedFit& member : average_arima(plain_sample(y, season, kName))) {
    add_component(member.fitted, member.transform, member.weight, horizon, components);
  }
  renormalise(components, 1);
  return components;
}

// The average of the forms of exponential smoothing.
Components ets_average(const Sample& sample, int horizon) {
  const std::vector<EtsCandidate> candidates = ets_candidates({}, sample);
  std::vector<double> criteria;
  for (const EtsCandidate& c : candidates) criteria.push_back(c.criterion);
  Components components;
  for (const auto& [i, weight] : heaviest(criterion_weights(criteria))) {
    add_component(fitted_candidate(candidates[i], sample), {}, weight, horizon, components);
  }
  if (components.empty())
    add_component(fit_model(*make_ets({}), sample), {}, 1, horizon, components);
  renormalise(components, 1);
  return components;
}

// Half of the weight on the series without its outliers.
Components ets_components(const VectorXd& y, int season, int horizon) {
  const Sample sample = plain_sample(y, season, kName);
  Components components = ets_average(sample, horizon);
  const std::optional<Sample> cleaned = level_without_outliers(sample);
  if (!cleaned) return components;
  Components others = ets_average(*cleaned, horizon);
  if (others.empty()) return components;
  renormalise(components, 0.5);
  renormalise(others, 0.5);
  components.insert(components.end(), others.begin(), others.end());
  return components;
}

Components theta_components(const VectorXd& y, int season, int horizon) {
  Components components;
  add_component(fit_model(*make_theta({}), plain_sample(y, season, kName)), {}, 1, horizon,
                components);
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

// A random walk that goes on as it did on average from the first figure to the last; that slope is
// known with the error of a mean of so many changes.
Components drift_components(const VectorXd& y, int horizon) {
  ForecastComponent c = naive_components(y, 1, horizon).front();
  const auto steps = static_cast<double>(y.size() - 1);
  if (steps < 1) return {c};
  const double slope = (y(y.size() - 1) - y(0)) / steps;
  const double around = std::max(0.0, c.sd(0) * c.sd(0) - slope * slope);
  for (int h = 0; h < horizon; ++h) {
    const double ahead = h + 1;
    c.mean(h) += slope * ahead;
    c.sd(h) = std::sqrt(around * ahead * (1 + ahead / steps));
  }
  return {c};
}

// Level, slope and season as unobserved components, in logarithms where the series is positive and
// they fit better: what AICc says with the Jacobian of the logarithm.
Components ucm_components(const VectorXd& y, int season, int horizon) {
  UcmSpec spec;
  spec.slope = true;
  if (season > 1 && y.size() >= 3 * season) spec.seasonal = UcmSpec::Seasonal::dummy;
  Sample sample = plain_sample(y, season, kName);
  FittedModel best = fit_model(*make_unobserved_components(spec), sample);
  Transform transform;
  const auto missing = y.array().isNaN();
  if (missing.select(INFINITY, y).minCoeff() > 0) {
    const Transform logarithm{Transform::Kind::log};
    Sample logs = sample;
    logs.target.transform = logarithm;
    logs.y = y.unaryExpr([](double v) { return std::log(v); });
    const FittedModel other = fit_model(*make_unobserved_components(spec), logs);
    // Of as many observations as the diffuse likelihood has, at the mean, so that units do not matter.
    const auto observed = static_cast<double>(y.size() - missing.count());
    const double jacobian = 2 * other.result.nobs * missing.select(0, logs.y).sum() / observed;
    if (other.result.usable() &&
        (!best.result.usable() || other.result.aicc + jacobian < best.result.aicc)) {
      best = other;
      transform = logarithm;
    }
  }
  Components components;
  if (best.result.usable()) add_component(best, transform, 1, horizon, components);
  return components;
}

// Whether every figure is the one `lag` before and the same step, rounding apart.
bool repeats(const VectorXd& y, Eigen::Index lag, double step) {
  const Eigen::Index rest = y.size() - lag;
  const double rounding = 1e-12 * y.cwiseAbs().maxCoeff();
  return ((y.tail(rest) - y.head(rest)).array() - step).abs().maxCoeff() <= rounding;
}

// A series without noise leaves a model nothing to estimate: it goes on as it did, through three seasons
// or six periods of one change. False: there is noise.
bool forecast_exactly(const VectorXd& y, int season, int horizon, SeriesForecast& result) {
  if (!y.allFinite()) return false;
  ForecastComponent path{1, {}, VectorXd(horizon), VectorXd::Zero(horizon), 0};
  if (season > 1 && y.size() >= 3 * season && repeats(y, season, 0)) {
    result.model = "snaive";
    result.note = "the same every season, carried forward";
    path.mean = naive_components(y, season, horizon).front().mean;
  } else if (y.size() >= kLeastObservations && repeats(y, 1, y(1) - y(0))) {
    result.model = "drift";
    result.note = "the same change every period, carried forward";
    path.mean = drift_components(y, horizon).front().mean;
  } else {
    return false;
  }
  result.distribution = ForecastMixture({path});
  return true;
}

Components components_of(const std::string& model, const VectorXd& y, int season, int horizon) {
  if (model == "arima") return arima_components(y, season, horizon);
  if (model == "ets") return ets_components(y, season, horizon);
  if (model == "ucm") return ucm_components(y, season, horizon);
  if (model == "drift") return drift_components(y, horizon);
  if (model == "naive") return naive_components(y, 1, horizon);
  if (model == "theta") return theta_components(y, season, horizon);
  return naive_components(y, season, horizon);
}

ForecastMixture distribution_of(const std::string& model, const VectorXd& y, int season,
                                int horizon) {
  std::vector<std::string> names = {model};
  if (model == "combination") names = {"arima", "ets", "theta"};
  Components all;
  std::string reason = "the fit failed";
  for (const std::string& name : names) {
    try {
      Components components = components_of(name, y, season, horizon);
      renormalise(components, 1);
      all.insert(all.end(), components.begin(), components.end());
    } catch (const InputError& error) {  // the others carry on
      reason = error.problems().front().message;
    }
  }
  if (all.empty()) throw InputError(reason);
  renormalise(all, 1);
  return ForecastMixture(std::move(all));
}

}  // namespace

std::vector<std::string> series_models() {
  return {"auto", "arima", "ets", "theta", "ucm", "combination", "snaive", "naive", "drift"};
}

SeriesForecast forecast_series(const VectorXd& y, int season, int horizon,
                               const std::string& model) {
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
    result.note =
        observed == 1 ? "one observation, carried forward" : "a constant series, carried forward";
    result.distribution =
        ForecastMixture({{1, {}, VectorXd::Constant(horizon, low), VectorXd::Zero(horizon), 0}});
    return result;
  }
  const bool is_baseline = model == "naive" || model == "snaive" || model == "drift";
  if (!is_baseline && forecast_exactly(y, season, horizon, result)) return result;
  try {
    if (observed >= kLeastObservations || model == "snaive" || model == "naive") {
      result.distribution = distribution_of(result.model, y, season, horizon);
      return result;
    }
    result.note = fmt::format("{} observations are too few for {}", observed, result.model);
  } catch (const InputError& error) {
    result.note = error.problems().front().message;
  }
  result.note += ": a random walk instead";
  result.model = "snaive";
  result.distribution = ForecastMixture(naive_components(y, 1, horizon));
  return result;
}

}  // namespace amnok
