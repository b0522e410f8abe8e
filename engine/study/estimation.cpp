#include "engine/study/estimation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/base/check.h"
#include "engine/base/text.h"
#include "engine/data/evaluate.h"
#include "engine/model/model_mixture.h"
#include "engine/study/innovations.h"
#include "engine/study/joint_equations.h"

namespace amnok {

namespace {

bool is_wanted(const std::vector<std::string>& only, const std::string& name) {
  return only.empty() || std::find(only.begin(), only.end(), name) != only.end();
}

// A series with the gaps of its equation's sample filled; how many were.
int fill_gaps(const BehaviouralEquation& equation, Series& series) {
  if (!equation.fitted.result.usable()) return 0;
  const VectorXd filled = equation.fitted.model->completed(equation.fitted.result);
  int count = 0;
  for (Eigen::Index t = 0; t < filled.size(); ++t) {
    const std::int64_t at = series.range().index_of(equation.sample.range[t]);
    if (at < 0 || at >= series.values.size() || !std::isnan(series.values(at))) continue;
    const double value = equation.target.transform.inverse(filled(t));
    if (!std::isfinite(value)) continue;
    series.values(at) = value;
    ++count;
  }
  return count;
}

Frame history_of(const Study& study, const StudyData& data,
                 const std::vector<BehaviouralEquation>& equations, Period last) {
  Frame history(range_between(data.frame.range().first, last));
  for (const Series& series : data.frame.series()) history.add(series);
  for (const BehaviouralEquation& equation : equations) {
    Series series = history.get(equation.target.variable);
    fill_gaps(equation, series);
    history.add(std::move(series));
  }
  add_identities(history, study, data.events);
  return history;
}

// Whether an equation's regressors use a variable, directly or through identities.
bool depends_on(const Study& study, const EquationSpec& equation, const std::string& variable) {
  std::vector<std::string> open;
  const auto add = [&](const Expression& expression) {
    for (const std::string& name : expression.variables()) {
      if (std::find(open.begin(), open.end(), name) == open.end()) open.push_back(name);
    }
  };
  for (const Expression& regressor : equation.regressors) add(regressor);
  for (std::size_t i = 0; i < open.size(); ++i) {
    if (open[i] == variable) return true;
    for (const IdentitySpec& identity : study.identities) {
      if (identity.name == open[i]) add(identity.expression);
    }
  }
  return false;
}

// Indices of equations, each after those it depends on; those in a circle come last, as written.
std::vector<std::size_t> estimation_order(const Study& study,
                                          const std::vector<std::size_t>& wanted) {
  std::vector<std::size_t> order, waiting = wanted;
  while (!waiting.empty()) {
    std::vector<std::size_t> later;
    for (std::size_t e : waiting) {
      const bool blocked = std::any_of(waiting.begin(), waiting.end(), [&](std::size_t other) {
        return other != e && !in_same_table(study.equations[e], study.equations[other]) &&
               depends_on(study, study.equations[e], study.equations[other].target.variable);
      });
      (blocked ? later : order).push_back(e);
    }
    if (later.size() == waiting.size()) {
      order.insert(order.end(), later.begin(), later.end());
      return order;
    }
    waiting = later;
  }
  return order;
}

// What a projection of this equation starts from, where that surprises.
void note_restart(BehaviouralEquation& equation) {
  FitResult& fit = equation.fitted.result;
  const auto test = std::find_if(fit.diagnostics.begin(), fit.diagnostics.end(),
                                 [](const Diagnostic& d) { return d.name == "durbin_watson"; });
  if (test == fit.diagnostics.end() || !(test->p_value < 0.05)) return;
  Eigen::Index last = fit.residuals.size() - 1;
  while (last > 0 && std::isnan(fit.residuals(last))) --last;
  fit.notes.push_back(fmt::format(
      "errors are autocorrelated, but a projection restarts from the equation, not from its last "
      "residual ({} in {}, in units of {}): it may jump at the forecast origin",
      format_significant(fit.residuals(last), 3), format_period(equation.sample.range[last]),
      equation.target.transform.text(equation.target.variable)));
}

// The lambda of a Box-Cox target: to all digits in a table, in words where it was chosen.
void report_transform(BehaviouralEquation& equation) {
  const Transform& transform = equation.target.transform;
  if (transform.kind != Transform::Kind::box_cox) return;
  FitResult& fit = equation.fitted.result;
  const std::string by = lambda_by_name(transform.lambda_by);
  fit.tables.push_back({"box_cox",
                        "Box-Cox transformation",
                        {"variable", "lambda", "chosen_by"},
                        {{equation.target.variable, transform.lambda, by}}});
  std::string note = lambda_note(equation.target, equation.sample.y, equation.sample.season);
  if (!note.empty()) fit.notes.push_back(std::move(note));
}

// Equations that are fitted: the wanted ones and those that fill the gaps of their regressors.
std::vector<std::size_t> needed_equations(const Study& study,
                                          const std::vector<std::string>& only) {
  std::vector<std::size_t> needed;
  for (std::size_t e = 0; e < study.equations.size(); ++e) {
    const bool used =
        std::any_of(study.equations.begin(), study.equations.end(), [&](const EquationSpec& other) {
          return is_wanted(only, other.name) &&
                 depends_on(study, other, study.equations[e].target.variable);
        });
    if (used || is_wanted(only, study.equations[e].name)) needed.push_back(e);
  }
  return needed;
}

// Where the equation uses regimes with drawn dates: the same at each of the possible ones. At dates
// where it cannot be estimated, the estimate stands in.
void fit_at_drawn_dates(const EquationSpec& spec, const Study& study, const StudyData& data,
                        BehaviouralEquation& equation) {
  const DetectedRegimes* regimes = drawn_regimes(spec, study, data);
  if (regimes == nullptr || !equation.fitted.result.usable()) return;
  const FittedModel& main = equation.fitted;
  std::vector<FittedModel> members(regimes->starts.size(), main);
  double failed = 0;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (i == regimes->estimate) continue;
    try {
      FittedModel member = fit_model(
          *equation.model, make_sample(spec, study, with_regime_dates(data, *regimes, i)));
      if (member.result.usable() &&
          member.result.parameters.names() == main.result.parameters.names()) {
        members[i] = std::move(member);
        continue;
      }
    } catch (const InputError&) {  // too few observations on one side
    }
    failed += regimes->weights[i];
  }
  std::string note = fmt::format(
      "projections draw the dates of {} ({} possible, weight of the estimated one {}) and follow "
      "this equation as estimated at them; coefficients here are those at the estimated date{}",
      join(regimes->events, ", "), members.size(),
      format_significant(regimes->weights[regimes->estimate], 2),
      regimes->events.size() == 1 ? "" : "s");
  if (failed > 0) {
    note += fmt::format("; it could not be estimated at dates of weight {}, where these stand in",
                        format_significant(failed, 2));
  }
  equation.fitted.result.notes.push_back(std::move(note));
  equation.fitted.model = make_model_mixture(
      std::move(members), regimes->estimate,
      [shared = *regimes](std::uint64_t seed, std::uint32_t, int first, int count) {
        return shared.picks(seed, first, count);
      });
}

void check_orders_chosen(const EquationSpec& spec, const BehaviouralEquation& equation) {
  const auto* finder = dynamic_cast<const AlternativeFinder*>(equation.fitted.model.get());
  if (finder == nullptr || finder->alternatives().empty()) return;
  throw InputError({{Severity::error, spec.where,
                     fmt::format("models.{} draws its orders and, with its regimes, dates: one of "
                                 "them must be given",
                                 spec.name),
                     "say orders = \"chosen\", or dates = \"estimated\" in [regimes]"}});
}

// Where the model draws what an automatic choice left open: the other possible models too. One that
// has no usable fit leaves its weight to the chosen one.
void fit_alternatives(BehaviouralEquation& equation) {
  const auto* finder = dynamic_cast<const AlternativeFinder*>(equation.fitted.model.get());
  if (finder == nullptr || !equation.fitted.result.usable()) return;
  const std::vector<WeightedModel> alternatives = finder->alternatives();
  if (alternatives.size() < 2) return;
  std::vector<FittedModel> members{equation.fitted};
  std::vector<double> weights{alternatives[0].weight};
  for (std::size_t i = 1; i < alternatives.size(); ++i) {
    FittedModel member = fit_model(*alternatives[i].model, equation.sample);
    if (member.result.usable()) {
      members.push_back(std::move(member));
      weights.push_back(alternatives[i].weight);
    } else {
      weights[0] += alternatives[i].weight;
    }
  }
  equation.fitted.model = make_model_mixture(std::move(members), 0, picks_by_weight(weights));
}

// Lags that a criterion left out, the last ones, are no part of the equation.
void drop_unused_lags(const EquationSpec& spec, BehaviouralEquation& equation) {
  if (!is_joint(spec)) return;
  const std::vector<std::string>& used = equation.fitted.result.parameters.names();
  std::erase_if(equation.regressors, [&](const Expression& regressor) {
    return std::find(used.begin(), used.end(), regressor.text()) == used.end();
  });
}

BehaviouralEquation fit_equation(const EquationSpec& spec, const Study& study,
                                 const StudyData& data, const PluginList& plugins,
                                 ProblemList& problems) {
  BehaviouralEquation equation;
  equation.name = spec.name;
  equation.regressors = spec.regressors;
  for (const Intervention& intervention : spec.interventions) {
    equation.events.push_back(intervention.event);
  }
  equation.sample = make_sample(spec, study, data);
  equation.target = equation.sample.target;  // lambda is known now
  equation.model = find_plugin(plugins, spec.plugin)->make(spec, problems);
  equation.fitted = fit_model(*equation.model, equation.sample);
  if (auto chosen = equation.fitted.model->chosen()) equation.model = std::move(chosen);
  equation.fitted.result.name = spec.name;
  const std::shared_ptr<const BoundModel> one = equation.fitted.model;
  if (drawn_regimes(spec, study, data) == nullptr) {
    fit_alternatives(equation);
  } else {
    check_orders_chosen(spec, equation);
    fit_at_drawn_dates(spec, study, data, equation);
  }
  if (!study.run.parameters_drawn && equation.fitted.model != one) {
    throw InputError({{Severity::error, spec.where,
                       fmt::format("models.{} draws its orders or the dates of its regimes, whose "
                                   "coefficients differ, but run.parameters is \"estimated\"",
                                   spec.name),
                       "say parameters = \"drawn\" in [run]; or orders = \"chosen\" and, in "
                       "[regimes], dates = \"estimated\""}});
  }
  equation.parameters_drawn = study.run.parameters_drawn;
  drop_unused_lags(spec, equation);
  report_transform(equation);
  note_restart(equation);
  set_innovations(equation, spec, study, problems);
  return equation;
}

}  // namespace

