// What is printed beside an elasticity: coefficients with intervals, the questions a referee asks,
// influential periods, collinearity.
#pragma once

#include <string>
#include <vector>

#include "engine/model/fit_result.h"
#include "engine/regression/bootstrap_t.h"
#include "engine/regression/robust_covariance.h"
#include "models/trade_elasticity/elasticity_spec.h"

namespace amnok {

// The rows of a regression as the report speaks of them.
struct ReportedRegression {
  MatrixXd x;                      // n x k, complete
  VectorXd y;                      // n
  std::vector<std::string> names;  // k
  std::vector<Period> periods;     // n
  LinearFit fit;
  MatrixXd given;  // x before its rows were weighted; empty: they are not
};

// Degrees of freedom whose Student t has the 95 % quantile of a reference distribution: what
// FitResult::inference_df can carry. Exact for normal (0) and t; for fixed-b the interval is exact
// and the table of elasticities has the exact p-value.
double equivalent_df(const ReferenceDistribution& reference);

// Estimate, standard error, t, p and 95 % interval by the reference distribution.
ResultTable elasticity_table(const std::vector<std::string>& names, const VectorXd& estimates,
                             const MatrixXd& covariance, const ReferenceDistribution& reference);

// A specification test and what a referee wants to know by it.
struct RefereeQuestion {
  Diagnostic test;  // words: the verdict at 5 %
  std::string question;
};

// Breusch-Godfrey (1 and a season), Durbin-Watson, Breusch-Pagan (Koenker), White, RESET,
// Jarque-Bera, CUSUM and CUSUM of squares; those that the sample can carry. CUSUM: largest
// |sum of recursive residuals| over its linear boundary's shape, p by Brown, Durbin & Evans (1975,
// eq. 21); of squares: Kolmogorov's limit of sqrt(m / 2) times the largest deviation.
// lagged_target: a lag of the target is among the columns, which Durbin and Watson do not allow.
std::vector<RefereeQuestion> referee_questions(const ReportedRegression& regression, int season,
                                               bool lagged_target = false);
ResultTable referee_table(const std::vector<RefereeQuestion>& questions);

// The periods that move the answer most, at most ten by Cook's distance (1977): leverage,
// externally studentised residual, Cook's distance, the largest |DFBETAS| and its coefficient
// (Belsley, Kuh & Welsch 1980). Periods with leverage one are listed without the others.
ResultTable influence_table(const ReportedRegression& regression);

// In words, where one period has a Cook's distance above 1: what the coefficients from `first` on
// would be without it. Empty: none has.
std::string influence_note(const ReportedRegression& regression, int first);

// Variance inflation of each column, and the condition number of the scaled design.
ResultTable collinearity_table(const ReportedRegression& regression);

// Bootstrap-t intervals of the coefficients from `first` on.
ResultTable bootstrap_table(const ReportedRegression& regression, int first,
                            const ElasticitySpec& spec);

}  // namespace amnok
