#include "engine/study/study_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/base/sha256.h"
#include "engine/base/text.h"
#include "engine/data/evaluate.h"
#include "engine/study/carried_columns.h"

namespace amnok {

namespace {

bool has_any(const Series& series) {
  return series.values.size() > 0;
}

// First and last period with an observation (a value or the last part of a sum).
std::optional<PeriodRange> observed_range(const Series& series) {
  std::optional<Period> first, last;
  const auto see = [&](Period t) {
    if (!first || t < *first) first = t;
    if (!last || t > *last) last = t;
  };
  for (Eigen::Index i = 0; i < series.values.size(); ++i) {
    if (!std::isnan(series.values(i))) see(series.first + i);
  }
  for (const TemporalSum& sum : series.sums) {
    see(sum.parts.front());
    see(sum.parts.back());
  }
  if (!first) return std::nullopt;
  return range_between(*first, *last);
}

// Runs of missing periods, as text: "2019-01..2019-02 (2)".
std::vector<std::string> gaps_of(const Series& series, const PeriodRange& range) {
  std::set<Period> in_sum;
  for (const TemporalSum& sum : series.sums) in_sum.insert(sum.parts.begin(), sum.parts.end());
  std::vector<std::string> gaps;
  std::int64_t begin = -1;
  for (std::int64_t i = 0; i <= range.count; ++i) {
    const bool missing =
        i < range.count && std::isnan(series.at(range[i])) && !in_sum.contains(range[i]);
    if (missing && begin < 0) begin = i;
    if (!missing && begin >= 0) {
      const PeriodRange gap{range[begin], i - begin};
      gaps.push_back(gap.count == 1 ? format_period(gap.first)
                                    : fmt::format("{} ({})", format_range(gap), gap.count));
      begin = -1;
    }
  }
  return gaps;
}

double median_of(std::vector<double> values) {
  if (values.empty()) return kMissing;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// The place of a figure that enters an expression: its cell, where the series was read from one.
SourceRange figure_place(const Study& study, const Series& series, Period period) {
  const SourceRange where = series.where(period);
  for (const SeriesSource& source : study.data) {
    if (source.name == series.name && where.line > 0) return cell_place(source, where.line);
  }
  return where;
}

std::string zero_hint(const char* transform) {
  return fmt::format(
      "zero trade has no {}: use the level or sqrt(...), or leave the period out of the sample; "
      "never log(1 + x). A Poisson regression of the level takes zeros as they are: plugin = "
      "\"trade_elasticity\", estimator = \"ppml\" and the series itself as target",
      transform);
}

// Where an expression is not a number although all that enters it is: the rows, for the message.
void check_defined(const Expression& expression, const Frame& frame, const PeriodRange& range,
                   const Study& study, const std::string& path, ProblemList& problems) {
  const VectorXd values = evaluate_on(expression, frame, range);
  for (std::int64_t i = 0; i < range.count; ++i) {
    if (std::isfinite(values(i))) continue;
    const int node = undefined_part(expression, [&](int variable, int lag) {
      return frame.get(expression.variables()[static_cast<std::size_t>(variable)])
          .at(range[i] - lag);
    });
    if (node < 0) continue;  // something is missing
    const Expression::Node& part = expression.nodes()[static_cast<std::size_t>(node)];
    std::string figures;
    SourceRange where;
    for (const std::string& name : expression.variables()) {
      const Series& series = frame.get(name);
      const Period period = range[i] - expression.max_lag(name);
      if (!figures.empty()) figures += ", ";
      figures += fmt::format("{} is {}", name, format_number(series.at(period)));
      if (where.line == 0) where = figure_place(study, series, period);
    }
    std::string hint = domain_hint(part.op);
    if (part.op == Op::log) {
      hint = zero_hint("logarithm");
    }
    problems.error(where.line > 0 ? where : expression.where(),
                   fmt::format("{}: `{}` is not defined in {}: {}", path, expression.text(part),
                               format_period(range[i]), figures),
                   hint);
  }
}

// The rows where a target's transform is not defined, as check_defined says it of expressions.
void check_target_defined(const EquationSpec& equation, const Series& own, const Study& study,
                          ProblemList& problems) {
  const std::string& variable = equation.target.variable;
  Transform transform = equation.target.transform;
  if (std::isnan(transform.lambda)) transform.lambda = 0;  // its domain is that of any lambda
  for (Eigen::Index t = 0; t < own.values.size(); ++t) {
    if (std::isnan(own.values(t)) || !std::isnan(transform.forward(own.values(t)))) continue;
    const Period period = own.first + t;
    const SourceRange where = figure_place(study, own, period);
    std::string hint = domain_hint(Op::sqrt);
    if (transform.kind != Transform::Kind::sqrt) {
      hint = zero_hint(transform.kind == Transform::Kind::log ? "logarithm" : "Box-Cox transform");
    }
    problems.error(where.line > 0 ? where : equation.where,
                   fmt::format("models.{}: `{}` is not defined in {}: {} is {}", equation.name,
                               equation.target.transform.text(variable), format_period(period),
                               variable, format_number(own.values(t))),
                   hint);
  }
}

// Target, measurement errors and sums of a sample whose range is known; lambda of a Box-Cox target
// is chosen here.
void fill_target(const EquationSpec& equation, const Series& own, const Study& study,
                 Sample& sample, ProblemList& problems) {
  const std::size_t before = problems.all().size();
  check_target_defined(equation, own, study, problems);
  if (problems.all().size() == before) {
    try {
      sample.target.transform = chosen_transform(equation.target, own.values, sample.season);
    } catch (const InputError& error) {
      const InputProblem& problem = error.problems().front();
      problems.error(equation.options.get("target").where,
                     fmt::format("models.{}: {}", equation.name, problem.message), problem.hint);
    }
  }
  const Transform& transform = sample.target.transform;
  sample.sums = own.sums;
  const int n = static_cast<int>(sample.range.count);
  sample.y.resize(n);
  for (int t = 0; t < n; ++t) {
    sample.y(t) = std::isnan(own.values(t)) ? kMissing : transform.forward(own.values(t));
  }
  if (own.measurement_sd.size() == 0) return;
  sample.y_sd = VectorXd::Zero(n);
  for (int t = 0; t < n; ++t) {
    if (!std::isnan(sample.y(t)) && own.measurement_sd(t) > 0) {
      sample.y_sd(t) = own.measurement_sd(t) * std::fabs(transform.slope(own.values(t)));
    }
  }
}

// A degenerate target has no variance to explain.
void check_varies(const EquationSpec& equation, const Sample& sample, ProblemList& problems) {
  if (!sample.sums.empty()) return;
  double first = kMissing;
  int count = 0;
  for (double y : sample.y) {
    if (std::isnan(y)) continue;
    if (count > 0 && y != first) return;
    first = y;
    ++count;
  }
  if (count < 2) return;  // too few observations is said by the model
  problems.error(
      equation.options.get("target").where,
      fmt::format("the series is constant: models.{0}: {1} is {2} in all {3} "
                  "observations of {4}, but must vary",
                  equation.name, equation.target.transform.text(equation.target.variable),
                  format_number(first), count, format_range(sample.range)));
}

// An intervention whose event lies outside the sample has nothing to be estimated from.
void check_events_act(const EquationSpec& equation, const Sample& sample, ProblemList& problems) {
  for (const Intervention& intervention : equation.interventions) {
    const auto event = sample.events.find(intervention.event);
    if (event == sample.events.end()) {
      problems.error(intervention.where,
                     fmt::format("models.{}: event \"{}\" has a date, but the run is undated",
                                 equation.name, intervention.event));
      continue;
    }
    PeriodRange range = sample.range;
    range.first = range.first - intervention.delay;
    const std::vector<double> input = event_input(event->second, intervention.shape, range);
    if (std::any_of(input.begin(), input.end(), [](double u) { return u != 0; })) continue;
    problems.error(intervention.where,
                   fmt::format("models.{}: event \"{}\" ({}) does not act within {}: it starts in "
                               "{}",
                               equation.name, intervention.event, shape_name(intervention.shape),
                               format_range(sample.range), format_period(event->second.start())),
                   "leave it out of this equation, or change the sample");
  }
}

// Series whose logarithm some equation takes: small figures weigh there.
bool is_logged(const Study& study, const std::string& name) {
  const auto below_log = [&](const Expression& expression) {
    const auto uses = [&](const auto& self, int i, bool inside) -> bool {
      if (i < 0) return false;
      const Expression::Node& node = expression.nodes()[static_cast<std::size_t>(i)];
      if (node.op == Op::variable) {
        return inside && expression.variables()[static_cast<std::size_t>(node.variable)] == name;
      }
      const bool log = inside || node.op == Op::log || node.op == Op::log10;
      return self(self, node.left, log) || self(self, node.right, log);
    };
    return uses(uses, expression.root(), false);
  };
  return std::any_of(
      study.equations.begin(), study.equations.end(), [&](const EquationSpec& equation) {
        return (equation.target.variable == name && equation.target.transform.is_logarithm()) ||
               std::any_of(equation.regressors.begin(), equation.regressors.end(), below_log);
      });
}

}  // namespace

namespace {

// Notes name files as the config does.
std::string with_shown_path(const Study& study, const std::string& path, std::string note) {
  const auto at = path.empty() ? std::string::npos : note.find(path);
  if (at != std::string::npos) note.replace(at, path.size(), study.shown(path));
  return note;
}

// Every series, and the files that they come from.
std::vector<Series> read_series(const Study& study, StudyData& data, ProblemList& problems) {
  std::vector<Series> all;
  std::set<std::string> files(study.event_files.begin(), study.event_files.end());
  if (!study.output.claims.empty()) files.insert(study.output.claims);
  for (const SeriesSource& source : study.data) {
    LoadedSeries loaded = load_series(source, study.run.frequency, problems);
    for (const std::string& note : loaded.notes) {
      data.notes.push_back(with_shown_path(study, source.sums_file, note));
    }
    files.insert(source.file);
    if (!source.sums_file.empty()) files.insert(source.sums_file);
    if (!source.dataset_file.empty()) files.insert(source.dataset_file);
    all.push_back(std::move(loaded.series));
  }
  if (problems.has_errors()) return all;
  for (const std::string& file : files) {
    data.inputs.emplace_back(study.shown(file), sha256_hex(read_file(file)));
  }
  std::sort(data.inputs.begin(), data.inputs.end());
  return all;
}

// The run's sample and horizon, from the config or as far as the data go.
void lay_out(const Study& study, std::vector<Series> all, StudyData& data) {
  Period first = all.front().first, last = first, last_target = first;
  bool any_target = false;
  for (const Series& series : all) {
    if (!has_any(series)) continue;
    first = std::min(first, series.first);
    last = std::max(last, series.range().last());
    if (!study.is_target(series.name)) continue;
    const auto observed = observed_range(series);
    if (!observed) continue;
    last_target = any_target ? std::max(last_target, observed->last()) : observed->last();
    any_target = true;
  }
  const Period sample_first = study.run.sample_first.value_or(first);
  const Period sample_last = study.run.sample_last.value_or(any_target ? last_target : last);
  if (sample_last < sample_first) {
    throw InputError(
        {{Severity::error, study.run.sample_where,
          fmt::format("the sample {}..{} is empty: it must end after it starts",
                      format_period(sample_first), format_period(sample_last)),
          fmt::format("the data run from {} to {}", format_period(first), format_period(last))}});
  }
  if (any_target && last_target < sample_last) {
    data.warnings.push_back(
        {Severity::warning, study.run.sample_where,
         fmt::format("the sample ends in {}, but the last observation of an explained series is "
                     "in {}: the {} periods between are projected over without data",
                     format_period(sample_last), format_period(last_target),
                     sample_last - last_target),
         ""});
  }
  data.sample = range_between(sample_first, sample_last);
  data.horizon = {sample_last + 1, study.run.horizon};
  last = std::max(last, data.horizon.last());
  data.frame = Frame(range_between(std::min(first, sample_first), last));
  for (Series& series : all) data.frame.add(std::move(series));
}

// Of the past, at the means of what is assumed.
void add_unrecorded_factors(const Study& study, StudyData& data) {
  for (const UnrecordedSpec& spec : study.unrecorded) {
    const PeriodRange& range = data.frame.range();
    Series factor{spec.factor, "", range.first, VectorXd(range.count), {}, {}, "", {}};
    const auto event = data.events.find(spec.event);
    for (std::int64_t i = 0; i < range.count; ++i) {
      const double activity = event == data.events.end() ? 0 : event->second.at(range[i]);
      factor.values(i) = spec.at(spec.multiplier.expectation(), spec.stays.expectation(), activity);
    }
    data.frame.add(std::move(factor));
  }
}

StudyData load_data(const Study& study, ProblemList& problems) {
  StudyData data;
  std::vector<Series> all = read_series(study, data, problems);
  if (problems.has_errors()) throw InputError(problems.all());
  if (all.empty()) throw InputError("the config has no [data]");
  lay_out(study, std::move(all), data);
  if (study.run.frequency != Frequency::undated) {
    for (const Event& event : study.events) {
      if (event.kind == kRegimeKind) continue;  // not dated yet
      data.events[event.id] = activity_of(event, study.run.frequency);
    }
  }
  add_unrecorded_factors(study, data);
  return data;
}

}  // namespace

StudyData load_data(const Study& study) {
  ProblemList problems;
  return load_data(study, problems);
}

LoadedStudy load_study_and_data(const std::string& file, const PluginList& plugins) {
  ProblemList problems;
  LoadedStudy loaded;
  loaded.study = read_study(file, plugins, problems);
  loaded.data = load_data(loaded.study, problems);
  detect_regimes(loaded.study, plugins, loaded.data, problems);
  problems.throw_if_errors();
  for (Event& event : loaded.study.events) {
    const auto found = loaded.data.events.find(event.id);
    if (event.kind == kRegimeKind && found != loaded.data.events.end()) {
      event.start = first_day(found->second.start());
    }
  }
  loaded.study.warnings = problems.warnings();
  return loaded;
}

namespace {

std::string gap_words(const Series& series, const PeriodRange& range, Period last_seen) {
  const std::vector<std::string> gaps = gaps_of(series, range);
  if (gaps.empty()) return "";
  constexpr std::size_t kGaps = 8;  // spells that are shown
  const std::size_t shown = gaps.size() > kGaps ? kGaps - 2 : gaps.size();
  std::string words = "no figure for " + join(std::span(gaps).first(shown), ", ");
  if (shown < gaps.size()) words += fmt::format(" and {} more spells", gaps.size() - shown);
  if (last_seen < range.last()) {
    const std::int64_t before = range.last() - last_seen;
    words += fmt::format("; the last figure is of {}, {} period{} before the sample ends",
                         format_period(last_seen), before, before == 1 ? "" : "s");
  }
  return words;
}

// Figures below 2 % of the median, where a logarithm would let them rule the fit.
std::string near_zero_words(const Series& series, const PeriodRange& sample) {
  std::vector<double> sizes;
  for (double v : series.values) {
    if (!std::isnan(v)) sizes.push_back(std::fabs(v));
  }
  const double typical = median_of(sizes);
  std::vector<std::string> tiny;
  for (std::int64_t i = 0; i < sample.count; ++i) {
    const double v = series.values(i);
    if (!std::isnan(v) && std::fabs(v) < 0.02 * typical) {
      tiny.push_back(fmt::format("{} ({})", format_period(sample[i]), format_number(v)));
    }
  }
  if (tiny.empty()) return "";
  constexpr std::size_t kTiny = 6;
  const std::size_t shown = std::min(tiny.size(), kTiny);
  std::string words = "below 2 % of the median in " + join(std::span(tiny).first(shown), ", ");
  if (shown < tiny.size()) words += fmt::format(" and {} more periods", tiny.size() - shown);
  return words + ": their logarithms dominate a fit";
}

}  // namespace

std::vector<SeriesIssue> data_issues(const Study& study, const StudyData& data) {
  std::vector<SeriesIssue> issues;
  for (const SeriesSource& source : study.data) {
    const Series series = data.frame.get(source.name).window(data.sample);
    const auto observed = observed_range(series);
    if (!observed) {
      issues.push_back({source.name, "gap", "no observation in the sample"});
      continue;
    }
    const PeriodRange from_first = range_between(observed->first, data.sample.last());
    const std::string gaps = gap_words(series, from_first, observed->last());
    if (!gaps.empty()) issues.push_back({source.name, "gap", gaps});
    for (const TemporalSum& sum : series.sums) {
      std::vector<std::string> parts;
      for (const Period& t : sum.parts) parts.push_back(format_period(t));
      issues.push_back({source.name, "sum",
                        fmt::format("{} known only as a sum: {} ({}, {}:{})", join(parts, " + "),
                                    format_significant(sum.value, 6), sum.origin,
                                    study.shown(sum.where.file), sum.where.line)});
    }
    if (!source.share && is_logged(study, source.name)) {
      const std::string words = near_zero_words(series, data.sample);
      if (!words.empty()) issues.push_back({source.name, "near_zero", words});
    }
    const auto noisy =
        series.measurement_sd.size() > 0
            ? (series.measurement_sd.array() > 0.005 * series.values.array().abs()).count()
            : 0;
    if (noisy > 0) {
      issues.push_back(
          {source.name, "measurement_error",
           fmt::format("{} figures carry a measurement error above 0.5 % by their quality "
                       "grade",
                       noisy)});
    }
  }
  for (const std::string& note : data.notes) issues.push_back({"", "note", note});
  return issues;
}

void add_event_series(Frame& frame, const std::map<std::string, EventActivity>& events,
                      const Expression& expression) {
  for (const std::string& name : expression.variables()) {
    const auto event = events.find(name);
    if (event == events.end() || frame.find(name) != nullptr) continue;
    Series series{name, "", frame.range().first, VectorXd(frame.range().count), {}, {}, "", {}};
    for (std::int64_t i = 0; i < frame.range().count; ++i) {
      series.values(i) = event->second.at(frame.range()[i]);
    }
    frame.add(std::move(series));
  }
}

namespace {

// The first period with an observation of the equation's own target or of another unit's.
Period first_observed(const std::vector<CarriedColumn>& carried, const Frame& frame,
                      const PeriodRange& wanted, Period own) {
  Period first = own;
  for (const CarriedColumn& column : carried) {
    if (!column.is_target) continue;
    const VectorXd values = evaluate_on(column.expression, frame, wanted);
    for (std::int64_t t = 0; t < wanted.count && wanted[t] < first; ++t) {
      if (std::isfinite(values(t))) first = wanted[t];
    }
  }
  return first;
}

}  // namespace

Sample make_sample(const EquationSpec& equation, const Study& study, const StudyData& data) {
  ProblemList problems;
  const std::string path = "models." + equation.name;
  PeriodRange wanted = data.sample;
  if (const ConfigValue* own = equation.options.find("sample")) {
    const std::string& text = own->string();
    const auto dots = text.find("..");
    const auto part = [&](std::string_view piece, Period fallback) {
      if (trim(piece).empty()) return fallback;
      const auto parsed = parse_period(trim(piece), study.run.frequency);
      if (!parsed) {
        problems.error(own->where, fmt::format("{}.sample is \"{}\", but must be a range such as "
                                               "2016-01..2022-03",
                                               path, text));
      }
      return parsed.value_or(fallback);
    };
    if (dots != std::string::npos) {
      wanted = range_between(part(std::string_view(text).substr(0, dots), wanted.first),
                             part(std::string_view(text).substr(dots + 2), wanted.last()));
    }
    problems.throw_if_errors();
  }
  Frame frame = data.frame;
  const std::vector<CarriedColumn> carried = carried_columns(equation);
  std::vector<Expression> columns = equation.regressors;
  for (const CarriedColumn& column : carried) columns.push_back(column.expression);
  for (const Expression& regressor : columns) {
    add_event_series(frame, data.events, regressor);
  }
  const Series target = frame.get(equation.target.variable).window(wanted);
  const auto observed = observed_range(target);
  if (!observed) {
    throw InputError({{Severity::error, equation.where,
                       fmt::format("{}: `{}` has no observation in {}", path,
                                   equation.target.variable, format_range(wanted)),
                       ""}});
  }
  Sample sample;
  sample.range =
      range_between(first_observed(carried, frame, wanted, observed->first), wanted.last());
  sample.season = season_length(study.run.frequency);
  sample.target = equation.target;
  fill_target(equation, frame.get(equation.target.variable).window(sample.range), study, sample,
              problems);
  sample.regressors.resize(sample.range.count, static_cast<Eigen::Index>(columns.size()));
  for (std::size_t j = 0; j < columns.size(); ++j) {
    const Expression& regressor = columns[j];
    // Identities are variables too; their values in the sample follow from the data.
    Frame with_identities = frame;
    for (const IdentitySpec& identity : study.identities) {
      if (!regressor.uses(identity.name)) continue;
      add_event_series(with_identities, data.events, identity.expression);
      with_identities.add({identity.name,
                           "",
                           frame.range().first,
                           defined_on(identity.expression, with_identities, frame.range()),
                           {},
                           {},
                           "",
                           {}});
    }
    check_defined(regressor, with_identities, sample.range, study, path, problems);
    sample.regressor_names.push_back(regressor.text());
    sample.regressors.col(static_cast<Eigen::Index>(j)) =
        evaluate_on(regressor, with_identities, sample.range).unaryExpr([](double v) {
          return std::isfinite(v) ? v : kMissing;
        });
    // What a lead reaches beyond the sample is not known in it.
    int lead = 0;
    for (const std::string& name : regressor.variables()) {
      if (!data.events.contains(name)) lead = std::max(lead, regressor.max_lead(name));
    }
    const auto unknown = std::min<Eigen::Index>(lead, sample.regressors.rows());
    sample.regressors.col(static_cast<Eigen::Index>(j)).tail(unknown).setConstant(kMissing);
  }
  sample.events = data.events;
  check_varies(equation, sample, problems);
  check_events_act(equation, sample, problems);
  problems.throw_if_errors();
  return sample;
}

void add_identities(Frame& frame, const Study& study,
                    const std::map<std::string, EventActivity>& events) {
  const VectorXd nothing = VectorXd::Constant(frame.range().count, kMissing);
  for (const IdentitySpec& identity : study.identities) {
    frame.add({identity.name, identity.unit, frame.range().first, nothing, {}, {}, "", {}});
  }
  for (std::size_t pass = 0; pass < study.identities.size(); ++pass) {
    for (const IdentitySpec& identity : study.identities) {
      add_event_series(frame, events, identity.expression);
      Series series = frame.get(identity.name);
      series.values = defined_on(identity.expression, frame, frame.range());
      frame.add(std::move(series));
    }
  }
}

Frame observed_values(const Study& study, const StudyData& data) {
  Frame frame = data.frame;
  add_identities(frame, study, data.events);
  return frame;
}

}  // namespace amnok
