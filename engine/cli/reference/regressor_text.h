// Regressors that a case describes in words: "trend = year - 1920", "step1899 = 1 for year >=
// 1899", "drift = 1..n; coefficient is the per-period drift", "pulse = 1 at t = 40".
#pragma once

#include <string>

#include "engine/cli/reference/reference_case.h"

namespace amnok {

// The column `name`: of the data when they have it, else built from the description. Known in
// descriptions: t (1, 2, ...), n, year, month, quarter. Throws InputError when it cannot be built.
VectorXd described_regressor(const std::string& name, const std::string& description,
                             const DataTable& data);

}  // namespace amnok
