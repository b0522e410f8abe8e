#include "engine/report/csv_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "engine/base/text.h"
#include "engine/data/csv.h"

namespace amnok {

namespace {

// "q05" for 0.05, "q025" for 0.025.
std::string quantile_name(double level) {
  const std::string digits = fmt::format("{:.3f}", level).substr(2);
  return digits.back() == '0' ? digits.substr(0, 2) : digits;
}

// Ten digits: more than any draw supports, few enough to read.
std::string number(double value) {
  return std::isnan(value) ? "" : fmt::format("{:.10g}", value == 0 ? 0.0 : value);
}

}  // namespace

std::string projections_csv(const RunResults& run) {
  std::string text = "scenario,variable,unit,date,mean,sd,median";
  for (double p : quantile_levels()) text += ",q" + quantile_name(p);
  text += ",mc_error";
  for (double p : quantile_levels()) text += ",mc_q" + quantile_name(p);
  text += "\n";
  for (const std::string& scenario : run.scenarios) {
    for (const std::string& variable : run.variables) {
      const Projection& projection = run.projection(scenario, variable);
      for (std::size_t h = 0; h < projection.periods.size(); ++h) {
        const Distribution& d = projection.periods[h];
        text += fmt::format("{},{},{},{},{},{},{}", csv_field(scenario), csv_field(variable),
                            csv_field(run.unit(variable)),
                            format_period(run.horizon[static_cast<std::int64_t>(h)]),
                            number(d.mean), number(d.sd), number(d.median()));
        for (double q : d.quantiles) text += "," + number(q);
        text += "," + number(d.mean_error);
        for (double q : d.quantile_errors) text += "," + number(q);
        text += "\n";
      }
    }
  }
  return text;
}

std::string effects_csv(const RunResults& run) {
  std::string text = "effect,scenario,against,variable,measure,date,mean,sd,median";
  for (double p : quantile_levels()) text += ",q" + quantile_name(p);
  text += ",mc_error,probability_positive\n";
  for (const EffectPath& path : run.effects) {
    for (std::size_t h = 0; h < path.periods.size(); ++h) {
      const Distribution& d = path.periods[h];
      text += fmt::format("{},{},{},{},{},{},{},{},{}", csv_field(path.effect),
                          csv_field(path.scenario), csv_field(path.against),
                          csv_field(path.variable), measure_name(path.measure),
                          format_period(run.horizon[static_cast<std::int64_t>(h)]), number(d.mean),
                          number(d.sd), number(d.median()));
      for (double q : d.quantiles) text += "," + number(q);
      text += "," + number(d.mean_error) + "," + number(path.probability_positive[h]) + "\n";
    }
  }
  return text;
}

std::string assumptions_csv(const RunResults& run) {
  std::string text = "scenario,inherited,kind,subject,detail,type,reason,source,file,line\n";
  for (const std::string& name : run.scenarios) {
    const ScenarioSpec& scenario = *run.study.scenario(name);
    const std::size_t inherited = scenario.changes.size() - scenario.own.size();
    for (std::size_t i = 0; i < scenario.changes.size(); ++i) {
      const Change& change = scenario.changes[i];
      const ChangeText words = describe(change);
      text += fmt::format("{},{},{},{},{},{},{},{},{},{}\n", csv_field(name),
                          i < inherited ? csv_field(scenario.extends) : "", words.kind,
                          csv_field(words.subject), csv_field(words.detail), change.type,
                          csv_field(change.reason), csv_field(change.source),
                          csv_field(change.where.file), change.where.line);
    }
  }
  return text;
}

}  // namespace amnok
