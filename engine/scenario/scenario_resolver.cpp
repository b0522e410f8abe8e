#include "engine/scenario/scenario_resolver.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/names.h"
#include "engine/base/text.h"
#include "engine/data/evaluate.h"

namespace amnok {

namespace {

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
  ScenarioResolver(const Study& study, const StudyData& data,
                   const std::vector<BehaviouralEquation>& equations, ProblemList& problems)
      : study_(study),
        data_(data),
        equations_(equations),
        problems_(problems),
        horizon_(data.horizon) {
    inputs_.events = data.events;
  }

  SystemInputs resolve(const ScenarioSpec& scenario) {
    for (const Change& change : scenario.changes) {
      change_ = &change;
      try {
        check_span();
        std::visit([&](const auto& what) { apply(what); }, change_->what);
      } catch (const InputError& error) {
        problems_.append(error.problems());
        broken_ = true;
      }
    }
    if (!broken_) check_domains();
    return std::move(inputs_);
  }

 private:
  [[noreturn]] void fail(const std::string& message, const std::string& hint = "") const {
    throw InputError({{Severity::error, change_->where, message, hint}});
  }

  void warn(const std::string& message, const std::string& hint = "") {
    problems_.warning(change_->where, message, hint);
  }

  // A path, add-factor or fix that lies outside the horizon would do nothing, silently.
  void check_span() const {
    const bool late = change_->from && *change_->from > horizon_.last();
    const bool early = change_->to && *change_->to < horizon_.first;
    if (late || early) {
      fail(fmt::format("the change acts {} {}, but must act in the horizon, {}",
                       late ? "from" : "up to", format_period(late ? *change_->from : *change_->to),
                       format_range(horizon_)));
    }
  }

  void check_event_date(const std::string& event, const char* verb, Period at) {
    if (!horizon_.contains(at)) {
      fail(fmt::format("event \"{}\" {} in {}, but must do so in the horizon, {}", event, verb,
                       format_period(at), format_range(horizon_)),
           at < horizon_.first
               ? fmt::format("what happened in the sample is said in [events.{}], so "
                             "that equations are fitted to it",
                             event)
               : "");
    }
    if (!is_used(study_, event)) {
      warn(fmt::format("event \"{}\" is in no equation and no identity: the change does nothing",
                       event),
           "name it in `interventions` or as a regressor");
    }
  }

