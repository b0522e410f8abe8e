#include "models/structural_break/monitoring_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/structural_break/monitoring.h"

namespace amnok {

namespace {

constexpr double kShortest = 2, kLongest = 10;  // histories that MOSUM boundaries are for

struct NamedProcess {
  MonitoringProcess process;
  const char* name;    // for a reader
  const char* column;  // of the path
};
constexpr NamedProcess kProcesses[] = {
    {MonitoringProcess::recursive_cusum, "Rec-CUSUM", "rec_cusum"},
    {MonitoringProcess::ols_cusum, "OLS-CUSUM", "ols_cusum"},
    {MonitoringProcess::ols_mosum, "OLS-MOSUM", "ols_mosum"}};

void add_line(const NamedProcess& named, const Monitoring& found, const DateOf& date,
              ResultTable& table) {
  const bool alarm = found.alarm >= 0;
  table.rows.push_back(
      {named.name, alarm ? date(found.alarm) : "", found.statistic, found.critical,
       fmt::format("{}; {}", alarm ? "left its boundary" : "within its boundary", found.source)});
}

void add_path(const NamedProcess& named, const Monitoring& found, ResultTable& path) {
  path.columns.insert(path.columns.end(), {named.column, std::string(named.column) + "_boundary"});
  for (std::size_t i = 0; i < path.rows.size(); ++i) {
    const auto at = static_cast<Eigen::Index>(i);
    path.rows[i].insert(path.rows[i].end(), {found.process(at), found.boundary(at)});
  }
}

}  // namespace

std::vector<ResultTable> monitoring_tables(const PartitionSearch& search, int history,
                                           const BreakReportOptions& options, const DateOf& date) {
  const auto n = static_cast<int>(search.y.size());
  ResultTable table{
      "monitoring",
      fmt::format("Monitoring from {} on, by the {} observations before", date(history), history),
      {"process", "alarm", "largest_over_boundary", "critical", "says"},
      {}};
  ResultTable path{"monitoring_path", "Monitoring processes", {"period"}, {}};
  for (int i = history; i < n; ++i) path.rows.push_back({date(i)});
  MonitoringOptions settings;
  settings.level = options.level;
  settings.errors = options.errors == Errors::hac ? Errors::hac : Errors::classical;
  settings.horizon = std::max(kShortest, static_cast<double>(n) / history);
  for (const NamedProcess& named : kProcesses) {
    settings.process = named.process;
    if (named.process == MonitoringProcess::ols_mosum && settings.horizon > kLongest) continue;
    const Monitoring found = monitor(search.x, search.y, history, settings);
    add_line(named, found, date, table);
    add_path(named, found, path);
  }
  return {table, path};
}

}  // namespace amnok
