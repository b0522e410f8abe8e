#include "engine/data/series_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <numeric>
#include <set>

#include "engine/base/names.h"
#include "engine/base/text.h"
#include "engine/data/csv.h"
#include "engine/data/dataset.h"
#include "engine/data/temporal_sums.h"

namespace amnok {

namespace {

const std::vector<std::string>& aggregation_names() {
  static const std::vector<std::string> names = {"sum",  "mean", "median", "first",
                                                 "last", "min",  "max"};
  return names;
}

Aggregation parse_aggregation(const std::string& name) {
  const auto& names = aggregation_names();
  const auto at = std::find(names.begin(), names.end(), name);
  return static_cast<Aggregation>(at - names.begin() + 1);
}

struct Observation {
  ParsedDate date;
  double value = 0;
  double sd = 0;
  SourceRange where;
};

double combine(std::vector<double> values, Aggregation aggregation) {
  switch (aggregation) {
    case Aggregation::sum:
      return std::accumulate(values.begin(), values.end(), 0.0);
    case Aggregation::mean:
      return std::accumulate(values.begin(), values.end(), 0.0) /
             static_cast<double>(values.size());
    case Aggregation::median: {
      std::sort(values.begin(), values.end());
      const std::size_t n = values.size();
      return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
    }
    case Aggregation::first:
      return values.front();
    case Aggregation::min:
      return *std::min_element(values.begin(), values.end());
    case Aggregation::max:
      return *std::max_element(values.begin(), values.end());
    case Aggregation::last:
    case Aggregation::none:
      break;
  }
  return values.back();
}

double combined_sd(const std::vector<Observation>& group, Aggregation aggregation) {
  double variance = 0;
  for (const Observation& o : group) variance += o.sd * o.sd;
  const auto n = static_cast<double>(group.size());
  switch (aggregation) {
    case Aggregation::sum:
      return std::sqrt(variance);
    case Aggregation::mean:
    case Aggregation::median:
      return std::sqrt(variance) / n;
    default:
      return group.back().sd;
  }
}

class SeriesReader {
 public:
  SeriesReader(const SeriesSource& source, Frequency frequency, ProblemList& problems)
      : source_(source), frequency_(frequency), problems_(problems) {}

  LoadedSeries read() {
    LoadedSeries loaded;
    loaded.series.name = source_.name;
    loaded.series.unit = source_.unit;
    loaded.series.first = Period{frequency_, 0};
    const CsvTable table = read_csv(source_.file, problems_);
    if (problems_.has_errors()) return loaded;
    const int date = date_column(table);
    const int value = source_.share ? 0 : find_column(table, source_.column, "column");
    if (date < 0 || value < 0) return loaded;

    if (!source_.sums_file.empty() && source_.sums_series.empty()) {
      problems_.error(source_.where,
                      fmt::format("data.{}.aggregates needs aggregates_series", source_.name));
    }
    const auto dataset = find_dataset(source_.file, problems_);
    std::vector<Observation> observations = read_rows(table, date, value, dataset);
    if (problems_.has_errors()) return loaded;
    if (observations.empty()) {
      problems_.error(source_.where,
                      fmt::format("data.{} has no value in {}", source_.name, source_.file));
      return loaded;
    }
    check_order(observations);
    if (problems_.has_errors()) return loaded;
    to_periods(observations, loaded);
    if (!source_.sums_file.empty() && !problems_.has_errors()) read_sums(loaded, dataset);
    return loaded;
  }

 private:
  int find_column(const CsvTable& table, const std::string& name, std::string_view key) {
    const int at = table.column(name);
    if (at < 0) {
      const bool given = key == "column" && source_.column_where.line > 0;
      problems_.error(given ? source_.column_where : source_.where,
                      fmt::format("data.{}.{} is \"{}\", but must be a column of {}", source_.name,
                                  key, name, table.file()),
                      name_hint(name, table.header()));
    }
    return at;
  }

  int date_column(const CsvTable& table) {
    if (!source_.date_column.empty()) return find_column(table, source_.date_column, "date_column");
    for (const char* name : {"date", "start", "t"}) {
      if (table.column(name) >= 0) return table.column(name);
    }
    return 0;
  }

