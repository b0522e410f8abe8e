// A system estimated as a whole: by least squares, with a Minnesota prior, or by error correction.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/model/fit_result.h"
#include "engine/regression/vecm.h"
#include "models/vector_autoregression/var_posterior.h"
#include "models/vector_autoregression/var_system_data.h"

namespace amnok {

struct VarSystemFit {
  VectorAutoregression var;  // its y starts at row `first_row` of the data
  int first_row = 0;
  MatrixXd sigma;              // of projections: U'U / T, or the posterior mean
  MatrixXd coefficient_scale;  // Var(b_j) is its element (j, j) times var.xtx_inverse
  std::string covariance_kind;
  double inference_df = 0;  // 0: normal
  VarPosterior posterior;
  std::optional<VecmFit> error_correction;
  MinnesotaPrior prior;               // as chosen
  std::vector<VarCriteria> criteria;  // of the lags compared; empty: given
  int compared_rows = 0;              // that the comparison stands on
  std::vector<std::string> notes;

  int lags() const { return var.spec.lags; }
};

// Input errors: those of the estimators, a gap inside the sample of an error-correction model.
VarSystemFit fit_system_of(const VarSystemSpec& spec, const VarSystemData& data);

// The data with gaps filled by their expectation given all that was observed, at the estimates:
// the missing values that minimise sum u_t' S^-1 u_t. What lies before a variable's first
// observation, or lacks a regressor, stays missing. Rows as those of data.y.
MatrixXd completed_system(const VarSystemFit& fit, const VarSystemData& data);

}  // namespace amnok
