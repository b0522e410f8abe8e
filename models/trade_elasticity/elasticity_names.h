// What the choices of the options are called.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/trade_elasticity/elasticity_spec.h"

namespace amnok {

template <class T>
using Named = std::vector<std::pair<std::string, T>>;

inline const Named<RobustKind> kErrors = {{"classical", RobustKind::classical},
                                          {"hc0", RobustKind::hc0},
                                          {"hc1", RobustKind::hc1},
                                          {"hc2", RobustKind::hc2},
                                          {"hc3", RobustKind::hc3},
                                          {"newey_west", RobustKind::newey_west},
                                          {"newey_west_fixed_b", RobustKind::newey_west_fixed_b},
                                          {"andrews", RobustKind::andrews},
                                          {"ewc", RobustKind::ewc}};
inline const Named<ElasticitySpec::Estimator> kEstimators = {
    {"ols", ElasticitySpec::Estimator::ols},
    {"2sls", ElasticitySpec::Estimator::two_stage},
    {"liml", ElasticitySpec::Estimator::liml},
    {"gmm", ElasticitySpec::Estimator::gmm},
    {"ppml", ElasticitySpec::Estimator::poisson},
    {"mean_group", ElasticitySpec::Estimator::mean_group},
    {"cce", ElasticitySpec::Estimator::cce},
    {"cce_pooled", ElasticitySpec::Estimator::cce_pooled}};
inline const Named<ElasticitySpec::PanelEffectsKind> kEffects = {
    {"unit", ElasticitySpec::PanelEffectsKind::unit},
    {"two_way", ElasticitySpec::PanelEffectsKind::two_way},
    {"random", ElasticitySpec::PanelEffectsKind::random},
    {"none", ElasticitySpec::PanelEffectsKind::none}};
inline const Named<ElasticitySpec::PanelErrorsKind> kPanelErrors = {
    {"auto", ElasticitySpec::PanelErrorsKind::automatic},
    {"classical", ElasticitySpec::PanelErrorsKind::classical},
    {"hc0", ElasticitySpec::PanelErrorsKind::hc0},
    {"clustered", ElasticitySpec::PanelErrorsKind::clustered},
    {"two_way_clustered", ElasticitySpec::PanelErrorsKind::two_way},
    {"driscoll_kraay", ElasticitySpec::PanelErrorsKind::driscoll_kraay}};
inline const Named<ArdlCriterion> kCriteria = {
    {"aic", ArdlCriterion::aic}, {"bic", ArdlCriterion::bic}, {"aicc", ArdlCriterion::aicc}};
inline const Named<ElasticitySpec::Resampling> kResampling = {
    {"none", ElasticitySpec::Resampling::none},
    {"wild", ElasticitySpec::Resampling::wild},
    {"block", ElasticitySpec::Resampling::block}};

template <class T>
std::vector<std::string> names_of(const Named<T>& named, const std::string& first = "") {
  std::vector<std::string> names;
  if (!first.empty()) names.push_back(first);
  for (const auto& [name, value] : named) names.push_back(name);
  return names;
}

template <class T>
std::optional<T> value_of(const Named<T>& named, const std::string& name) {
  for (const auto& [known, value] : named) {
    if (known == name) return value;
  }
  return {};
}

}  // namespace amnok
