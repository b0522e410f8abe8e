// The arima plugin: seasonal ARIMA regression with interventions, by exact maximum likelihood.
#pragma once

#include <memory>
#include <mutex>

#include "engine/model/model_mixture.h"
#include "engine/model/plugin.h"
#include "models/arima/arima_data.h"
#include "models/arima/arima_likelihood.h"

namespace amnok {

Plugin arima_plugin();
Plugin naive_plugin();

std::unique_ptr<Model> make_arima(ArimaSpec spec);

// An arima model on its sample. Regression coefficients follow the ARMA parameters in every
// FitResult: ar1.. ma1.. sar1.. sma1.., EVENT.delta1.., intercept | drift, regressors,
// EVENT.omega0..
class BoundArima : public BoundModel, public AlternativeFinder {
 public:
  // `path` is where nonlinear sums are linearised (transformed units); empty: from interpolation.
  BoundArima(ArimaSpec spec, Sample sample, VectorXd path = {});

  ParameterVector start() const override;
  Problem problem() const override;
  FitResult describe(const Solution& solution) const override;
  FitResult evaluate(const ParameterVector& parameters) const override;
  std::unique_ptr<BoundModel> refined(const FitResult& fit) const override;
  Forecast forecast(const FitResult& fit, const Future& future) const override;
  VectorXd forecast_mean(const FitResult& fit, const Future& future) const override;
  std::vector<Diagnostic> diagnose(const FitResult& fit) const override;
  VectorXd completed(const FitResult& fit) const override;
  std::shared_ptr<const PastState> past_state(const FitResult& fit, const ParameterDraws& draws,
                                              std::uint64_t seed, std::uint32_t equation,
                                              int first) const override;
  void simulate(const ParameterDraws& draws, const PastState& past, const DrawnFuture& future,
                const DrawMatrix& shocks, int from, int to, DrawMatrix& paths) const override;

  std::shared_ptr<const Model> chosen() const override;

  const ArimaSpec& spec() const { return spec_; }
  const ArimaLikelihood& likelihood() const { return *likelihood_; }
  // What an automatic choice found: tables and notes of every result, and where the fit may start
  // (unconstrained coordinates).
  void set_choice(std::vector<ResultTable> tables, std::vector<std::string> notes, VectorXd start);
  // With orders = "drawn": what the search holds possible, the chosen order first.
  void set_alternatives(std::vector<WeightedModel> alternatives) {
    alternatives_ = std::move(alternatives);
  }
  std::vector<WeightedModel> alternatives() const override { return alternatives_; }
  const std::vector<ResultTable>& choice_tables() const { return tables_; }
  const std::vector<std::string>& choice_notes() const { return notes_; }
  // The likelihood's parameters at a fit.
  VectorXd theta_of(const FitResult& fit) const;
  // The effect of one input over the sample: the sum of its columns times their coefficients.
  VectorXd input_effect(const FitResult& fit, std::size_t input) const;

 private:
  void prepare();  // the likelihood, from spec, sample and path
  MatrixXd removed_columns() const;
  std::vector<int> aliased_columns() const;
  bool drop_aliased_outliers();   // from spec; whether there were any
  void check_identified() const;  // throws InputError
  FitResult result_at(const VectorXd& theta, bool with_covariance) const;
  // Of complete data: the mean by the difference equation; the variance, in units of sigma2, by the
  // weights of the lag polynomials.
  bool quick_mean(const VectorXd& theta, const VectorXd& beta, const MatrixXd& x,
                  VectorXd& mean) const;
  bool quick_variance(const VectorXd& theta, int horizon, VectorXd& variance) const;
  // The state at the forecast origin: its mean for each draw, and a root of its covariance.
  DrawMatrix state_means(const DrawMatrix& theta, const DrawMatrix& beta, const DrawMatrix& ar,
                         const DrawMatrix& ma) const;
  MatrixXd state_covariance(const VectorXd& theta, const VectorXd& beta) const;
  MatrixXd state_root(const VectorXd& theta, const VectorXd& beta, double sigma2) const;
  MatrixXd remembered_state_root(const VectorXd& theta, const VectorXd& beta, double sigma2) const;
  VectorXd beta_of(const FitResult& fit) const;
  MatrixXd future_regressors(const VectorXd& theta, const Future& future) const;
  std::string equation_text() const;

  ArimaSpec spec_;
  Sample sample_;
  VectorXd path_;
  Deterministic deterministic_ = Deterministic::none;
  int dropped_ = 0;
  std::vector<ResultTable> tables_;
  std::vector<std::string> notes_;
  std::vector<WeightedModel> alternatives_;
  VectorXd start_;
  std::shared_ptr<const ArimaLikelihood> likelihood_;
  // The last root: a simulation asks for the same one with every block of draws.
  struct StateRoot {
    std::mutex guard;
    VectorXd theta, beta;
    double sigma2 = kMissing;
    MatrixXd root;
  };
  std::shared_ptr<StateRoot> last_root_ = std::make_shared<StateRoot>();
};

}  // namespace amnok
