#include "models/trade_elasticity/elasticity_panel.h"

#include <fmt/format.h>

#include <cmath>

#include "models/trade_elasticity/elasticity_linear.h"
#include "models/trade_elasticity/panel_estimate.h"

namespace amnok {

namespace {

class PanelElasticity : public LinearElasticity {
 public:
  PanelElasticity(const ElasticitySpec& spec, const Sample& sample)
      : LinearElasticity(spec, sample), units_(pool_units(spec, sample, design())) {
    if (rows().size() < 2) {
      throw InputError(
          fmt::format("{} has {} observations with all regressors, but the own unit of "
                      "a panel must have at least 2",
                      sample.target.variable, rows().size()));
    }
    estimate_ = estimate_panel(units_, spec);
  }

  Problem problem() const override { return estimate_.problem; }

  FitResult describe(const Solution&) const override {
    FitResult result = at_coefficients(estimate_.coefficients);
    result.covariance = estimate_.covariance;
    result.covariance_kind = estimate_.covariance_name;
    report_panel(units_, estimate_, data().names, result);
    return result;
  }

  std::vector<Diagnostic> diagnose(const FitResult&) const override { return estimate_.tests; }

 private:
  PooledUnits units_;
  PanelEstimate estimate_;
};

}  // namespace

std::unique_ptr<BoundModel> bind_panel_elasticity(const ElasticitySpec& spec,
                                                  const Sample& sample) {
  return std::make_unique<PanelElasticity>(spec, sample);
}

}  // namespace amnok
