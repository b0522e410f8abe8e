#include "models/structural_break/break_context.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/input_error.h"
#include "engine/base/names.h"
#include "models/structural_break/break_events.h"
#include "models/structural_break/permanence.h"

namespace amnok {

namespace {

constexpr int kDelay = 1;        // periods by which an effect may follow its event
constexpr int kStartWindow = 3;  // periods around a break in which its effect may have started
constexpr int kFutureRows = 60;
constexpr double kShownScore = 0.001;  // events below it are counted, not listed

std::vector<Period> times_of(const BrokenRegression& regression, const Sample& sample) {
  std::vector<Period> times;
  for (int row : regression.rows) times.push_back(sample.range[row]);
  return times;
}

std::vector<NamedEvent> wanted_events(const BreakContextOptions& options, const Sample& sample) {
  std::vector<NamedEvent> events;
  for (const auto& [id, activity] : sample.events) {
    const bool wanted =
        options.events.empty() ||
        std::find(options.events.begin(), options.events.end(), id) != options.events.end();
    if (wanted) events.push_back({id, activity});
  }
  return events;
}

// ---- sizes and events --------------------------------------------------------------------------

void add_effects(const BrokenRegression& regression, const Sample& sample,
                 const std::vector<DatedBreak>& dates, FitResult& result) {
  ResultTable table{"break_effects",
                    "How large the breaks were",
                    {"first_period_after", "set_low", "set_high", "effect", "low", "high",
                     "level_before", "level_after", "per_cent", "per_cent_low", "per_cent_high"},
                    {}};
  const std::vector<BreakEffect> effects = break_effects(
      regression.changing, regression.less_staying, regression.last, regression.errors,
      sample.target.transform, regression.y - regression.less_staying);
  for (std::size_t b = 0; b < effects.size(); ++b) {
    const BreakEffect& e = effects[b];
    table.rows.push_back({format_period(dates[b].first_after), format_period(dates[b].low),
                          format_period(dates[b].high), e.effect, e.low, e.high, e.before, e.after,
                          e.per_cent, e.per_cent_low, e.per_cent_high});
  }
  result.tables.push_back(std::move(table));
}

void add_events(const std::vector<DatedBreak>& dates, const std::vector<NamedEvent>& events,
                FitResult& result) {
  ResultTable table{
      "break_events",
      "Events in the date sets of breaks",
      {"first_period_after", "set_low", "set_high", "event", "period", "distance", "score", "says"},
      {}};
  for (const DatedBreak& date : dates) {
    const std::vector<EventMatch> matches = matching_events(date, events, kDelay);
    const std::vector<ResultTable::Cell> head = {format_period(date.first_after),
                                                 format_period(date.low), format_period(date.high)};
    const auto add = [&](std::vector<ResultTable::Cell> cells) {
      cells.insert(cells.begin(), head.begin(), head.end());
      table.rows.push_back(std::move(cells));
    };
    int hidden = 0;
    for (const EventMatch& match : matches) {
      if (match.score < kShownScore && &match != &matches.front()) {
        ++hidden;
        continue;
      }
      add({match.event, format_period(match.period), static_cast<double>(match.distance),
           match.score,
           fmt::format("{}{}", match.at_end ? "end" : "start",
                       matches.size() > 1 ? "; not separable from the others" : "")});
    }
    if (hidden > 0) {
      add({"", "", kMissing, kMissing,
           fmt::format("and {} more with a score below {}", hidden, kShownScore)});
    }
    if (matches.empty()) add({"", "", kMissing, kMissing, "no event in the date set"});
  }
  result.tables.push_back(std::move(table));
}

void add_placebo(const std::vector<DatedBreak>& dates, const std::vector<NamedEvent>& events,
                 const Sample& sample, const BreakContextOptions& options, FitResult& result) {
  PlaceboOptions placebo;
  placebo.keep_spacing = options.keep_spacing;
  placebo.seed = options.seed;
  placebo.delay = kDelay;
  const PlaceboRate rate = placebo_rate(dates, events, sample.range, placebo);
  if (rate.events == 0) {
    result.notes.push_back(
        fmt::format("no event of the calendar lies in {}", format_range(sample.range)));
    return;
  }
  ResultTable table{"placebo",
                    "How well random calendars fit",
                    {"measure", "observed", "random_as_good", "mc_error"},
                    {}};
  table.rows.push_back({"breaks with an event", static_cast<double>(rate.matched),
                        rate.matched_rate, rate.matched_error});
  table.rows.push_back({"score", rate.score, rate.rate, rate.error});
  result.tables.push_back(std::move(table));
  if (rate.rate > 0.1) {
    result.notes.push_back(
        fmt::format("{:.0f} % of random calendars with as many events ({}) fit the breaks as well: "
                    "the matches say little",
                    100 * rate.rate, rate.events));
  }
}

// ---- permanence --------------------------------------------------------------------------------

struct Question {
  std::string name;  // of the event; empty: a break
  PermanenceProblem problem;
};

PermanenceProblem unbroken(const BrokenRegression& regression, const Sample& sample,
                           bool seasonal) {
  PermanenceProblem problem;
  problem.y = VectorXd::Constant(sample.n(), kMissing);
  problem.x = MatrixXd::Zero(sample.n(), regression.x.cols());
  problem.y(regression.rows) = regression.y;
  problem.x(regression.rows, Eigen::all) = regression.x;
  if (seasonal) problem.season = sample.season;
  return problem;
}

int first_row_after(const BrokenRegression& regression, std::size_t b) {
  return regression.rows[static_cast<std::size_t>(regression.last[b] + 1)];
}

Question about_break(const BrokenRegression& regression, const Sample& sample,
                     const DatedBreak& date, std::size_t b, bool seasonal) {
  Question question{"", unbroken(regression, sample, seasonal)};
  const int first = first_row_after(regression, b);
  question.problem.starts = {first};
  for (int row : regression.rows) {
    const Period period = sample.range[row];
    const bool near = std::abs(row - first) <= kStartWindow && row != first;
    if (near && period >= date.low && period <= date.high) question.problem.starts.push_back(row);
  }
  for (std::size_t other = 0; other < regression.last.size(); ++other) {
    if (other != b) question.problem.controls.push_back(first_row_after(regression, other));
  }
  return question;
}

// Breaks whose date set holds the event are its own effect, not a control.
Question about_event(const BrokenRegression& regression, const Sample& sample,
                     const std::vector<DatedBreak>& dates, const std::string& name, bool seasonal) {
  Question question{name, unbroken(regression, sample, seasonal)};
  const Period start = sample.events.at(name).start();
  question.problem.starts = {static_cast<int>(sample.range.index_of(start))};
  for (std::size_t b = 0; b < dates.size(); ++b) {
    const bool own = start <= dates[b].high && start + kDelay >= dates[b].low;
    if (!own) question.problem.controls.push_back(first_row_after(regression, b));
  }
  return question;
}

// Regressors beyond the sample: those of a season earlier, a trend that goes on.
MatrixXd future_rows(const BrokenRegression& regression, const Sample& sample) {
  const auto complete = static_cast<int>(regression.rows.size());
  MatrixXd future(kFutureRows, regression.x.cols());
  for (int h = 0; h < kFutureRows; ++h) {
    const int back = std::min(std::max(sample.season, 1), complete);
    future.row(h) = regression.x.row(complete - back + h % back);
    if (regression.trend) future(h, 1) = sample.n() + h + 1.0;
  }
  return future;
}

ResultTable::Cell or_never(double value) {
  if (std::isinf(value)) return "never";
  return value;
}

void add_permanence_row(const std::string& name, const std::string& start, const Permanence& p,
                        const std::string& settled, ResultTable& table) {
  std::vector<ResultTable::Cell> row = {
      name,     start,           std::string(verdict_name(p.verdict)), p.p_permanent, p.p_low,
      p.p_high, p.weight_of_none};
  row.insert(row.end(), {or_never(p.half_life.mean), or_never(p.half_life.low),
                         or_never(p.half_life.high), settled, static_cast<double>(p.ar_order)});
  table.rows.push_back(std::move(row));
}

void add_reason_rows(const std::string& name, const std::string& start, const Permanence& p,
                     ResultTable& table) {
  const bool judged = p.status == FitStatus::converged;
  for (const std::string& reason : judged ? p.reasons : std::vector<std::string>{p.message}) {
    table.rows.push_back({name, start, reason});
  }
}

void add_weight_rows(const std::string& name, const std::string& start, const Sample& sample,
                     const Permanence& p, ResultTable& table) {
  for (const ShapeAlternative& a : p.alternatives) {
    const bool none = a.best.response == Response::none;
    table.rows.push_back({name, start, std::string(response_name(a.best.response)), a.best.words(),
                          none ? "" : format_period(sample.range[a.best.start]),
                          none ? kMissing : a.omega, none ? kMissing : a.omega_low,
                          none ? kMissing : a.omega_high, a.weights.bayes, a.weights.aicc,
                          a.weights.bic, none ? kMissing : a.permanent});
  }
}

void add_effect_rows(const std::string& name, const std::string& start, bool log,
                     const Permanence& p, ResultTable& table) {
  if (p.status != FitStatus::converged) return;
  const auto pct = [](double v) { return 100 * std::expm1(v); };
  for (std::size_t i = 0; i < kPermanenceLags.size(); ++i) {
    const MixtureInterval& e = p.effect[i];
    const MixtureInterval& share = p.share[i];
    std::vector<ResultTable::Cell> row = {
        name,       start,     static_cast<double>(kPermanenceLags[i]),
        share.mean, share.low, share.high,
        e.mean,     e.low,     e.high};
    if (log) row.insert(row.end(), {pct(e.mean), pct(e.low), pct(e.high)});
    table.rows.push_back(std::move(row));
  }
}

struct PermanenceTables {
  ResultTable verdicts{
      "permanence",
      "Do the effects last?",
      {"event", "start", "verdict", "p_permanent", "p_low", "p_high", "weight_none", "half_life",
       "half_life_low", "half_life_high", "settled_after", "ar_order"},
      {}};
  ResultTable reasons{"permanence_reasons",
                      "Why the effects are said to last or not",
                      {"event", "start", "reason"},
                      {}};
  ResultTable weights{"permanence_weights",
                      "How the effects may act",
                      {"event", "break", "response", "best", "start", "omega", "omega_low",
                       "omega_high", "weight", "weight_aicc", "weight_bic", "p_permanent"},
                      {}};
  ResultTable effects{"permanence_effects",
                      "What is left of the effects",
                      {"event", "start", "periods_after", "share_left", "share_low", "share_high",
                       "effect", "low", "high"},
                      {}};
};

void answer(const Question& question, const BrokenRegression& regression, const Sample& sample,
            const BreakContextOptions& options, PermanenceTables& tables, FitResult& result) {
  PermanenceOptions settings;
  settings.seed = options.seed;
  const Permanence p = permanence(question.problem, settings);
  const std::string start = format_period(sample.range[question.problem.starts.front()]);
  std::string settled;
  if (options.settle && p.status == FitStatus::converged && p.verdict != Verdict::no_effect) {
    settled =
        p.exact ? "decided: there is no noise"
        : p.taken_back >= kShareOfPermanent
            ? "decided: taken back"
            : periods_to_settle(question.problem, p, future_rows(regression, sample), settings)
                  .words();
  }
  add_permanence_row(question.name, start, p, settled, tables.verdicts);
  add_reason_rows(question.name, start, p, tables.reasons);
  add_weight_rows(question.name, start, sample, p, tables.weights);
  add_effect_rows(question.name, start, sample.target.transform.is_logarithm(), p, tables.effects);
  const std::string what =
      question.name.empty() ? "the break of " + start : question.name + " (" + start + ")";
  if (p.status != FitStatus::converged) {
    result.notes.push_back(fmt::format("{}: permanence not judged, {}", what, p.message));
  } else {
    result.notes.push_back(fmt::format("{}: {}, P(permanent) {:.2f} [{:.2f}, {:.2f}]", what,
                                       verdict_name(p.verdict), p.p_permanent, p.p_low, p.p_high));
  }
}

void add_permanence(const BrokenRegression& regression, const Sample& sample,
                    const std::vector<DatedBreak>& dates, const BreakContextOptions& options,
                    FitResult& result) {
  PermanenceTables tables;
  if (sample.target.transform.is_logarithm()) {
    tables.effects.columns.insert(tables.effects.columns.end(),
                                  {"per_cent", "per_cent_low", "per_cent_high"});
  }
  if (options.permanence) {
    for (std::size_t b = 0; b < dates.size(); ++b) {
      answer(about_break(regression, sample, dates[b], b, options.seasonal), regression, sample,
             options, tables, result);
    }
  }
  for (const std::string& name : options.permanence_events) {
    answer(about_event(regression, sample, dates, name, options.seasonal), regression, sample,
           options, tables, result);
  }
  if (tables.verdicts.rows.empty()) return;
  result.tables.push_back(std::move(tables.verdicts));
  result.tables.push_back(std::move(tables.reasons));
  result.tables.push_back(std::move(tables.weights));
  result.tables.push_back(std::move(tables.effects));
}

}  // namespace

void check_events(const BreakContextOptions& options, const Sample& sample) {
  std::vector<std::string> known;
  for (const auto& [id, activity] : sample.events) known.push_back(id);
  ProblemList problems;
  const auto check = [&](const std::string& key, const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      if (sample.events.contains(name)) continue;
      problems.error({}, fmt::format("{} names {}, but the calendar has no such event", key, name),
                     name_hint(name, known));
    }
  };
  check("events", options.events);
  check("permanence", options.permanence_events);
  for (const std::string& name : options.permanence_events) {
    const auto event = sample.events.find(name);
    if (event == sample.events.end() || sample.range.contains(event->second.start())) continue;
    problems.error(
        {}, fmt::format("permanence names {}, which starts in {}, but must start in the "
                        "sample {}",
                        name, format_period(event->second.start()), format_range(sample.range)));
  }
  if (options.match_events && sample.events.empty()) {
    problems.error({}, "events are to be matched, but the study has no calendar",
                   "[calendar] file = \"events.csv\"");
  }
  problems.throw_if_errors();
}

void add_break_context(const BrokenRegression& regression, const Sample& sample,
                       const BreakContextOptions& options, FitResult& result) {
  const std::vector<DatedBreak> dates =
      dated_breaks(regression.changing, regression.less_staying, regression.last,
                   times_of(regression, sample), regression.sets, regression.min_segment);
  if (!dates.empty()) add_effects(regression, sample, dates, result);
  if (options.match_events && !dates.empty()) {
    const std::vector<NamedEvent> events = wanted_events(options, sample);
    add_events(dates, events, result);
    add_placebo(dates, events, sample, options, result);
  }
  add_permanence(regression, sample, dates, options, result);
}

}  // namespace amnok
