// Nonlinear regression from a formula: y = f(x; b) + e with f an expression of columns and
// parameters, and exact derivatives by dual numbers.
#pragma once

#include <string>
#include <vector>

#include "engine/data/evaluate.h"
#include "engine/solver/nonlinear_least_squares.h"

namespace amnok {

struct FormulaRegression {
  Expression response;  // of columns only: y or log(y)
  Expression formula;   // of columns and parameters
  std::vector<std::string> parameters;
  std::vector<VectorXd> starts;
};

// `data` holds every column that the two expressions name; rows are its periods. The problem keeps
// a copy of what it needs.
NonlinearLeastSquares make_problem(const FormulaRegression& regression, const Frame& data);

}  // namespace amnok
