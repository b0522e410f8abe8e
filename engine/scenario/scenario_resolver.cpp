#include "engine/scenario/scenario_resolver.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/base/names.h"
#include "engine/base/text.h"
#include "engine/data/evaluate.h"
#include "engine/model/model_mixture.h"

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
                   const std::vector<BehaviouralEquation>& equations, ProblemList& problems,
                   const DrawBlock& block)
      : study_(study),
        data_(data),
        equations_(equations),
        problems_(problems),
        block_(block),
        horizon_(data.horizon) {
    inputs_.events = shared_events(data.events);
    draw_regimes();
  }

  SystemInputs resolve(const ScenarioSpec& scenario) {
    draw_assumptions(scenario);
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
    if (!broken_) {
      check_domains();
      fix_modelled_paths();
      set_unrecorded_factors();
    }
    return std::move(inputs_);
  }

 private:
  [[noreturn]] void fail(const std::string& message, const std::string& hint = "") const {
    throw InputError({{Severity::error, change_->where, message, hint}});
  }

  void warn(const std::string& message, const std::string& hint = "") {
    problems_.warning(change_->where, message, hint);
  }

  // Each draw has its own dates of what is drawn.
  void draw_regimes() {
    if (block_.count == 0) return;
    for (const DetectedRegimes& regimes : data_.regimes) {
      if (!regimes.drawn) continue;
      const std::vector<int> picks = regimes.picks(block_.seed, block_.first, block_.count);
      for (std::size_t i = 0; i < regimes.events.size(); ++i) {
        DrawnActivity& activity = inputs_.events[regimes.events[i]];
        activity.draws.clear();
        for (int pick : picks) {
          activity.draws.push_back(
              regime_activity(regimes.starts[static_cast<std::size_t>(pick)][i]));
        }
      }
    }
  }

  // One that is changed later in the list counts as its last.
  void draw_assumptions(const ScenarioSpec& scenario) {
    for (const Change& change : scenario.changes) {
      const auto* assume = std::get_if<Assume>(&change.what);
      if (assume == nullptr) continue;
      assumptions_[assume->name] = drawn(assume->name, assume->distribution);
    }
  }

  DrawRow value_of(const Amount& amount) const {
    return amount.assumption.empty() ? DrawRow(amount.value) : assumptions_.at(amount.assumption);
  }

  bool is_zero(const Amount& amount) const {
    return amount.assumption.empty() && amount.value == 0;
  }

  // Sets row h of an H x 1 or H x R path, which grows to H x R when a row is drawn.
  void set_row(DrawMatrix& path, std::int64_t h, const DrawRow& row) const {
    if (!row.is_shared() && path.cols() == 1 && block_.count > 1) {
      path = path.replicate(1, block_.count).eval();
    }
    path.row(h) = row.expand(path.cols()).matrix();
  }

  // A path that scenarios set while a model stands behind it is a fixed path.
  void fix_modelled_paths() {
    for (auto path = inputs_.exogenous.begin(); path != inputs_.exogenous.end();) {
      if (study_.has_path_model(path->first)) {
        inputs_.fixed[path->first] = path->second;
        path = inputs_.exogenous.erase(path);
      } else {
        ++path;
      }
    }
  }

  DrawRow drawn(const std::string& name, const AssumedDistribution& distribution) const {
    if (block_.count == 0) return distribution.expectation();
    return DrawRow(DrawRow::Array(
        draw_assumption(name, distribution, block_.seed, block_.first, block_.count)));
  }

  // By the activity that the scenario gives the event, once all its changes are made.
  void set_unrecorded_factors() {
    for (const UnrecordedSpec& spec : study_.unrecorded) {
      const DrawRow m = drawn("unrecorded " + spec.variable, spec.multiplier);
      const DrawRow s = drawn("unrecorded stays " + spec.variable, spec.stays);
      const auto event = inputs_.events.find(spec.event);
      DrawMatrix path = DrawMatrix::Ones(horizon_.count, std::max(block_.count, 1));
      for (std::int64_t h = 0; h < horizon_.count; ++h) {
        for (Eigen::Index r = 0; r < path.cols(); ++r) {
          const double activity =
              event == inputs_.events.end()
                  ? 0
                  : event->second.of(static_cast<std::size_t>(r)).at(horizon_[h]);
          path(h, r) = spec.at(at_draw(m, r), at_draw(s, r), activity);
        }
      }
      inputs_.exogenous[spec.factor] = std::move(path);
    }
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
           at < horizon_.first && study_.event(event)->kind != kRegimeKind
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

  // Calls `act` with the activity of each draw, or of all when nothing is drawn.
  template <class Act>
  void each_activity(const std::string& event, bool drawn, const Act& act) {
    DrawnActivity& activity = inputs_.events[event];
    if (drawn && block_.count > 1 && activity.is_shared()) {
      activity.draws.resize(static_cast<std::size_t>(block_.count), activity.draws[0]);
    }
    for (std::size_t r = 0; r < activity.draws.size(); ++r) {
      act(activity.draws[r], static_cast<Eigen::Index>(r));
    }
  }

  static double at_draw(const DrawRow& row, Eigen::Index r) {
    return row.is_shared() ? row.shared() : row.values()(std::min(r, row.values().size() - 1));
  }

  // Periods from `at` to the one that a hazard draws; without draws, its mean.
  std::int64_t waiting_time(double hazard, const std::string& name, Eigen::Index r) {
    if (!(hazard > 0)) return std::numeric_limits<std::int32_t>::max();
    if (hazard >= 1) return 0;
    if (block_.count == 0) return static_cast<std::int64_t>(std::lround((1 - hazard) / hazard));
    auto& uniforms = uniforms_[name];
    if (uniforms.size() == 0) {
      uniforms = named_uniforms(name, block_.seed, block_.first, block_.count);
    }
    const double wait = std::floor(std::log(uniforms(r)) / std::log1p(-hazard));
    return static_cast<std::int64_t>(std::min(wait, 1e9));
  }

  void apply(const EndEvent& what) {
    const bool at_random = !is_zero(what.hazard);
    const DrawRow remaining = value_of(what.remaining), hazard = value_of(what.hazard);
    const bool drawn = at_random || !remaining.is_shared();
    bool ended = false, running = false;
    each_activity(what.event, drawn, [&](EventActivity& activity, Eigen::Index r) {
      Period at = what.at;
      if (at_random) {
        at = at + waiting_time(at_draw(hazard, r), "end_event " + what.event, r);
      }
      for (auto episode = activity.episodes.rbegin(); episode != activity.episodes.rend();
           ++episode) {
        const bool active = episode->start < what.at &&
                            (!episode->end || *episode->end > what.at || !episode->calendar_end);
        if (!active) continue;
        running = true;
        if (at > horizon_.last()) return;  // not within the horizon
        episode->end = at;
        episode->phase_out = what.over;
        episode->remaining = at_draw(remaining, r);
        episode->calendar_end = false;
        ended = true;
        return;
      }
    });
    if (ended || running) return check_event_date(what.event, "ends", what.at);
    const Event* event = study_.event(what.event);
    const bool found = event->kind == kRegimeKind;
    fail(
        fmt::format("event \"{}\" cannot end in {}: it {}", what.event, format_period(what.at),
                    event->end ? "ended on " + format_date(*event->end)
                               : "starts on " + format_date(event->start)),
        found
            ? "a regime that was found in the data goes on until a scenario ends it, in the horizon"
            : fmt::format("if it still acts, say so: [events.{}] end = \"open\"", what.event));
  }

  void apply(const StartEvent& what) {
    check_event_date(what.event, "starts", what.at);
    const bool at_random = !is_zero(what.hazard);
    const DrawRow intensity = value_of(what.intensity), hazard = value_of(what.hazard);
    const bool drawn = at_random || !intensity.is_shared();
    each_activity(what.event, drawn, [&](EventActivity& activity, Eigen::Index r) {
      Episode episode;
      episode.start = what.at;
      if (at_random) {
        // The hazard begins when what is active in this draw has begun to end.
        for (const Episode& earlier : activity.episodes) {
          if (!earlier.end) return;
          episode.start = std::max(episode.start, *earlier.end + 1);
        }
        const std::int64_t wait = waiting_time(at_draw(hazard, r), "start_event " + what.event, r);
        if (episode.start + wait > horizon_.last()) return;
        episode.start = episode.start + wait;
      }
      episode.end = what.lasting > 0 ? episode.start + what.lasting : what.until;
      if (episode.end && *episode.end <= episode.start) return;  // too late to start
      episode.intensity = at_draw(intensity, r);
      activity.episodes.push_back(episode);
    });
  }

  void apply(const SetPath& what) {
    check_count(what.values);
    if (!is_used(study_, what.variable)) {
      warn(fmt::format("`{}` is in no equation and no identity: its path does nothing",
                       what.variable));
    }
    const DrawMatrix unknown = DrawMatrix::Constant(horizon_.count, 1, kMissing);
    DrawMatrix& path = inputs_.exogenous.try_emplace(what.variable, unknown).first->second;
    auto& sources =
        sources_.try_emplace(what.variable, static_cast<std::size_t>(horizon_.count), nullptr)
            .first->second;
    const auto before = [&](std::int64_t h) {  // the value in the period before h
      if (h > 0 && !std::isnan(path(h - 1, 0))) return DrawRow::of(path, h - 1);
      return DrawRow(
          last_known(data_.frame.get(what.variable), horizon_.first - 1, change_->where));
    };
    DrawMatrix other;
    if (what.mode == SetPath::Mode::scenario) other = path_of(what.variable, what.from);
    each_period([&](std::int64_t h) {
      sources[static_cast<std::size_t>(h)] = change_;
      const DrawRow value = what.values.empty() ? DrawRow(0) : value_of(value_at(what.values, h));
      switch (what.mode) {
        case SetPath::Mode::level:
          return set_row(path, h, value);
        case SetPath::Mode::hold:
          return set_row(path, h, before(h));
        case SetPath::Mode::growth:
          return set_row(path, h, before(h) * (1 + value / 100));
        case SetPath::Mode::pct:
          if (study_.has_path_model(what.variable) && std::isnan(path(h, 0))) {
            return scale_model(what.variable, h, 1 + value / 100);
          }
          return set_row(path, h, DrawRow::of(path, h) * (1 + value / 100));
        case SetPath::Mode::add:
          if (study_.has_path_model(what.variable) && std::isnan(path(h, 0))) {
            fail(fmt::format("`{}` follows a model: its path can be shifted in per cent, not by an "
                             "amount",
                             what.variable),
                 "say mode = \"pct\", or add_factor on its equation");
          }
          return set_row(path, h, DrawRow::of(path, h) + value);
        case SetPath::Mode::series:
          return set_row(path, h, series_value(what, h));
        case SetPath::Mode::scenario:
          return set_row(path, h, DrawRow::of(other, h));
        case SetPath::Mode::model:
          return set_row(path, h, kMissing);
      }
    });
  }

  void scale_model(const std::string& variable, std::int64_t h, const DrawRow& factor) {
    const auto equation = std::find_if(equations_.begin(), equations_.end(), [&](const auto& e) {
      return e.target.variable == variable;
    });
    if (equation == equations_.end()) return;
    const auto e = static_cast<std::size_t>(equation - equations_.begin());
    DrawMatrix& times =
        inputs_.multipliers.try_emplace(e, DrawMatrix::Ones(horizon_.count, 1)).first->second;
    set_row(times, h, DrawRow::of(times, h) * factor);
  }

  DrawRow series_value(const SetPath& what, std::int64_t h) const {
    const Series& series = data_.frame.get(what.from);
    const double value = series.at(horizon_[h]);
    if (!std::isnan(value)) return value;
    throw InputError(
        {{Severity::error, change_->where,
          fmt::format("`{}` has no value in {}, but the path of `{}` takes it from there",
                      what.from, format_period(horizon_[h]), what.variable),
          "end the path with `to`, and say how it goes on in a further change"}});
  }

  // The path that another scenario gives an exogenous variable: its own changes of it, applied to
  // the same draws.
  DrawMatrix path_of(const std::string& variable, const std::string& scenario) const {
    ScenarioSpec other = *study_.scenario(scenario);
    std::erase_if(other.changes, [&](const Change& change) {
      if (std::holds_alternative<Assume>(change.what)) return false;
      const auto* path = std::get_if<SetPath>(&change.what);
      return path == nullptr || path->variable != variable;
    });
    ProblemList ignored;  // the other scenario says them itself
    ScenarioResolver resolver(study_, data_, equations_, ignored, block_);
    const SystemInputs inputs = resolver.resolve(other);
    const auto fixed = inputs.fixed.find(variable);
    if (fixed != inputs.fixed.end()) return fixed->second;
    const auto path = inputs.exogenous.find(variable);
    return path != inputs.exogenous.end() ? path->second
                                          : DrawMatrix::Constant(horizon_.count, 1, kMissing);
  }

  void apply(const AddFactor& what) {
    check_count(what.values);
    const int index = equation_index(what.equation);
    if (index < 0) return;
    const auto e = static_cast<std::size_t>(index);
    DrawMatrix& add =
        inputs_.add_factors.try_emplace(e, DrawMatrix::Zero(horizon_.count, 1)).first->second;
    DrawMatrix& times =
        inputs_.multipliers.try_emplace(e, DrawMatrix::Ones(horizon_.count, 1)).first->second;
    std::int64_t step = 0;
    each_period([&](std::int64_t h) {
      const Amount& amount = value_at(what.values, h);
      const double left = std::pow(what.decay, static_cast<double>(step++));
      const DrawRow value = value_of(amount) * left;
      if (amount.percent) {
        set_row(times, h, DrawRow::of(times, h) * (1 + value / 100));
      } else {
        set_row(add, h, DrawRow::of(add, h) + value);
      }
    });
  }

  void apply(const FixPath& what) {
    check_count(what.values);
    DrawMatrix& path =
        inputs_.fixed.try_emplace(what.variable, DrawMatrix::Constant(horizon_.count, 1, kMissing))
            .first->second;
    const auto equation = std::find_if(equations_.begin(), equations_.end(), [&](const auto& e) {
      return e.target.variable == what.variable;
    });
    each_period([&](std::int64_t h) {
      const DrawRow value = value_of(value_at(what.values, h));
      set_row(path, h, value);
      if (equation == equations_.end() || !value.is_shared()) return;
      if (std::isnan(equation->target.transform.forward(value.shared()))) {
        fail(fmt::format("`{}` is fixed at {}, where {} is not defined", what.variable,
                         value.shared(), equation->target.transform.text(what.variable)));
      }
    });
  }

  void apply(const Assume&) {}
  void apply(const Condition&) {}
  void apply(const HitTarget& what) {
    if (!horizon_.contains(what.at)) {
      fail(fmt::format("the target is for {}, but must be in the horizon, {}",
                       format_period(what.at), format_range(horizon_)));
    }
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
    if (!parameters_are_shared(*equations_[change.equation].fitted.model)) {
      fail(fmt::format(
               "a parameter of `{}` changes, but its draws have orders of their own, not all "
               "with that parameter",
               what.equation),
           "say orders = \"chosen\" in its model");
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
        change.factor = value_of(what.value);
        break;
      case ChangeParameter::Mode::add:
        change.shift = value_of(what.value);
        break;
      case ChangeParameter::Mode::set:
        change.factor = 0;
        change.shift = value_of(what.value);
        break;
    }
    inputs_.parameters.push_back(change);
    check_admissible(change.equation, what);
  }

  // With all changes of the equation so far, at its estimates and the means of assumptions.
  void check_admissible(std::size_t equation, const ChangeParameter& what) const {
    const ParameterVector& estimates = equations_[equation].fitted.result.parameters;
    VectorXd values = estimates.values();
    for (const SystemInputs::ParameterChange& change : inputs_.parameters) {
      if (change.equation != equation) continue;
      const auto mean = [](const DrawRow& row) {
        return row.is_shared() ? row.shared() : row.values().mean();
      };
      values(change.parameter) =
          mean(change.factor) * values(change.parameter) + mean(change.shift);
    }
    if (!estimates.is_admissible(estimates.values()) || estimates.is_admissible(values)) return;
    fail(
        fmt::format("`{}` of `{}` becomes {}, where the model does not stand (a root on or outside "
                    "the unit circle, or a value out of range)",
                    what.parameter, what.equation,
                    format_significant(values(estimates.index_of(what.parameter)), 4)),
        "choose a smaller change");
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
    const auto path = inputs_.exogenous.find(name);
    const bool given = path != inputs_.exogenous.end() && t >= 0;
    if (study_.is_endogenous(name) && !given) return kMissing;
    const auto event = inputs_.events.find(name);
    if (event != inputs_.events.end()) return event->second.of(0).at(horizon_.first + t);
    if (t >= 0) {
      return path != inputs_.exogenous.end() ? path->second(std::min(t, horizon_.count - 1), 0)
                                             : kMissing;
    }
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
                               format_number(inputs_.exogenous.at(name)(h, 0)));
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
  DrawBlock block_;
  PeriodRange horizon_;
  const Change* change_ = nullptr;
  bool broken_ = false;
  std::map<std::string, std::vector<const Change*>> sources_;  // of each period of a path
  std::map<std::string, DrawRow> assumptions_;
  std::map<std::string, Eigen::RowVectorXd> uniforms_;  // of drawn dates
  SystemInputs inputs_;
};

}  // namespace

