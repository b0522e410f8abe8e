#include "engine/report/figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "engine/base/text.h"
#include "engine/report/tool.h"

namespace amnok {

namespace {

constexpr int kHistory = 60;  // periods before the origin that are shown

// gnuplot's single-quoted strings take everything as it is; a quote is written twice.
std::string quoted(const std::string& text) {
  std::string result = "'";
  for (char c : text) {
    if (c == '\'') result += '\'';
    if (c != '\n') result += c;
  }
  return result + "'";
}

std::string cell(double value) {
  return std::isnan(value) ? "NaN" : fmt::format("{:.8g}", value);
}

// A number that grows evenly with the periods: years for calendar data.
double axis_value(Period period) {
  if (period.frequency == Frequency::undated) return static_cast<double>(period.ordinal);
  const Date first = first_day(period);
  const auto days = days_since_1970(first) - days_since_1970({first.year, 1, 1});
  return first.year + static_cast<double>(days) / 365.25;
}

std::string history_data(const RunResults& run, const std::string& variable) {
  const Series& observed = run.observed.get(variable);
  std::string text = "# time period observed realised\n";
  Period first = std::max(run.horizon.first - kHistory, observed.first);
  for (Period t = first; t <= run.horizon.last(); t = t + 1) {
    const bool past = t < run.horizon.first;
    text +=
        fmt::format("{:.5f} {} {} {}\n", axis_value(t), format_period(t),
                    cell(past ? observed.at(t) : kMissing), cell(past ? kMissing : observed.at(t)));
  }
  return text;
}

std::string scenario_data(const RunResults& run, const std::string& scenario,
                          const std::string& variable) {
  std::string text = "# time period mean median q05 q20 q35 q65 q80 q95\n";
  const Projection& projection = run.projection(scenario, variable);
  for (std::size_t h = 0; h < projection.periods.size(); ++h) {
    const Period t = run.horizon[static_cast<std::int64_t>(h)];
    const Distribution& d = projection.periods[h];
    text += fmt::format("{:.5f} {} {} {}", axis_value(t), format_period(t), cell(d.mean),
                        cell(d.median()));
    for (double p : {0.05, 0.2, 0.35, 0.65, 0.8, 0.95}) text += " " + cell(d.quantile(p));
    text += "\n";
  }
  return text;
}

std::string script(const RunResults& run, const std::string& variable) {
  const std::string unit = run.unit(variable);
  const auto panels = static_cast<int>(run.scenarios.size());
  const int columns = std::min(3, panels), rows = (panels + columns - 1) / columns;
  double low = INFINITY, high = -INFINITY;
  const auto see = [&](double v) {
    if (std::isnan(v)) return;
    low = std::min(low, v);
    high = std::max(high, v);
  };
  for (const std::string& scenario : run.scenarios) {
    for (const Distribution& d : run.projection(scenario, variable).periods) {
      see(d.quantile(0.05));
      see(d.quantile(0.95));
    }
  }
  const Series& observed = run.observed.get(variable);
  const Period first = std::max(run.horizon.first - kHistory, observed.first);
  for (Period t = first; t <= run.horizon.last(); t = t + 1) see(observed.at(t));
  const double margin = high > low ? 0.04 * (high - low) : 1;
  std::string text = fmt::format(
      "# {}: run `gnuplot {}.gp` in this folder\n"
      "set terminal svg size {},{} dynamic font 'sans,11' noenhanced background 'white'\n"
      "set output '{}.svg'\n"
      "set multiplot layout {},{} title {} font ',13'\n"
      "set key off\nset grid ytics lc rgb '#dddddd'\nset border 3 lc rgb '#666666'\n"
      "set tics nomirror out\nset style fill solid noborder\n"
      "set xrange [{:.4f}:{:.4f}]\nset yrange [{:.6g}:{:.6g}]\nset format y '%.6g'\n"
      "set arrow 1 from first {:.5f}, graph 0 to first {:.5f}, graph 1 nohead lc rgb '#999999' dt "
      "2\n",
      quoted(run.study.label(variable)).substr(1), variable, 320 * columns + 40, 260 * rows + 40,
      variable, rows, columns,
      quoted(run.study.label(variable) + (unit.empty() ? "" : ", " + unit)), axis_value(first),
      axis_value(run.horizon.last() + 1), low - margin, high + margin,
      axis_value(run.horizon.first), axis_value(run.horizon.first));
  for (const std::string& scenario : run.scenarios) {
    const std::string fan = quoted(fmt::format("{}.{}.dat", variable, scenario));
    const std::string history = quoted(variable + ".history.dat");
    text += fmt::format("set title {} font ',11'\n", quoted(run.scenario_label(scenario)));
    text += fmt::format(
        "plot {0} using 1:5:10 with filledcurves lc rgb '#c6d9ec' title '90 %', \\\n"
        "     {0} using 1:6:9 with filledcurves lc rgb '#93b9dc' title '60 %', \\\n"
        "     {0} using 1:7:8 with filledcurves lc rgb '#5a93c8' title '30 %', \\\n"
        "     {0} using 1:4 with lines lw 2 lc rgb '#08306b' title 'median', \\\n"
        "     {0} using 1:3 with lines lw 1 dt 3 lc rgb '#08306b' title 'mean', \\\n"
        "     {1} using 1:3 with linespoints pt 7 ps 0.25 lw 1.2 lc rgb '#222222' title "
        "'observed', \\\n"
        "     {1} using 1:4 with points pt 6 ps 0.45 lw 1.2 lc rgb '#d1495b' title 'realised'\n",
        fan, history);
  }
  // The key has a panel of its own where the layout leaves one free, else it goes into the last.
  if (rows * columns > panels) {
    text +=
        "unset border\nunset tics\nunset arrow 1\nunset grid\nset title ' '\n"
        "set key center center spacing 1.4 reverse Left\n"
        "plot NaN with boxes lc rgb '#c6d9ec' title '90 % band', "
        "NaN with boxes lc rgb '#93b9dc' title '60 % band', "
        "NaN with boxes lc rgb '#5a93c8' title '30 % band', "
        "NaN with lines lw 2 lc rgb '#08306b' title 'median', "
        "NaN with lines dt 3 lc rgb '#08306b' title 'mean', "
        "NaN with linespoints pt 7 ps 0.25 lc rgb '#222222' title 'observed', "
        "NaN with points pt 6 ps 0.45 lc rgb '#d1495b' title 'realised'\n";
  }
  return text + "unset multiplot\nunset output\n";
}

}  // namespace

FigureResult draw_figures(const RunResults& run, RunFolder& folder) {
  FigureResult result;
  std::string all;
  for (const std::string& variable : run.variables) {
    Figure figure{variable, run.study.label(variable), "figures/" + variable + ".svg", false};
    folder.write("figures/" + variable + ".history.dat", history_data(run, variable));
    for (const std::string& scenario : run.scenarios) {
      folder.write(fmt::format("figures/{}.{}.dat", variable, scenario),
                   scenario_data(run, scenario, variable));
    }
    const std::string text = script(run, variable);
    folder.write("figures/" + variable + ".gp", text);
    all += "reset\n" + text;
    result.figures.push_back(figure);
  }
  if (all.empty()) return result;
  const ToolResult gnuplot = run_tool({"gnuplot", "-"}, folder.path() + "/figures", all);
  if (!gnuplot.started) {
    result.problem =
        "gnuplot is not installed: figures have their data and scripts, but are not drawn";
  } else if (gnuplot.exit_code != 0) {
    result.problem = "gnuplot failed: " + std::string(trim(gnuplot.errors));
  }
  for (Figure& figure : result.figures) {
    std::error_code error;
    figure.drawn = std::filesystem::exists(folder.path() + "/" + figure.svg_file, error);
  }
  return result;
}

}  // namespace amnok
