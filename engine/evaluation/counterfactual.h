// What would have been without an event: a model of the time before it, projected over the time
// after it with what was then observed of the controls (Box & Tiao 1975, JASA 70, 70-79; with
// structural time series Brodersen et al. 2015, Ann. Appl. Statist. 9, 247-274).
//
//   fit on t < T,   counterfactual c_t = E(y_t | y_s, s < T; controls),   effect_t = y_t - c_t
//
// The controls must not respond to the event, and the relation must have lasted without it; neither
// can be seen in the data. What can is shown: the fit before the event, effects at dates where
// nothing happened, and how the effect depends on each control.
//
// Points are the model's expectation; bands come from simulated paths with drawn parameters and
// states, so that sums over periods carry the dependence between them. Effects are of the
// untransformed target.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/model/model.h"

namespace amnok {

// What came after, of the untransformed target: the model never sees it.
struct Outcome {
  VectorXd values;                // n, of all periods of the sample; NaN missing
  std::vector<TemporalSum> sums;  // over periods without a figure of their own
};

struct CounterfactualOptions {
  int before = 0;       // periods of the sample before the event, T
  double level = 0.95;  // of bands, in (0, 1)
  int draws = 2000;
  std::uint64_t seed = 20220401;
  bool parameter_uncertainty = true;
  std::optional<Outcome> outcome;  // nothing: what the sample holds
  // Regressors (by name) of which nothing is known after the event: each goes on by this model of
  // its own past, and its uncertainty enters the bands.
  std::set<std::string> before_only;
  std::shared_ptr<const Model> regressor_model;
};

struct EffectBand {
  double estimate = kMissing, sd = kMissing, low = kMissing, high = kMissing;
};

struct Counterfactual {
  FittedModel fitted;  // on the time before
  PeriodRange range;   // after, H periods
  // Of the transformed target, given the parameters, as the model's forecast says it.
  VectorXd expected, expected_sd;
  // Of the untransformed target; NaN where the actual is missing.
  VectorXd actual, counterfactual, low, high;
  // The cumulative effect counts what is there: single figures, and from its last period on a
  // published sum. The average is over the periods that these cover.
  int covered = 0, covered_by_sums = 0;
  std::vector<EffectBand> effect, cumulative;
  EffectBand average, total;
  EffectBand average_share;   // the total effect over the total counterfactual
  double p_value = kMissing;  // two-sided, of no average effect, from the draws
  // Smallest average effect that a two-sided test at 1 - level finds with probability 0.8.
  double smallest_detectable = kMissing;
  // How the model did before the event: one-step errors of the transformed target.
  double rmse_before = kMissing, mape_before = kMissing;
  bool usable() const { return fitted.result.usable(); }
};

// Throws InputError where nothing is left before or after the event, or the model cannot be bound.
Counterfactual counterfactual(const Model& model, const Sample& sample,
                              const CounterfactualOptions& options);

// The same at dates before the event at which nothing happened: `length` periods after each, the
// event's own time left out.
struct PlaceboDate {
  int before = 0;
  EffectBand average;
  double p_value = kMissing;
};
struct PlaceboDates {
  std::vector<PlaceboDate> dates;
  // How often the average effect's |estimate / sd| at a placebo date reaches that of the event,
  // (1 + count) / (1 + dates).
  double p_value = kMissing;
  int failures = 0;  // dates at which the fit failed
};
// Dates from `first` every `step` periods as long as `length` periods fit in before the event.
PlaceboDates placebo_dates(const Model& model, const Sample& sample,
                           const CounterfactualOptions& options, int first, int step, int length);

// The average effect without one of the controls.
struct LeftOutControl {
  std::string control;
  EffectBand average;
  double rmse_before = kMissing;
};
std::vector<LeftOutControl> leave_one_control_out(const Model& model, const Sample& sample,
                                                  const CounterfactualOptions& options);

}  // namespace amnok
