// NIST StRD and other least-squares problems.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/base/text.h"
#include "engine/cli/reference/tasks.h"
#include "engine/solver/formula_problem.h"
#include "engine/solver/linear_least_squares.h"

namespace amnok {

namespace {

Frame frame_of(const DataTable& table) {
  Frame frame(PeriodRange{{Frequency::undated, 1}, table.rows()});
  for (const std::string& name : table.value_columns()) {
    Series series;
    series.name = name;
    series.first = frame.range().first;
    series.values = table.column(name);
    frame.add(series);
  }
  return frame;
}

void report_nonlinear(const NonlinearFit& fit, const std::vector<std::string>& names,
                      Quantities& q) {
  const auto n = static_cast<double>(fit.residuals.size());
  const int df = static_cast<int>(fit.residuals.size()) - static_cast<int>(names.size());
  // (J'J)^-1 by the linear solver, which scales columns and copes with ill-conditioned ones.
  const LinearFit linear = solve(LinearLeastSquares{fit.jacobian, fit.residuals});
  const double sigma2 = fit.rss / df;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto at = static_cast<Eigen::Index>(i);
    q["coef." + names[i]] = fit.x(at);
    q["se." + names[i]] = std::sqrt(sigma2 * linear.xtx_inverse(at, at));
  }
  q["rss"] = fit.rss;
  q["resid_sd"] = std::sqrt(sigma2);
  q["df_resid"] = df;
  q["loglik"] = -n / 2 * (std::log(2 * std::numbers::pi * fit.rss / n) + 1);
  q["status"] = std::string(status_name(fit.status));
}

}  // namespace

Quantities run_nist_linear(const ReferenceCase& c) {
  const DataTable& data = c.data.at(0);
  const VectorXd y = data.column(c.text("response"));
  const std::vector<std::string> terms = c.texts("terms");
  MatrixXd x(y.size(), static_cast<Eigen::Index>(terms.size()));
  for (std::size_t j = 0; j < terms.size(); ++j) {
    const auto at = static_cast<Eigen::Index>(j);
    const auto parts = split(terms[j], '^');
    if (terms[j] == "1") {
      x.col(at).setOnes();
    } else {
      const int power =
          parts.size() == 2 ? static_cast<int>(parse_integer(parts[1]).value_or(1)) : 1;
      const VectorXd base = data.column(parts[0]);
      x.col(at) = base;
      for (int k = 1; k < power; ++k) x.col(at).array() *= base.array();
    }
  }
  const LinearFit fit = solve(LinearLeastSquares{x, y});
  const bool constant = c.flag("intercept", true);
  Quantities q;
  for (Eigen::Index j = 0; j < x.cols(); ++j) {
    const std::string name = fmt::format("b{}", j + (constant ? 0 : 1));
    q["coef." + name] = fit.coefficients(j);
    q["se." + name] = std::sqrt(fit.sigma2() * fit.xtx_inverse(j, j));
  }
  const double mean = constant ? y.mean() : 0;
  const VectorXd fitted = y - fit.residuals;
  q["rss"] = fit.rss;
  q["resid_sd"] = std::sqrt(fit.sigma2());
  q["df_resid"] = fit.df_residual();
  q["regression_ss"] = (fitted.array() - mean).square().sum();
  q["r2"] = 1 - fit.rss / (y.array() - mean).square().sum();
  q["df_regression"] = fit.rank - (constant ? 1 : 0);
  return q;
}

Quantities run_nist_nonlinear(const ReferenceCase& c) {
  const std::string model = c.text("model");
  const auto equals = model.find('=');
  FormulaRegression regression{parse_expression(model.substr(0, equals)),
                               parse_expression(model.substr(equals + 1)),
                               {},
                               {}};
  const std::vector<double> start1 = c.numbers("start1"), start2 = c.numbers("start2");
  for (std::size_t i = 0; i < start1.size(); ++i) {
    regression.parameters.push_back(fmt::format("b{}", i + 1));
  }
  for (const auto& start : {start2, start1}) {
    if (start.empty()) continue;
    regression.starts.push_back(
        Eigen::Map<const VectorXd>(start.data(), static_cast<Eigen::Index>(start.size())));
  }
  Quantities q;
  report_nonlinear(solve(make_problem(regression, frame_of(c.data.at(0)))), regression.parameters,
                   q);
  return q;
}

Quantities run_nonlinear_ls(const ReferenceCase& c) {
  const std::string model = c.text("model");
  const auto tilde = model.find('~');
  FormulaRegression regression{
      parse_expression(model.substr(0, tilde)), parse_expression(model.substr(tilde + 1)), {}, {}};
  for (const char* key : {"start1", "start2"}) {
    const ConfigValue* start = c.spec.find(key);
    if (start == nullptr) continue;
    VectorXd values(static_cast<Eigen::Index>(start->members().size()));
    regression.parameters.clear();
    for (const auto& member : start->members()) {
      values(static_cast<Eigen::Index>(regression.parameters.size())) = member.value.number();
      regression.parameters.push_back(member.key);
    }
    regression.starts.push_back(values);
  }
  Quantities q;
  report_nonlinear(solve(make_problem(regression, frame_of(c.data.at(0)))), regression.parameters,
                   q);
  return q;
}

}  // namespace amnok
