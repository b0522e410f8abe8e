// The ets plugin: exponential smoothing in state-space form, the form chosen by information
// criterion.
#pragma once

#include <memory>
#include <string>

#include "engine/model/plugin.h"
#include "models/ets/ets_likelihood.h"

namespace amnok {

Plugin ets_plugin();

enum class EtsCriterion { aicc, aic, bic };

struct EtsSpec {
  std::string form;  // "AAdN", "MAM", ...; empty: chosen among candidate_forms
  EtsCriterion criterion = EtsCriterion::aicc;
  int period = 0;  // 0: the season of the sample
};

std::unique_ptr<Model> make_ets(EtsSpec spec);

// Every form that the sample can carry, fitted, with its criterion.
struct EtsCandidate {
  EtsForm form;
  double log_likelihood = kMissing, criterion = kMissing;  // infinite: does not count
  VectorXd u;                                              // its optimum, unconstrained
};
std::vector<EtsCandidate> ets_candidates(const EtsSpec& spec, const Sample& sample);
FittedModel fitted_candidate(const EtsCandidate& candidate, const Sample& sample);

// Moments of y over a horizon from known parameters and states at its start; exact for every form.
//   additive errors: linear;  multiplicative ones: second moments of (level, trend) x season
// (Hyndman, Koehler, Ord & Snyder 2008, chapter 6).
struct EtsMoments {
  VectorXd mean, variance;
};
EtsMoments ets_moments(const EtsForm& form, const EtsParameters& parameters,
                       const EtsStates& states, double sigma2, int horizon);

// An exponential smoothing model on its sample. Parameters of a fit: alpha, beta, gamma, phi,
// level, trend, season1 .. of the form, in natural units.
class BoundEts : public BoundModel {
 public:
  BoundEts(EtsForm form, Sample sample);

  ParameterVector start() const override;
  Problem problem() const override;
  FitResult describe(const Solution& solution) const override;
  FitResult evaluate(const ParameterVector& parameters) const override;
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
  // Multiplicative errors: times sigma mu_t.
  Eigen::RowVectorXd shock_scale(const ParameterDraws& draws, const DrawMatrix& shocks,
                                 const DrawMatrix& paths, int h) const override;
  std::shared_ptr<const Model> chosen() const override;

  const EtsLikelihood& likelihood() const { return likelihood_; }
  void set_tables(std::vector<ResultTable> tables, VectorXd start) {
    tables_ = std::move(tables);
    start_ = std::move(start);
  }

 private:
  FitResult result_at(const EtsParameters& parameters, const MatrixXd& solver_covariance) const;
  EtsParameters parameters_of(const VectorXd& values) const;
  // The value h steps after the states given, which go on by one step; shock: sigma times a normal.
  double advance(const EtsParameters& p, double shock, int h, EtsStates& states) const;

  Sample sample_;
  int gap_;                   // periods after the last observation
  EtsLikelihood likelihood_;  // of the periods before
  std::vector<ResultTable> tables_;
  VectorXd start_;  // unconstrained; empty: from the data
};

}  // namespace amnok
