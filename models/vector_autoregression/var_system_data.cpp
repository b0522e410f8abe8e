#include "models/vector_autoregression/var_system_data.h"

#include "engine/base/check.h"

namespace amnok {

VarSystemData system_data(const VarSystemSpec& spec, const Sample& sample) {
  const Eigen::Index k = spec.size(), lags = spec.max_lags, n = sample.n();
  const Eigen::Index m = sample.regressors.cols() - k * (lags + 1);
  AMNOK_CHECK(m >= 0, "{} regressors for {} lags of {} variables", sample.regressors.cols(), lags,
              k);
  VarSystemData data;
  data.variables = spec.targets;
  data.exogenous_names.assign(sample.regressor_names.begin(), sample.regressor_names.begin() + m);
  data.first = sample.range.first;
  data.season = sample.season;
  data.presample = spec.max_lags;
  data.y.resize(lags + n, k);
  data.y.bottomRows(n) = sample.regressors.rightCols(k);
  for (Eigen::Index lag = 1; lag <= lags; ++lag) {
    data.y.row(lags - lag) = sample.regressors.row(0).segment(m + (lag - 1) * k, k);
  }
  data.exogenous = MatrixXd::Constant(lags + n, m, kMissing);
  data.exogenous.bottomRows(n) = sample.regressors.leftCols(m);
  return data;
}

}  // namespace amnok
