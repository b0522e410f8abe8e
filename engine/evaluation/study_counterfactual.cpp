#include "engine/evaluation/study_counterfactual.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/check.h"
#include "engine/base/text.h"
#include "engine/config/toml.h"
#include "engine/data/evaluate.h"
#include "engine/evaluation/as_of.h"
#include "engine/model/parallel.h"
#include "engine/study/carried_columns.h"

namespace amnok {

namespace {

constexpr int kMostDraws = 4000;  // of the event; their error is far below that of the estimate
constexpr int kPlaceboDraws = 1000;
constexpr int kMostPlacebos = 12;

[[noreturn]] void refuse(const CounterfactualSpec& spec, const std::string& what,
                         const std::string& hint = "") {
  throw InputError(
      {{Severity::error, spec.where, fmt::format("effects.{}: {}", spec.name, what), hint}});
}

Period first_period(const CounterfactualSpec& spec, const StudyData& data) {
  if (spec.at) return *spec.at;
  const auto event = data.events.find(spec.event);
  if (event == data.events.end()) refuse(spec, "the run is undated, so `at` must say when");
  return event->second.start();
}

// The data up to the last period looked at, without a figure of the variable from the event on.
StudyData data_before(const CounterfactualSpec& spec, const StudyData& data, Period at,
                      Period last) {
  StudyData before = data;
  before.sample = range_between(data.sample.first, last);
  Series series = data.frame.get(spec.variable);
  for (Eigen::Index t = 0; t < series.values.size(); ++t) {
    if (series.first + t >= at) series.values(t) = kMissing;
  }
  std::erase_if(series.sums, [&](const TemporalSum& sum) { return sum.parts.back() >= at; });
  before.frame.add(std::move(series));
  return before;
}

// Sums that begin before the event and end after it began say nothing of either alone.
void note_straddling_sums(const Series& series, Period at, std::vector<std::string>& notes) {
  for (const TemporalSum& sum : series.sums) {
    if (sum.parts.front() >= at || sum.parts.back() < at) continue;
    notes.push_back(fmt::format(
        "the sum of {}..{} spans the first period of the event and is left out: an earlier `at` "
        "would count it",
        format_period(sum.parts.front()), format_period(sum.parts.back())));
  }
}

// The model of the time before, and the last start of an event that stays in it.
EquationSpec equation_before(const CounterfactualSpec& spec, const Study& study,
                             const StudyData& data, Period at, std::optional<Period>& last_event,
                             std::vector<std::string>& notes) {
  EquationSpec equation = *spec.equation;
  if (!carried_columns(equation).empty()) {
    refuse(
        spec,
        "its equation has instruments, row weights or a panel or is one of several, with which a "
        "counterfactual is "
        "not made",
        "give a model of its own: model = { plugin = ... }");
  }
  std::vector<std::string> out;
  std::erase_if(equation.interventions, [&](const Intervention& intervention) {
    if (intervention.event != spec.event && acts_by(intervention, data, at - 1)) {
      for (const Episode& episode : data.events.at(intervention.event).episodes) {
        if (episode.start < at && (!last_event || episode.start > *last_event)) {
          last_event = episode.start;
        }
      }
      return false;
    }
    if (intervention.event != spec.event) {
      const Event* event = study.event(intervention.event);
      const bool labelled = event != nullptr && !event->label.empty();
      out.push_back(labelled ? "“" + event->label + "”" : intervention.event);
    }
    return true;
  });
  if (!out.empty()) {
    notes.push_back(fmt::format("{} came later and {} part of what is called the effect",
                                join(out, ", "), out.size() == 1 ? "is" : "are"));
  }
  return equation;
}

// A level, and a season where there are three years of it: what carries a control on by itself.
std::unique_ptr<Model> regressor_model(const PluginList& plugins, int known, int season) {
  const Plugin* plugin = find_plugin(plugins, "unobserved_components");
  AMNOK_CHECK(plugin != nullptr, "{} plugins", plugins.size());
  ProblemList problems;
  const ConfigValue table = parse_toml(
      fmt::format("plugin = \"{}\"\ntarget = \"x\"\nslope = \"none\"\nseasonal = \"{}\"\n",
                  plugin->name, season > 1 && known >= 3 * season ? "dummy" : "none"),
      "", problems);
  const EquationSpec equation = read_equation("control", table, *plugin, problems);
  std::unique_ptr<Model> model = plugin->make(equation, problems);
  problems.throw_if_errors();
  return model;
}

// Gaps of a control after the event, filled from its own figures on both sides.
void fill_control(const PluginList& plugins, int before, Eigen::Index j, Sample& sample,
                  std::vector<std::string>& notes) {
  const Eigen::Index after = sample.n() - before;
  const auto gaps = sample.regressors.col(j).tail(after).array().isNaN().count();
  if (gaps == 0) return;
  Sample own;
  own.range = sample.range;
  own.season = sample.season;
  own.target = {sample.regressor_names[static_cast<std::size_t>(j)], {}};
  own.y = sample.regressors.col(j);
  own.regressors.resize(sample.n(), 0);
  const FittedModel fitted = fit_model(
      *regressor_model(plugins, sample.n() - static_cast<int>(own.y.array().isNaN().count()),
                       own.season),
      own);
  if (!fitted.result.usable()) {
    throw InputError(fmt::format("{} has {} gaps after the event that cannot be filled: {}",
                                 own.target.variable, gaps, fitted.result.message));
  }
  sample.regressors.col(j).tail(after) = fitted.model->completed(fitted.result).tail(after);
  notes.push_back(
      fmt::format("{} of {} periods of {} after the event have no figure: it is filled "
                  "from those around",
                  gaps, after, own.target.variable));
}

struct PlaceboPlan {
  int first = 0, step = 1, length = 0, count = 0;
};

// Dates that leave two seasons (or eight periods) before, and as long after as a fifth of the time
// before, at most a season; none so near to an event in the model that its own effect would be
// seen. Where that leaves hardly a date, shorter ones.
PlaceboPlan placebo_plan(int before, int after, int season, int last_event) {
  constexpr int kShortest = 3, kWanted = 5;
  PlaceboPlan plan;
  plan.length = std::min({after, season > 1 ? season : 8, std::max(kShortest, before / 5)});
  int room = -1;
  for (;; --plan.length) {
    plan.first = std::max(season > 1 ? 2 * season : 8, last_event + plan.length);
    room = before - plan.length - plan.first;
    if (room + 1 >= kWanted || plan.length <= kShortest) break;
  }
  if (room < 0) return plan;
  plan.step = std::max(1, (room + kMostPlacebos) / kMostPlacebos);
  plan.count = room / plan.step + 1;
  return plan;
}

class ModelCounterfactual {
 public:
  ModelCounterfactual(const CounterfactualSpec& spec, const Study& study, const StudyData& data,
                      const PluginList& plugins, const CounterfactualSettings& settings)
      : spec_(spec), study_(study), data_(data), plugins_(plugins), settings_(settings) {}

