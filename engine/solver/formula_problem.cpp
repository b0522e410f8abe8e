#include "engine/solver/formula_problem.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "engine/base/input_error.h"
#include "engine/solver/jet.h"

namespace amnok {

namespace {

constexpr int kLanes = 4;  // derivatives carried in one pass

struct Problem {
  Expression formula;
  VectorXd response;
  MatrixXd columns;                    // of the formula's variables that are data
  std::vector<int> column, parameter;  // for each variable: its column or parameter, else -1
};

bool evaluate_formula(const Problem& problem, const VectorXd& b, VectorXd& r, MatrixXd* jacobian) {
  const Eigen::Index n = problem.response.size(), k = b.size();
  r.resize(n);
  if (jacobian == nullptr) {
    for (Eigen::Index t = 0; t < n; ++t) {
      r(t) = evaluate<double>(problem.formula, problem.formula.root(), 0, [&](int v, int) {
        const auto at = static_cast<std::size_t>(v);
        return problem.parameter[at] >= 0 ? b(problem.parameter[at])
                                          : problem.columns(t, problem.column[at]);
      });
    }
  } else {
    jacobian->resize(n, k);
    for (Eigen::Index first = 0; first < k; first += kLanes) {
      for (Eigen::Index t = 0; t < n; ++t) {
        using Dual = Jet<kLanes>;
        const auto leaf = [&](int v, int) {
          const auto at = static_cast<std::size_t>(v);
          const int p = problem.parameter[at];
          if (p < 0) return Dual(problem.columns(t, problem.column[at]));
          const bool mine = p >= first && p < first + kLanes;
          return mine ? Dual(b(p), static_cast<int>(p - first)) : Dual(b(p));
        };
        const Dual value = evaluate<Dual>(problem.formula, problem.formula.root(), 0, leaf);
        r(t) = value.a;
        for (Eigen::Index j = first; j < std::min<Eigen::Index>(first + kLanes, k); ++j) {
          (*jacobian)(t, j) = value.v(j - first);
        }
      }
    }
    if (!jacobian->allFinite()) return false;
  }
  r -= problem.response;
  return r.allFinite();
}

}  // namespace

NonlinearLeastSquares make_problem(const FormulaRegression& regression, const Frame& data) {
  auto problem = std::make_shared<Problem>();
  problem->formula = regression.formula;
  problem->response = evaluate_on(regression.response, data, data.range());
  std::vector<std::string> known = data.names();
  known.insert(known.end(), regression.parameters.begin(), regression.parameters.end());
  check_variables(regression.formula, known);
  problem->columns.resize(problem->response.size(), 0);
  for (const std::string& name : regression.formula.variables()) {
    const auto at = std::find(regression.parameters.begin(), regression.parameters.end(), name);
    if (at != regression.parameters.end()) {
      problem->parameter.push_back(static_cast<int>(at - regression.parameters.begin()));
      problem->column.push_back(-1);
      continue;
    }
    problem->parameter.push_back(-1);
    problem->column.push_back(static_cast<int>(problem->columns.cols()));
    problem->columns.conservativeResize(Eigen::NoChange, problem->columns.cols() + 1);
    problem->columns.rightCols(1) = data.get(name).values;
  }
  NonlinearLeastSquares result;
  result.residual_count = static_cast<int>(problem->response.size());
  result.starts = regression.starts;
  result.thorough = true;
  result.evaluate = [problem](const VectorXd& b, VectorXd& r, MatrixXd* jacobian) {
    return evaluate_formula(*problem, b, r, jacobian);
  };
  return result;
}

}  // namespace amnok
