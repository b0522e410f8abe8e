#include "engine/solver/covariance.h"

#include <Eigen/Cholesky>
#include <cmath>

#include "engine/base/check.h"

namespace amnok {

bool invert_information(const MatrixView& information, MatrixXd& covariance) {
  const Eigen::Index k = information.rows();
  covariance = MatrixXd::Zero(k, k);
  if (k == 0) return true;
  if (!information.allFinite() || (information.diagonal().array() <= 0).any()) return false;
  const VectorXd scale = information.diagonal().cwiseSqrt().cwiseInverse();
  const MatrixXd scaled = scale.asDiagonal() * information * scale.asDiagonal();
  const Eigen::LLT<MatrixXd> llt(scaled);
  if (llt.info() != Eigen::Success || llt.matrixL().toDenseMatrix().diagonal().minCoeff() < 1e-7) {
    return false;
  }
  covariance = scale.asDiagonal() * llt.solve(MatrixXd::Identity(k, k)) * scale.asDiagonal();
  covariance = (0.5 * (covariance + covariance.transpose())).eval();
  return true;
}

std::string covariance_name(RegressionCovariance kind) {
  switch (kind) {
    case RegressionCovariance::classical:
      return "classical";
    case RegressionCovariance::hc0:
      return "HC0";
    case RegressionCovariance::hc1:
      return "HC1";
    case RegressionCovariance::hc2:
      return "HC2";
    case RegressionCovariance::hc3:
      return "HC3";
    case RegressionCovariance::newey_west:
      return "Newey-West";
  }
  return "";
}

MatrixXd heteroskedastic_covariance(const MatrixView& x, const LinearFit& fit,
                                    RegressionCovariance kind) {
  if (kind == RegressionCovariance::classical) return fit.sigma2() * fit.xtx_inverse;
  AMNOK_CHECK(kind != RegressionCovariance::newey_west, "Newey-West needs a lag");
  VectorXd weights = fit.residuals.cwiseAbs2();
  const VectorXd h = leverages(x, fit.xtx_inverse);
  // A leverage of one means a residual of zero: that observation carries no weight.
  const auto one_minus = (1 - h.array()).max(1e-14);
  if (kind == RegressionCovariance::hc1) {
    weights *= static_cast<double>(x.rows()) / fit.df_residual();
  } else if (kind == RegressionCovariance::hc2) {
    weights.array() /= one_minus;
  } else if (kind == RegressionCovariance::hc3) {
    weights.array() /= one_minus.square();
  }
  return sandwich(fit.xtx_inverse, x.transpose() * weights.asDiagonal() * x);
}

MatrixXd sandwich(const MatrixView& xtx_inverse, const MatrixView& meat) {
  return xtx_inverse * meat * xtx_inverse;
}

MatrixXd regression_scores(const MatrixView& x, const VectorView& residuals) {
  return residuals.asDiagonal() * x;
}

}  // namespace amnok