  // The date of a cell; undated runs count observations and take whole numbers.
  std::optional<ParsedDate> date_cell(const CsvTable& table, std::size_t row, std::size_t column) {
    const std::string& text = table.cell(row, column);
    if (frequency_ == Frequency::undated) {
      const auto number = parse_integer(text);
      if (number) {
        const Date day = date_from_days(*number);
        return ParsedDate{DateForm::day, day, day};
      }
      problems_.error(table.where(row, column),
                      fmt::format("{} is `{}`, but must be a whole number (the data are undated)",
                                  table.header()[column], text));
      return std::nullopt;
    }
    auto date = parse_date(text);
    if (!date) {
      problems_.error(
          table.where(row, column),
          fmt::format("{} is `{}`, but must be a date: 2022, 2022Q3, 2022-09 or 2022-09-05",
                      table.header()[column], text));
    }
    return date;
  }

  bool row_taken(const CsvTable& table, std::size_t row,
                 const std::vector<std::pair<int, std::vector<std::string>>>& filters) const {
    return std::all_of(filters.begin(), filters.end(), [&](const auto& filter) {
      const std::string& cell = table.cell(row, static_cast<std::size_t>(filter.first));
      return std::find(filter.second.begin(), filter.second.end(), cell) != filter.second.end();
    });
  }

  // A text that no row holds is a misprint: it would give a series of zeros, or none.
  void check_text(const CsvTable& table, int column, const std::string& text,
                  const SourceRange& where) {
    const auto at = static_cast<std::size_t>(column);
    std::set<std::string> known;
    for (std::size_t row = 0; row < table.rows(); ++row) known.insert(table.cell(row, at));
    if (known.contains(text)) return;
    const std::vector<std::string> names(known.begin(), known.end());
    const bool few = names.size() <= 12;
    problems_.error(where,
                    fmt::format("data.{}: no row of {} has {} = \"{}\"", source_.name, table.file(),
                                table.header()[at], text),
                    few || !nearest_names(text, names).empty() ? name_hint(text, names) : "");
  }

  std::vector<Observation> read_rows(const CsvTable& table, int date, int value,
                                     const std::optional<Dataset>& dataset) {
    std::vector<std::pair<int, std::vector<std::string>>> filters;
    for (const auto& [column, texts] : source_.rows) {
      filters.emplace_back(find_column(table, column, "where"), texts);
    }
    const int share = source_.share ? find_column(table, source_.share->first, "share") : -1;
    int grade = -1;
    if (!source_.quality.empty() && !source_.exact) {
      grade = find_column(table, source_.quality, "quality");
    }
    if (problems_.has_errors()) return {};

    for (const auto& [column, texts] : filters) {
      for (const std::string& text : texts) check_text(table, column, text, source_.where);
    }
    if (share >= 0) check_text(table, share, source_.share->second, source_.share_where);
    if (problems_.has_errors()) return {};

    std::vector<Observation> observations;
    for (std::size_t row = 0; row < table.rows(); ++row) {
      if (!row_taken(table, row, filters)) continue;
      std::optional<double> number;
      if (share >= 0) {
        number = table.cell(row, static_cast<std::size_t>(share)) == source_.share->second ? 1 : 0;
      } else {
        number = number_cell(table, row, static_cast<std::size_t>(value), problems_);
      }
      const auto day = date_cell(table, row, static_cast<std::size_t>(date));
      if (!number || !day) continue;
      Observation observation{*day, *number, 0, table.where(row, static_cast<std::size_t>(date))};
      if (grade >= 0) {
        observation.sd = grade_sd(table, row, static_cast<std::size_t>(grade), *number, dataset);
      }
      observations.push_back(observation);
    }
    return observations;
  }

  double grade_sd(const CsvTable& table, std::size_t row, std::size_t column, double value,
                  const std::optional<Dataset>& dataset) {
    const std::string& grade = table.cell(row, column);
    if (grade.empty()) return 0;
    if (!dataset || dataset->grades.empty()) {
      if (!said_no_grades_) {
        problems_.error(source_.where,
                        fmt::format("data.{}.quality needs a [quality] table in the dataset.toml "
                                    "beside {}",
                                    source_.name, source_.file));
      }
      said_no_grades_ = true;
      return 0;
    }
    const auto at = dataset->grades.find(grade);
    if (at != dataset->grades.end()) return at->second.standard_deviation(value);
    std::vector<std::string> known;
    for (const auto& [name, info] : dataset->grades) known.push_back(name);
    problems_.error(table.where(row, column),
                    fmt::format("{} is `{}`, but must be a grade of dataset.toml",
                                table.header()[column], grade),
                    name_hint(grade, known));
    return 0;
  }

