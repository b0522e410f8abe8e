#include "engine/report/run_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/report/numbers.h"
#include "engine/report/projection_tables.h"
#include "engine/report/scenario_text.h"

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

// The mixture is what is expected: its mean.
void set_band(Fact& fact, const Distribution& d) {
  fact.value = fact.scenario == kMixture ? d.mean : d.median();
  fact.low = d.quantile(0.05);
  fact.high = d.quantile(0.95);
}

void add_recorded(const RunResults& run, const std::string& variable, std::vector<Fact>& facts) {
  const Series& observed = run.observed.get(variable);
  const int decimals = std::min(recorded_decimals(observed).value_or(0), 3);
  // What lies beyond the forecast origin is not known to the run.
  const Period end = run.data.sample.last() + 1;
  for (Period t = observed.first; t < end && t <= observed.range().last(); t = t + 1) {
    const double value = observed.at(t);
    if (!std::isfinite(value)) continue;
    Fact fact = fact_about(run, Fact::Kind::recorded, variable);
    fact.date = format_period(t);
    fact.value = value;
    fact.decimals = decimals;
    facts.push_back(std::move(fact));
  }
}

void add_year_path(const RunResults& run, const AnnualPath& path, int decimals,
                   std::vector<Fact>& facts) {
  const bool past = path.scenario.empty();
  for (const AnnualYear& year : path.years) {
    Fact fact = fact_about(run, past ? Fact::Kind::recorded_year : Fact::Kind::projected_year,
                           path.variable);
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

void add_years(const RunResults& run, const std::string& variable, std::vector<Fact>& facts) {
  if (run.study.run.frequency == Frequency::annual) return;  // years are periods
  const int decimals = annual_decimals(run, variable);
  for (const AnnualPath& path : run.annual) {
    if (path.variable == variable) add_year_path(run, path, decimals, facts);
  }
}

// Recorded figures of series that no table shows: where claims are to be judged, and where nothing
// is projected.
void add_further(const RunResults& run, std::vector<Fact>& facts) {
  if (run.claims.empty() && !run.variables.empty()) return;
  for (const SeriesSource& source : run.study.data) {
    if (!is_shown(run, source.name)) add_recorded(run, source.name, facts);
  }
  if (run.study.run.frequency == Frequency::annual) return;
  for (const AnnualPath& path : run.further_years) {
    const int decimals =
        std::min(recorded_decimals(run.observed.get(path.variable)).value_or(0), 3);
    add_year_path(run, path, decimals, facts);
  }
}

void add_projections(const RunResults& run, const std::string& variable, std::vector<Fact>& facts) {
  const int decimals = shown_decimals(run, variable);
  for (const std::string& scenario : run.outlooks()) {
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

// The average and the total effect of a past event, over the periods of which something is known.
void add_past_effect(const RunResults& run, const StudyCounterfactual& found,
                     std::vector<Fact>& facts) {
  if (!found.usable()) return;
  const Counterfactual& c = found.result;
  for (const bool total : {false, true}) {
    const EffectBand& band = total ? c.total : c.average;
    if (!std::isfinite(band.estimate)) continue;
    Fact fact = fact_about(run, Fact::Kind::past_effect, found.spec.variable);
    fact.scenario = found.spec.event;
    fact.scenario_label = run.event_label(found.spec.event);
    fact.against = found.spec.name;  // of several analyses of one event
    fact.against_label = found.spec.label;
    fact.measure = total ? "total" : "average";
    fact.date = format_range(c.range);
    fact.value = band.estimate;
    fact.low = band.low;
    fact.high = band.high;
    fact.coverage = static_cast<int>(std::lround(100 * found.spec.level));
    fact.decimals = decimals_for(std::fabs(band.estimate));
    if (c.covered < c.range.count) {
      fact.note = fmt::format("{} of {} periods known", c.covered, c.range.count);
    }
    facts.push_back(std::move(fact));
  }
}

// Sentences and figures come in the same order: probabilities, recoveries, solved numbers.
void add_answers(const RunResults& run, std::vector<Fact>& facts) {
  const std::vector<std::string> sentences = answer_sentences(run);
  std::size_t at = 0;
  const auto add = [&](const auto& answer, const char* measure, double value, double low,
                       double high) {
    Fact fact;
    fact.kind = Fact::Kind::answer;
    fact.variable = answer.question;
    fact.label = sentences.at(at++);
    fact.scenario = answer.scenario;
    fact.scenario_label = run.scenario_label(answer.scenario);
    fact.measure = measure;
    fact.date = format_range(run.horizon);
    fact.value = value;
    fact.low = low;
    fact.high = high;
    fact.decimals = 3;
    if (std::isfinite(value)) facts.push_back(std::move(fact));
  };
  // Monte-Carlo errors make the 90 % interval of a probability.
  const auto add_probability = [&](const auto& answer) {
    const double reach = 1.645 * answer.mc_error;
    add(answer, "probability", answer.probability, std::max(answer.probability - reach, 0.0),
        std::min(answer.probability + reach, 1.0));
  };
  for (const ProbabilityAnswer& answer : run.answers.probabilities) add_probability(answer);
  for (const RecoveryAnswer& answer : run.answers.recoveries) add_probability(answer);
  for (const SolvedAnswer& answer : run.answers.solved) {
    add(answer, "solved", answer.value, kMissing, kMissing);
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
  add_further(run, facts);
  for (const EffectPath& path : run.effects) {
    if (is_shown(run, path.variable)) add_effect(run, path, facts);
  }
  for (const StudyCounterfactual& found : run.counterfactuals) add_past_effect(run, found, facts);
  add_answers(run, facts);
  for (const BehaviouralEquation& equation : run.equations) {
    add_coefficients(equation.fitted.result, facts);
  }
  return facts;
}

}  // namespace amnok
