#include "models/arima/cleaned_series.h"

#include <cmath>

#include "engine/base/input_error.h"
#include "models/arima/arima.h"
#include "models/arima/arima_outliers.h"
#include "models/arima/outlier_effects.h"

namespace amnok {

namespace {

constexpr double kLogMargin = 10, kLogTemper = 12;
constexpr double kCritical = 3.5;

ArimaSpec airline_model(const Sample& sample) {
  ArimaSpec spec;
  const int seasonal = sample.season > 1 && sample.n() > 2 * sample.season + 4 ? 1 : 0;
  spec.order = {0, 1, 1, 0, seasonal, seasonal, sample.season};
  return spec;
}

// -2 log L of the airline model, in units of the level.
double level_deviance(const Sample& sample, bool log) {
  const ArimaSpec spec = airline_model(sample);
  const FitResult fit = fit_model(*make_arima(spec), sample).result;
  if (!fit.usable()) return INFINITY;
  double deviance = -2 * fit.log_likelihood;
  if (log) {  // dz / dy = 1 / y of the observations that differencing leaves
    int skipped = 0;
    for (double z : sample.y) {
      if (!std::isnan(z) && ++skipped > spec.order.differences()) deviance += 2 * z;
    }
  }
  return deviance;
}

// What the outliers of a fit add to each period, a level shift to those before it.
VectorXd outlier_effects(const std::vector<Outlier>& outliers, const FitResult& fit,
                         const Sample& sample) {
  VectorXd effects = VectorXd::Zero(sample.n());
  for (const Outlier& outlier : outliers) {
    const int index = fit.parameters.index_of(outlier_name(outlier));
    if (index < 0) continue;
    const double now = outlier.type == OutlierType::level_shift ? 1 : 0;
    for (int t = 0; t < sample.n(); ++t) {
      const double shape =
          outlier_shape(outlier.type, sample.range[t] - outlier.period, sample.season);
      effects(t) += fit.parameters.values()(index) * (shape - now);
    }
  }
  return effects;
}

}  // namespace

Sample in_logarithms(const Sample& level) {
  Sample log = level;
  log.target.transform.kind = Transform::Kind::log;
  log.y = level.y.array().log();
  return log;
}

double log_share(const Sample& level) {
  if (level.y.array().isNaN().select(1.0, level.y).minCoeff() <= 0) return 0;
  const double a = level_deviance(level, false);
  const double b = level_deviance(in_logarithms(level), true) + kLogMargin;
  if (std::isinf(a) || std::isinf(b)) return std::isinf(b) ? 0 : 1;
  return 1 / (1 + std::exp((b - a) / kLogTemper));
}

std::optional<Sample> without_outliers(const Sample& sample) {
  ArimaSpec spec = airline_model(sample);
  OutlierSearch search;
  search.critical = kCritical;
  search.types = {OutlierType::additive, OutlierType::level_shift};
  if (sample.season > 1) search.types.push_back(OutlierType::transitory);
  spec.outlier_search = search;
  try {
    spec.outliers = find_outliers(spec, sample).outliers;
  } catch (const InputError&) {  // too few observations
    return {};
  }
  if (spec.outliers.empty()) return {};
  spec.outlier_search.reset();
  const FitResult fit = fit_model(*make_arima(spec), sample).result;
  if (!fit.usable()) return {};
  Sample cleaned = sample;
  cleaned.y -= outlier_effects(spec.outliers, fit, sample);
  return cleaned;
}

std::optional<Sample> level_without_outliers(const Sample& level) {
  if (!(log_share(level) > 0.5)) return without_outliers(level);
  std::optional<Sample> cleaned = without_outliers(in_logarithms(level));
  if (cleaned) {
    cleaned->target.transform = level.target.transform;
    cleaned->y = cleaned->y.array().exp();
  }
  return cleaned;
}

}  // namespace amnok
