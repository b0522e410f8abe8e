#include "engine/statespace/conditional_arma.h"

#include <algorithm>

namespace amnok {

namespace {

// x_t <- x_t - sum theta_j x_{t-j}: 1 / theta(B), with zeros before the first.
void divide_by_ma(const std::vector<double>& ma, Eigen::Ref<VectorXd> x) {
  const auto q = static_cast<Eigen::Index>(ma.size());
  for (Eigen::Index t = 1; t < x.size(); ++t) {
    for (Eigen::Index j = 1; j <= std::min(q, t); ++j) {
      x(t) -= ma[static_cast<std::size_t>(j - 1)] * x(t - j);
    }
  }
}

// phi(B) y from its p-th element on.
VectorXd multiply_by_ar(const std::vector<double>& ar, const VectorView& y) {
  const auto p = static_cast<Eigen::Index>(ar.size()), rows = y.size() - p;
  VectorXd result = y.tail(rows);
  for (Eigen::Index j = 1; j <= p; ++j) {
    const double phi = ar[static_cast<std::size_t>(j - 1)];
    if (phi != 0) result -= phi * y.segment(p - j, rows);
  }
  return result;
}

}  // namespace

MatrixXd conditional_errors(const ArmaCoefficients& arma, const MatrixView& data) {
  MatrixXd errors(data.rows() - static_cast<Eigen::Index>(arma.ar.size()), data.cols());
  for (Eigen::Index j = 0; j < data.cols(); ++j) {
    errors.col(j) = multiply_by_ar(arma.ar, data.col(j));
    divide_by_ma(arma.ma, errors.col(j));
  }
  return errors;
}

void conditional_errors_with_derivatives(const ArmaCoefficients& arma, const VectorView& z,
                                         const MatrixView& dz, VectorXd& errors,
                                         MatrixXd& derivatives) {
  const auto p = static_cast<Eigen::Index>(arma.ar.size()),
             q = static_cast<Eigen::Index>(arma.ma.size()), rows = z.size() - p;
  errors = conditional_errors(arma, z).col(0);
  derivatives.resize(rows, arma.parameters());
  // theta(B) de = phi(B) dz - dphi(B) z - dtheta(B) e, then divided by theta(B).
  for (int k = 0; k < arma.parameters(); ++k) {
    VectorXd d = dz.cols() > 0 ? multiply_by_ar(arma.ar, dz.col(k)) : VectorXd::Zero(rows);
    for (Eigen::Index j = 1; j <= p; ++j) {
      const double dphi = arma.ar_derivative(j - 1, k);
      if (dphi != 0) d -= dphi * z.segment(p - j, rows);
    }
    for (Eigen::Index j = 1; j <= std::min(q, rows - 1); ++j) {
      const double dtheta = arma.ma_derivative(j - 1, k);
      if (dtheta != 0) d.tail(rows - j) -= dtheta * errors.head(rows - j);
    }
    divide_by_ma(arma.ma, d);
    derivatives.col(k) = d;
  }
}

}  // namespace amnok
