#include "engine/report/counterfactual_figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "engine/report/gnuplot.h"
#include "engine/report/time_axis.h"
#include "engine/report/tool.h"

namespace amnok {

namespace {

constexpr int kTicks = 8;
constexpr std::int64_t kBefore = 36;  // periods before the event that are shown, at most

struct Extents {
  PlotExtent levels, effects, sums;
};

std::string data_of(const RunResults& run, const StudyCounterfactual& found, Extents& extents) {
  const Counterfactual& c = found.result;
  const Series& series = run.data.frame.get(found.spec.variable);
  const PeriodRange shown = counterfactual_axis(found);
  std::string text =
      "# time period actual counterfactual low high effect low high cumulative low high\n";
  for (std::int64_t i = 0; i < shown.count; ++i) {
    const std::int64_t h = c.range.index_of(shown[i]);
    double cells[10];
    std::fill(std::begin(cells), std::end(cells), kMissing);
    cells[0] = series.at(shown[i]);
    if (h >= 0) {
      const EffectBand& e = c.effect[static_cast<std::size_t>(h)];
      const EffectBand& s = c.cumulative[static_cast<std::size_t>(h)];
      const double values[] = {c.counterfactual(h), c.low(h), c.high(h), e.estimate, e.low, e.high,
                               s.estimate,          s.low,    s.high};
      std::copy(std::begin(values), std::end(values), cells + 1);
    }
    text += gnuplot_time(shown[i]);
    for (int j = 0; j < 10; ++j) {
      text += " " + gnuplot_number(cells[j]);
      (j < 4 ? extents.levels : j < 7 ? extents.effects : extents.sums).see(cells[j]);
    }
    text += "\n";
  }
  extents.effects.see(0);
  extents.sums.see(0);
  return text;
}

std::string panel(const std::string& title, const PlotExtent& extent, const std::string& plots) {
  return fmt::format("set title {} font ',11'\nset yrange {}\nplot {}\n", gnuplot_quoted(title),
                     extent.range(), plots);
}

std::string script_of(const RunResults& run, const StudyCounterfactual& found,
                      const std::string& stem, const Extents& extents) {
  const PeriodRange shown = counterfactual_axis(found);
  const std::string data = gnuplot_quoted(stem + ".dat");
  const std::string unit = run.unit(found.spec.variable);
  std::string text = fmt::format(
      "# Run `gnuplot {0}.gp` in this folder.\n"
      "set terminal svg size 760,820 dynamic font 'sans,11' noenhanced background 'white'\n"
      "set output '{0}.svg'\nset multiplot layout 3,1 title {1} font ',13'\n"
      "set key outside below horizontal reverse Left\nset grid ytics lc rgb '#dddddd'\nset border "
      "3 lc rgb "
      "'#666666'\nset tics nomirror out\nset style fill solid noborder\nset format y '%.6g'\n"
      "set lmargin 10\nset xrange [{2:.5f}:{3:.5f}]\nset xtics ({4}) font ',10'\n"
      "set arrow 1 from first {5:.5f}, graph 0 to first {5:.5f}, graph 1 nohead lc rgb '#999999' "
      "dt 2\n",
      stem, gnuplot_quoted(found.spec.label), axis_value(shown.first), axis_value(shown.last() + 1),
      gnuplot_time_ticks(shown.first, shown.last(), kTicks), axis_value(found.at));
  const bool bands = found.spec.method == CounterfactualSpec::Method::model;
  const std::string band = fmt::format("{:g} % band", 100 * found.spec.level);
  text += panel(
      run.study.label(found.spec.variable) + (unit.empty() ? "" : ", " + unit), extents.levels,
      (bands
           ? fmt::format("{} using 1:5:6 with filledcurves lc rgb '#c6d9ec' title '{}', \\\n     ",
                         data, band)
           : std::string()) +
          fmt::format("{0} using 1:4 with lines lw 2 lc rgb '#08306b' title 'without the event', "
                      "\\\n     {0} using 1:3 with linespoints pt 7 ps 0.3 lw 1.2 lc rgb '#222222' "
                      "title 'observed'",
                      data));
  text += "set key off\nset xzeroaxis lc rgb '#666666'\n";
  text += panel(
      "Difference, period by period", extents.effects,
      bands ? fmt::format("{} using 1:7:8:9 with yerrorbars pt 7 ps 0.4 lc rgb '#08306b'", data)
            : fmt::format("{} using 1:7 with points pt 7 ps 0.5 lc rgb '#08306b'", data));
  text += panel(
      "Added up over the known periods", extents.sums,
      (bands ? fmt::format("{} using 1:11:12 with filledcurves lc rgb '#c6d9ec', \\\n     ", data)
             : std::string()) +
          fmt::format("{} using 1:10 with lines lw 2 lc rgb '#08306b'", data));
  return text + "unset multiplot\nunset output\n";
}

Figure figure_of(const RunResults& run, const StudyCounterfactual& found, const std::string& stem) {
  const bool bands = found.spec.method == CounterfactualSpec::Method::model;
  Figure figure;
  figure.kind = Figure::Kind::past;
  figure.name = stem;
  figure.title = found.spec.label;
  figure.svg_file = "figures/" + stem + ".svg";
  figure.caption = fmt::format(
      "{}: {} as observed and as it would have been without the event, the difference period by "
      "period, and the difference added up over the known periods{}. The dashed line is the first "
      "period with the event, {}.",
      found.spec.label, run.study.label(found.spec.variable),
      bands ? fmt::format(", with {:g} % bands", 100 * found.spec.level) : "",
      format_period(found.at));
  return figure;
}

}  // namespace

PeriodRange counterfactual_axis(const StudyCounterfactual& found) {
  const Period first = std::max(found.before.first, found.at - kBefore);
  return range_between(first, found.result.range.last());
}

void draw_counterfactual_figures(const RunResults& run, RunFolder& folder, FigureResult& figures) {
  std::vector<Figure> drawn;
  std::string all;
  for (const StudyCounterfactual& found : run.counterfactuals) {
    if (!found.usable()) continue;
    const std::string stem = "counterfactual." + found.spec.name;
    Extents extents;
    const std::string data = data_of(run, found, extents);
    const std::string script = script_of(run, found, stem, extents);
    folder.write("figures/" + stem + ".dat", data);
    folder.write("figures/" + stem + ".gp", script);
    all += "reset\n" + script;
    drawn.push_back(figure_of(run, found, stem));
  }
  if (all.empty()) return;
  const ToolResult gnuplot = run_tool({"gnuplot", "-"}, folder.path() + "/figures", all);
  std::string problem;
  if (!gnuplot.started) {
    problem = "gnuplot is not installed: figures have their data and scripts, but are not drawn";
  } else if (gnuplot.exit_code != 0) {
    problem = "gnuplot failed; `gnuplot NAME.gp` in the folder figures says why";
  }
  if (figures.problem.empty()) figures.problem = problem;
  for (Figure& figure : drawn) {
    const std::string path = folder.path() + "/" + figure.svg_file;
    std::error_code error;
    figure.drawn = gnuplot.started && std::filesystem::exists(path, error);
    if (figure.drawn) title_svg(figure.title, path);
    figures.figures.push_back(std::move(figure));
  }
}

}  // namespace amnok
