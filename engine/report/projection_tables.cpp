#include "engine/report/projection_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/text.h"
#include "engine/report/numbers.h"

namespace amnok {

namespace {

using Row = DocumentTable::Row;

constexpr std::size_t kPastYears = 5, kPastPeriods = 3;  // shown before the horizon
constexpr const char* kActual = "actual";
constexpr const char* kEstimate = "estimate";
constexpr const char* kProjection = "projection";

std::string_view period_word(Frequency frequency) {
  switch (frequency) {
    case Frequency::annual:
      return "year";
    case Frequency::quarterly:
      return "quarter";
    case Frequency::monthly:
      return "month";
    case Frequency::weekly:
      return "week";
    case Frequency::daily:
      return "day";
    case Frequency::undated:
      break;
  }
  return "period";
}

std::string rule_words(AnnualRule rule, Frequency frequency) {
  if (frequency == Frequency::annual) return "";
  switch (rule) {
    case AnnualRule::sum:
      return "annual sums";
    case AnnualRule::mean:
      return "annual means";
    case AnnualRule::last:
      break;
  }
  return "at the end of the year";
}

std::string with_unit(const RunResults& run, const std::string& variable) {
  const std::string unit = run.unit(variable);
  return run.study.label(variable) + (unit.empty() ? "" : ", " + unit);
}

// The years before the horizon that a table shows: the last ones, from the first known one on.
std::vector<const AnnualYear*> shown_past(const AnnualPath& path) {
  std::vector<const AnnualYear*> shown;
  for (const AnnualYear& year : path.years) {
    if (!shown.empty() || std::isfinite(year.value)) shown.push_back(&year);
  }
  if (shown.size() > kPastYears) shown.erase(shown.begin(), shown.end() - kPastYears);
  return shown;
}

// Marks of a year's figure, and the footnotes that explain them.
class YearNotes {
 public:
  // `brief`: footnotes without the list of years, for tables of several variables.
  explicit YearNotes(Frequency frequency, bool brief = false)
      : frequency_(frequency), brief_(brief) {}

  std::string marks(const AnnualYear& year, AnnualRule rule) {
    const AnnualCoverage& c = year.coverage;
    std::string marks;
    const auto mark = [&](char letter, std::vector<std::string>& years) {
      marks += letter;
      const std::string words = fmt::format("{}: {}", year.year, coverage_words(c, frequency_));
      if (std::find(years.begin(), years.end(), words) == years.end()) years.push_back(words);
    };
    if (c.estimated > 0) mark('e', estimated_);
    if (c.missing > 0 && rule == AnnualRule::mean) mark('m', means_);
    if (c.missing > 0 && rule != AnnualRule::mean) mark('i', incomplete_);
    if (c.rounded) {
      marks += 'p';
      rounded_ = true;
    }
    return marks;
  }

  void append(std::vector<std::string>& notes) const {
    const std::string periods = std::string(period_word(frequency_)) + "s";
    add(notes, "e", fmt::format("holds {} filled by the equation", periods), estimated_);
    add(notes, "i", "incomplete year", incomplete_);
    add(notes, "m", fmt::format("mean of the {} there are", periods), means_);
    if (rounded_) {
      notes.push_back(
          "p: provisional: recorded figures are derived or rounded, by more than 0.5 % of the "
          "year");
    }
  }

 private:
  void add(std::vector<std::string>& notes, const char* mark, const std::string& what,
           const std::vector<std::string>& years) const {
    if (years.empty()) return;
    notes.push_back(brief_ ? fmt::format("{}: {}", mark, what)
                           : fmt::format("{}: {} ({})", mark, what, join(years, "; ")));
  }

