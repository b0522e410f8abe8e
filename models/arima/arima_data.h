// From what the plugin is told and a sample to the data of the likelihood.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "engine/model/plugin.h"
#include "models/arima/arima_spec.h"
#include "models/arima/outlier_effects.h"

namespace amnok {

enum class ArimaConstant { automatic, yes, no };

// How orders are searched when they are not given.
struct OrderSearch {
  enum class Method { stepwise, exhaustive } method = Method::stepwise;
  enum class Criterion { aicc, aic, bic } criterion = Criterion::aicc;
  int max_p = 5, max_q = 5, max_seasonal_p = 2, max_seasonal_q = 2;
  int max_d = 2, max_seasonal_d = 1;
  int max_order = 5;                 // of p + q + P + Q in an exhaustive search
  std::optional<int> d, seasonal_d;  // given differences; nothing: by tests
  bool draw = false;                 // draws of a simulation have orders of their own
};

// How outliers are looked for.
struct OutlierSearch {
  std::vector<OutlierType> types{kOutlierTypes.begin(), kOutlierTypes.end()};
  std::optional<double> critical;  // of |t|; nothing: by the number of tests
  bool before_events = false;      // look before the interventions explain anything
};

// The likelihood that is maximised. conditional_start: the exact one, searched also
// from the conditional optimum.
enum class ArimaMethod { exact, conditional, conditional_start };

// What the plugin is told, for programs that build models without a config.
struct ArimaSpec {
  std::string plugin = "arima";  // whose model it is, in results
  ArimaOrder order;
  std::optional<OrderSearch> search;  // then `order` says only the period
  ArimaConstant constant = ArimaConstant::automatic;
  std::vector<Intervention> interventions;
  std::vector<TransferInput> inputs;  // given as series, on the sample
  std::vector<Outlier> outliers;      // in the model, after the interventions
  std::optional<OutlierSearch> outlier_search;
  ArimaMethod method = ArimaMethod::exact;
};

// A mean without differences, a drift (the mean of the first difference) with one.
enum class Deterministic { none, intercept, drift };
Deterministic deterministic_of(const ArimaOrder& order, ArimaConstant constant);
double deterministic_value(Deterministic kind,
                           std::int64_t t);  // in period t of the sample, from 0

struct PreparedData {
  ArimaData data;
  Deterministic deterministic = Deterministic::none;
  int dropped = 0;  // rows without one of their regressors
};

// `path`: where nonlinear sums are linearised (transformed units). Throws InputError when the
// sample has fewer observations than the model needs.
PreparedData prepare_data(const ArimaSpec& spec, const Sample& sample, const VectorXd& path);

// An input over the sample and what follows it, from the event's start when that lies before, so
// that a filter has its history. Inputs given as series are returned as they are.
TransferInput extended_input(const ArimaSpec& spec, std::size_t input, const PeriodRange& sample,
                             const PeriodRange& future, const DrawnEvents& events,
                             std::size_t draw = 0);
// Whether its event goes another way in every draw.
bool is_drawn_input(const ArimaSpec& spec, std::size_t input, const DrawnEvents& events);

}  // namespace amnok
