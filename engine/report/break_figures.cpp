#include "engine/report/break_figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <vector>

#include "engine/report/gnuplot.h"
#include "engine/report/result_table.h"
#include "engine/report/time_axis.h"
#include "engine/report/tool.h"

namespace amnok {

namespace {

constexpr int kTicks = 9;
constexpr std::size_t kLabels = 6;    // events named in a figure
constexpr double kLabelScore = 0.05;  // an event named has at least this score
constexpr double kLabelRoom = 0.2;    // of the height, above the series

// A file name of what a user calls a series.
std::string file_stem(const std::string& name) {
  std::string stem;
  for (char c : name) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-';
    stem += plain ? c : '_';
  }
  return stem;
}

std::string head(const std::string& stem, const std::string& title, const PeriodRange& range) {
  return fmt::format(
      "# Run `gnuplot {0}.gp` in this folder.\n"
      "set terminal svg size 860,420 dynamic font 'sans,12' noenhanced background 'white'\n"
      "set output '{0}.svg'\n"
      "set title {1} font ',14'\n"
      "set grid ytics lc rgb '#dddddd'\nset border 3 lc rgb '#666666'\nset tics nomirror out\n"
      "set style fill solid noborder\nset format y '%.6g'\n"
      "set key outside below center horizontal font ',11'\n"
      "set xrange [{2:.5f}:{3:.5f}]\nset xtics ({4}) font ',11'\n",
      stem, gnuplot_quoted(title), axis_value(range.first), axis_value(range.last() + 1),
      gnuplot_time_ticks(range.first, range.last(), kTicks));
}

Period period_in(const TableRow& row, const std::string& column, const PeriodRange& range) {
  return parse_period(row.text(column), range.first.frequency).value_or(range.first);
}

// Observed and fitted values; an empty line where a new segment begins.
std::string series_data(const BreakFigureInput& input, PlotExtent& extent) {
  const PeriodRange& range = input.fit.sample;
  std::vector<Period> begins;
  for (const TableRow& row : rows_of(input.fit, "breaks")) {
    begins.push_back(period_in(row, "first_period_after", range));
  }
  std::string text = "# time period observed fitted\n";
  int missing = 0;
  for (std::int64_t t = 0; t < range.count; ++t) {
    const Period period = range[t];
    if (std::find(begins.begin(), begins.end(), period) != begins.end()) text += "\n";
    const double z = input.fit.fitted(t);
    const double fitted = std::isfinite(z) ? input.transform.inverse(z) : kMissing;
    const double observed = input.observed.at(period);
    extent.see(fitted);
    extent.see(observed);
    if (std::isnan(observed) && std::isnan(fitted)) {
      if (++missing == season_length(range.first.frequency)) text += "\n";  // no line over it
      continue;
    }
    missing = 0;
    text += fmt::format("{} {} {}\n", gnuplot_time(period), gnuplot_number(observed),
                        gnuplot_number(fitted));
  }
  return text;
}

// Date sets as bands, the estimated dates as lines.
std::string bands(const BreakFigureInput& input) {
  std::string text;
  int object = 1;
  for (const TableRow& row : rows_of(input.fit, "break_effects")) {
    const Period low = period_in(row, "set_low", input.fit.sample);
    const Period high = period_in(row, "set_high", input.fit.sample);
    const Period after = period_in(row, "first_period_after", input.fit.sample);
    text += fmt::format(
        "set object {0} rectangle from first {1:.5f}, graph 0 to first {2:.5f}, graph 1 behind "
        "fc rgb '#f3d9b1' fs solid 0.55 noborder\n"
        "set arrow {0} from first {3:.5f}, graph 0 to first {3:.5f}, graph 1 nohead lc rgb "
        "'#b35900' dt 2\n",
        object++, axis_value(low), axis_value(high + 1), axis_value(after));
  }
  return text;
}

// The best event of each break by name, the others as ticks at the foot.
std::string event_marks(const BreakFigureInput& input) {
  std::string text;
  int arrow = 100;
  for (const auto& [id, activity] : input.events) {
    const Period start = activity.start();
    if (!input.fit.sample.contains(start)) continue;
    text += fmt::format(
        "set arrow {} from first {:.5f}, graph 0 rto graph 0, graph 0.03 nohead lw 1.5 lc rgb "
        "'#7b3294'\n",
        arrow++, axis_value(start));
  }
  std::string before;
  std::size_t labels = 0;
  for (const TableRow& row : rows_of(input.fit, "break_events")) {
    const std::string after = row.text("first_period_after");
    const bool tells = row.number("score") >= kLabelScore;
    if (after == before || !tells || labels == kLabels) continue;
    before = after;
    text += fmt::format(
        "set label {0} {1} at first {2:.5f}, graph {3:.2f} left offset 0.4,0 font ',10' textcolor "
        "rgb '#7b3294'\n",
        labels + 1, gnuplot_quoted(row.text("event")),
        axis_value(period_in(row, "first_period_after", input.fit.sample)),
        0.97 - 0.06 * static_cast<double>(labels % 3));
    ++labels;
  }
  return text;
}

std::string series_script(const BreakFigureInput& input, const std::string& stem,
                          const PlotExtent& extent) {
  const std::string data = gnuplot_quoted(stem + ".dat");
  std::string text = head(stem, input.fit.name, input.fit.sample) + bands(input);
  if (!input.events.empty()) text += event_marks(input);
  const bool broken = !rows_of(input.fit, "breaks").empty();
  text += fmt::format(
      "set yrange {}\n"
      "plot {} using 1:3 with linespoints pt 7 ps 0.35 lw 1.2 lc rgb '#222222' title 'observed', "
      "\\\n"
      "     {} using 1:4 with lines lw 2.5 lc rgb '#08519c' title '{}'",
      extent.range(), data, data, broken ? "fit of each segment" : "fit without a break");
  if (broken) {
    text +=
        ", \\\n     NaN with boxes lc rgb '#f3d9b1' title 'date set of a break', \\\n"
        "     NaN with lines dt 2 lc rgb '#b35900' title 'first period after'";
  }
  if (!input.events.empty()) {
    text += ", \\\n     NaN with lines lw 1.5 lc rgb '#7b3294' title 'event'";
  }
  return text + "\nunset output\n";
}

// A path over time from a table of the fit: its columns, and lines that it is held against.
struct PathFigure {
  std::string table, period, value, bound, label;
  bool both_sides = false;
  bool own_range = false;  // of its rows, not of the sample
};

std::string path_data(const BreakFigureInput& input, const PathFigure& path, PlotExtent& extent) {
  std::string text = "# time period value bound\n";
  extent.see(0);
  for (const TableRow& row : rows_of(input.fit, path.table)) {
    const double value = row.number(path.value), bound = row.number(path.bound);
    extent.see(value);
    extent.see(bound);
    if (path.both_sides) extent.see(-bound);
    text += fmt::format("{} {} {}\n", gnuplot_time(period_in(row, path.period, input.fit.sample)),
                        gnuplot_number(value), gnuplot_number(bound));
  }
  return text;
}

std::string path_script(const BreakFigureInput& input, const PathFigure& path,
                        const std::string& stem, const std::string& title,
                        const PlotExtent& extent) {
  const std::string data = gnuplot_quoted(stem + ".dat");
  PeriodRange range = input.fit.sample;
  if (path.own_range) {
    const TableRow first = rows_of(input.fit, path.table).front();
    range = range_between(period_in(first, path.period, range), range.last());
  }
  std::string text = head(stem, title, range);
  text += fmt::format(
      "set xzeroaxis lc rgb '#666666'\nset yrange {0}\n"
      "plot {1} using 1:3 with lines lw 2 lc rgb '#08519c' title {2}, \\\n"
      "     {1} using 1:4 with lines lw 1.5 dt 2 lc rgb '#c1121f' title {3}",
      extent.range(), data, gnuplot_quoted(path.label),
      gnuplot_quoted(path.both_sides ? "boundary" : "critical value of its maximum"));
  if (path.both_sides) {
    text += fmt::format(
        ", \\\n     {} using 1:(-$4) with lines lw 1.5 dt 2 lc rgb '#c1121f' notitle", data);
  }
  return text + "\nunset output\n";
}

}  // namespace

