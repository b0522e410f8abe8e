#include "engine/study/regimes.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>

#include "engine/base/check.h"
#include "engine/base/text.h"
#include "engine/study/assumption.h"
#include "engine/study/study_data.h"

namespace amnok {

namespace {

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The dates that were drawn, with their shares; the estimate is always among them.
void weigh_dates(std::vector<RegimeStarts> draws, const RegimeStarts& estimate,
                 DetectedRegimes& regimes) {
  std::map<RegimeStarts, double> count;
  for (RegimeStarts& starts : draws) ++count[std::move(starts)];
  count.try_emplace(estimate, 0.0);
  std::vector<std::pair<double, RegimeStarts>> all;
  for (const auto& [starts, times] : count) all.emplace_back(times, starts);
  std::stable_sort(all.begin(), all.end(), [&](const auto& a, const auto& b) {
    const bool first = a.second == estimate, second = b.second == estimate;
    return first != second ? first : a.first > b.first;
  });
  const double total = static_cast<double>(draws.size());
  for (std::size_t i = static_cast<std::size_t>(kMostDates); i < all.size(); ++i) {
    regimes.left_out += all[i].first / total;
  }
  if (all.size() > static_cast<std::size_t>(kMostDates)) all.resize(kMostDates);
  std::sort(all.begin(), all.end(),
            [](const auto& a, const auto& b) { return a.second < b.second; });
  for (const auto& [times, starts] : all) {
    if (starts == estimate) regimes.estimate = regimes.starts.size();
    regimes.starts.push_back(starts);
    regimes.weights.push_back(times / total / (1 - regimes.left_out));
  }
}

// What a reader has to know of the dates: for each event, the range that holds nine tenths of them.
ResultTable date_table(const DetectedRegimes& regimes) {
  ResultTable table{"regime_dates",
                    "When the regimes began (first period; range with 90 % of the draws)",
                    {"event", "estimated", "weight", "from", "to", "possible_dates"},
                    {}};
  for (std::size_t i = 0; i < regimes.events.size(); ++i) {
    std::map<Period, double> weight;
    for (std::size_t k = 0; k < regimes.starts.size(); ++k) {
      weight[regimes.starts[k][i]] += regimes.weights[k];
    }
    std::optional<Period> low, high;
    double below = 0;
    for (const auto& [start, w] : weight) {
      below += w;
      if (!low && below > 0.05) low = start;
      if (!high && below >= 0.95 - 1e-12) high = start;
    }
    const Period estimated = regimes.starts[regimes.estimate][i];
    table.rows.push_back({regimes.events[i], format_period(estimated), weight[estimated],
                          format_period(*low), format_period(*high),
                          static_cast<double>(weight.size())});
  }
  return table;
}

void detect(const RegimeSpec& spec, const Study& study, const PluginList& plugins, StudyData& data,
            ProblemList& problems) {
  DetectedRegimes regimes;
  regimes.name = spec.name;
  regimes.events = spec.events;
  regimes.drawn = spec.drawn;
  const Sample sample = make_sample(spec.equation, study, data);
  const auto model = find_plugin(plugins, spec.equation.plugin)->make(spec.equation, problems);
  regimes.fitted = fit_model(*model, sample);
  regimes.fitted.result.name = spec.name;
  const auto* finder = dynamic_cast<const RegimeFinder*>(regimes.fitted.model.get());
  if (finder == nullptr) {
    problems.error(
        spec.where,
        fmt::format("regimes.{}: the plugin {} finds no breaks", spec.name, spec.equation.plugin),
        "use plugin = \"structural_break\"");
    return;
  }
  if (!regimes.fitted.result.usable()) {
    problems.error(spec.where,
                   fmt::format("regimes.{}: {}", spec.name, regimes.fitted.result.message));
    return;
  }
  const RegimeStarts estimate = finder->estimated_starts(regimes.fitted.result);
  if (estimate.empty()) {
    problems.error(
        spec.where, fmt::format("regimes.{}: its model finds no break in the data", spec.name),
        "without a break there is no regime; a number of breaks in model.breaks dates them "
        "all the same");
    return;
  }
  if (estimate.size() != spec.events.size()) {
    problems.error(spec.where,
                   fmt::format("regimes.{} names {} event{}, but its model has {} break{}",
                               spec.name, spec.events.size(), spec.events.size() == 1 ? "" : "s",
                               estimate.size(), estimate.size() == 1 ? "" : "s"),
                   fmt::format("say model.breaks = {}, or name as many events as there are breaks",
                               spec.events.size()));
    return;
  }
  std::vector<RegimeStarts> draws{estimate};
  if (spec.drawn) draws = finder->draw_starts(regimes.fitted.result, study.run.seed, kDateDraws);
  weigh_dates(std::move(draws), estimate, regimes);
  FitResult& fit = regimes.fitted.result;
  if (const std::string doubts = finder->doubts(fit); !doubts.empty()) {
    problems.warning(spec.where,
                     fmt::format("regimes.{} has {} break{}, but {}", spec.name, estimate.size(),
                                 estimate.size() == 1 ? "" : "s", doubts));
  }
  if (spec.drawn) fit.tables.push_back(date_table(regimes));
  if (regimes.left_out > 0.01) {
    fit.notes.push_back(
        fmt::format("dates are so uncertain that those left out beyond the {} "
                    "heaviest have a weight of {}",
                    kMostDates, format_significant(regimes.left_out, 2)));
  }
  for (std::size_t i = 0; i < spec.events.size(); ++i) {
    data.events[spec.events[i]] = regime_activity(estimate[i]);
  }
  data.regimes.push_back(std::move(regimes));
}

}  // namespace

std::vector<int> DetectedRegimes::picks(std::uint64_t seed, int first, int count) const {
  if (!drawn) return std::vector<int>(static_cast<std::size_t>(count), static_cast<int>(estimate));
  const Eigen::RowVectorXd u = named_uniforms("regimes " + name, seed, first, count);
  std::vector<double> up_to(weights.size());
  std::partial_sum(weights.begin(), weights.end(), up_to.begin());
  std::vector<int> picks;
  for (double share : u) {
    const auto at = std::lower_bound(up_to.begin(), up_to.end() - 1, share * up_to.back());
    picks.push_back(static_cast<int>(at - up_to.begin()));
  }
  return picks;
}

bool DetectedRegimes::has(const std::string& event) const {
  return holds(events, event);
}

EventActivity regime_activity(Period start) {
  Episode episode;
  episode.start = start;
  return {{episode}};
}

void detect_regimes(const Study& study, const PluginList& plugins, StudyData& data,
                    ProblemList& problems) {
  data.regimes.clear();
  for (const RegimeSpec& spec : study.regimes) {
    try {
      detect(spec, study, plugins, data, problems);
    } catch (const InputError& error) {
      for (InputProblem problem : error.problems()) {
        if (problem.where.file.empty()) {
          problem.where = spec.where;
          problem.message = fmt::format("regimes.{}: {}", spec.name, problem.message);
        }
        problems.append({problem});
      }
    }
  }
  for (const EquationSpec& equation : study.equations) {
    try {
      drawn_regimes(equation, study, data);
    } catch (const InputError& error) {
      problems.append(error.problems());
    }
  }
}

void detect_regimes(const Study& study, const PluginList& plugins, StudyData& data) {
  ProblemList problems;
  detect_regimes(study, plugins, data, problems);
  problems.throw_if_errors();
}

std::vector<std::string> events_used(const EquationSpec& equation, const Study& study) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    if (!holds(names, name)) names.push_back(name);
  };
  for (const Intervention& intervention : equation.interventions) add(intervention.event);
  if (const ConfigValue* regimes = equation.options.table().find("regimes")) {
    add(regimes->string());
  }
  for (const Expression& regressor : equation.regressors) {
    for (const std::string& name : regressor.variables()) add(name);
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    for (const IdentitySpec& identity : study.identities) {
      if (identity.name != names[i]) continue;
      for (const std::string& name : identity.expression.variables()) add(name);
    }
  }
  std::erase_if(names, [&](const std::string& name) { return study.event(name) == nullptr; });
  return names;
}

const DetectedRegimes* drawn_regimes(const EquationSpec& equation, const Study& study,
                                     const StudyData& data) {
  const DetectedRegimes* found = nullptr;
  for (const std::string& event : events_used(equation, study)) {
    for (const DetectedRegimes& regimes : data.regimes) {
      if (!regimes.drawn || !regimes.has(event) || &regimes == found) continue;
      if (found != nullptr) {
        throw InputError(
            {{Severity::error, equation.where,
              fmt::format(
                  "models.{} uses regimes of {} and of {}, whose dates are drawn apart from "
                  "each other",
                  equation.name, found->name, regimes.name),
              "let one model find all of its breaks, or say dates = \"estimated\" in one of "
              "them"}});
      }
      found = &regimes;
    }
  }
  return found;
}

StudyData with_regime_dates(const StudyData& data, const DetectedRegimes& regimes,
                            std::size_t dates) {
  StudyData moved = data;
  for (std::size_t i = 0; i < regimes.events.size(); ++i) {
    moved.events[regimes.events[i]] = regime_activity(regimes.starts[dates][i]);
  }
  return moved;
}

}  // namespace amnok