  StudyCounterfactual compute() {
    StudyCounterfactual found;
    found.spec = spec_;
    found.at = first_period(spec_, data_);
    prepare(found);
    const Period before_last = found.at - 1;
    found.before = range_between(sample_.range.first, before_last);
    found.result = counterfactual(*model_, sample_, options_);
    const FitResult& fit = found.result.fitted.result;
    found.model = fmt::format("{} ({})", fit.equation, fit.plugin);
    if (!found.result.usable()) {
      found.failure =
          fmt::format("the model of {} is not usable: {}", format_range(found.before), fit.message);
      return found;
    }
    if (found.result.covered == 0) {
      found.failure =
          fmt::format("{} has no figure from {} on", spec_.variable, format_period(found.at));
      return found;
    }
    add_checks(found);
    return found;
  }

 private:
  void prepare(StudyCounterfactual& found) {
    const Period last = std::min(spec_.until.value_or(data_.sample.last()), data_.sample.last());
    if (found.at > last || found.at <= data_.sample.first) {
      refuse(spec_,
             fmt::format("the event begins in {}, but must leave periods before and after "
                         "it in {}",
                         format_period(found.at),
                         format_range(range_between(data_.sample.first, last))),
             "`at` sets another period, run.sample another sample");
    }
    const Series& series = data_.frame.get(spec_.variable);
    note_straddling_sums(series, found.at, found.notes);
    const EquationSpec equation =
        equation_before(spec_, study_, data_, found.at, last_event_, found.notes);
    ProblemList problems;
    model_ = find_plugin(plugins_, equation.plugin)->make(equation, problems);
    problems.throw_if_errors();
    sample_ = make_sample(equation, study_, data_before(spec_, data_, found.at, last));
    options_.before = static_cast<int>(sample_.range.index_of(found.at));
    if (options_.before < 1 || options_.before >= sample_.n()) {
      refuse(spec_, fmt::format("the equation's sample {} leaves nothing before or after {}",
                                format_range(sample_.range), format_period(found.at)));
    }
    options_.level = spec_.level;
    options_.draws = std::clamp(settings_.draws, 100, kMostDraws);
    options_.seed = settings_.seed;
    const Series seen = series.window(sample_.range);
    options_.outcome = Outcome{seen.values, seen.sums};
    prepare_controls(found.notes);
  }

