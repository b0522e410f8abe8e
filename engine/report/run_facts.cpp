#include "engine/report/run_facts.h"

#include <algorithm>
#include <cmath>

#include "engine/report/numbers.h"
#include "engine/report/projection_tables.h"

namespace amnok {

namespace {

Fact fact_about(const RunResults& run, Fact::Kind kind, const std::string& variable) {
  Fact fact;
  fact.kind = kind;
  fact.variable = variable;
  fact.label = run.study.label(variable);
  fact.unit = run.unit(variable);
  return fact;
}

void set_band(Fact& fact, const Distribution& d) {
  fact.value = d.median();
  fact.low = d.quantile(0.05);
  fact.high = d.quantile(0.95);
}

void add_recorded(const RunResults& run, const std::string& variable, std::vector<Fact>& facts) {
  const Series& observed = run.observed.get(variable);
  const int decimals = std::min(recorded_decimals(observed).value_or(0), 3);
  for (Period t = observed.first; t < run.horizon.first; t = t + 1) {
    const double value = observed.at(t);
    if (!std::isfinite(value)) continue;
    Fact fact = fact_about(run, Fact::Kind::recorded, variable);
    fact.date = format_period(t);
    fact.value = value;
    fact.decimals = decimals;
    facts.push_back(std::move(fact));
  }
}

void add_years(const RunResults& run, const std::string& variable, std::vector<Fact>& facts) {
  if (run.study.run.frequency == Frequency::annual) return;  // years are periods
  const int decimals = annual_decimals(run, variable);
  for (const AnnualPath& path : run.annual) {
    if (path.variable != variable) continue;
    const bool past = path.scenario.empty();
    for (const AnnualYear& year : path.years) {
      Fact fact =
          fact_about(run, past ? Fact::Kind::recorded_year : Fact::Kind::projected_year, variable);
      fact.date = std::to_string(year.year);
      fact.measure = annual_rule_name(path.rule);
      fact.decimals = decimals;
      const AnnualCoverage& c = year.coverage;
      if (c.known + c.summed != c.periods) {
        fact.note = coverage_words(c, run.study.run.frequency);
      }
      if (past) {
        fact.value = year.value;
      } else {
        fact.scenario = path.scenario;
        fact.scenario_label = run.scenario_label(path.scenario);
        set_band(fact, year.distribution);
      }
      if (std::isfinite(fact.value)) facts.push_back(std::move(fact));
    }
  }
}

void add_projections(const RunResults& run, const std::string& variable, std::vector<Fact>& facts) {
  const int decimals = shown_decimals(run, variable);
  for (const std::string& scenario : run.scenarios) {
    const Projection& projection = run.projection(scenario, variable);
    for (std::size_t h = 0; h < projection.periods.size(); ++h) {
      if (projection.periods[h].undefined > 0) continue;
      Fact fact = fact_about(run, Fact::Kind::projection, variable);
      fact.scenario = scenario;
      fact.scenario_label = run.scenario_label(scenario);
      fact.date = format_period(run.horizon[static_cast<std::int64_t>(h)]);
      fact.decimals = decimals;
      set_band(fact, projection.periods[h]);
      facts.push_back(std::move(fact));
    }
  }
}

void add_effect(const RunResults& run, const EffectPath& path, std::vector<Fact>& facts) {
  for (std::size_t h = 0; h < path.periods.size(); ++h) {
    const Distribution& d = path.periods[h];
    if (d.undefined > 0 || path.is_zero_at(h)) continue;
    Fact fact = fact_about(run, Fact::Kind::effect, path.variable);
    fact.scenario = path.scenario;
    fact.scenario_label = run.scenario_label(path.scenario);
    fact.against = path.against;
    fact.against_label = run.scenario_label(path.against);
    fact.measure = measure_name(path.measure);
    if (path.measure == EffectMeasure::percent) fact.unit = "%";
    fact.date = format_period(run.horizon[static_cast<std::int64_t>(h)]);
    set_band(fact, d);
    fact.decimals = decimals_for(std::max(std::fabs(fact.low), std::fabs(fact.high)));
    facts.push_back(std::move(fact));
  }
}

void add_coefficients(const FitResult& fit, std::vector<Fact>& facts) {
  for (const Coefficient& c : coefficient_table(fit)) {
    Fact fact;
    fact.kind = Fact::Kind::coefficient;
    fact.variable = fit.name;
    fact.label = c.name;
    fact.measure = fit.equation;
    fact.date = format_range(fit.sample);
    fact.value = c.estimate;
    fact.low = c.ci_low;
    fact.high = c.ci_high;
    fact.coverage = 95;
    fact.decimals = significant_decimals(c.estimate, 3);
    if (!fit.usable()) fact.note = "the fit did not converge";
    if (std::isfinite(fact.value)) facts.push_back(std::move(fact));
  }
}

}  // namespace

std::vector<Fact> run_facts(const RunResults& run) {
  std::vector<Fact> facts;
  for (const std::string& variable : run.variables) {
    add_recorded(run, variable, facts);
    add_years(run, variable, facts);
    add_projections(run, variable, facts);
  }
  for (const EffectPath& path : run.effects) {
    if (is_shown(run, path.variable)) add_effect(run, path, facts);
  }
  for (const BehaviouralEquation& equation : run.equations) {
    add_coefficients(equation.fitted.result, facts);
  }
  return facts;
}

}  // namespace amnok
