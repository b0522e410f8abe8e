#include "engine/report/effect_json.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/report/counterfactual_report.h"

namespace amnok {

namespace {

using Json = nlohmann::ordered_json;

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json accounts_json(const RunResults& run) {
  Json result = Json::object();
  for (const ScenarioAccount& account : run.accounts) {
    Json targets = Json::array();
    for (const TargetSolution& t : account.targets) {
      targets.push_back({{"variable", t.variable},
                         {"at", format_period(t.at)},
                         {"value", number(t.value)},
                         {"mean", number(t.mean)},
                         {"instrument", t.instrument},
                         {"add_factor", number(t.add_factor)},
                         {"multipliers", t.multipliers}});
    }
    const Plausibility& p = account.plausibility;
    result[account.scenario] = {
        {"plausibility",
         {{"distance", number(p.distance)}, {"df", p.df}, {"p_value", number(p.p_value)}}},
        {"targets", targets},
        {"effective_draws", number(account.effective_draws)},
        {"unsolved_draws", account.unsolved}};
  }
  return result;
}

Json answers_json(const RunResults& run) {
  Json result = Json::object();
  for (const ProbabilityAnswer& a : run.answers.probabilities) {
    result[a.question][a.scenario] = {{"probability", number(a.probability)},
                                      {"mc_error", number(a.mc_error)}};
  }
  for (const RecoveryAnswer& a : run.answers.recoveries) {
    result[a.question][a.scenario] = {
        {"variable", a.variable},
        {"reference", number(a.reference)},
        {"probability", number(a.probability)},
        {"mc_error", number(a.mc_error)},
        {"periods",
         {{"p10", number(a.p10)}, {"median", number(a.median)}, {"p90", number(a.p90)}}}};
  }
  for (const SolvedAnswer& a : run.answers.solved) {
    result[a.question][a.scenario] = {{"assumption", a.assumption},
                                      {"value", number(a.value)},
                                      {"band", {number(a.low), number(a.high)}},
                                      {"probability", number(a.probability)},
                                      {"note", a.note}};
  }
  return result;
}

}  // namespace

std::string effects_json(const RunResults& run) {
  Json effects = Json::object();
  for (const EffectPath& path : run.effects) {
    Json periods = Json::array();
    for (std::size_t h = 0; h < path.periods.size(); ++h) {
      const Distribution& d = path.periods[h];
      Json quantiles = Json::object();
      for (std::size_t i = 0; i < d.quantiles.size(); ++i) {
        quantiles[fmt::format("{}", quantile_levels()[i])] = number(d.quantiles[i]);
      }
      periods.push_back({{"date", format_period(run.horizon[static_cast<std::int64_t>(h)])},
                         {"mean", number(d.mean)},
                         {"median", number(d.median())},
                         {"quantiles", quantiles},
                         {"mc_error", number(d.mean_error)},
                         {"probability_positive", number(path.probability_positive[h])}});
    }
    Json& effect = effects[path.effect];
    effect["scenario"] = path.scenario;
    effect["against"] = path.against;
    effect["variables"][path.variable][std::string(measure_name(path.measure))] = periods;
  }
  for (const Contribution& c : run.attribution) {
    Json periods = Json::array();
    for (std::size_t h = 0; h < c.mean.size(); ++h) {
      periods.push_back({{"date", format_period(run.horizon[static_cast<std::int64_t>(h)])},
                         {"mean", number(c.mean[h])},
                         {"mc_error", number(c.mc_error[h])}});
    }
    effects[c.effect]["attribution"][c.kind + " " + c.subject][c.variable] = periods;
  }
  return Json{{"effects", effects},
              {"scenarios", accounts_json(run)},
              {"questions", answers_json(run)},
              {"counterfactuals", counterfactuals_json(run)}}
             .dump(2) +
         "\n";
}

}  // namespace amnok
