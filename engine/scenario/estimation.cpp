#include "engine/scenario/estimation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/base/check.h"
#include "engine/base/names.h"
#include "engine/data/evaluate.h"

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
    series.values(at) = equation.target.transform.inverse(filled(t));
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
  // Identities may use each other: as many passes as there are identities settle any order.
  for (const IdentitySpec& identity : study.identities) {
    history.add({identity.name,
                 identity.unit,
                 history.range().first,
                 VectorXd::Constant(history.range().count, kMissing),
                 {},
                 {},
                 "",
                 {}});
  }
  for (std::size_t pass = 0; pass < study.identities.size(); ++pass) {
    for (const IdentitySpec& identity : study.identities) {
      add_event_series(history, data.events, identity.expression);
      Series series = history.get(identity.name);
      series.values = evaluate_on(identity.expression, history, history.range());
      history.add(std::move(series));
    }
  }
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
        return other != e &&
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

double last_known(const Series& series, Period before, const SourceRange& where) {
  for (Period t = before; t >= series.first; t = t - 1) {
    if (!std::isnan(series.at(t))) return series.at(t);
  }
  throw InputError(
      {{Severity::error, where,
        fmt::format("`{}` has no value up to {}, but its path starts from the last known one",
                    series.name, format_period(before)),
        "give its level"}});
}

class ScenarioResolver {
 public:
  ScenarioResolver(const Study& study, const StudyData& data, const System& system)
      : study_(study), data_(data), system_(system), horizon_(system.horizon()) {
    inputs_.events = data.events;
  }

  SystemInputs resolve(const ScenarioSpec& scenario) {
    ProblemList problems;
    for (const Change& change : scenario.changes) {
      change_ = &change;
      try {
        std::visit([&](const auto& what) { apply(what); }, change.what);
      } catch (const InputError& error) {
        problems.append(error.problems());
      }
    }
    problems.throw_if_errors();
    return std::move(inputs_);
  }

 private:
  [[noreturn]] void fail(const std::string& message, const std::string& hint = "") const {
    throw InputError({{Severity::error, change_->where, message, hint}});
  }

  // The value for horizon period h: one for all, or one a period of the change's own span.
  template <class T>
  T value_at(const std::vector<T>& values, std::int64_t h) const {
    const std::int64_t first =
        change_->from ? std::max<std::int64_t>(horizon_.index_of(*change_->from), 0) : 0;
    const auto i = static_cast<std::size_t>(std::max<std::int64_t>(h - first, 0));
    return values[std::min(i, values.size() - 1)];
  }

  template <class Apply>
  void each_period(const Apply& apply_at) const {
    for (std::int64_t h = 0; h < horizon_.count; ++h) {
      if (change_->covers(horizon_[h])) apply_at(h);
    }
  }

  std::size_t equation_index(const std::string& name) const {
    for (std::size_t e = 0; e < system_.equations().size(); ++e) {
      if (system_.equations()[e].name == name) return e;
    }
    fail(fmt::format("no equation `{}`", name));
  }

  void apply(const EndEvent& what) {
    EventActivity& activity = inputs_.events[what.event];
    bool ended = false;
    for (auto episode = activity.episodes.rbegin(); episode != activity.episodes.rend();
         ++episode) {
      const bool active = episode->start < what.at &&
                          (!episode->end || *episode->end > what.at || !episode->calendar_end);
      if (!active || ended) continue;
      episode->end = what.at;
      episode->phase_out = what.over;
      episode->remaining = what.remaining;
      episode->calendar_end = false;
      ended = true;
    }
    if (ended) return;
    const Event* event = study_.event(what.event);
    fail(fmt::format("event \"{}\" cannot end in {}: it {}", what.event, format_period(what.at),
                     event->end ? "ended on " + format_date(*event->end)
                                : "starts on " + format_date(event->start)),
         fmt::format("if it still acts, say so: [events.{}] end = \"open\"", what.event));
  }

  void apply(const StartEvent& what) {
    Episode episode;
    episode.start = what.at;
    episode.end = what.until;
    episode.intensity = what.intensity;
    inputs_.events[what.event].episodes.push_back(episode);
  }