  void check_order(const std::vector<Observation>& observations) {
    for (std::size_t i = 1; i < observations.size(); ++i) {
      const Observation& before = observations[i - 1];
      const Observation& now = observations[i];
      if (now.date.first < before.date.first) {
        problems_.error(
            now.where,
            fmt::format("the date comes after a later one (line {}), but dates must ascend",
                        before.where.line));
        return;  // one unsorted file would give a problem a row
      }
      if (source_.aggregation == Aggregation::none && !source_.share &&
          now.date.first == before.date.first) {
        problems_.error(now.where,
                        fmt::format("the date stands twice (also in line {})", before.where.line),
                        "say which rows are meant (`where`), or how to combine them (`aggregate`)");
      }
    }
  }

  std::optional<Period> period_of_observation(const Observation& observation) {
    if (frequency_ == Frequency::undated) {
      return Period{frequency_, days_since_1970(observation.date.first)};
    }
    const Period first = period_of(observation.date.first, frequency_);
    if (first == period_of(observation.date.last, frequency_)) return first;
    problems_.error(
        observation.where,
        fmt::format("the date covers more than one period of the {} run",
                    frequency_name(frequency_)),
        "use a lower frequency for the run, or give this figure as a sum (`aggregates`)");
    return std::nullopt;
  }

  // How many observations make a complete period when they are summed; 1 when irregular.
  std::size_t parts_of_a_sum(const std::vector<Observation>& observations) const {
    const auto every = [&](auto test) {
      return std::all_of(observations.begin(), observations.end(), test);
    };
    const bool months = every([](const Observation& o) {
      return o.date.form == DateForm::month ||
             (o.date.form == DateForm::day && o.date.first.day == 1);
    });
    const bool quarters = every([](const Observation& o) {
      return o.date.form == DateForm::quarter ||
             (o.date.first.day == 1 && o.date.first.month % 3 == 1);
    });
    if (frequency_ == Frequency::annual) return quarters ? 4 : months ? 12 : 1;
    if (frequency_ == Frequency::quarterly && !quarters) return months ? 3 : 1;
    return 1;
  }

  // What "5 of 12" says of periods that miss observations; the rule, in a note.
  void note_incomplete(const std::vector<std::pair<Period, std::size_t>>& incomplete,
                       std::size_t parts, bool sum, LoadedSeries& loaded) const {
    if (incomplete.empty()) return;
    std::vector<std::string> periods;
    for (const auto& [period, count] : incomplete) {
      if (periods.size() < 6) {
        periods.push_back(fmt::format("{} ({} of {})", format_period(period), count, parts));
      }
    }
    const std::size_t more = incomplete.size() - periods.size();
    loaded.notes.push_back(
        fmt::format("{}: {}{}: {}", source_.name, join(periods, ", "),
                    more > 0 ? fmt::format(" and {} more periods", more) : "",
                    sum ? "a sum of some of its parts would be too small, so it is left out"
                        : "the figure rests on the observations that are there"));
  }

  void to_periods(const std::vector<Observation>& observations, LoadedSeries& loaded) {
    Series& series = loaded.series;
    std::map<Period, std::vector<Observation>> groups;
    for (const Observation& observation : observations) {
      if (const auto period = period_of_observation(observation)) {
        groups[*period].push_back(observation);
      }
    }
    if (groups.empty()) return;
    const Aggregation aggregation = source_.share && source_.aggregation == Aggregation::none
                                        ? Aggregation::mean
                                        : source_.aggregation;
    const std::size_t parts =
        aggregation != Aggregation::none && !source_.share ? parts_of_a_sum(observations) : 1;
    const bool sum = aggregation == Aggregation::sum;
    std::vector<std::pair<Period, std::size_t>> incomplete;
    series.first = groups.begin()->first;
    const auto count = groups.rbegin()->first - series.first + 1;
    if (count > 10'000'000) {
      problems_.error(source_.where, fmt::format("data.{} spans {} periods", source_.name, count));
      return;
    }
    series.values = VectorXd::Constant(count, kMissing);
    series.measurement_sd = VectorXd::Zero(count);
    series.file = source_.file;
    series.lines.assign(static_cast<std::size_t>(count), 0);
    for (const auto& [period, group] : groups) {
      if (group.size() > 1 && aggregation == Aggregation::none) {
        problems_.error(group[1].where,
                        fmt::format("{} holds {} observations (the first in line {}), but the run "
                                    "is {}",
                                    format_period(period), group.size(), group[0].where.line,
                                    frequency_name(frequency_)),
                        "say how to combine them, for example aggregate = \"mean\"");
        continue;
      }
      if (group.size() < parts) incomplete.emplace_back(period, group.size());
      if (sum && group.size() < parts) continue;
      std::vector<double> values;
      for (const Observation& o : group) values.push_back(o.value);
      series.values(period - series.first) = combine(values, aggregation);
      series.measurement_sd(period - series.first) = combined_sd(group, aggregation);
      series.lines[static_cast<std::size_t>(period - series.first)] = group.back().where.line;
    }
    if (series.measurement_sd.maxCoeff() == 0) series.measurement_sd.resize(0);
    note_incomplete(incomplete, parts, sum, loaded);
  }

