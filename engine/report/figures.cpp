#include "engine/report/figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "engine/base/text.h"
#include "engine/report/gnuplot.h"
#include "engine/report/time_axis.h"
#include "engine/report/tool.h"

namespace amnok {

namespace {

constexpr int kTicks = 5;        // of a panel's time axis
constexpr int kTitleWidth = 44;  // of a panel, in characters
constexpr double kQuantiles[] = {0.05, 0.2, 0.35, 0.65, 0.8, 0.95};

// A panel is only so wide; the whole name stands in the tables.
std::string shortened(const std::string& text) {
  if (display_width(text) <= kTitleWidth) return text;
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0u) == 0x80u) ++end;
    if (display_width(result) + 2 > kTitleWidth) break;
    result += text.substr(i, end - i);
    i = end;
  }
  return result + "…";
}

std::string history_data(const RunResults& run, const std::string& variable) {
  const Series& observed = run.observed.get(variable);
  std::string text = "# time period observed realised\n";
  for (Period t = chart_begin(run, variable); t <= run.horizon.last(); t = t + 1) {
    const bool past = t < run.horizon.first;
    text +=
        fmt::format("{} {} {}\n", gnuplot_time(t), gnuplot_number(past ? observed.at(t) : kMissing),
                    gnuplot_number(past ? kMissing : observed.at(t)));
  }
  return text;
}

// A fan's rows; the first is the last observation, from which it opens.
std::string fan_data(const RunResults& run, const std::vector<Distribution>& periods,
                     double start_value, Period start) {
  std::string text = "# time period mean median q05 q20 q35 q65 q80 q95\n";
  if (std::isfinite(start_value)) {
    text += gnuplot_time(start);
    for (int i = 0; i < 8; ++i) text += " " + gnuplot_number(start_value);
    text += "\n";
  }
  for (std::size_t h = 0; h < periods.size(); ++h) {
    const Distribution& d = periods[h];
    text += fmt::format("{} {} {}", gnuplot_time(run.horizon[static_cast<std::int64_t>(h)]),
                        gnuplot_number(d.mean), gnuplot_number(d.median()));
    for (double p : kQuantiles) text += " " + gnuplot_number(d.quantile(p));
    text += "\n";
  }
  return text;
}

std::string scenario_data(const RunResults& run, const std::string& scenario,
                          const std::string& variable) {
  const Series& observed = run.observed.get(variable);
  Period last = run.horizon.first - 1;
  while (last > chart_begin(run, variable) && std::isnan(observed.at(last))) last = last - 1;
  return fan_data(run, run.projection(scenario, variable).periods, observed.at(last), last);
}

PlotExtent fan_extent(const RunResults& run, const std::string& variable) {
  PlotExtent extent;
  for (const std::string& scenario : run.outlooks()) {
    for (const Distribution& d : run.projection(scenario, variable).periods) {
      extent.see(d.quantile(0.05));
      extent.see(d.quantile(0.95));
    }
  }
  const Series& observed = run.observed.get(variable);
  for (Period t = chart_begin(run, variable); t <= run.horizon.last(); t = t + 1) {
    extent.see(observed.at(t));
  }
  return extent;
}

bool has_realised(const RunResults& run, const std::string& variable) {
  const VectorXd later = run.observed.get(variable).window(run.horizon).values;
  return std::any_of(later.begin(), later.end(), [](double v) { return std::isfinite(v); });
}

// Panels in rows, with one cell more for the key.
struct Grid {
  int columns = 1, rows = 1;
  explicit Grid(int panels) {
    const int cells = panels + 1;
    const int left_of_three = (3 - cells % 3) % 3, left_of_four = (4 - cells % 4) % 4;
    columns = cells <= 3 ? cells : cells == 4 ? 2 : left_of_three <= left_of_four ? 3 : 4;
    rows = (cells + columns - 1) / columns;
  }
};

std::string head(const std::string& name, const std::string& title, const Grid& grid, Period first,
                 Period last) {
  return fmt::format(
      "# Run `gnuplot {0}.gp` in this folder.\n"
      "set terminal svg size {1},{2} dynamic font 'sans,11' noenhanced background 'white'\n"
      "set output '{0}.svg'\n"
      "set multiplot layout {3},{4} title {5} font ',13'\n"
      "set key off\nset grid ytics lc rgb '#dddddd'\nset border 3 lc rgb '#666666'\n"
      "set tics nomirror out\nset style fill solid noborder\nset format y '%.6g'\n"
      "set xrange [{6:.5f}:{7:.5f}]\nset xtics ({8}) font ',10'\n",
      name, 320 * grid.columns + 40, 260 * grid.rows + 40, grid.rows, grid.columns,
      gnuplot_quoted(title), axis_value(first), axis_value(last + 1),
      gnuplot_time_ticks(first, last, kTicks));
}

