#include "engine/report/csv_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "engine/base/text.h"
#include "engine/data/csv.h"
#include "engine/report/numbers.h"

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

// What a year's figure is: a year of the past, whole or with filled periods; one that is cut by
// missing periods; a projection.
std::string_view year_status(const AnnualPath& path, const AnnualCoverage& c) {
  if (c.missing > 0 && path.rule != AnnualRule::mean) return "partial";
  if (c.projected == 0) return c.estimated > 0 ? "estimate" : "actual";
  return c.known + c.summed + c.estimated > 0 ? "estimate" : "projection";
}

// mean, sd, median, quantiles, errors; of a recorded year its value as mean and median.
std::string year_numbers(const AnnualYear& year) {
  const Distribution& d = year.distribution;
  const std::size_t levels = quantile_levels().size();
  if (d.quantiles.empty()) {
    return fmt::format("{0},,{0}{1}", number(year.value), std::string(2 * levels + 1, ','));
  }
  std::string text = fmt::format("{},{},{}", number(d.mean), number(d.sd), number(d.median()));
  for (double q : d.quantiles) text += "," + number(q);
  text += "," + number(d.mean_error);
  for (double q : d.quantile_errors) text += "," + number(q);
  return text;
}

}  // namespace

std::string annual_csv(const RunResults& run) {
  std::string text =
      "scenario,variable,unit,year,measure,status,periods,known,summed,estimated,projected,missing,"
      "mean,sd,median";
  for (double p : quantile_levels()) text += ",q" + quantile_name(p);
  text += ",mc_error";
  for (double p : quantile_levels()) text += ",mc_q" + quantile_name(p);
  text += ",realised\n";
  for (const AnnualPath& path : run.annual) {
    for (const AnnualYear& year : path.years) {
      const AnnualCoverage& c = year.coverage;
      if (c.projected == 0 && std::isnan(year.value)) continue;
      text += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", csv_field(path.scenario),
                          csv_field(path.variable), csv_field(run.unit(path.variable)), year.year,
                          annual_rule_name(path.rule), year_status(path, c), c.periods, c.known,
                          c.summed, c.estimated, c.projected, c.missing, year_numbers(year),
                          number(year.realised));
    }
  }
  return text;
}

std::string projections_csv(const RunResults& run) {
  std::string text = "scenario,variable,unit,date,mean,sd,median";
  for (double p : quantile_levels()) text += ",q" + quantile_name(p);
  text += ",mc_error";
  for (double p : quantile_levels()) text += ",mc_q" + quantile_name(p);
  text += "\n";
  const auto add = [&](const std::string& scenario, const std::string& variable,
                       const Projection& projection) {
    for (std::size_t h = 0; h < projection.periods.size(); ++h) {
      const Distribution& d = projection.periods[h];
      text += fmt::format("{},{},{},{},{},{},{}", csv_field(scenario), csv_field(variable),
                          csv_field(run.unit(variable)),
                          format_period(run.horizon[static_cast<std::int64_t>(h)]), number(d.mean),
                          number(d.sd), number(d.median()));
      for (double q : d.quantiles) text += "," + number(q);
      text += "," + number(d.mean_error);
      for (double q : d.quantile_errors) text += "," + number(q);
      text += "\n";
    }
  };
  for (const std::string& scenario : run.scenarios) {
    for (const std::string& variable : run.variables) {
      add(scenario, variable, run.projection(scenario, variable));
    }
  }
  for (const Projection& projection : run.mixture) {
    if (is_shown(run, projection.variable))
      add(projection.scenario, projection.variable, projection);
  }
  return text;
}

std::string paths_csv(const RunResults& run) {
  std::vector<std::string> dates;
  for (std::int64_t h = 0; h < run.horizon.count; ++h) {
    dates.push_back(format_period(run.horizon[h]));
  }
  std::string text = "scenario,variable,draw,date,value\n";
  for (const SimulatedPaths& paths : run.paths) {
    const std::string head = csv_field(paths.scenario) + "," + csv_field(paths.variable);
    for (Eigen::Index r = 0; r < paths.values.cols(); ++r) {
      for (Eigen::Index h = 0; h < paths.values.rows(); ++h) {
        const double value = paths.values(h, r);
        fmt::format_to(std::back_inserter(text), "{},{},{},{}\n", head, r + 1,
                       dates[static_cast<std::size_t>(h)],
                       std::isfinite(value) ? number(value) : "");
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

std::string attribution_csv(const RunResults& run) {
  if (run.attribution.empty()) return "";
  std::string text = "effect,kind,subject,detail,variable,date,mean,mc_error\n";
  for (const Contribution& c : run.attribution) {
    for (std::size_t h = 0; h < c.mean.size(); ++h) {
      text += fmt::format("{},{},{},{},{},{},{},{}\n", csv_field(c.effect), c.kind,
                          csv_field(c.subject), csv_field(c.detail), csv_field(c.variable),
                          format_period(run.horizon[static_cast<std::int64_t>(h)]),
                          number(c.mean[h]), number(c.mc_error[h]));
    }
  }
  return text;
}

std::string uncertainty_csv(const RunResults& run) {
  if (run.uncertainty.empty()) return "";
  std::string text = "scenario,variable,source,date,variance,share\n";
  for (const UncertaintyShare& u : run.uncertainty) {
    for (std::size_t h = 0; h < u.variance.size(); ++h) {
      text += fmt::format("{},{},{},{},{},{}\n", csv_field(u.scenario), csv_field(u.variable),
                          u.source, format_period(run.horizon[static_cast<std::int64_t>(h)]),
                          number(u.variance[h]), number(u.share[h]));
    }
  }
  return text;
}

std::string answers_csv(const RunResults& run) {
  if (run.answers.empty()) return "";
  std::string text = "question,scenario,kind,subject,value,low,high,probability,mc_error,note\n";
  for (const ProbabilityAnswer& a : run.answers.probabilities) {
    text += fmt::format("{},{},probability,,,,,{},{},\n", csv_field(a.question),
                        csv_field(a.scenario), number(a.probability), number(a.mc_error));
  }
  for (const RecoveryAnswer& a : run.answers.recoveries) {
    text += fmt::format("{},{},recovery,{},{},{},{},{},{},\n", csv_field(a.question),
                        csv_field(a.scenario), csv_field(a.variable), number(a.median),
                        number(a.p10), number(a.p90), number(a.probability), number(a.mc_error));
  }
  for (const SolvedAnswer& a : run.answers.solved) {
    text += fmt::format("{},{},solve,{},{},{},{},{},,{}\n", csv_field(a.question),
                        csv_field(a.scenario), csv_field(a.assumption), number(a.value),
                        number(a.low), number(a.high), number(a.probability), csv_field(a.note));
  }
  return text;
}

std::string assumptions_csv(const RunResults& run) {
  std::string text = "scenario,inherited,kind,subject,detail,type,reason,source,file,line\n";
  for (const AssumptionLine& a : assumption_lines(run)) {
    text +=
        fmt::format("{},{},{},{},{},{},{},{},{},{}\n", csv_field(a.scenario),
                    csv_field(a.inherited), a.kind, csv_field(a.subject), csv_field(a.detail),
                    a.type, csv_field(a.reason), csv_field(a.source), csv_field(a.file), a.line);
  }
  return text;
}

}  // namespace amnok
