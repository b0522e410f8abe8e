#include "engine/scenario/effect.h"

#include <algorithm>

namespace amnok {

namespace {

EffectPath make_path(const EffectSpec& spec, const std::string& variable, EffectMeasure measure,
                     const DrawMatrix& difference) {
  EffectPath path{spec.name, spec.scenario, spec.against, variable, measure, {}, {}};
  for (Eigen::Index h = 0; h < difference.rows(); ++h) {
    path.periods.push_back(summarise(difference.row(h)));
    path.probability_positive.push_back((difference.row(h).array() > 0).cast<double>().mean());
  }
  return path;
}

}  // namespace

bool EffectPath::is_zero() const {
  return std::all_of(periods.begin(), periods.end(),
                     [](const Distribution& d) { return d.mean == 0 && d.sd == 0; });
}

std::string_view measure_name(EffectMeasure measure) {
  switch (measure) {
    case EffectMeasure::level:
      return "level";
    case EffectMeasure::percent:
      return "percent";
    case EffectMeasure::cumulative:
      break;
  }
  return "cumulative";
}

std::vector<EffectPath> compute_effects(const Study& study, const Ensemble& ensemble) {
  std::vector<EffectPath> effects;
  const auto simulated = [&](const std::string& scenario) {
    return std::find(ensemble.scenarios.begin(), ensemble.scenarios.end(), scenario) !=
           ensemble.scenarios.end();
  };
  for (const EffectSpec& spec : study.effects) {
    if (!simulated(spec.scenario) || !simulated(spec.against)) continue;
    const std::vector<std::string> variables =
        spec.variables.empty() ? ensemble.variables : spec.variables;
    for (const std::string& variable : variables) {
      const DrawMatrix& a = ensemble.at(spec.scenario, variable);
      const DrawMatrix& b = ensemble.at(spec.against, variable);
      DrawMatrix difference = a - b;
      effects.push_back(make_path(spec, variable, EffectMeasure::level, difference));
      if ((b.array() > 0).all()) {
        const DrawMatrix percent = (100 * (a.array() / b.array() - 1)).matrix();
        effects.push_back(make_path(spec, variable, EffectMeasure::percent, percent));
      }
      for (Eigen::Index h = 1; h < difference.rows(); ++h) {
        difference.row(h) += difference.row(h - 1).eval();
      }
      effects.push_back(make_path(spec, variable, EffectMeasure::cumulative, difference));
    }
  }
  return effects;
}

}  // namespace amnok