bool is_used(const Study& study, const std::string& name) {
  const auto uses = [&](const Expression& expression) { return expression.uses(name); };
  return std::any_of(study.equations.begin(), study.equations.end(),
                     [&](const EquationSpec& equation) {
                       const std::vector<std::string> events = events_used(equation, study);
                       return std::any_of(equation.regressors.begin(), equation.regressors.end(),
                                          uses) ||
                              std::find(events.begin(), events.end(), name) != events.end();
                     }) ||
         std::any_of(study.identities.begin(), study.identities.end(),
                     [&](const IdentitySpec& identity) { return uses(identity.expression); });
}

SystemInputs resolve_scenario(const ScenarioSpec& scenario, const Study& study,
                              const StudyData& data,
                              const std::vector<BehaviouralEquation>& equations,
                              ProblemList& problems, const DrawBlock& block) {
  return ScenarioResolver(study, data, equations, problems, block).resolve(scenario);
}

SystemInputs resolve_scenario(const ScenarioSpec& scenario, const Study& study,
                              const StudyData& data,
                              const std::vector<BehaviouralEquation>& equations,
                              const DrawBlock& block) {
  ProblemList problems;
  SystemInputs inputs = resolve_scenario(scenario, study, data, equations, problems, block);
  problems.throw_if_errors();
  return inputs;
}

bool has_drawn_inputs(const ScenarioSpec& scenario, const Study& study) {
  if (!study.unrecorded.empty()) return true;
  const auto is_drawn = [&](const RegimeSpec& regime) {
    return regime.drawn &&
           std::any_of(regime.events.begin(), regime.events.end(),
                       [&](const std::string& event) { return is_used(study, event); });
  };
  if (std::any_of(study.regimes.begin(), study.regimes.end(), is_drawn)) return true;
  return std::any_of(scenario.changes.begin(), scenario.changes.end(), [](const Change& change) {
    const auto* end = std::get_if<EndEvent>(&change.what);
    const auto* start = std::get_if<StartEvent>(&change.what);
    return std::holds_alternative<Assume>(change.what) || (end && end->hazard.value > 0) ||
           (start && start->hazard.value > 0);
  });
}

}  // namespace amnok