  void apply(const SetPath& what) {
    const auto known = inputs_.exogenous.find(what.variable);
    VectorXd path = known != inputs_.exogenous.end() ? known->second
                                                     : VectorXd::Constant(horizon_.count, kMissing);
    const auto before = [&](std::int64_t h) {  // the value in the period before h
      if (h > 0 && !std::isnan(path(h - 1))) return path(h - 1);
      return last_known(data_.frame.get(what.variable), horizon_.first - 1, change_->where);
    };
    each_period([&](std::int64_t h) {
      switch (what.mode) {
        case SetPath::Mode::level:
          path(h) = value_at(what.values, h);
          break;
        case SetPath::Mode::hold:
          path(h) = before(h);
          break;
        case SetPath::Mode::growth:
          path(h) = before(h) * (1 + value_at(what.values, h) / 100);
          break;
        case SetPath::Mode::pct:
          path(h) *= 1 + value_at(what.values, h) / 100;
          break;
        case SetPath::Mode::add:
          path(h) += value_at(what.values, h);
          break;
      }
    });
    inputs_.exogenous[what.variable] = path;
  }

  void apply(const AddFactor& what) {
    const std::size_t e = equation_index(what.equation);
    VectorXd& add =
        inputs_.add_factors.try_emplace(e, VectorXd::Zero(horizon_.count)).first->second;
    VectorXd& times =
        inputs_.multipliers.try_emplace(e, VectorXd::Ones(horizon_.count)).first->second;
    each_period([&](std::int64_t h) {
      const Amount amount = value_at(what.values, h);
      if (amount.percent) {
        times(h) *= 1 + amount.value / 100;
      } else {
        add(h) += amount.value;
      }
    });
  }

  void apply(const FixPath& what) {
    VectorXd& path =
        inputs_.fixed.try_emplace(what.variable, VectorXd::Constant(horizon_.count, kMissing))
            .first->second;
    const auto equation =
        std::find_if(system_.equations().begin(), system_.equations().end(),
                     [&](const auto& e) { return e.target.variable == what.variable; });
    each_period([&](std::int64_t h) {
      path(h) = value_at(what.values, h);
      if (std::isnan(equation->target.transform.forward(path(h)))) {
        fail(fmt::format("`{}` is fixed at {}, where {} is not defined", what.variable, path(h),
                         equation->target.transform.text(what.variable)));
      }
    });
  }

  void apply(const ChangeParameter& what) {
    SystemInputs::ParameterChange change;
    change.equation = equation_index(what.equation);
    const ParameterVector& parameters =
        system_.equations()[change.equation].fitted.result.parameters;
    change.parameter = parameters.index_of(what.parameter);
    if (change.parameter < 0) {
      fail(fmt::format("equation `{}` has no coefficient `{}`", what.equation, what.parameter),
           name_hint(what.parameter, parameters.names()));
    }
    change.recentre = what.recentre;
    switch (what.mode) {
      case ChangeParameter::Mode::multiply:
        change.factor = what.value;
        break;
      case ChangeParameter::Mode::add:
        change.shift = what.value;
        break;
      case ChangeParameter::Mode::set:
        change.factor = 0;
        change.shift = what.value;
        break;
    }
    inputs_.parameters.push_back(change);
  }

  const Study& study_;
  const StudyData& data_;
  const System& system_;
  PeriodRange horizon_;
  const Change* change_ = nullptr;
  SystemInputs inputs_;
};

}  // namespace