std::vector<BehaviouralEquation> estimate(const Study& study, const StudyData& data,
                                          const PluginList& plugins,
                                          const std::vector<std::string>& only,
                                          ProblemList& problems) {
  const std::vector<std::size_t> wanted = needed_equations(study, only);
  std::vector<std::optional<BehaviouralEquation>> fitted(study.equations.size());
  StudyData filled = data;
  std::vector<Series> held;  // filled by equations of one table, which all see the gaps
  const EquationSpec *before = nullptr, *failed = nullptr;
  for (std::size_t e : estimation_order(study, wanted)) {
    const EquationSpec& spec = study.equations[e];
    if (failed != nullptr && in_same_table(*failed, spec)) continue;  // its problem is said
    if (before == nullptr || !in_same_table(*before, spec)) {
      for (Series& series : held) filled.frame.add(std::move(series));
      held.clear();
    }
    before = &spec;
    try {
      BehaviouralEquation equation = fit_equation(spec, study, filled, plugins, problems);
      Series series = filled.frame.get(spec.target.variable);
      const int gaps = fill_gaps(equation, series);
      const bool used = std::any_of(wanted.begin(), wanted.end(), [&](std::size_t other) {
        return !in_same_table(spec, study.equations[other]) &&
               depends_on(study, study.equations[other], spec.target.variable);
      });
      if (gaps > 0 && used) {
        equation.fitted.result.notes.push_back(fmt::format(
            "as a regressor of other equations, {} gaps of {} are filled by this equation", gaps,
            spec.target.variable));
        held.push_back(std::move(series));
      }
      fitted[e] = std::move(equation);
    } catch (const InputError& error) {
      failed = &spec;
      for (InputProblem problem : error.problems()) {
        if (problem.where.file.empty()) {
          problem.where = spec.where;
          problem.message = fmt::format("{}: {}", equation_words(spec), problem.message);
        }
        problems.append({problem});
      }
    }
  }
  std::vector<BehaviouralEquation> equations;
  for (std::size_t e = 0; e < fitted.size(); ++e) {
    if (fitted[e] && is_wanted(only, study.equations[e].name)) {
      equations.push_back(std::move(*fitted[e]));
    }
  }
  return equations;
}

