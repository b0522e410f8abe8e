#include "models/arima/arima_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/check.h"
#include "models/arima/arima_start.h"
#include "models/arima/outlier_effects.h"

namespace amnok {

Deterministic deterministic_of(const ArimaOrder& o, ArimaConstant constant) {
  if (constant != ArimaConstant::no && o.d + o.seasonal_d == 0) return Deterministic::intercept;
  if (constant == ArimaConstant::yes && o.d + o.seasonal_d == 1) return Deterministic::drift;
  return Deterministic::none;
}

double deterministic_value(Deterministic kind, std::int64_t t) {
  return kind == Deterministic::drift ? static_cast<double>(t + 1) : 1.0;
}

PreparedData prepare_data(const ArimaSpec& spec, const Sample& sample, const VectorXd& path) {
  const ArimaOrder& o = spec.order;
  const int n = sample.n();
  PreparedData result;
  ArimaData& data = result.data;
  data.order = o;
  if (o.period <= 1 && o.seasonal_p + o.seasonal_d + o.seasonal_q > 0) {
    throw InputError(
        fmt::format("{} has no season, but the model has seasonal terms", sample.target.variable),
        "give `period`, the observations a season, or leave the seasonal terms out");
  }
  data.y = sample.y;
  data.sd = sample.y_sd;
  if (!sample.sums.empty()) data.sums = linearised_sums(sample, path);
  // A row whose regressor is missing cannot be used.
  MatrixXd given = sample.regressors;
  for (int t = 0; t < n; ++t) {
    if (given.cols() == 0 || given.row(t).allFinite()) continue;
    if (!std::isnan(data.y(t))) ++result.dropped;
    data.y(t) = kMissing;
    given.row(t).setZero();
  }
  const auto present =
      std::count_if(data.y.begin(), data.y.end(), [](double v) { return !std::isnan(v); });
  const auto usable = static_cast<int>(present) + static_cast<int>(data.sums.size());
  result.deterministic = deterministic_of(o, spec.constant);
  const int extra = result.deterministic == Deterministic::none ? 0 : 1;
  data.x.resize(n, extra + given.cols());
  if (extra > 0) {
    data.regressor_names.push_back(result.deterministic == Deterministic::drift ? "drift"
                                                                                : "intercept");
    for (int t = 0; t < n; ++t) data.x(t, 0) = deterministic_value(result.deterministic, t);
  }
  data.x.rightCols(given.cols()) = given;
  for (const std::string& name : sample.regressor_names) data.regressor_names.push_back(name);
  data.inputs = spec.inputs;
  const DrawnEvents events = shared_events(sample.events);
  for (std::size_t i = 0; i < spec.interventions.size() + spec.outliers.size(); ++i) {
    data.inputs.push_back(extended_input(spec, spec.inputs.size() + i, sample.range,
                                         {sample.range.first + n, 0}, events));
  }
  data.conditional = spec.method == ArimaMethod::conditional;
  if (spec.method != ArimaMethod::exact && !data.complete()) {
    throw InputError(
        fmt::format("{} has gaps, sums or measurement errors, but a conditional likelihood needs "
                    "one exact observation each period",
                    sample.target.variable),
        "leave method out: the exact likelihood copes with them");
  }
  const int given_first = o.differences() + (data.conditional ? o.ar_lags() : 0);
  int parameters = o.arma_count() + static_cast<int>(data.x.cols()) + 1;
  for (const TransferInput& input : data.inputs) {
    parameters += input.numerator + 1 + input.denominator;
  }
  if (usable - given_first < parameters + 1) {
    throw InputError(fmt::format(
        "{} has {} observations, but ARIMA{} with {} parameters needs at least {}",
        sample.target.variable, usable, order_text(o), parameters, parameters + 1 + given_first));
  }
  return result;
}

bool is_drawn_input(const ArimaSpec& spec, std::size_t input, const DrawnEvents& events) {
  const std::size_t begin = spec.inputs.size();
  if (input < begin || input >= begin + spec.interventions.size()) return false;
  const auto event = events.find(spec.interventions[input - begin].event);
  return event != events.end() && !event->second.is_shared();
}

TransferInput extended_input(const ArimaSpec& spec, std::size_t input, const PeriodRange& sample,
                             const PeriodRange& future, const DrawnEvents& events,
                             std::size_t draw) {
  if (input < spec.inputs.size()) return spec.inputs[input];
  const Period end = future.first + (future.count - 1);
  const std::size_t events_end = spec.inputs.size() + spec.interventions.size();
  if (input >= events_end) {
    return outlier_input(spec.outliers[input - events_end], range_between(sample.first, end),
                         spec.order.period);
  }
  const Intervention& intervention = spec.interventions[input - spec.inputs.size()];
  const auto event = events.find(intervention.event);
  AMNOK_CHECK(event != events.end(), "no event {}", intervention.event);
  const EventActivity& activity = event->second.of(draw);
  const Period first = std::min(activity.start(), sample.first);
  const PeriodRange range = range_between(first, end);
  const std::vector<double> values = event_input(activity, intervention.shape, range);
  TransferInput result;
  result.name = intervention.event;
  // Several shapes of one event: each has a name of its own.
  const auto same = std::count_if(spec.interventions.begin(), spec.interventions.end(),
                                  [&](const auto& i) { return i.event == intervention.event; });
  if (same > 1) result.name += "." + std::string(shape_name(intervention.shape));
  result.values =
      Eigen::Map<const VectorXd>(values.data(), static_cast<Eigen::Index>(values.size()));
  result.numerator = intervention.numerator;
  result.denominator = intervention.denominator;
  result.delay = intervention.delay;
  return result;
}

}  // namespace amnok
