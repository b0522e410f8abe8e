#include "engine/report/gnuplot.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "engine/base/text.h"
#include "engine/report/run_folder.h"
#include "engine/report/time_axis.h"

namespace amnok {

std::string gnuplot_quoted(const std::string& text) {
  std::string result = "'";
  for (char c : text) {
    if (c == '\'') result += '\'';
    if (c != '\n') result += c;
  }
  return result + "'";
}

std::string gnuplot_number(double value) {
  return std::isfinite(value) ? fmt::format("{:.8g}", value) : "NaN";
}

std::string gnuplot_time(Period period) {
  return fmt::format("{:.5f} {}", axis_value(period), format_period(period));
}

void PlotExtent::see(double value) {
  if (!std::isfinite(value)) return;
  low_ = std::min(low_, value);
  high_ = std::max(high_, value);
}

std::string PlotExtent::range() const {
  const double margin = high_ > low_ ? 0.04 * (high_ - low_) : std::max(1e-6, std::fabs(high_));
  return fmt::format("[{:.6g}:{:.6g}]", low_ - margin, high_ + margin);
}

std::string gnuplot_time_ticks(Period first, Period last, int most) {
  std::vector<std::string> ticks;
  for (const AxisTick& tick : time_ticks(first, last, most)) {
    ticks.push_back(fmt::format("'{}' {:.5f}", tick.label, tick.at));
  }
  return join(ticks, ", ");
}

void title_svg(const std::string& title, const std::string& path) {
  std::string svg = read_file(path);
  const std::string generic = "<title>Gnuplot</title>";
  const auto at = svg.find(generic);
  if (at == std::string::npos) return;
  std::string escaped;
  for (char c : title) {
    escaped += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
  }
  svg.replace(at, generic.size(), "<title>" + escaped + "</title>");
  write_file(path, svg);
}

}  // namespace amnok
