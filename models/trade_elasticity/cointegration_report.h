// Does an equation in levels say something, or is it spurious? Tests of cointegration, and the
// long-run elasticities of several estimators side by side.
//
//   tests      Dickey-Fuller of each variable; Engle-Granger (1987); Johansen's trace and largest
//              eigenvalue (1988, 1991)
//   estimates  the equation's own, dynamic least squares (Saikkonen 1991; Stock & Watson 1993),
//              fully modified least squares (Phillips & Hansen 1990), and Johansen's relation
//
// Both need neighbouring periods: they are of the longest run of periods in which nothing is
// missing. Seasonal means are taken out first where the equation has seasonal dummies. Lags go by
// BIC. Johansen's constant is restricted to the relation unless a variable has a trend of its own. What
// cannot be run has a row that says why.
#pragma once

#include <string>
#include <vector>

#include "engine/model/fit_result.h"
#include "engine/regression/deterministic_case.h"

namespace amnok {

// A long-run elasticity as the equation has it.
struct OwnElasticity {
  std::string term;
  double estimate = kMissing, std_error = kMissing;
  double low = kMissing, high = kMissing;  // NaN: no interval
  std::string says;
};

struct CointegrationInput {
  std::string target;
  VectorXd y;                      // n, NaN missing
  std::vector<std::string> names;  // of the regressors
  MatrixXd x;                      // n x k, NaN missing
  PeriodRange range;
  MatrixXd seasons;  // n x (season - 1) dummies, or no columns
  DeterministicCase terms = DeterministicCase::constant;
  int max_lag = 4;        // of Johansen's autoregression, and of leads and lags
  std::string estimator;  // the equation's own, "ARDL" or "least squares"
  std::vector<OwnElasticity> own;
};

struct CointegrationReport {
  std::vector<ResultTable> tables;  // cointegration_tests, long_run_methods
  std::vector<std::string> notes;   // the verdict; which periods
};

CointegrationReport cointegration_report(const CointegrationInput& input);

}  // namespace amnok