std::string bands(const std::string& data) {
  return fmt::format(
      "plot {0} using 1:5:10 with filledcurves lc rgb '#c6d9ec', \\\n"
      "     {0} using 1:6:9 with filledcurves lc rgb '#93b9dc', \\\n"
      "     {0} using 1:7:8 with filledcurves lc rgb '#5a93c8', \\\n"
      "     {0} using 1:4 with lines lw 2 lc rgb '#08306b', \\\n"
      "     {0} using 1:3 with lines lw 1.6 dt 2 lc rgb '#e07b00'",
      data);
}

// The key in a panel of its own.
std::string key(bool observed, bool realised) {
  std::string text =
      "unset border\nunset tics\nunset arrow\nunset grid\nunset xzeroaxis\nset title ' '\nset "
      "yrange [0:1]\n"
      "set key center center spacing 1.4 reverse Left\n"
      "plot NaN with boxes lc rgb '#c6d9ec' title '90 % band', "
      "NaN with boxes lc rgb '#93b9dc' title '60 % band', "
      "NaN with boxes lc rgb '#5a93c8' title '30 % band', "
      "NaN with lines lw 2 lc rgb '#08306b' title 'median', "
      "NaN with lines lw 1.6 dt 2 lc rgb '#e07b00' title 'mean'";
  if (observed) {
    text += ", NaN with linespoints pt 7 ps 0.25 lc rgb '#222222' title 'observed'";
  }
  if (realised) text += ", NaN with points pt 7 ps 0.5 lc rgb '#c1121f' title 'realised'";
  return text + "\nunset multiplot\nunset output\n";
}

std::string fan_script(const RunResults& run, const std::string& variable) {
  const std::string unit = run.unit(variable);
  const bool realised = has_realised(run, variable);
  const double origin = axis_value(run.horizon.first);
  std::string text =
      head(variable, run.study.label(variable) + (unit.empty() ? "" : ", " + unit),
           Grid(static_cast<int>(run.outlooks().size())), chart_begin(run, variable),
           run.horizon.last()) +
      fmt::format(
          "set yrange {}\nset arrow 1 from first {:.5f}, graph 0 to first {:.5f}, graph 1 "
          "nohead lc rgb '#999999' dt 2\n",
          fan_extent(run, variable).range(), origin, origin);
  const std::string history = gnuplot_quoted(variable + ".history.dat");
  for (const std::string& scenario : run.outlooks()) {
    text += fmt::format("set title {} font ',11'\n",
                        gnuplot_quoted(shortened(run.scenario_title(scenario))));
    text += bands(gnuplot_quoted(fmt::format("{}.{}.dat", variable, scenario)));
    text += fmt::format(
        ", \\\n     {} using 1:3 with linespoints pt 7 ps 0.25 lw 1.2 lc rgb '#222222'", history);
    if (realised) {
      text +=
          fmt::format(", \\\n     {} using 1:4 with points pt 7 ps 0.4 lc rgb '#c1121f'", history);
    }
    text += "\n";
  }
  return text + key(true, realised);
}

Figure fan_figure(const RunResults& run, const std::string& variable) {
  Figure figure;
  figure.name = variable;
  figure.title = run.study.label(variable);
  figure.caption = fmt::format(
      "{}: median (line), mean (dashed), 30, 60 and 90 % bands; black: observed, from {} on; the "
      "dashed line is the forecast origin{}.",
      figure.title, format_period(chart_begin(run, variable)),
      has_realised(run, variable) ? "; red: realised after it" : "");
  return figure;
}

// The paths of an effect that a figure shows: differences in levels of the shown variables.
std::vector<const EffectPath*> shown_effects(const RunResults& run, const EffectSpec& spec) {
  std::vector<const EffectPath*> paths;
  for (const EffectPath& path : run.effects) {
    const bool shown =
        std::find(run.variables.begin(), run.variables.end(), path.variable) != run.variables.end();
    const bool defined = std::all_of(path.periods.begin(), path.periods.end(),
                                     [](const Distribution& d) { return d.undefined == 0; });
    if (path.effect == spec.name && path.measure == EffectMeasure::level && shown && defined &&
        !path.is_zero()) {
      paths.push_back(&path);
    }
  }
  return paths;
}