std::vector<BehaviouralEquation> estimate(const Study& study, const StudyData& data,
                                          const PluginList& plugins,
                                          const std::vector<std::string>& only) {
  ProblemList problems;
  // Equations that explain regressors of wanted ones are fitted as well, for their filled gaps.
  std::vector<std::size_t> wanted;
  for (std::size_t e = 0; e < study.equations.size(); ++e) {
    const bool needed =
        std::any_of(study.equations.begin(), study.equations.end(), [&](const EquationSpec& other) {
          return is_wanted(only, other.name) &&
                 depends_on(study, other, study.equations[e].target.variable);
        });
    if (needed || is_wanted(only, study.equations[e].name)) wanted.push_back(e);
  }
  std::vector<std::optional<BehaviouralEquation>> fitted(study.equations.size());
  StudyData filled = data;
  for (std::size_t e : estimation_order(study, wanted)) {
    const EquationSpec& spec = study.equations[e];
    try {
      BehaviouralEquation equation;
      equation.name = spec.name;
      equation.target = spec.target;
      equation.regressors = spec.regressors;
      for (const Intervention& intervention : spec.interventions) {
        equation.events.push_back(intervention.event);
      }
      equation.sample = make_sample(spec, study, filled);
      equation.model = find_plugin(plugins, spec.plugin)->make(spec, problems);
      equation.fitted = fit_model(*equation.model, equation.sample);
      if (auto chosen = equation.fitted.model->chosen()) equation.model = std::move(chosen);
      equation.fitted.result.name = spec.name;
      Series series = filled.frame.get(spec.target.variable);
      const int gaps = fill_gaps(equation, series);
      const bool used = std::any_of(wanted.begin(), wanted.end(), [&](std::size_t other) {
        return depends_on(study, study.equations[other], spec.target.variable);
      });
      if (gaps > 0 && used) {
        equation.fitted.result.notes.push_back(fmt::format(
            "as a regressor of other equations, {} gaps of {} are filled by this equation", gaps,
            spec.target.variable));
        filled.frame.add(std::move(series));
      }
      fitted[e] = std::move(equation);
    } catch (const InputError& error) {
      for (InputProblem problem : error.problems()) {
        if (problem.where.file.empty()) problem.where = spec.where;
        problems.append({problem});
      }
    }
  }
  problems.throw_if_errors();
  std::vector<BehaviouralEquation> equations;
  for (std::size_t e = 0; e < fitted.size(); ++e) {
    if (fitted[e] && is_wanted(only, study.equations[e].name)) {
      equations.push_back(std::move(*fitted[e]));
    }
  }
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

SystemInputs resolve_scenario(const ScenarioSpec& scenario, const Study& study,
                              const StudyData& data, const System& system) {
  return ScenarioResolver(study, data, system).resolve(scenario);
}

double residual_check(const Study& study, const StudyData& data,
                      const std::vector<BehaviouralEquation>& equations, int periods) {
  // The same equations, bound to a sample that ends before the window, at the same parameters.
  const PeriodRange window{data.sample.last() - (periods - 1), periods};
  std::vector<BehaviouralEquation> earlier;
  for (const BehaviouralEquation& equation : equations) {
    BehaviouralEquation cut = equation;
    const auto keep = static_cast<Eigen::Index>(window.first - equation.sample.range.first);
    AMNOK_CHECK(keep > 0, "the window covers the sample of {}", equation.name);
    cut.sample.range.count = keep;
    cut.sample.y = equation.sample.y.head(keep).eval();
    if (equation.sample.y_sd.size() > 0) cut.sample.y_sd = equation.sample.y_sd.head(keep).eval();
    cut.sample.regressors = equation.sample.regressors.topRows(keep).eval();
    std::erase_if(cut.sample.sums,
                  [&](const TemporalSum& sum) { return sum.parts.back() >= window.first; });
    cut.fitted.model = equation.model->bind(cut.sample);
    earlier.push_back(std::move(cut));
  }
  std::vector<Identity> identities;
  for (const IdentitySpec& identity : study.identities) {
    identities.push_back({identity.name, identity.expression});
  }
  const Frame history = history_of(study, data, equations, data.sample.last());
  Frame before(range_between(history.range().first, window.first - 1));
  for (const Series& series : history.series()) before.add(series);
  const System system(std::move(earlier), identities, before, window);

  // History as fixed paths gives the shocks; the shocks alone must give history.
  SystemInputs inputs;
  inputs.events = data.events;
  for (const Series& series : history.series()) {
    inputs.exogenous[series.name] = series.window(window).values;
  }
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
