#include "engine/regression/wald.h"

#include "engine/base/check.h"
#include "engine/solver/covariance.h"
#include "engine/stats/distributions.h"

namespace amnok {

Diagnostic wald_test(const std::string& name, const VectorView& coefficients,
                     const MatrixView& covariance, const MatrixView& restrictions,
                     const VectorView& values, int df_residual) {
  AMNOK_CHECK(restrictions.cols() == coefficients.size() && restrictions.rows() == values.size(),
              "R is {} x {}, b {}, r {}", restrictions.rows(), restrictions.cols(),
              coefficients.size(), values.size());
  Diagnostic test;
  test.name = name;
  test.df = static_cast<double>(restrictions.rows());
  const VectorXd gap = restrictions * coefficients - values;
  MatrixXd inverse;
  if (!invert_information(restrictions * covariance * restrictions.transpose(), inverse))
    return test;
  test.statistic = gap.dot(inverse * gap);
  if (df_residual > 0) {
    test.statistic /= test.df;
    test.df2 = df_residual;
    test.p_value = f_sf(test.statistic, test.df, test.df2);
  } else {
    test.p_value = chi_squared_sf(test.statistic, test.df);
  }
  return test;
}

}  // namespace amnok
