// The exact Gaussian likelihood of a seasonal ARIMA regression.
//
// Two routes to the same number:
//   complete data      y and X are differenced; the stationary ARMA errors are whitened by the
//                      Chandrasekhar recursions (engine/statespace/arma_filter.h)
//   gaps, sums, noise  the Kalman filter with exact diffuse start on the undifferenced data
//
// In both, beta is concentrated out by least squares on the whitened data (Ansley & Kohn 1985,
// Annals of Statistics 13, 1286-1316) and, unless an observation has a measurement error of its
// own, sigma^2 as rss / n:
//   log L = -n/2 (log(2 pi rss / n) + 1) - 1/2 sum log F_t
// with n the observations less those that the differencing (the diffuse start) uses up.
//
// Conditional (data.conditional): complete data given their first p + P s differences, with F_t =
// 1; n is then what is left (engine/statespace/conditional_arma.h).
#pragma once

#include <vector>

#include "engine/solver/nonlinear_least_squares.h"
#include "engine/statespace/arma_products.h"
#include "engine/statespace/kalman_filter.h"
#include "models/arima/arima_spec.h"

namespace amnok {

struct ArimaEvaluation {
  bool ok = false;  // false: outside the stationary region, or singular
  VectorXd beta;
  MatrixXd beta_covariance;  // conditional on the ARMA parameters: sigma2 (X~'X~)^-1
  double rss = 0;            // of the whitened data
  int nobs = 0;
  double sigma2 = 0;
  double log_likelihood = 0;
  VectorXd residuals;  // v_t / sqrt(F_t) by period, F_t relative to sigma2; NaN where none
};

class ArimaLikelihood {
 public:
  explicit ArimaLikelihood(ArimaData data);

  const ArimaData& data() const { return data_; }
  const ParameterVector& parameters() const { return parameters_; }

  // theta: values of parameters(), in natural units.
  ArimaEvaluation evaluate(const VectorXd& theta) const;

  // The least-squares form at unconstrained coordinates u: r_t = e_t exp(sum log F / (2 n)), whose
  // sum of squares is smallest where the likelihood is largest. Jacobian by the
  // differentiated recursions (complete data) or central differences; regression coefficients are
  // projected out (Kaufman 1975, BIT 15, 49-57).
  bool residuals(const VectorXd& u, VectorXd& r, MatrixXd* jacobian) const;
  int residual_count() const { return nobs_; }
  int regression_count() const { return regression_count_; }
  // The same in products, where the columns of complete data do not depend on parameters: with
  // regression coefficients by engine/statespace/arma_products.h, and where those fail from r and J.
  bool has_products() const { return differenced_.size() > 0 && !data_.conditional; }
  bool residual_products(const VectorXd& u, ResidualProducts& products) const;
  // Their sum of squares alone; infinite where it is not defined.
  double residual_sum(const VectorXd& u) const;

  // Observed information of (theta, beta), sigma^2 concentrated out unless it is a parameter: minus
  // the Hessian of log L by differences in theta and exactly in beta.
  MatrixXd information(const VectorXd& theta, const VectorXd& beta) const;

  // (y, X) whitened at theta: rows without correlation, of variance sigma2 (noisy: 1). False: not
  // defined there.
  bool whitened(const VectorXd& theta, MatrixXd& rows) const;

  // The columns of X, including the filtered inputs, at the given parameters.
  MatrixXd regression_matrix(const VectorXd& theta) const;

  // The state after the sample, given parameters: of z_t = y_t - X beta, in units of sigma2 = 1
  // unless noisy.
  FilterResult filter(const VectorXd& theta, const VectorXd& beta) const;
  // The same for many parameters one after the other: what does not depend on them is kept.
  class RepeatedFilter {
   public:
    explicit RepeatedFilter(const ArimaLikelihood& likelihood);
    FilterResult operator()(const VectorXd& theta, const VectorXd& beta);