  void prepare_controls(std::vector<std::string>& notes) {
    std::vector<std::string> kept;
    for (std::size_t j = 0; j < spec_.controls.size(); ++j) {
      const auto column = static_cast<Eigen::Index>(j);
      if (spec_.controls[j].role == ControlRole::pre_only) {
        options_.before_only.insert(sample_.regressor_names[j]);
        sample_.regressors.col(column).tail(sample_.n() - options_.before).setConstant(kMissing);
      } else {
        kept.push_back(sample_.regressor_names[j]);
        fill_control(plugins_, options_.before, column, sample_, notes);
      }
    }
    if (!options_.before_only.empty()) {
      options_.regressor_model = regressor_model(plugins_, options_.before, sample_.season);
    }
    if (!kept.empty()) {
      notes.push_back("taken as untouched by the event: " + join(kept, ", "));
    }
  }

  void add_checks(StudyCounterfactual& found) {
    CounterfactualOptions quick = options_;
    quick.draws = std::min(options_.draws, kPlaceboDraws);
    if (sample_.regressors.cols() > 0) {
      found.left_out = leave_one_control_out(*model_, sample_, quick);
    }
    if (!spec_.placebo) return;
    const int last_event = last_event_ ? static_cast<int>(sample_.range.index_of(*last_event_)) : 0;
    const PlaceboPlan plan =
        placebo_plan(options_.before, sample_.n() - options_.before, sample_.season, last_event);
    found.placebo_length = plan.length;
    if (plan.count == 0) {
      found.notes.push_back(fmt::format(
          "the {} periods before the event leave no date for a placebo", options_.before));
      return;
    }
    found.placebo = placebo_dates(*model_, sample_, quick, plan.first, plan.step, plan.length);
    if (found.placebo.failures > 0) {
      found.notes.push_back(fmt::format("{} placebo dates could not be fitted or had no figures",
                                        found.placebo.failures));
    }
  }

