#include "engine/cli/series_csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "engine/base/check.h"
#include "engine/base/names.h"
#include "engine/base/text.h"
#include "engine/cli/series_columns.h"

namespace amnok {

namespace {

// Says what is wrong with a file that could not be read as series.
class FileExplanation {
 public:
  FileExplanation(const CsvTable& table, const std::vector<std::string>& columns)
      : table_(table), columns_(columns) {}

  [[noreturn]] void explain(std::optional<Frequency> frequency) {
    check_size();
    layout_ = series_layout(table_.header());
    check_columns();
    read_numbers();
    problems_.throw_if_errors();
    check_dates(frequency ? *frequency : guess());
    problems_.throw_if_errors();
    fail_check(__FILE__, __LINE__, "a file without mistakes is read", table_.file());
  }

 private:
  // A cell that may have a value.
  struct Place {
    std::size_t row, column;
    std::optional<double> value;
  };

  void check_size() const {
    if (table_.header().size() < 2) {
      throw InputError(
          fmt::format("{} has {} column, but must have a date (or t) and at least one series",
                      table_.file(), table_.header().size()));
    }
    if (table_.rows() == 0) {
      throw InputError(
          fmt::format("{} has a header and no rows, but must have figures", table_.file()));
    }
  }

  const std::string& series(std::size_t row, std::size_t column) const {
    return layout_.is_long ? table_.cell(row, layout_.name) : table_.header()[column];
  }

  bool is_wanted(const std::string& name) const {
    return columns_.empty() || std::find(columns_.begin(), columns_.end(), name) != columns_.end();
  }

  // All that --column can name.
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    if (layout_.is_long) {
      std::set<std::string> seen;
      for (std::size_t row = 0; row < table_.rows(); ++row) {
        if (seen.insert(series(row, 0)).second) all.push_back(series(row, 0));
      }
      return all;
    }
    for (std::size_t column = 0; column < table_.header().size(); ++column) {
      if (column != layout_.time) all.push_back(table_.header()[column]);
    }
    return all;
  }

  void check_columns() const {
    const std::vector<std::string> known = names();
    for (const std::string& column : columns_) {
      if (std::find(known.begin(), known.end(), column) != known.end()) continue;
      throw InputError(fmt::format("--column {} is not a series of {}", column, table_.file()),
                       name_hint(column, known));
    }
  }

  // A column of text is left out, unless it is asked for or there is nothing else.
  bool is_text(std::size_t column) const {
    bool any = false;
    for (std::size_t row = 0; row < table_.rows(); ++row) {
      const std::string& text = table_.cell(row, column);
      if (text.empty() || text == "NA") continue;
      if (std::isalpha(static_cast<unsigned char>(text.front())) == 0) return false;
      any = true;
    }
    return any;
  }

  void read_numbers() {
    if (layout_.is_long) {
      for (std::size_t row = 0; row < table_.rows(); ++row) {
        if (is_wanted(series(row, 0))) add(row, layout_.value);
      }
      return;
    }
    std::vector<std::size_t> figures, all;
    for (std::size_t column = 0; column < table_.header().size(); ++column) {
      if (column == layout_.time || !is_wanted(table_.header()[column])) continue;
      all.push_back(column);
      if (!is_text(column)) figures.push_back(column);
    }
    if (figures.empty() || !columns_.empty()) figures = all;
    for (std::size_t column : figures) {
      for (std::size_t row = 0; row < table_.rows(); ++row) add(row, column);
    }
  }

  void add(std::size_t row, std::size_t column) {
    places_.push_back({row, column, number_cell(table_, row, column, problems_)});
  }

  Frequency guess() const {
    FrequencyGuess guess(table_.header()[layout_.time]);
    for (const Place& place : places_) {
      const std::string& text = table_.cell(place.row, layout_.time);
      guess.add(text, parse_date(text));
    }
    return guess.frequency();
  }

  // What is no date at all needs another remedy than a date of another frequency.
  static std::string date_hint(const std::string& text) {
    if (parse_date(text) || parse_integer(text))
      return "say which frequency it is with --frequency";
    return "write 2020, 2020Q3, 2020-09 or 2020-09-30 in the column of dates, or number the rows "
           "1, "
           "2, ... in a column `t`";
  }

  void check_dates(Frequency frequency) {
    std::map<std::pair<std::string, Period>, std::string> taken;
    for (const Place& place : places_) {
      const std::string& text = table_.cell(place.row, layout_.time);
      const SourceRange where = table_.where(place.row, layout_.time);
      const auto period = parse_period(text, frequency);
      if (!period) {
        problems_.error(where, no_period_text(text, frequency), date_hint(text));
        continue;
      }
      const std::string& name = series(place.row, place.column);
      if (!place.value) continue;
      const auto [before, is_new] = taken.emplace(std::pair(name, *period), text);
      if (is_new) continue;
      problems_.error(where, fmt::format("{} has two values for {}", name, format_period(*period)),
                      before->second == text
                          ? ""
                          : fmt::format("{} and {} lie in one {} period: say with --frequency how "
                                        "fine the dates are, or give one figure a period",
                                        before->second, text, frequency_name(frequency)));
    }
  }

  const CsvTable& table_;
  const std::vector<std::string>& columns_;
  SeriesLayout layout_;
  std::vector<Place> places_;
  ProblemList problems_;
};

std::optional<SeriesFile> read_columns(std::istream& input, const std::vector<std::string>& columns,
                                       std::optional<Frequency> frequency) {
  SeriesColumns reader(columns, frequency);
  if (!for_each_csv_row(input, [&](const CsvRow& row) { reader.add(row); })) return std::nullopt;
  return std::move(reader).finish();
}

bool is_acceptable(const SeriesFile& file, BadSeries bad) {
  const auto sound = [](const std::string& trouble) { return trouble.empty(); };
  return bad == BadSeries::tell ? std::any_of(file.trouble.begin(), file.trouble.end(), sound)
                                : std::all_of(file.trouble.begin(), file.trouble.end(), sound);
}

}  // namespace

SeriesFile read_series_file(const std::string& path, const std::vector<std::string>& columns,
                            std::optional<Frequency> frequency, BadSeries bad) {
  std::string text;  // of a pipe, which can be read once
  std::optional<SeriesFile> file;
  std::error_code error;
  const bool twice = std::filesystem::is_regular_file(path, error);
  if (twice) {
    std::ifstream input(path, std::ios::binary);
    if (input) file = read_columns(input, columns, frequency);
  } else {
    text = read_file(path);
    std::istringstream input(text);
    file = read_columns(input, columns, frequency);
  }
  if (file && is_acceptable(*file, bad)) return *std::move(file);

  ProblemList problems;
  const CsvTable table = twice ? read_csv(path, problems) : parse_csv(text, path, problems);
  problems.throw_if_errors();
  FileExplanation(table, columns).explain(frequency);
}

void tell_left_out(const SeriesFile& file) {
  if (file.left_out.empty()) return;
  fmt::print(stderr, "left out, as they hold text: {}\n", join(file.left_out, ", "));
}

void tell_trouble(const SeriesFile& file) {
  constexpr std::size_t kNamed = 5;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < file.series.size(); ++i) {
    if (!file.trouble[i].empty()) names.push_back(file.series[i].name);
  }
  if (names.empty()) return;
  const std::size_t named = std::min(kNamed, names.size());
  fmt::print(stderr, "{} of {} series cannot be read, as their notes say: {}{}\n", names.size(),
             file.series.size(), join({names.data(), named}, ", "),
             named < names.size() ? ", ..." : "");
}

}  // namespace amnok
