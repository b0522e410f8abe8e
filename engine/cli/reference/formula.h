// Regression formulas as cases write them: "y ~ ylag1 + ylag12", "dm ~ dR + season", "y ~ 1", "y ~
// x - 1".
#pragma once

#include <string>
#include <vector>

#include "engine/cli/reference/reference_case.h"

namespace amnok {

struct RegressionData {
  std::string response;
  VectorXd y;
  MatrixXd x;
  std::vector<std::string> names;  // "const" for the constant; factors as columnLevel
};

// Terms are columns or expressions of them; a column of texts is a factor with treatment contrasts
// (its first level in sorted order is the base).
RegressionData build_regression(const std::string& formula, const DataTable& data);

// Rows without a missing value.
std::vector<int> complete_rows(const RegressionData& data);
// The data of these rows alone.
RegressionData complete(RegressionData data);

}  // namespace amnok