std::string draw_break_figures(const BreakFigureInput& input, RunFolder& folder) {
  std::vector<std::pair<std::string, std::string>> pictures;  // stem, title
  std::string all;
  const auto add = [&](const std::string& stem, const std::string& title, const std::string& data,
                       const std::string& script) {
    folder.write("figures/" + stem + ".dat", data);
    folder.write("figures/" + stem + ".gp", script);
    all += "reset\n" + script;
    pictures.emplace_back(stem, title);
  };
  const std::string base = file_stem(input.fit.name);
  PlotExtent extent;
  const std::string data = series_data(input, extent);
  if (!input.events.empty()) {
    extent.see(extent.high() + kLabelRoom * (extent.high() - extent.low()));
  }
  if (!extent.empty()) {
    add(base + ".breaks", input.fit.name, data, series_script(input, base + ".breaks", extent));
  }
  const std::vector<std::pair<PathFigure, std::string>> paths = {
      {{"f_path", "last_period_before", "f", "critical", "F of one break after each date", false},
       "f"},
      {{"monitoring_path", "period", "ols_cusum", "ols_cusum_boundary", "OLS-CUSUM monitoring",
        true, true},
       "monitoring"},
      {{"cusum_path", "period", "cusum", "boundary", "cumulated residuals", true}, "cusum"}};
  for (const auto& [path, suffix] : paths) {
    if (find_table(input.fit, path.table) == nullptr) continue;
    PlotExtent range;
    const std::string stem = base + "." + suffix, title = input.fit.name + ": " + path.label;
    const std::string cells = path_data(input, path, range);
    add(stem, title, cells, path_script(input, path, stem, title, range));
  }
  if (all.empty()) return "nothing to draw of " + input.fit.name;
  const ToolResult gnuplot = run_tool({"gnuplot", "-"}, folder.path() + "/figures", all);
  if (!gnuplot.started) {
    return "gnuplot is not installed: figures have their data and scripts, but are not drawn";
  }
  for (const auto& [stem, title] : pictures) {
    const std::string path = folder.path() + "/figures/" + stem + ".svg";
    std::error_code error;
    if (std::filesystem::exists(path, error)) title_svg(title, path);
  }
  if (gnuplot.exit_code != 0) {
    return "gnuplot failed; `gnuplot NAME.gp` in the folder figures says why";
  }
  return "";
}

}  // namespace amnok