  Frequency frequency_;
  bool brief_ = false;
  std::vector<std::string> estimated_, incomplete_, means_;
  bool rounded_ = false;
};

TableCell year_cell(const AnnualYear& year, AnnualRule rule, double value, int decimals,
                    YearNotes& notes) {
  if (!std::isfinite(value)) return std::string("..");
  return NumberCell{value, decimals, notes.marks(year, rule)};
}

TableCell band_cell(const Distribution& d, int decimals) {
  if (d.undefined > 0) return std::string("not defined");
  return IntervalCell{d.quantile(0.05), d.quantile(0.95), decimals};
}

std::string year_group(const AnnualYear& year) {
  const AnnualCoverage& c = year.coverage;
  if (c.projected == 0) return kActual;
  return c.known + c.summed + c.estimated > 0 ? kEstimate : kProjection;
}

// Medians and bands of a scenario, behind `blank` cells.
void add_scenario(DocumentTable& table, const std::string& name, const AnnualPath& path,
                  std::size_t blank, int decimals, YearNotes& notes) {
  Row median{{name}}, band{{std::string("90 % band")}, Row::Kind::band};
  median.cells.resize(1 + blank);
  band.cells.resize(1 + blank);
  for (const AnnualYear& year : path.years) {
    const Distribution& d = year.distribution;
    median.cells.push_back(d.undefined > 0
                               ? TableCell(std::string("not defined"))
                               : year_cell(year, path.rule, d.median(), decimals, notes));
    band.cells.push_back(band_cell(d, decimals));
  }
  table.rows.push_back(std::move(median));
  table.rows.push_back(std::move(band));
}

const AnnualPath* first_projection(const RunResults& run, const std::string& variable) {
  return run.scenarios.empty() ? nullptr : find_annual(run, run.scenarios.front(), variable);
}

void add_year_columns(DocumentTable& table, const std::vector<int>& past, const AnnualPath& path) {
  for (int year : past) table.columns.push_back({std::to_string(year), kActual});
  for (const AnnualYear& year : path.years) {
    table.columns.push_back({std::to_string(year.year), year_group(year)});
  }
}

std::vector<int> numbers_of(const std::vector<const AnnualYear*>& years) {
  std::vector<int> numbers;
  for (const AnnualYear* year : years) numbers.push_back(year->year);
  return numbers;
}

void note_straddling(DocumentTable& table, const AnnualPath& path, Frequency frequency) {
  for (const AnnualYear& year : path.years) {
    if (year_group(year) != kEstimate) continue;
    table.notes.push_back(fmt::format(
        "{}: {}.{}", year.year, coverage_words(year.coverage, frequency),
        year.coverage.estimated > 0 ? " The spread of filled figures is not in the band." : ""));
  }
}

// What the horizon's years came to, where all of them is recorded by now.
void add_realised(DocumentTable& table, const AnnualPath& path, std::size_t blank, int decimals) {
  const bool any = std::any_of(path.years.begin(), path.years.end(),
                               [](const AnnualYear& year) { return std::isfinite(year.realised); });
  if (!any) return;
  Row row{{std::string("Memo: as it came out (not used)")}, Row::Kind::memo};
  row.cells.resize(1 + blank);
  for (const AnnualYear& year : path.years) {
    row.cells.push_back(std::isfinite(year.realised)
                            ? TableCell(NumberCell{year.realised, decimals})
                            : TableCell(std::string("..")));
  }
  table.rows.push_back(std::move(row));
}

constexpr const char* kMedians =
    "Medians of the draws; the band runs from their 5 % to their 95 % quantile.";

// Marks of a recorded period: its measurement error.
std::string period_marks(const Series& series, Period period) {
  if (series.measurement_sd.size() == 0) return "";
  const double sd = series.measurement_sd(series.range().index_of(period));
  return sd > 0.005 * std::fabs(series.at(period)) ? "p" : "";
}

std::vector<Period> last_recorded(const Series& series, Period before) {
  std::vector<Period> periods;
  for (Period t = before - 1; t >= series.first && periods.size() < kPastPeriods; t = t - 1) {
    if (std::isfinite(series.at(t))) periods.push_back(t);
  }
  std::reverse(periods.begin(), periods.end());
  return periods;
}

}  // namespace

const AnnualPath* find_annual(const RunResults& run, const std::string& scenario,
                              const std::string& variable) {
  const auto at = std::find_if(run.annual.begin(), run.annual.end(), [&](const AnnualPath& path) {
    return path.scenario == scenario && path.variable == variable;
  });
  return at == run.annual.end() ? nullptr : &*at;
}

int annual_decimals(const RunResults& run, const std::string& variable) {
  double size = 0;
  for (const AnnualPath& path : run.annual) {
    if (path.variable != variable) continue;
    for (const AnnualYear& year : path.years) {
      const Distribution& d = year.distribution;
      const double value = d.quantiles.empty() ? year.value : d.median();
      if (std::isfinite(value)) size = std::max(size, std::fabs(value));
    }
  }
  const int wanted = decimals_for(size);
  return std::min(wanted, recorded_decimals(run.observed.get(variable)).value_or(wanted));
}

std::string coverage_words(const AnnualCoverage& c, Frequency frequency) {
  std::vector<std::string> parts;
  const auto part = [&](int count, const char* what) {
    if (count == 0) return;
    parts.push_back(parts.empty() ? fmt::format("{} of {} {}s {}", count, c.periods,
                                                period_word(frequency), what)
                                  : fmt::format("{} {}", count, what));
  };
  part(c.known, "recorded");
  part(c.summed, "recorded in published sums");
  part(c.estimated, "filled by the equation");
  part(c.projected, "projected");
  part(c.missing, "missing");
  return join(parts, ", ");
}

DocumentTable overview_table(const RunResults& run, const std::string& scenario) {
  const Frequency frequency = run.study.run.frequency;
  DocumentTable table;
  table.id = "overview";
  table.title = "Overview: " + run.scenario_label(scenario);
  const AnnualPath* shape = nullptr;
  std::vector<int> past;
  for (const std::string& variable : run.variables) {
    const AnnualPath* before = find_annual(run, "", variable);
    if (before == nullptr) return table;
    shape = find_annual(run, scenario, variable);
    const std::vector<int> shown = numbers_of(shown_past(*before));
    if (shown.size() > past.size()) past = shown;
  }
  if (shape == nullptr) return table;
  if (past.size() > kPastPeriods) past.erase(past.begin(), past.end() - kPastPeriods);
  table.columns = {{"", "", true}};
  add_year_columns(table, past, *shape);
  YearNotes notes(frequency, true);
  for (const std::string& variable : run.variables) {
    const AnnualPath &before = *find_annual(run, "", variable),
                     &path = *find_annual(run, scenario, variable);
    const int decimals = annual_decimals(run, variable);
    const std::string rule = rule_words(path.rule, frequency);
    add_scenario(table, with_unit(run, variable) + (rule.empty() ? "" : " (" + rule + ")"), path,
                 past.size(), decimals, notes);
    Row& median = table.rows[table.rows.size() - 2];
    for (std::size_t i = 0; i < past.size(); ++i) {
      const auto at = std::find_if(before.years.begin(), before.years.end(),
                                   [&](const AnnualYear& year) { return year.year == past[i]; });
      if (at != before.years.end()) {
        median.cells[1 + i] = year_cell(*at, path.rule, at->value, decimals, notes);
      }
    }
  }
  table.notes.push_back(kMedians);
  notes.append(table.notes);
  return table;
}

DocumentTable annual_table(const RunResults& run, const std::string& variable) {
  const Frequency frequency = run.study.run.frequency;
  const AnnualPath *before = find_annual(run, "", variable),
                   *shape = first_projection(run, variable);
  DocumentTable table;
  table.id = "annual_" + variable;
  if (before == nullptr || shape == nullptr) return table;
  const std::string rule = rule_words(shape->rule, frequency);
  table.title = run.study.label(variable) + (rule.empty() ? ", by year" : ", " + rule);
  table.unit = run.unit(variable);
  const std::vector<const AnnualYear*> past = shown_past(*before);
  const int decimals = annual_decimals(run, variable);
  table.columns = {{"", "", true}};
  add_year_columns(table, numbers_of(past), *shape);
  YearNotes notes(frequency);
  if (!past.empty()) {
    Row recorded{{std::string("Recorded")}};
    for (const AnnualYear* year : past) {
      recorded.cells.push_back(year_cell(*year, shape->rule, year->value, decimals, notes));
    }
    recorded.cells.resize(table.columns.size());
    table.rows.push_back(std::move(recorded));
  }
  for (const std::string& scenario : run.outlooks()) {
    add_scenario(table, run.scenario_title(scenario), *find_annual(run, scenario, variable),
                 past.size(), decimals, notes);
  }
  add_realised(table, *shape, past.size(), decimals);
  table.notes.push_back(kMedians);
  note_straddling(table, *shape, frequency);
  notes.append(table.notes);
  return table;
}

DocumentTable period_table(const RunResults& run, const std::string& variable) {
  const Series& observed = run.observed.get(variable);
  const std::vector<Period> past = last_recorded(observed, run.horizon.first);
  const std::vector<std::size_t> shown = shown_periods(run.horizon);
  const int decimals = shown_decimals(run, variable);
  DocumentTable table;
  table.id = "path_" + variable;
  table.title =
      fmt::format("{}, {}", run.study.label(variable), frequency_name(run.study.run.frequency));
  table.unit = run.unit(variable);
  table.columns = {{"", "", true}};
  for (Period t : past) table.columns.push_back({format_period(t), kActual});
  for (std::size_t h : shown) {
    table.columns.push_back(
        {format_period(run.horizon[static_cast<std::int64_t>(h)]), kProjection});
  }
  bool rounded = false;
  if (!past.empty()) {
    Row recorded{{std::string("Recorded")}};
    for (Period t : past) {
      const std::string marks = period_marks(observed, t);
      rounded = rounded || !marks.empty();
      recorded.cells.push_back(NumberCell{observed.at(t), decimals, marks});
    }
    recorded.cells.resize(table.columns.size());
    table.rows.push_back(std::move(recorded));
  }
  for (const std::string& scenario : run.outlooks()) {
    Row median{{run.scenario_title(scenario)}}, band{{std::string("90 % band")}, Row::Kind::band};
    median.cells.resize(1 + past.size());
    band.cells.resize(1 + past.size());
    for (std::size_t h : shown) {
      const Distribution& d = run.projection(scenario, variable).periods[h];
      median.cells.push_back(d.undefined > 0 ? TableCell(std::string("not defined"))
                                             : TableCell(NumberCell{d.median(), decimals}));
      band.cells.push_back(band_cell(d, decimals));
    }
    table.rows.push_back(std::move(median));
    table.rows.push_back(std::move(band));
  }
  Row memo{{std::string("Memo: as it came out (not used)")}, Row::Kind::memo};
  memo.cells.resize(1 + past.size());
  bool came = false;
  for (std::size_t h : shown) {
    const double value = observed.at(run.horizon[static_cast<std::int64_t>(h)]);
    came = came || std::isfinite(value);
    memo.cells.push_back(std::isfinite(value) ? TableCell(NumberCell{value, decimals})
                                              : TableCell(std::string("..")));
  }
  if (came) table.rows.push_back(std::move(memo));
  table.notes.push_back(kMedians);
  if (rounded) {
    table.notes.push_back(
        "p: provisional: a derived or rounded figure, its error above 0.5 % of it");
  }
  return table;
}

}  // namespace amnok
