// A combination on its sample. Its parameters are those of its members, each with the member's name
// in front ("arima.ma1"); the members are estimated apart from each other, so that the covariance
// is block diagonal.
//
// sigma2 is the mean square of the combined one-step errors. In draws, sigma / sqrt(sigma2) scales
// the members' own innovation standard deviations: at the estimates, each has its own.
#pragma once

#include <memory>
#include <vector>

#include "models/combination/combination_members.h"

namespace amnok {

class BoundCombination : public BoundModel {
 public:
  BoundCombination(CombinationSpec spec, Sample sample);

  ParameterVector start() const override { return {}; }  // the members were fitted on binding
  Problem problem() const override;
  FitResult describe(const Solution&) const override { return result_; }
  FitResult evaluate(const ParameterVector& parameters) const override;
  std::shared_ptr<const Model> chosen() const override;
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
  bool shocks_are_linear() const override { return false; }

  const std::vector<FittedMember>& members() const { return fits_.members; }

 private:
  std::size_t count() const { return fits_.members.size(); }
  const FittedMember& member(std::size_t i) const { return fits_.members[i]; }
  FitResult member_fit(const FitResult& fit, std::size_t i) const;
  // `unit`: the standard deviation that draws.sigma is measured in.
  ParameterDraws member_draws(const ParameterDraws& draws, std::size_t i, double unit) const;
  // The member that each draw follows.
  std::vector<std::size_t> picks(std::uint64_t seed, std::uint32_t equation, int first,
                                 Eigen::Index draws) const;
  double combined(const VectorXd& values) const;  // a value a member: weighted mean or median
  Forecast mixture(const FitResult& fit, const Future& future) const;
  Forecast simulated(const FitResult& fit, const Future& future) const;

  FitResult make_result() const;
  void add_parameters(FitResult& result) const;
  void add_residuals(FitResult& result) const;
  ResultTable member_table() const;
  std::string equation_text() const;

  CombinationSpec spec_;
  Sample sample_;
  FittedMembers fits_;
  std::vector<Eigen::Index> offsets_;  // of each member's parameters
  double mean_sigma_ = 0;              // of the members, weighted
  FitResult result_;
};

}  // namespace amnok
