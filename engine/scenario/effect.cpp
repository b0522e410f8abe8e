#include "engine/scenario/effect.h"

#include <tbb/global_control.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>

namespace amnok {

namespace {

EffectPath empty_path(const EffectSpec& spec, const std::string& variable, EffectMeasure measure,
                      Eigen::Index periods) {
  const auto count = static_cast<std::size_t>(periods);
  return {spec.name,
          spec.scenario,
          spec.against,
          variable,
          measure,
          std::vector<Distribution>(count),
          std::vector<double>(count, kMissing)};
}

void fill(EffectPath& path, Eigen::Index h, const Eigen::RowVectorXd& draws,
          const VectorXd& weights, const DrawScheme& scheme) {
  const auto at = static_cast<std::size_t>(h);
  path.periods[at] = summarise(draws, weights, scheme);
  if (path.periods[at].undefined > 0) return;
  const Eigen::RowVectorXd positive = (draws.array() > 0).cast<double>();
  path.probability_positive[at] = weights.size() == 0 ? positive.mean() : positive.dot(weights);
}

bool is_logged(const Study& study, const std::string& variable) {
  return std::any_of(study.equations.begin(), study.equations.end(), [&](const auto& equation) {
    return equation.target.variable == variable && equation.target.transform.is_logarithm();
  });
}

}  // namespace

bool EffectPath::is_zero_at(std::size_t h) const {
  return periods[h].mean == 0 && periods[h].sd == 0;
}

bool EffectPath::is_zero() const {
  for (std::size_t h = 0; h < periods.size(); ++h) {
    if (!is_zero_at(h)) return false;
  }
  return true;
}

std::size_t EffectPath::largest() const {
  std::size_t best = periods.size() - 1;
  for (std::size_t h = 0; h < periods.size(); ++h) {
    if (std::fabs(periods[h].median()) > std::fabs(periods[best].median())) best = h;
  }
  return best;
}

std::string_view measure_name(EffectMeasure measure) {
  switch (measure) {
    case EffectMeasure::level:
      return "level";
    case EffectMeasure::percent:
      return "percent";
    case EffectMeasure::cumulative:
      break;
  }
  return "cumulative";
}

namespace {

// Draws in which the conditions of both scenarios hold: the same draw is the same world.
VectorXd joint_weights(const VectorXd& a, const VectorXd& b) {
  if (a.size() == 0 || b.size() == 0) return a.size() == 0 ? b : a;
  if (a == b) return a;
  const VectorXd both = a.cwiseProduct(b);
  return both / both.sum();
}

// Whether two scenarios differ by rounding alone in a period: systems are solved to ten digits.
bool differ_by_rounding(const Eigen::Ref<const Eigen::RowVectorXd, 0, Eigen::InnerStride<>>& a,
                        const Eigen::RowVectorXd& difference) {
  constexpr double kRounding = 1e-9;
  const double size = kRounding * a.cwiseAbs().maxCoeff();
  return (difference.array().abs() <= size).all();
}

// The paths of one variable, in the order of EffectMeasure.
std::vector<EffectPath> variable_effects(const Study& study, const EffectSpec& spec,
                                         const std::string& variable, const Ensemble& ensemble) {
  const DrawMatrix& a = ensemble.at(spec.scenario, variable);
  const DrawMatrix& b = ensemble.at(spec.against, variable);
  const bool percent = is_logged(study, variable), cumulate = study.is_flow(variable);
  std::vector<EffectPath> paths = {empty_path(spec, variable, EffectMeasure::level, a.rows())};
  if (percent) paths.push_back(empty_path(spec, variable, EffectMeasure::percent, a.rows()));
  if (cumulate) paths.push_back(empty_path(spec, variable, EffectMeasure::cumulative, a.rows()));
  const VectorXd weights =
      joint_weights(ensemble.weights_of(spec.scenario), ensemble.weights_of(spec.against));
  Eigen::RowVectorXd draws, total = Eigen::RowVectorXd::Zero(a.cols());
  for (Eigen::Index h = 0; h < a.rows(); ++h) {
    draws = a.row(h) - b.row(h);
    const bool none = differ_by_rounding(a.row(h), draws);
    if (none) draws.setZero();
    fill(paths.front(), h, draws, weights, ensemble.scheme());
    if (cumulate) fill(paths.back(), h, total += draws, weights, ensemble.scheme());
    if (!percent) continue;
    if (!none) draws = 100 * (a.row(h).array() / b.row(h).array() - 1);
    fill(paths[1], h, draws, weights, ensemble.scheme());
  }
  return paths;
}

}  // namespace

std::vector<EffectPath> compute_effects(const Study& study, const Ensemble& ensemble, int threads) {
  std::vector<std::pair<const EffectSpec*, std::string>> wanted;
  const auto simulated = [&](const std::string& scenario) {
    return std::find(ensemble.scenarios.begin(), ensemble.scenarios.end(), scenario) !=
           ensemble.scenarios.end();
  };
  for (const EffectSpec& spec : study.effects) {
    if (!simulated(spec.scenario) || !simulated(spec.against)) continue;
    const auto& variables = spec.variables.empty() ? ensemble.variables : spec.variables;
    for (const std::string& variable : variables) wanted.emplace_back(&spec, variable);
  }
  std::vector<std::vector<EffectPath>> found(wanted.size());
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                  thread_count(threads));
  tbb::parallel_for(std::size_t{0}, wanted.size(), [&](std::size_t i) {
    found[i] = variable_effects(study, *wanted[i].first, wanted[i].second, ensemble);
  });
  std::vector<EffectPath> effects;
  for (auto& paths : found) {
    for (EffectPath& path : paths) effects.push_back(std::move(path));
  }
  return effects;
}

}  // namespace amnok
