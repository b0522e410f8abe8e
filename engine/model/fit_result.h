// What an estimation found. It starts as "not run"; a failed fit keeps its reason.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/matrix.h"
#include "engine/solver/fit_status.h"
#include "engine/solver/parameter_vector.h"
#include "engine/stats/diagnostic.h"
#include "engine/time/period.h"

namespace amnok {

// A table that a plugin adds to its result: candidate orders, break dates. Cells are texts or
// numbers (NaN: empty).
struct ResultTable {
  using Cell = std::variant<std::string, double>;
  std::string name, title;
  std::vector<std::string> columns;
  std::vector<std::vector<Cell>> rows;
};

// A cell for people: whole numbers whole, others to six digits.
std::string cell_text(const ResultTable::Cell& cell);

struct FitResult {
  std::string name;  // of the equation
  std::string plugin;
  std::string equation;  // in algebra
  FitStatus status = FitStatus::not_run;
  std::string message;  // with the numbers that decided the status

  PeriodRange sample;
  int nobs = 0;     // observations used
  int missing = 0;  // periods of the sample without one
  int dropped = 0;  // rows dropped because a regressor is missing

  ParameterVector parameters;  // natural units; everything a forecast needs but sigma2
  MatrixXd covariance;         // of the parameters; empty when there is none
  std::string covariance_kind;
  double inference_df = 0;  // 0: normal; else Student t with so many degrees of freedom

  double sigma2 = kMissing;     // innovation variance, maximum likelihood or rss / df (as printed)
  double sigma2_df = kMissing;  // rss / (nobs - number of coefficients)
  double log_likelihood = kMissing;
  // What log_likelihood is the density of, when it is not the target as it is: "differences (d =
  // 1)". Criteria of two fits compare where this and nobs agree.
  std::string likelihood_data;
  double aic = kMissing, aicc = kMissing, bic = kMissing;
  double rss = kMissing, r2 = kMissing;

  VectorXd residuals;  // one-step errors in units of the transformed target, n; NaN where none
  VectorXd fitted;     // transformed target less residual; NaN where none
  // Residuals over their own standard deviations; empty: sqrt(sigma2) is that of all.
  VectorXd standardised;
  std::vector<Diagnostic> diagnostics;
  std::vector<ResultTable> tables;
  std::vector<std::string> notes;  // in words: what a reader must know

  bool usable() const { return status == FitStatus::converged; }
  double standard_error(int parameter) const;  // NaN: none
  // The shocks of the sample as simulate() takes them, n; NaN where none.
  VectorXd standardised_residuals() const;
};

struct Coefficient {
  std::string name;
  double estimate = kMissing, std_error = kMissing, statistic = kMissing, p_value = kMissing;
  double ci_low = kMissing, ci_high = kMissing;  // 95 %
};
std::vector<Coefficient> coefficient_table(const FitResult& fit);

// AIC, AICc and BIC from log_likelihood, nobs and the number of estimated parameters.
void set_information_criteria(FitResult& fit, int parameter_count);

}  // namespace amnok