  const CounterfactualSpec& spec_;
  const Study& study_;
  const StudyData& data_;
  const PluginList& plugins_;
  const CounterfactualSettings& settings_;
  std::unique_ptr<Model> model_;
  Sample sample_;
  CounterfactualOptions options_;
  std::optional<Period> last_event_;
};

// Periods in which the variable and all donors have figures.
struct SyntheticRows {
  SyntheticControlData data;
  std::vector<Period> periods;
};

SyntheticRows synthetic_rows(const CounterfactualSpec& spec, const StudyData& data, Period at,
                             const PeriodRange& range) {
  std::vector<VectorXd> columns = {data.frame.get(spec.variable).window(range).values};
  SyntheticRows rows;
  for (const Expression& donor : spec.donors) {
    columns.push_back(evaluate_on(donor, data.frame, range));
    rows.data.donors.push_back(donor.text());
  }
  std::vector<Eigen::Index> kept;
  for (std::int64_t t = 0; t < range.count; ++t) {
    if (std::all_of(columns.begin(), columns.end(),
                    [&](const VectorXd& c) { return std::isfinite(c(t)); })) {
      kept.push_back(t);
      rows.periods.push_back(range[t]);
    }
  }
  rows.data.outcome = columns.front()(kept);
  rows.data.donor_outcomes.resize(static_cast<Eigen::Index>(kept.size()),
                                  static_cast<Eigen::Index>(spec.donors.size()));
  for (std::size_t j = 0; j < spec.donors.size(); ++j) {
    rows.data.donor_outcomes.col(static_cast<Eigen::Index>(j)) = columns[j + 1](kept);
  }
  rows.data.treated_from = static_cast<int>(
      std::count_if(rows.periods.begin(), rows.periods.end(), [&](Period t) { return t < at; }));
  for (int t = 0; t < rows.data.treated_from; ++t) rows.data.fitting.push_back(t);
  if (rows.data.treated_from < 2 ||
      rows.data.treated_from == static_cast<int>(rows.periods.size())) {
    refuse(spec, fmt::format("{} periods before {} and {} from it on have figures of all series, "
                             "but must be at least 2 and 1",
                             rows.data.treated_from, format_period(at),
                             static_cast<int>(rows.periods.size()) - rows.data.treated_from));
  }
  return rows;
}

// The gaps as effects: estimates alone, since a synthetic control has no sampling distribution.
void set_gaps(const SyntheticRows& rows, const SyntheticControl& fit, Counterfactual& c) {
  const auto size = static_cast<std::size_t>(c.range.count);
  c.actual = c.counterfactual = c.low = c.high = VectorXd::Constant(c.range.count, kMissing);
  c.effect.assign(size, {});
  c.cumulative.assign(size, {});
  double total = 0, expected = 0;
  for (std::size_t i = static_cast<std::size_t>(rows.data.treated_from); i < rows.periods.size();
       ++i) {
    const auto h = static_cast<Eigen::Index>(c.range.index_of(rows.periods[i]));
    const auto row = static_cast<Eigen::Index>(i);
    c.actual(h) = rows.data.outcome(row);
    c.counterfactual(h) = c.actual(h) - fit.gaps(row);
    c.effect[static_cast<std::size_t>(h)].estimate = fit.gaps(row);
    total += fit.gaps(row);
    expected += c.counterfactual(h);
    ++c.covered;
    for (auto later = static_cast<std::size_t>(h); later < size; ++later) {
      c.cumulative[later].estimate = total;
    }
  }
  c.total.estimate = total;
  c.average.estimate = total / c.covered;
  if (expected != 0) c.average_share.estimate = total / expected;
  c.rmse_before = fit.pre_rmspe;
}

StudyCounterfactual synthetic_counterfactual(const CounterfactualSpec& spec,
                                             const StudyData& data) {
  StudyCounterfactual found;
  found.spec = spec;
  found.at = first_period(spec, data);
  const Period last = std::min(spec.until.value_or(data.sample.last()), data.sample.last());
  const PeriodRange range = range_between(data.sample.first, last);
  if (range.index_of(found.at) < 1 || found.at > last) {
    refuse(spec, fmt::format("the event begins in {}, but must leave periods before and after it "
                             "in {}",
                             format_period(found.at), format_range(range)));
  }
  const SyntheticRows rows = synthetic_rows(spec, data, found.at, range);
  found.before = range_between(rows.periods.front(), found.at - 1);
  found.donors = rows.data.donors;
  found.model = fmt::format("a mixture of {}", join(found.donors, ", "));
  found.synthetic = synthetic_control_of_outcomes(rows.data);
  found.result.range = range_between(found.at, last);
  set_gaps(rows, *found.synthetic, found.result);
  const auto left = range.count - static_cast<std::int64_t>(rows.periods.size());
  if (left > 0) {
    found.notes.push_back(
        fmt::format("{} periods without a figure of some series are left out", left));
  }
  for (const LeftOutDonor& out : leave_one_donor_out(rows.data)) {
    LeftOutControl line{out.donor, {}, out.fit.pre_rmspe};
    line.average.estimate = out.fit.gaps.tail(out.fit.gaps.size() - rows.data.treated_from).mean();
    found.left_out.push_back(std::move(line));
  }
  if (spec.placebo && found.donors.size() > 1) {
    found.placebo_units = placebo_units(rows.data);
    found.result.p_value = found.placebo_units->p_value;
  }
  return found;
}

// Messages of the parts it is made of name an equation.
InputProblem in_words_of(const CounterfactualSpec& spec, InputProblem problem) {
  const std::string equation = "models." + spec.name, effect = "effects." + spec.name;
  if (problem.message.starts_with(equation)) {
    problem.message.replace(0, equation.size(), effect);
  } else if (!problem.message.starts_with(effect)) {
    problem.message = fmt::format("{}: {}", effect, problem.message);
  }
  if (problem.where.file.empty()) problem.where = spec.where;
  return problem;
}

}  // namespace

std::vector<StudyCounterfactual> compute_counterfactuals(const Study& study, const StudyData& data,
                                                         const PluginList& plugins,
                                                         const CounterfactualSettings& settings,
                                                         ProblemList& problems) {
  const std::size_t count = study.counterfactuals.size();
  std::vector<StudyCounterfactual> found(count);
  std::vector<std::vector<InputProblem>> refused(count);
  in_parallel(static_cast<int>(count), settings.threads, [&](int i) {
    const auto index = static_cast<std::size_t>(i);
    const CounterfactualSpec& spec = study.counterfactuals[index];
    try {
      found[index] = spec.method == CounterfactualSpec::Method::synthetic_control
                         ? synthetic_counterfactual(spec, data)
                         : ModelCounterfactual(spec, study, data, plugins, settings).compute();
    } catch (const InputError& error) {
      for (const InputProblem& problem : error.problems()) {
        refused[index].push_back(in_words_of(spec, problem));
      }
    }
  });
  for (const std::vector<InputProblem>& some : refused) problems.append(some);
  return found;
}

}  // namespace amnok