   private:
    const ArimaLikelihood& likelihood_;
    std::vector<Observation> given_, reduced_;  // reduced: less what regressors explain
    bool fixed_inputs_ = true;                  // no input is filtered by a parameter
  };
  // The mean of the state after the sample, for many parameters at once: theta, beta and the expanded
  // polynomials ar and ma with a column each. Into `states`: what of w_{n+1+i}, i = 0 .. r-1, is
  // known, w = z differenced; then z_n, z_{n-1}, ... as differencing needs them. False: it takes
  // the filter, because of gaps, sums or measurement errors that reach the end.
  bool end_states(const DrawMatrix& theta, const DrawMatrix& beta, const DrawMatrix& ar,
                  const DrawMatrix& ma, DrawMatrix& states) const;
  bool complete() const { return complete_; }
  // Smoothed y by period (the linearisation point of nonlinear sums).
  VectorXd smoothed(const VectorXd& theta, const VectorXd& beta, double sigma2) const;
  // Layout of that state: r ARMA elements, then z_t, z_{t-1}, ... as lags of the next period.
  int arma_size() const { return arma_size_; }
  int lag_count() const { return lag_count_; }
  StateSpace state_space(const VectorXd& theta) const;

  // phi(B) Phi(B^s) and theta(B) Theta(B^s) expanded.
  std::vector<double> ar_polynomial(const VectorXd& theta) const;
  std::vector<double> ma_polynomial(const VectorXd& theta) const;
  const std::vector<double>& differencing() const { return difference_; }

 private:
  struct Whitened {
    bool ok = false;
    MatrixXd rows;               // (y, X) / sqrt(F)
    double log_determinant = 0;  // sum log F
    double log_diffuse = 0;
    std::vector<int> time;
  };
  struct ErrorDerivatives {
    bool ok = false;
    VectorXd errors;  // of z = y - X beta, / sqrt(F)
    MatrixXd derivatives;
    double log_determinant = 0;
    VectorXd log_determinant_derivative;
  };
  Whitened whiten(const VectorXd& theta) const;
  // No moving average, and every period that the recursion reaches back to is observed exactly.
  bool ends_in_values() const;
  bool has_fixed_inputs() const;  // none is filtered by a parameter
  // z of the last periods, and w of all of them, a column for each parameters.
  DrawMatrix last_noise(const DrawMatrix& theta, const DrawMatrix& beta,
                        Eigen::Index periods) const;
  DrawMatrix differenced_noise(const DrawMatrix& theta, const DrawMatrix& beta) const;
  std::vector<Observation> observations(const MatrixXd& columns) const;
  MatrixXd columns(const VectorXd& theta) const;  // (y, X) undifferenced
  // Complete data; to_natural: d theta / d u, a column a coordinate u.
  ErrorDerivatives error_derivatives(const VectorXd& theta, const MatrixXd& to_natural,
                                     const VectorXd& beta) const;
  bool numeric_jacobian(const VectorXd& u, MatrixXd& jacobian) const;
  // theta expanded, with its derivatives.
  ArmaCoefficients coefficients(const VectorXd& theta, const MatrixXd& to_natural) const;
  // Differences of analytic scores (complete data) or of log L itself.
  MatrixXd information_from_scores(const VectorXd& theta, const VectorXd& beta) const;
  MatrixXd information_from_values(const VectorXd& theta, const VectorXd& beta) const;
  // relative |theta_i|, halved until both sides are inside the admissible region.
  VectorXd admissible_steps(const VectorXd& theta, double relative) const;
  double sigma_of(const VectorXd& theta) const;

  ArimaData data_;
  ParameterVector parameters_;
  bool complete_, noisy_;
  int nobs_ = 0, arma_size_ = 1, lag_count_ = 0, regression_count_ = 0;
  std::vector<double> difference_;
  MatrixXd differenced_;  // (y, X) differenced, where it does not depend on parameters
};

}  // namespace amnok