std::string effect_script(const RunResults& run, const EffectSpec& spec,
                          const std::vector<const EffectPath*>& paths) {
  std::string text = head("effect." + spec.name, spec.label, Grid(static_cast<int>(paths.size())),
                          run.horizon.first, run.horizon.last());
  for (const EffectPath* path : paths) {
    PlotExtent extent;
    extent.see(0);
    for (const Distribution& d : path->periods) {
      extent.see(d.quantile(0.05));
      extent.see(d.quantile(0.95));
    }
    const std::string unit = run.unit(path->variable);
    text += fmt::format("set yrange {}\nset title {} font ',11'\n", extent.range(),
                        gnuplot_quoted(shortened(run.study.label(path->variable) +
                                                 (unit.empty() ? "" : ", " + unit))));
    // The line of no effect lies over the bands.
    text += bands(gnuplot_quoted(fmt::format("effect.{}.{}.dat", spec.name, path->variable))) +
            ", \\\n     0 with lines lw 1 dt 3 lc rgb '#333333'\n";
  }
  return text + key(false, false);
}

}  // namespace

Period chart_begin(const RunResults& run, const std::string& variable) {
  const std::int64_t back = std::max<std::int64_t>(2 * run.horizon.count, 24);
  const Series& observed = run.observed.get(variable);
  Period first = std::max(run.horizon.first - back, observed.first);
  while (first < run.horizon.first - 1 && std::isnan(observed.at(first))) first = first + 1;
  return first;
}

FigureResult draw_figures(const RunResults& run, RunFolder& folder) {
  FigureResult result;
  std::string all;
  std::vector<std::string> blank;
  const auto add = [&](Figure figure, const std::string& script) {
    figure.svg_file = "figures/" + figure.name + ".svg";
    folder.write("figures/" + figure.name + ".gp", script);
    all += "reset\n" + script;
    result.figures.push_back(std::move(figure));
  };
  for (const std::string& variable : run.variables) {
    folder.write("figures/" + variable + ".history.dat", history_data(run, variable));
    for (const std::string& scenario : run.outlooks()) {
      folder.write(fmt::format("figures/{}.{}.dat", variable, scenario),
                   scenario_data(run, scenario, variable));
    }
    if (fan_extent(run, variable).empty()) {
      blank.push_back(variable);
    } else {
      add(fan_figure(run, variable), fan_script(run, variable));
    }
  }
  for (const EffectSpec& spec : run.study.effects) {
    const std::vector<const EffectPath*> paths = shown_effects(run, spec);
    if (paths.empty()) continue;
    for (const EffectPath* path : paths) {
      folder.write(fmt::format("figures/effect.{}.{}.dat", spec.name, path->variable),
                   fan_data(run, path->periods, kMissing, run.horizon.first));
    }
    Figure figure;
    figure.kind = Figure::Kind::effect;
    figure.name = "effect." + spec.name;
    figure.title = spec.label;
    figure.caption = fmt::format(
        "{}: {} less {}, draw by draw: median (line), mean (dashed), 30, 60 and 90 % bands.",
        spec.label, run.scenario_label(spec.scenario), run.scenario_label(spec.against));
    add(std::move(figure), effect_script(run, spec, paths));
  }
  if (!blank.empty()) result.problem = "nothing to draw of " + join(blank, ", ");
  if (all.empty()) return result;
  const ToolResult gnuplot =
      run_tool({"gnuplot", "-"}, folder.path() + "/figures", "print GPVAL_VERSION\n" + all);
  if (!gnuplot.started) {
    result.problem =
        "gnuplot is not installed: figures have their data and scripts, but are not drawn";
    return result;
  }
  result.gnuplot = std::string(trim(gnuplot.errors.substr(0, gnuplot.errors.find('\n'))));
  if (gnuplot.exit_code != 0) {
    result.problem = "gnuplot failed; `gnuplot NAME.gp` in the folder figures says why";
  }
  for (Figure& figure : result.figures) {
    const std::string path = folder.path() + "/" + figure.svg_file;
    std::error_code error;
    figure.drawn = std::filesystem::exists(path, error);
    if (figure.drawn) title_svg(figure.title, path);
  }
  return result;
}

}  // namespace amnok
