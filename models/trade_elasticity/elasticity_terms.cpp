#include "models/trade_elasticity/elasticity_terms.h"

#include <fmt/format.h>

#include <cmath>

#include "engine/base/input_error.h"
#include "engine/base/text.h"
#include "engine/regression/specification_tests.h"

namespace amnok {

std::vector<std::string> DeterministicTerms::names() const {
  std::vector<std::string> all;
  if (constant) all.emplace_back("intercept");
  if (trend) all.emplace_back("trend");
  for (int s = 2; seasonal_dummies && s <= season; ++s) all.push_back(fmt::format("season{}", s));
  return all;
}

VectorXd DeterministicTerms::at(std::int64_t t) const {
  VectorXd x = VectorXd::Zero(count());
  Eigen::Index j = 0;
  if (constant) x(j++) = 1;
  if (trend) x(j++) = static_cast<double>(t + 1);
  if (seasonal_dummies) {
    const int s = season_index(first + t);
    if (s > 0 && s < season) x(j + s - 1) = 1;
  }
  return x;
}

std::string algebra(const std::string& left, const std::vector<std::string>& names,
                    const VectorXd& coefficients) {
  std::string text = left + " =";
  for (std::size_t j = 0; j < names.size(); ++j) {
    const double value = coefficients(static_cast<Eigen::Index>(j));
    text += fmt::format("{}{}{}", value < 0 ? " - " : (j == 0 ? " " : " + "),
                        format_significant(std::fabs(value), 4),
                        names[j] == "intercept" ? "" : " " + names[j]);
  }
  return text + " + e";
}

std::string collinear_columns(const MatrixView& x, const std::vector<std::string>& names,
                              const std::vector<int>& aliased) {
  std::vector<std::string> sentences;
  for (int j : aliased) {
    const MatrixXd before = x.leftCols(j);
    const VectorXd weights = solve(LinearLeastSquares{before, x.col(j)}).coefficients;
    std::vector<std::string> parts;
    for (int i = 0; i < j; ++i) {
      // A part counts where it moves the column by more than rounding.
      if (std::fabs(weights(i)) * x.col(i).norm() < 1e-9 * x.col(j).norm()) continue;
      parts.push_back(fmt::format("{:.4g} {}", weights(i), names[static_cast<std::size_t>(i)]));
    }
    sentences.push_back(fmt::format("{} is a linear combination of the regressors before it ({})",
                                    names[static_cast<std::size_t>(j)],
                                    parts.empty() ? "it is zero throughout" : join(parts, " + ")));
  }
  return join(sentences, "; ");
}

void require_distinct(const MatrixView& x, const std::vector<std::string>& names,
                      const LinearFit& fit) {
  constexpr double kMostInflation = 1e12;
  constexpr double kSuspect = 1e5;  // condition of the scaled columns below which none is near it
  const char* const hint = "leave one of them out";
  if (!fit.aliased.empty()) {
    throw InputError("perfectly collinear: " + collinear_columns(x, names, fit.aliased), hint);
  }
  if (fit.condition < kSuspect) return;
  const VectorXd inflation = variance_inflation(x);
  for (auto j = static_cast<int>(x.cols()) - 1; j >= 0; --j) {
    if (!(inflation(j) > kMostInflation)) continue;
    throw InputError("collinear but for rounding: " + collinear_columns(x, names, {j}), hint);
  }
}

}  // namespace amnok
