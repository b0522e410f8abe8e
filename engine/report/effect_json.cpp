#include "engine/report/effect_json.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/report/counterfactual_report.h"

namespace amnok {

std::string effects_json(const RunResults& run) {
  using Json = nlohmann::ordered_json;
  const auto number = [](double value) {
    return std::isfinite(value) ? Json(value) : Json(nullptr);
  };
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
  return Json{{"effects", effects}, {"counterfactuals", counterfactuals_json(run)}}.dump(2) + "\n";
}

}  // namespace amnok
