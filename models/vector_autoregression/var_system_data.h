// The data of a whole system, from the sample of any of its equations.
//
// A sample's regressors are, in this order: the m exogenous ones, the targets' lags (lag 1 of all K,
// lag 2 of all, ... as many as the spec's max_lags), and the targets themselves, which no projection
// needs (engine/study/joint_equations.h). So every equation sees the same system.
#pragma once

#include <string>
#include <vector>

#include "engine/model/sample.h"
#include "models/vector_autoregression/var_system_spec.h"

namespace amnok {

struct VarSystemData {
  std::vector<std::string> variables;        // K
  std::vector<std::string> exogenous_names;  // m
  Period first;                              // of the sample
  int season = 1;
  int presample = 0;   // rows before the sample: the spec's max_lags
  MatrixXd y;          // (presample + n) x K; NaN missing
  MatrixXd exogenous;  // the same rows x m; NaN before the sample

  int size() const { return static_cast<int>(y.cols()); }
  int rows() const { return static_cast<int>(y.rows()); }
  Period period(int row) const { return first + (row - presample); }
};

VarSystemData system_data(const VarSystemSpec& spec, const Sample& sample);

}  // namespace amnok