  // Periods of the horizon that the change covers, and a warning when its values do not fit them.
  template <class T>
  void check_count(const std::vector<T>& values) {
    std::int64_t covered = 0;
    each_period([&](std::int64_t) { ++covered; });
    const auto given = static_cast<std::int64_t>(values.size());
    if (given <= 1 || given == covered) return;
    warn(given < covered
             ? fmt::format("{} values for {} periods: the last one goes on", given, covered)
             : fmt::format("{} values for {} periods: the last {} are not used", given, covered,
                           given - covered));
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

  // -1: it could not be fitted.
  int equation_index(const std::string& name) const {
    for (std::size_t e = 0; e < equations_.size(); ++e) {
      if (equations_[e].name == name) return static_cast<int>(e);
    }
    return -1;
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
    if (ended) return check_event_date(what.event, "ends", what.at);
    const Event* event = study_.event(what.event);
    fail(fmt::format("event \"{}\" cannot end in {}: it {}", what.event, format_period(what.at),
                     event->end ? "ended on " + format_date(*event->end)
                                : "starts on " + format_date(event->start)),
         fmt::format("if it still acts, say so: [events.{}] end = \"open\"", what.event));
  }

  void apply(const StartEvent& what) {
    check_event_date(what.event, "starts", what.at);
    Episode episode;
    episode.start = what.at;
    episode.end = what.until;
    episode.intensity = what.intensity;
    inputs_.events[what.event].episodes.push_back(episode);
  }

  void apply(const SetPath& what) {
    check_count(what.values);
    if (!is_used(study_, what.variable)) {
      warn(fmt::format("`{}` is in no equation and no identity: its path does nothing",
                       what.variable));
    }
    const auto known = inputs_.exogenous.find(what.variable);
    VectorXd path = known != inputs_.exogenous.end() ? known->second
                                                     : VectorXd::Constant(horizon_.count, kMissing);
    auto& sources =
        sources_.try_emplace(what.variable, static_cast<std::size_t>(horizon_.count), nullptr)
            .first->second;
    const auto before = [&](std::int64_t h) {  // the value in the period before h
      if (h > 0 && !std::isnan(path(h - 1))) return path(h - 1);
      return last_known(data_.frame.get(what.variable), horizon_.first - 1, change_->where);
    };
    each_period([&](std::int64_t h) {
      sources[static_cast<std::size_t>(h)] = change_;
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
    check_count(what.values);
    const int index = equation_index(what.equation);
    if (index < 0) return;
    const auto e = static_cast<std::size_t>(index);
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
    check_count(what.values);
    VectorXd& path =
        inputs_.fixed.try_emplace(what.variable, VectorXd::Constant(horizon_.count, kMissing))
            .first->second;
    const auto equation = std::find_if(equations_.begin(), equations_.end(), [&](const auto& e) {
      return e.target.variable == what.variable;
    });
    each_period([&](std::int64_t h) {
      path(h) = value_at(what.values, h);
      if (equation == equations_.end()) return;  // it could not be fitted: said already
      if (std::isnan(equation->target.transform.forward(path(h)))) {
        fail(fmt::format("`{}` is fixed at {}, where {} is not defined", what.variable, path(h),
                         equation->target.transform.text(what.variable)));
      }
    });
  }

  // MEMBER.REGRESSOR, as a combination names it.
  static bool is_of_member(const BehaviouralEquation& equation, const std::string& parameter) {
    return std::any_of(
        equation.regressors.begin(), equation.regressors.end(),
        [&](const Expression& regressor) { return parameter.ends_with("." + regressor.text()); });
  }

  void apply(const ChangeParameter& what) {
    const int index = equation_index(what.equation);
    if (index < 0) return;
    SystemInputs::ParameterChange change;
    change.equation = static_cast<std::size_t>(index);
    const ParameterVector& parameters = equations_[change.equation].fitted.result.parameters;
    change.parameter = parameters.index_of(what.parameter);
    if (change.parameter < 0) {
      fail(fmt::format("equation `{}` has no coefficient `{}`", what.equation, what.parameter),
           name_hint(what.parameter, parameters.names()));
    }
    change.recentre = what.recentre;
    if (what.recentre && is_of_member(equations_[change.equation], what.parameter)) {
      fail(fmt::format("`{}` is the coefficient of a regressor in one member of a combination, "
                       "where the level cannot be kept",
                       what.parameter),
           "say recentre = false, or make the member an equation of its own");
    }
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

  // Paths that leave the domain of an expression (a logarithm of -1) are found before anything is
  // simulated, where all that enters is known.
  void check_domains() {
    for (const EquationSpec& equation : study_.equations) {
      for (const Expression& regressor : equation.regressors) {
        check_domain(regressor, "models." + equation.name);
      }
    }
    for (const IdentitySpec& identity : study_.identities) {
      check_domain(identity.expression, "identities." + identity.name);
    }
  }

  // NaN for what the system explains.
  double known_value(const std::string& name, std::int64_t t) const {
    if (study_.is_endogenous(name)) return kMissing;
    const auto event = inputs_.events.find(name);
    if (event != inputs_.events.end()) return event->second.at(horizon_.first + t);
    const auto path = inputs_.exogenous.find(name);
    if (t >= 0) return path != inputs_.exogenous.end() ? path->second(t) : kMissing;
    return data_.frame.get(name).at(horizon_.first + t);
  }

  void check_domain(const Expression& expression, const std::string& path) {
    for (std::int64_t h = 0; h < horizon_.count; ++h) {
      const int node = undefined_part(expression, [&](int variable, int lag) {
        return known_value(expression.variables()[static_cast<std::size_t>(variable)], h - lag);
      });
      if (node < 0) continue;
      const Change* source = nullptr;
      std::string figures;
      for (const std::string& name : expression.variables()) {
        const auto known = sources_.find(name);
        if (known == sources_.end()) continue;
        if (source == nullptr) source = known->second[static_cast<std::size_t>(h)];
        figures += fmt::format("{}{} is {}", figures.empty() ? "" : ", ", name,
                               format_number(inputs_.exogenous.at(name)(h)));
      }
      const Expression::Node& part = expression.nodes()[static_cast<std::size_t>(node)];
      problems_.error(source != nullptr ? source->where : expression.where(part),
                      fmt::format("{} in {}, but `{}` of {} must be defined there", figures,
                                  format_period(horizon_[h]), expression.text(part), path),
                      domain_hint(part.op));
      return;  // one period is enough to see the trouble
    }
  }

  const Study& study_;
  const StudyData& data_;
  const std::vector<BehaviouralEquation>& equations_;
  ProblemList& problems_;
  PeriodRange horizon_;
  const Change* change_ = nullptr;
  bool broken_ = false;
  std::map<std::string, std::vector<const Change*>> sources_;  // of each period of a path
  SystemInputs inputs_;
};

}  // namespace

bool is_used(const Study& study, const std::string& name) {
  const auto uses = [&](const Expression& expression) { return expression.uses(name); };
  return std::any_of(
             study.equations.begin(), study.equations.end(),
             [&](const EquationSpec& equation) {
               return std::any_of(equation.regressors.begin(), equation.regressors.end(), uses) ||
                      std::any_of(equation.interventions.begin(), equation.interventions.end(),
                                  [&](const auto& i) { return i.event == name; });
             }) ||
         std::any_of(study.identities.begin(), study.identities.end(),
                     [&](const IdentitySpec& identity) { return uses(identity.expression); });
}

SystemInputs resolve_scenario(const ScenarioSpec& scenario, const Study& study,
                              const StudyData& data,
                              const std::vector<BehaviouralEquation>& equations,
                              ProblemList& problems) {
  return ScenarioResolver(study, data, equations, problems).resolve(scenario);
}

SystemInputs resolve_scenario(const ScenarioSpec& scenario, const Study& study,
                              const StudyData& data,
                              const std::vector<BehaviouralEquation>& equations) {
  ProblemList problems;
  SystemInputs inputs = resolve_scenario(scenario, study, data, equations, problems);
  problems.throw_if_errors();
  return inputs;
}

}  // namespace amnok
