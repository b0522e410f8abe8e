// An unobserved-components model on a sample.
#pragma once

#include <memory>

#include "engine/statespace/kalman_filter.h"
#include "models/unobserved_components/ucm_likelihood.h"
#include "models/unobserved_components/unobserved_components.h"

namespace amnok {

class BoundUcm : public BoundModel {
 public:
  // spec.period and the cycle's bounds are set.
  // `path`: where sums of the untransformed target are linearised; empty: the first one.
  BoundUcm(UcmSpec spec, Sample sample, VectorXd path = {});

  ParameterVector start() const override;
  Problem problem() const override;
  FitResult describe(const Solution& solution) const override;
  FitResult evaluate(const ParameterVector& parameters) const override;
  std::unique_ptr<BoundModel> refined(const FitResult& fit) const override;
  Forecast forecast(const FitResult& fit, const Future& future) const override;
  std::vector<Diagnostic> diagnose(const FitResult& fit) const override;
  VectorXd completed(const FitResult& fit) const override;
  ParameterDraws draw_parameters(const FitResult& fit, std::uint64_t seed, std::uint32_t equation,
                                 int first, int count) const override;
  std::shared_ptr<const PastState> past_state(const FitResult& fit, const ParameterDraws& draws,
                                              std::uint64_t seed, std::uint32_t equation,
                                              int first) const override;
  void simulate(const ParameterDraws& draws, const PastState& past, const DrawnFuture& future,
                const DrawMatrix& shocks, int from, int to, DrawMatrix& paths) const override;

  SmoothedComponents smooth(const FitResult& fit) const;
  // The filter at the fit's parameters.
  UcmFit filtered(const FitResult& fit) const { return filtered(fit.parameters.values()); }

 private:
  // Vectors of FitResult::parameters: standard deviations, the cycle's shape, coefficients.
  UcmFit filtered(const VectorView& parameters) const;
  UcmValues values_of(const VectorView& parameters) const;
  VectorXd parameters_of(const UcmValues& values, const VectorXd& coefficients) const;
  int searched() const;  // of them, by the solver: all but the coefficients
  // The solver's coordinates: standard deviations in units of the series' changes, the cycle's
  // shape unconstrained.
  VectorXd coordinates(const UcmValues& values) const;
  UcmValues values_at(const VectorView& coordinates) const;
  double log_likelihood(const UcmValues& values) const;

  UcmValues without_idle_components(const UcmValues& values, double log_likelihood) const;
  FitResult result_at(const UcmFit& at) const;
  void set_covariance(const UcmFit& at, FitResult& result) const;
  void add_tables(FitResult& result) const;
  std::string equation() const;
  bool is_in_sum(int t) const;
  void check_regressors() const;

  UcmSpec spec_;
  Sample sample_;
  VectorXd path_;
  UcmData data_;
  std::vector<std::string> moving_;
};

}  // namespace amnok
