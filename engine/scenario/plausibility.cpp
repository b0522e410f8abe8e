#include "engine/scenario/plausibility.h"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <boost/math/distributions/chi_squared.hpp>
#include <cmath>

#include "engine/base/text.h"

namespace amnok {

namespace {

constexpr double kUnusual = 0.05, kVeryUnusual = 0.001;

// Periods in which an equation's own path is judged: add-factors, multipliers, fixes.
// The path of an exogenous series that a model stands behind is no judgement.
std::vector<bool> judged_periods(const SystemInputs& inputs, const BehaviouralEquation& equation,
                                 std::size_t e, int horizon, bool given) {
  std::vector<bool> judged(static_cast<std::size_t>(horizon), false);
  const auto add = inputs.add_factors.find(e);
  const auto times = inputs.multipliers.find(e);
  const auto fixed = inputs.fixed.find(equation.target.variable);
  for (int h = 0; h < horizon; ++h) {
    const bool added = add != inputs.add_factors.end() && add->second(h, 0) != 0;
    const bool scaled = times != inputs.multipliers.end() && times->second(h, 0) != 1;
    const bool forced = !given && fixed != inputs.fixed.end() && !std::isnan(fixed->second(h, 0));
    judged[static_cast<std::size_t>(h)] = added || scaled || forced;
  }
  return judged;
}

}  // namespace

std::string Plausibility::words() const {
  if (df == 0) return "nothing in it contradicts the equations";
  const std::string figures = fmt::format(
      "q = {} on {} judged value{}, p {}", format_significant(distance, 3), df, df == 1 ? "" : "s",
      p_value < 0.0001 ? "< 0.0001" : fmt::format("= {:.4f}", p_value));
  const char* verdict = p_value < kVeryUnusual ? "very unusual under the equations"
                        : p_value < kUnusual   ? "unusual under the equations"
                                               : "within what the equations expect";
  std::string text = fmt::format("{}: {}", verdict, figures);
  if (!where.empty()) {
    text += fmt::format("; the largest shock it stands for is {} standard deviations, {}",
                        format_significant(largest, 2), where);
  }
  return text;
}

Plausibility plausibility(const ScenarioSimulator& simulator, const System& system) {
  Plausibility result;
  const SystemDraws draws = system.at_estimates();
  const SystemInputs inputs = simulator.inputs({});
  const auto horizon = static_cast<int>(system.horizon().count);
  const std::vector<DrawMatrix> paths = system.simulate(draws, inputs);
  // The same path without the judgements, forced where they act: the shocks they stand for.
  SystemInputs forced = inputs;
  forced.add_factors.clear();
  forced.multipliers.clear();
  std::erase_if(forced.fixed,
                [&](const auto& path) { return !simulator.study().has_path_model(path.first); });
  std::vector<std::vector<bool>> judged;
  bool any = false;
  for (std::size_t e = 0; e < system.equations().size(); ++e) {
    const BehaviouralEquation& equation = system.equations()[e];
    judged.push_back(judged_periods(inputs, equation, e, horizon,
                                    simulator.study().has_path_model(equation.target.variable)));
    bool own = false;
    DrawMatrix path = DrawMatrix::Constant(horizon, 1, kMissing);
    for (int h = 0; h < horizon; ++h) {
      if (!judged.back()[static_cast<std::size_t>(h)]) continue;
      path(h, 0) = paths[e](h, 0);
      own = true;
    }
    if (own) forced.fixed[equation.target.variable] = path;
    any = any || own;
  }
  if (any) {
    std::vector<DrawMatrix> shocks;
    system.simulate(draws, forced, &shocks);
    for (int h = 0; h < horizon; ++h) {
      std::vector<Eigen::Index> which;
      for (std::size_t e = 0; e < judged.size(); ++e) {
        if (judged[e][static_cast<std::size_t>(h)]) which.push_back(static_cast<Eigen::Index>(e));
      }
      if (which.empty()) continue;
      const MatrixXd correlation = system.correlation()(which, which);
      VectorXd e(static_cast<Eigen::Index>(which.size()));
      for (Eigen::Index i = 0; i < e.size(); ++i) {
        const auto equation = static_cast<std::size_t>(which[static_cast<std::size_t>(i)]);
        e(i) = shocks[equation](h, 0);
        if (!(std::fabs(e(i)) > std::fabs(result.largest))) continue;
        result.largest = e(i);
        result.where = fmt::format("{} in {}", system.equations()[equation].name,
                                   format_period(system.horizon()[h]));
      }
      result.distance += e.dot(correlation.ldlt().solve(e));
      result.df += static_cast<int>(which.size());
    }
  }
  int equations = 0;
  for (const PeriodCondition& condition : simulator.conditions()) {
    equations += condition.is_equation() ? 1 : 0;
  }
  if (equations > 0) {
    result.distance +=
        simulate_conditioned(system, draws, inputs, simulator.conditions()).distance(0);
    result.df += equations;
  }
  if (result.df > 0 && std::isfinite(result.distance)) {
    result.p_value = cdf(complement(boost::math::chi_squared(result.df), result.distance));
  }
  return result;
}

}  // namespace amnok
