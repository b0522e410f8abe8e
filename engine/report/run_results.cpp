#include "engine/report/run_results.h"

#include <algorithm>

#include "engine/base/check.h"

namespace amnok {

const Projection& RunResults::projection(std::string_view scenario,
                                         std::string_view variable) const {
  const auto at = std::find_if(projections.begin(), projections.end(), [&](const Projection& p) {
    return p.scenario == scenario && p.variable == variable;
  });
  AMNOK_CHECK(at != projections.end(), "{} {}", scenario, variable);
  return *at;
}

std::string RunResults::unit(std::string_view variable) const {
  if (const Series* series = data.frame.find(variable)) return series->unit;
  for (const IdentitySpec& identity : study.identities) {
    if (identity.name == variable) return identity.unit;
  }
  return "";
}

std::string RunResults::scenario_label(std::string_view scenario) const {
  const ScenarioSpec* spec = study.scenario(scenario);
  return spec != nullptr ? spec->label : std::string(scenario);
}

bool RunResults::usable() const {
  return std::all_of(equations.begin(), equations.end(),
                     [](const BehaviouralEquation& e) { return e.fitted.result.usable(); });
}

}  // namespace amnok