  // Whether months from the one of `first` to the one of `last` are whole years or quarters of the
  // run; months themselves are.
  bool whole_periods(Date first, Date last) const {
    if (frequency_ != Frequency::annual && frequency_ != Frequency::quarterly) return true;
    const auto month = [](Date date) { return period_of(date, Frequency::monthly); };
    return month(first) == month(first_day(period_of(first, frequency_))) &&
           month(last) == month(last_day(period_of(last, frequency_)));
  }

  void read_sums(LoadedSeries& loaded, const std::optional<Dataset>& dataset) {
    const CsvTable table = read_csv(source_.sums_file, problems_);
    if (problems_.has_errors()) return;
    const auto need = [&](const char* name) {
      const int at = table.column(name);
      if (at < 0) {
        problems_.error(
            {table.file(), 1, 0, 1, ""},
            fmt::format("column `{}` is missing: a file of sums has start, end, series, "
                        "value",
                        name));
      }
      return static_cast<std::size_t>(std::max(at, 0));
    };
    const std::size_t start = need("start"), end = need("end"), name = need("series"),
                      value = need("value");
    const int conflict = table.column("conflict"), quality = table.column("quality");
    if (problems_.has_errors()) return;
    std::vector<PublishedSum> published;
    int parts_of_periods = 0;
    bool named = false;
    for (std::size_t row = 0; row < table.rows(); ++row) {
      if (table.cell(row, name) != source_.sums_series) continue;
      named = true;
      if (conflict >= 0 && table.cell(row, static_cast<std::size_t>(conflict)) == "1") continue;
      const auto number = number_cell(table, row, value, problems_);
      const auto from = date_cell(table, row, start), to = date_cell(table, row, end);
      if (!number || !from || !to) continue;
      PublishedSum sum{period_of(from->first, frequency_), period_of(to->last, frequency_), *number,
                       0, table.where(row)};
      if (!whole_periods(from->first, to->last)) {  // January to May is no year
        ++parts_of_periods;
        continue;
      }
      if (quality >= 0 && !source_.exact) {
        sum.sd = grade_sd(table, row, static_cast<std::size_t>(quality), *number, dataset);
      }
      if (sum.last < sum.first) {
        problems_.error(table.where(row, end), "the sum ends before it starts");
      } else {
        published.push_back(sum);
      }
    }
    if (!named) {
      problems_.error(source_.where, fmt::format("no sum in {} has series = \"{}\"",
                                                 source_.sums_file, source_.sums_series));
    }
    if (parts_of_periods > 0) {
      loaded.notes.push_back(fmt::format(
          "{} published sum{} of {} begin or end inside a period of the run and are not used",
          parts_of_periods, parts_of_periods == 1 ? "" : "s", loaded.series.name));
    }
    SumsResult used = use_published_sums(loaded.series, std::move(published));
    loaded.series.sums = std::move(used.sums);
    for (std::string& note : used.notes) loaded.notes.push_back(std::move(note));
  }