std::vector<BehaviouralEquation> estimate(const Study& study, const StudyData& data,
                                          const PluginList& plugins,
                                          const std::vector<std::string>& only) {
  ProblemList problems;
  std::vector<BehaviouralEquation> equations = estimate(study, data, plugins, only, problems);
  problems.throw_if_errors();
  return equations;
}

System build_system(const Study& study, const StudyData& data,
                    std::vector<BehaviouralEquation> equations) {
  std::vector<Identity> identities;
  for (const IdentitySpec& identity : study.identities) {
    identities.push_back({identity.name, identity.expression});
  }
  Frame history = history_of(study, data, equations, data.sample.last());
  return System(std::move(equations), std::move(identities), std::move(history), data.horizon);
}

Frame completed_history(const Study& study, const StudyData& data,
                        const std::vector<BehaviouralEquation>& equations) {
  return history_of(study, data, equations, data.sample.last());
}

System system_before(const Study& study, const Frame& history,
                     const std::vector<BehaviouralEquation>& equations, const PeriodRange& window) {
  std::vector<BehaviouralEquation> earlier;
  for (const BehaviouralEquation& equation : equations) {
    BehaviouralEquation cut = equation;
    const auto keep = static_cast<Eigen::Index>(window.first - equation.sample.range.first);
    AMNOK_CHECK(keep > 0, "the window covers the sample of {}", equation.name);
    cut.sample = first_rows(equation.sample, keep);
    try {
      cut.fitted.model = equation.model->bind(cut.sample);
    } catch (const InputError& error) {  // an event that acts within the window alone
      throw InputError(
          fmt::format("models.{} cannot be solved over {}: on the sample before it, {}",
                      equation.name, format_range(window), error.problems().front().message),
          "an event that begins in the window leaves nothing before it: solve fewer periods");
    }
    earlier.push_back(std::move(cut));
  }
  std::vector<Identity> identities;
  for (const IdentitySpec& identity : study.identities) {
    identities.push_back({identity.name, identity.expression});
  }
  Frame before(range_between(history.range().first, window.first - 1));
  for (const Series& series : history.series()) before.add(series);
  return System(std::move(earlier), std::move(identities), std::move(before), window);
}

