#include "engine/scenario/effect.h"

#include <algorithm>
#include <cmath>

namespace amnok {

namespace {

EffectPath make_path(const EffectSpec& spec, const std::string& variable, EffectMeasure measure,
                     const DrawMatrix& difference) {
  EffectPath path{spec.name, spec.scenario, spec.against, variable, measure, {}, {}};
  for (Eigen::Index h = 0; h < difference.rows(); ++h) {
    path.periods.push_back(summarise(difference.row(h)));
    const bool defined = path.periods.back().undefined == 0;
    path.probability_positive.push_back(
        defined ? (difference.row(h).array() > 0).cast<double>().mean() : kMissing);
  }
  return path;
}

bool is_logged(const Study& study, const std::string& variable) {
  return std::any_of(study.equations.begin(), study.equations.end(), [&](const auto& equation) {
    return equation.target.variable == variable &&
           equation.target.transform.kind == Transform::Kind::log;
  });
}

}  // namespace

bool EffectPath::is_zero_at(std::size_t h) const {
  return periods[h].mean == 0 && periods[h].sd == 0;
}

bool EffectPath::is_zero() const {
  for (std::size_t h = 0; h < periods.size(); ++h) {
    if (!is_zero_at(h)) return false;
  }
  return true;
}

std::size_t EffectPath::largest() const {
  std::size_t best = periods.size() - 1;
  for (std::size_t h = 0; h < periods.size(); ++h) {
    if (std::fabs(periods[h].median()) > std::fabs(periods[best].median())) best = h;
  }
  return best;
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
      if (is_logged(study, variable)) {
        const DrawMatrix percent = (100 * (a.array() / b.array() - 1)).matrix();
        effects.push_back(make_path(spec, variable, EffectMeasure::percent, percent));
      }
      if (!study.is_flow(variable)) continue;
      for (Eigen::Index h = 1; h < difference.rows(); ++h) {
        difference.row(h) += difference.row(h - 1).eval();
      }
      effects.push_back(make_path(spec, variable, EffectMeasure::cumulative, difference));
    }
  }
  return effects;
}

}  // namespace amnok
