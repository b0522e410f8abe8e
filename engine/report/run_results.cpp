#include "engine/report/run_results.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/base/check.h"
#include "engine/base/text.h"

namespace amnok {

std::vector<std::string> RunResults::outlooks() const {
  std::vector<std::string> names = scenarios;
  if (!mixture.empty()) names.push_back(kMixture);
  return names;
}

const Projection& RunResults::projection(std::string_view scenario,
                                         std::string_view variable) const {
  const bool mixed = scenario == kMixture && study.scenario(scenario) == nullptr;
  const std::vector<Projection>& all = mixed ? mixture : projections;
  const auto at = std::find_if(all.begin(), all.end(), [&](const Projection& p) {
    return p.scenario == scenario && p.variable == variable;
  });
  AMNOK_CHECK(at != all.end(), "{} {}", scenario, variable);
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
  if (spec != nullptr) return spec->label;
  return scenario == kMixture ? "all scenarios by their probabilities" : std::string(scenario);
}

std::string RunResults::event_label(const std::string& event) const {
  const Event* found = study.event(event);
  return found == nullptr || found->label.empty() ? event : found->label;
}

std::string RunResults::scenario_title(std::string_view scenario) const {
  const ScenarioSpec* spec = study.scenario(scenario);
  const std::string label = scenario_label(scenario);
  if (spec == nullptr && scenario == kMixture) return "All scenarios by their probabilities";
  if (spec == nullptr || !spec->probability) return label;
  return fmt::format("{} ({} %)", label, format_number(100 * *spec->probability));
}

std::size_t RunResults::violated() const {
  std::set<std::size_t> checks;
  for (const IdentityViolation& v : identities.violations) {
    if (!study.checks[v.check].warning) checks.insert(v.check);
  }
  return checks.size();
}

bool RunResults::sound() const {
  return usable() && undefined.empty() && violated() == 0;
}

std::vector<const FitResult*> RunResults::fits() const {
  std::vector<const FitResult*> all;
  for (const DetectedRegimes& regimes : data.regimes) all.push_back(&regimes.fitted.result);
  for (const BehaviouralEquation& e : equations) all.push_back(&e.fitted.result);
  return all;
}

std::vector<std::string> RunResults::faults() const {
  std::vector<std::string> all;
  for (const BehaviouralEquation& e : equations) {
    if (e.fitted.result.usable()) continue;
    all.push_back(
        fmt::format("equation {} did not converge; results that rest on it are unusable", e.name));
  }
  for (const StudyCounterfactual& c : counterfactuals) {
    if (!c.usable()) all.push_back(fmt::format("effects.{}: {}", c.spec.name, c.failure));
  }
  for (const UndefinedProjection& u : undefined) {
    all.push_back(
        fmt::format("{} is not defined in scenario {} from {} on, in up to {} % of the draws "
                    "({} of {} periods)",
                    u.variable, u.scenario, format_period(u.first),
                    format_significant(100 * u.share, 3), u.periods, horizon.count));
  }
  if (const std::size_t count = violated(); count > 0) {
    all.push_back(fmt::format("{} {} violated by the data", count,
                              count == 1 ? "identity is" : "identities are"));
  }
  return all;
}

std::string RunResults::warning_text(const InputProblem& warning) const {
  std::string text = warning.message;
  if (warning.where.line > 0) {
    text += fmt::format(" ({}:{})", study.shown(warning.where.file), warning.where.line);
  }
  return text;
}

bool RunResults::usable() const {
  return std::all_of(equations.begin(), equations.end(),
                     [](const BehaviouralEquation& e) { return e.fitted.result.usable(); }) &&
         std::all_of(counterfactuals.begin(), counterfactuals.end(),
                     [](const StudyCounterfactual& c) { return c.usable(); });
}

}  // namespace amnok