SystemInputs realised_inputs(const StudyData& data, const Frame& history,
                             const PeriodRange& window) {
  SystemInputs inputs;
  inputs.events = shared_events(data.events);
  // To the end of what is known, for leads.
  const PeriodRange known = range_between(window.first, history.range().last());
  for (const Series& series : history.series()) {
    inputs.exogenous[series.name] = series.window(known).values;
  }
  return inputs;
}

double residual_check(const Study& study, const StudyData& data,
                      const std::vector<BehaviouralEquation>& equations, int periods) {
  const PeriodRange window{data.sample.last() - (periods - 1), periods};
  const Frame history = completed_history(study, data, equations);
  const System system = system_before(study, history, equations, window);
  // History as fixed paths gives the shocks; the shocks alone must give history.
  const SystemInputs inputs = realised_inputs(data, history, window);
  SystemInputs forced = inputs;
  for (const BehaviouralEquation& equation : system.equations()) {
    forced.fixed[equation.target.variable] =
        history.get(equation.target.variable).window(window).values;
  }
  SystemDraws draws = system.at_estimates();
  std::vector<DrawMatrix> shocks;
  system.simulate(draws, forced, &shocks);
  draws.shocks = shocks;
  const std::vector<DrawMatrix> solved = system.simulate(draws, inputs);
  double worst = 0;
  for (std::size_t v = 0; v < system.variables().size(); ++v) {
    const VectorXd actual = history.get(system.variables()[v]).window(window).values;
    for (Eigen::Index h = 0; h < actual.size(); ++h) {
      if (std::isnan(actual(h))) continue;
      worst = std::max(
          worst, std::fabs(solved[v](h, 0) - actual(h)) / std::max(1.0, std::fabs(actual(h))));
    }
  }
  return worst;
}

}  // namespace amnok