  const SeriesSource& source_;
  Frequency frequency_;
  ProblemList& problems_;
  bool said_no_grades_ = false;
};

}  // namespace

const Schema& series_source_schema() {
  static const Schema schema = [] {
    Schema s{"data", "a series read from a CSV file", {}};
    const OptionType texts = array_type(string_type("a text"), 1);
    s.options = {
        required_option("file", {string_type("a CSV file, relative to the config")},
                        "the CSV file"),
        default_option("column", {string_type("a column name")}, std::string("value"),
                       "the column of values"),
        optional_option("date_column", {string_type("a column name")},
                        "the column of dates; else `date`, `start`, `t` or the first"),
        optional_option("where", {map_type({string_type("a text"), texts})},
                        "rows to take: each named column holds the text, or one of the texts"),
        optional_option(
            "share", {map_type({string_type("a text")})},
            "the value is the share of a period's rows in which this column holds this text"),
        optional_option("label", {string_type("a text")}, "name in tables and figures"),
        optional_option("unit", {string_type("a text")}, "unit, as printed"),
        series_kind_option(),
        optional_option("quality", {string_type("a column name")},
                        "column of quality grades; dataset.toml says what they mean as a "
                        "measurement standard deviation"),
        default_option("exact", {boolean_type()}, false, "ignore the quality grades"),
        optional_option("aggregates", {string_type("a CSV file, relative to the config")},
                        "published multi-period sums (start, end, series, value), used as sums"),
        optional_option("aggregates_series", {string_type("a text")},
                        "which `series` of that file belongs here"),
        optional_option("aggregate", {choice_type(aggregation_names())},
                        "how several observations of one period become one"),
    };
    return s;
  }();
  return schema;
}

SeriesSource make_series_source(const std::string& name, const ConfigValue& table,
                                const std::string& base, ProblemList& problems) {
  const Options options(table, series_source_schema());
  const auto text = [&](std::string_view key) {
    const ConfigValue* value = options.find(key);
    return value != nullptr ? value->string() : std::string();
  };
  const auto resolve = [](const std::string& folder, const std::string& path) {
    return (std::filesystem::path(folder) / path).lexically_normal().string();
  };
  SeriesSource source;
  source.name = name;
  source.where = table.where;
  source.label = text("label");
  source.file = resolve(base, text("file"));
  source.column = text("column");
  source.column_where =
      options.table().find("column") != nullptr ? options.where("column") : SourceRange{};
  source.date_column = text("date_column");
  source.unit = text("unit");
  source.kind = parse_series_kind(text("kind"));
  source.quality = text("quality");
  source.exact = options.boolean("exact");
  if (!text("aggregates").empty()) source.sums_file = resolve(base, text("aggregates"));
  source.sums_series = text("aggregates_series");
  if (options.has("aggregate")) source.aggregation = parse_aggregation(text("aggregate"));
  if (const ConfigValue* where = options.find("where")) {
    for (const auto& member : where->members()) {
      std::vector<std::string> texts;
      if (member.value.is(ConfigValue::Kind::array)) {
        for (const ConfigValue& item : member.value.items()) texts.push_back(item.string());
      } else {
        texts.push_back(member.value.string());
      }
      source.rows.emplace_back(member.key, texts);
    }
  }
  if (const ConfigValue* share = options.find("share")) {
    if (share->members().size() == 1) {
      source.share_where = share->members()[0].value.where;
      source.share = {share->members()[0].key, share->members()[0].value.string()};
    } else {
      problems.error(share->where, fmt::format("data.{}.share must name one column", name));
    }
  }
  if (const auto dataset = find_dataset(source.file, problems)) {
    source.dataset_file = (std::filesystem::path(dataset->folder) / "dataset.toml").string();
    const auto info = dataset->columns.find(source.column);
    if (info != dataset->columns.end()) {
      if (source.unit.empty()) source.unit = info->second.unit;
      if (source.label.empty()) source.label = info->second.description;
      if (source.kind == SeriesKind::unknown) source.kind = info->second.kind;
      if (source.quality.empty()) source.quality = info->second.quality;
      if (source.sums_series.empty()) source.sums_series = info->second.sums_series;
      if (source.sums_file.empty() && !info->second.sums.empty()) {
        source.sums_file = resolve(dataset->folder, info->second.sums);
      }
    }
  }
  if (source.kind == SeriesKind::unknown && source.aggregation == Aggregation::sum) {
    source.kind = SeriesKind::flow;
  }
  return source;
}

SourceRange cell_place(const SeriesSource& source, int line) {
  ProblemList ignored;
  const CsvTable table = read_csv(source.file, ignored);
  const int column = table.column(source.column);
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const SourceRange where = table.where(row);
    if (where.line != line) continue;
    return column >= 0 ? table.where(row, static_cast<std::size_t>(column)) : where;
  }
  return {source.file, line, 0, 1, ""};
}

LoadedSeries load_series(const SeriesSource& source, Frequency frequency, ProblemList& problems) {
  ProblemList own;
  LoadedSeries loaded;
  try {
    loaded = SeriesReader(source, frequency, own).read();
  } catch (const InputError& error) {  // an unreadable file
    for (InputProblem problem : error.problems()) {
      if (problem.where.file.empty()) problem.where = source.where;
      own.append({problem});
    }
    loaded.series.name = source.name;
    loaded.series.first = Period{frequency, 0};
  }
  problems.append(own.all());
  return loaded;
}

}  // namespace amnok
