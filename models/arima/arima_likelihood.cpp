#include "models/arima/arima_likelihood.h"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/base/check.h"
#include "engine/solver/linear_least_squares.h"
#include "engine/solver/transforms.h"
#include "engine/statespace/arma_filter.h"
#include "engine/statespace/conditional_arma.h"
#include "engine/stats/lag_polynomial.h"

namespace amnok {

namespace {

struct ArmaPolynomials {
  std::vector<double> ar, ma;
};

// Expands the four blocks at the head of theta (natural units).
ArmaPolynomials expand(const ArimaOrder& o, const VectorXd& theta) {
  const auto take = [&](int first, int count) {
    return std::vector<double>(theta.begin() + first, theta.begin() + first + count);
  };
  const auto ar = take(0, o.p), ma = take(o.p, o.q);
  const auto sar = take(o.p + o.q, o.seasonal_p);
  const auto sma = take(o.p + o.q + o.seasonal_p, o.seasonal_q);
  return {expand_seasonal(ar, sar, o.period, -1.0), expand_seasonal(ma, sma, o.period, 1.0)};
}

// d (expanded coefficients) / d u of one side: the product is linear in each of its two factors.
MatrixXd expanded_derivative(const VectorXd& theta, const MatrixXd& to_natural, int first,
                             int count, int seasonal_first, int seasonal_count, int period,
                             double sign) {
  MatrixXd derivative = MatrixXd::Zero(count + seasonal_count * period, to_natural.cols());
  for (int i = 0; i < count; ++i) {
    derivative.row(i) += to_natural.row(first + i);
    for (int j = 0; j < seasonal_count; ++j) {
      derivative.row((j + 1) * period + i) +=
          sign * (theta(seasonal_first + j) * to_natural.row(first + i) +
                  theta(first + i) * to_natural.row(seasonal_first + j));
    }
  }
  for (int j = 0; j < seasonal_count; ++j) {
    derivative.row((j + 1) * period - 1) += to_natural.row(seasonal_first + j);
  }
  return derivative;
}

// u_{t-shift} / (1 - delta B), its last n values; `slope`, when given, is its derivative in delta.
VectorXd filter_input(const TransferInput& input, int shift, double delta, int n,
                      VectorXd* slope = nullptr) {
  const auto size = static_cast<int>(input.values.size());
  const int lead = size - n;
  VectorXd column(n);
  if (slope != nullptr) slope->resize(n);
  double state = 0, dstate = 0;
  for (int t = 0; t < size; ++t) {
    const double u = t - shift >= 0 ? input.values(t - shift) : 0.0;
    dstate = input.denominator > 0 ? delta * dstate + state : 0.0;
    state = input.denominator > 0 ? delta * state + u : u;
    if (t < lead) continue;
    column(t - lead) = state;
    if (slope != nullptr) (*slope)(t - lead) = dstate;
  }
  return column;
}

}  // namespace

ArimaLikelihood::ArimaLikelihood(ArimaData data)
    : data_(std::move(data)),
      parameters_(arima_parameters(data_)),
      complete_(data_.complete()),
      noisy_(data_.noisy()) {
  const ArimaOrder& o = data_.order;
  difference_ = difference_coefficients(o.d, o.seasonal_d, o.period);
  arma_size_ = std::max(o.ar_lags(), o.ma_lags() + 1);
  lag_count_ = o.differences();
  for (const SumObservation& sum : data_.sums) {
    for (const auto& [lag, weight] : sum.parts) lag_count_ = std::max(lag_count_, lag);
  }
  const auto present =
      std::count_if(data_.y.begin(), data_.y.end(), [](double v) { return !std::isnan(v); });
  nobs_ = static_cast<int>(present) + static_cast<int>(data_.sums.size()) - o.differences();
  AMNOK_CHECK(!data_.conditional || complete_, "a conditional likelihood of incomplete data");
  if (data_.conditional) nobs_ -= o.ar_lags();
  regression_count_ = static_cast<int>(regression_names(data_).size());
  const bool filtered = std::any_of(data_.inputs.begin(), data_.inputs.end(),
                                    [](const TransferInput& i) { return i.denominator > 0; });
  if (complete_ && !filtered && nobs_ > 0) {
    differenced_ = differenced(columns(VectorXd::Zero(parameters_.size())), data_.order);
  }
}

double ArimaLikelihood::sigma_of(const VectorXd& theta) const {
  return noisy_ ? theta(theta.size() - 1) : 1.0;
}

std::vector<double> ArimaLikelihood::ar_polynomial(const VectorXd& theta) const {
  return expand(data_.order, theta).ar;
}

std::vector<double> ArimaLikelihood::ma_polynomial(const VectorXd& theta) const {
  return expand(data_.order, theta).ma;
}

MatrixXd ArimaLikelihood::regression_matrix(const VectorXd& theta) const {
  MatrixXd x(data_.n(), regression_count_);
  x.leftCols(data_.x.cols()) = data_.x;
  Eigen::Index column = data_.x.cols();
  int delta = data_.order.arma_count();
  for (const TransferInput& input : data_.inputs) {
    const double d = input.denominator > 0 ? theta(delta++) : 0.0;
    for (int j = 0; j <= input.numerator; ++j) {
      x.col(column++) = filter_input(input, input.delay + j, d, data_.n());
    }
  }
  return x;
}

MatrixXd ArimaLikelihood::columns(const VectorXd& theta) const {
  MatrixXd all(data_.n(), 1 + regression_count_);
  all.col(0) = data_.y;
  all.rightCols(regression_count_) = regression_matrix(theta);
  return all;
}

ArmaCoefficients ArimaLikelihood::coefficients(const VectorXd& theta,
                                               const MatrixXd& to_natural) const {
  const ArimaOrder& o = data_.order;
  ArmaPolynomials arma = expand(o, theta);
  const int seasonal = o.p + o.q;
  return {std::move(arma.ar), std::move(arma.ma),
          expanded_derivative(theta, to_natural, 0, o.p, seasonal, o.seasonal_p, o.period, -1.0),
          expanded_derivative(theta, to_natural, o.p, o.q, seasonal + o.seasonal_p, o.seasonal_q,
                              o.period, 1.0)};
}

ArimaLikelihood::Whitened ArimaLikelihood::whiten(const VectorXd& theta) const {
  Whitened result;
  if (complete_) {
    ArmaPolynomials arma = expand(data_.order, theta);
    const ArmaCoefficients coefficients{std::move(arma.ar), std::move(arma.ma), {}, {}};
    MatrixXd moved;
    if (differenced_.size() == 0) moved = differenced(columns(theta), data_.order);
    const MatrixXd& data = differenced_.size() > 0 ? differenced_ : moved;
    if (data_.conditional) {
      result.rows = conditional_errors(coefficients, data);
    } else {
      const ArmaErrors errors = arma_errors(coefficients, data, result.rows);
      if (!errors.ok) return result;
      result.log_determinant = errors.log_determinant;
    }
  } else {
    const StateSpace model = state_space(theta);
    if (model.size() == 0) return result;
    FilterResult filtered = kalman_filter(model, observations(columns(theta)), data_.n());
    result.rows = std::move(filtered.whitened);
    result.log_determinant = filtered.sum_log_variance;
    result.log_diffuse = filtered.sum_log_diffuse;
    result.time = std::move(filtered.time);
    if (result.rows.rows() != nobs_) return result;
  }
  result.ok = std::isfinite(result.rows.sum()) && std::isfinite(result.log_determinant);
  return result;
}

bool ArimaLikelihood::whitened(const VectorXd& theta, MatrixXd& rows) const {
  Whitened white = whiten(theta);
  rows = std::move(white.rows);
  return white.ok;
}

ArimaEvaluation ArimaLikelihood::evaluate(const VectorXd& theta) const {
  ArimaEvaluation result;
  const Whitened white = whiten(theta);
  if (!white.ok) return result;
  const LinearFit ls =
      solve(LinearLeastSquares{white.rows.rightCols(regression_count_), white.rows.col(0)});
  const double n = nobs_;
  result.beta = ls.coefficients;
  result.rss = ls.rss;
  result.nobs = nobs_;
  if (noisy_) {
    result.sigma2 = sigma_of(theta) * sigma_of(theta);
    result.log_likelihood =
        -0.5 * (n * std::log(2 * std::numbers::pi) + white.log_determinant + ls.rss);
    result.beta_covariance = ls.xtx_inverse;
  } else {
    result.sigma2 = ls.rss / n;
    if (!(result.sigma2 > 0)) return result;
    result.log_likelihood = -0.5 * n * (std::log(2 * std::numbers::pi * result.sigma2) + 1) -
                            0.5 * white.log_determinant;
    result.beta_covariance = result.sigma2 * ls.xtx_inverse;
  }
  result.log_likelihood -= 0.5 * white.log_diffuse;
  result.residuals = VectorXd::Constant(data_.n(), kMissing);
  const double scale = noisy_ ? sigma_of(theta) : 1.0;
  for (Eigen::Index i = 0; i < ls.residuals.size(); ++i) {
    const Eigen::Index t =
        complete_ ? i + data_.n() - nobs_ : white.time[static_cast<std::size_t>(i)];
    result.residuals(t) = scale * ls.residuals(i);
  }
  result.ok = true;
  return result;
}

ArimaLikelihood::ErrorDerivatives ArimaLikelihood::error_derivatives(const VectorXd& theta,
                                                                     const MatrixXd& to_natural,
                                                                     const VectorXd& beta) const {
  const ArmaCoefficients arma = coefficients(theta, to_natural);
  VectorXd z;
  MatrixXd dz(data_.n() - data_.order.differences(), 0);
  if (differenced_.size() > 0) {
    z = differenced_.col(0);
    if (beta.size() > 0) z.noalias() -= differenced_.rightCols(beta.size()) * beta;
  } else {
    z = data_.y - data_.x * beta.head(data_.x.cols());
    dz = MatrixXd::Zero(data_.n(), to_natural.cols());
    Eigen::Index column = data_.x.cols();
    int delta = data_.order.arma_count();
    for (const TransferInput& input : data_.inputs) {
      VectorXd slope;
      for (int j = 0; j <= input.numerator; ++j, ++column) {
        const double d = input.denominator > 0 ? theta(delta) : 0.0;
        z -= beta(column) * filter_input(input, input.delay + j, d, data_.n(), &slope);
        if (input.denominator > 0) dz -= beta(column) * slope * to_natural.row(delta);
      }
      delta += input.denominator;
    }
    z = differenced(z, data_.order);
    dz = differenced(dz, data_.order);
  }
  ErrorDerivatives result;
  if (data_.conditional) {
    conditional_errors_with_derivatives(arma, z, dz, result.errors, result.derivatives);
    result.log_determinant_derivative = VectorXd::Zero(to_natural.cols());
    result.ok = true;
    return result;
  }
  const ArmaErrors errors = arma_errors_with_derivatives(
      arma, z, dz, result.errors, result.derivatives, result.log_determinant_derivative);
  result.ok = errors.ok;
  result.log_determinant = errors.log_determinant;
  return result;
}

namespace {

// On the edge of the admissible region, and pushed against it, a partial autocorrelation no longer
// counts in the search.
void hold_at_edge(const VectorXd& u, const VectorXd& r, MatrixXd& jacobian) {
  for (Eigen::Index j = 0; j < u.size(); ++j) {
    if (is_at_edge(u(j)) && is_held_at_edge(u(j), r.dot(jacobian.col(j)))) {
      jacobian.col(j).setZero();
    }
  }
}

// r = a exp(log |Sigma| / (2 n)),   J = da exp(log |Sigma| / (2 n)) + r d log |Sigma| / (2 n)
// half_gradient: of a'a.
template <class Products>
void scale_products(const Products& of, const VectorXd& half_gradient, int n,
                    ResidualProducts& products) {
  const double scale = std::exp(of.log_determinant / n);
  const VectorXd growth = of.log_determinant_derivative / (2.0 * n);
  const VectorXd mixed = scale * of.error_products;
  products.rss = scale * of.rss;
  products.gradient = scale * half_gradient + products.rss * growth;
  products.gram = scale * of.gram + growth * mixed.transpose() + mixed * growth.transpose() +
                  products.rss * growth * growth.transpose();
}

}  // namespace

bool ArimaLikelihood::residuals(const VectorXd& u, VectorXd& r, MatrixXd* jacobian) const {
  const VectorXd theta = parameters_.to_natural(u);
  VectorXd beta(regression_count_);
  MatrixXd basis;  // orthonormal columns that span X~
  if (jacobian == nullptr || !complete_ || regression_count_ > 0) {
    const Whitened white = whiten(theta);
    if (!white.ok) return false;
    r = white.rows.col(0);
    if (regression_count_ > 0) {
      const Eigen::HouseholderQR<MatrixXd> qr(white.rows.rightCols(regression_count_));
      beta = qr.solve(r);
      r -= white.rows.rightCols(regression_count_) * beta;
      if (jacobian != nullptr) {
        basis = qr.householderQ() * MatrixXd::Identity(nobs_, regression_count_);
      }
    }
    r *= std::exp(white.log_determinant / (2.0 * nobs_));
    if (!std::isfinite(r.sum())) return false;
  }
  if (jacobian == nullptr) return true;
  if (!complete_) {
    if (!numeric_jacobian(u, *jacobian)) return false;
    hold_at_edge(u, r, *jacobian);
    return true;
  }

  ErrorDerivatives d = error_derivatives(theta, parameters_.natural_jacobian(u), beta);
  if (!d.ok) return false;
  const double scale = std::exp(d.log_determinant / (2.0 * nobs_));
  if (regression_count_ == 0) {
    d.errors *= scale;
    r.swap(d.errors);
  }
  for (Eigen::Index j = 0; j < u.size(); ++j) {
    d.derivatives.col(j) =
        scale * d.derivatives.col(j) + d.log_determinant_derivative(j) / (2.0 * nobs_) * r;
  }
  jacobian->swap(d.derivatives);
  if (basis.size() > 0) *jacobian -= basis * (basis.transpose() * *jacobian);
  hold_at_edge(u, r, *jacobian);
  return std::isfinite(r.sum()) && std::isfinite(jacobian->sum());
}

bool ArimaLikelihood::residual_products(const VectorXd& u, ResidualProducts& products) const {
  if (has_products()) {
    const ArmaCoefficients arma =
        coefficients(parameters_.to_natural(u), parameters_.natural_jacobian(u));
    bool ok;
    if (regression_count_ == 0) {
      const ArmaErrorProducts errors = arma_error_products(arma, differenced_.col(0), true);
      if (!errors.ok) return false;
      scale_products(errors, errors.error_products, nobs_, products);
      ok = true;
    } else {
      const ArmaProducts all = arma_products(arma, differenced_);
      ok = all.ok;
      if (ok) scale_products(all, all.half_gradient, nobs_, products);
    }
    if (ok) {
      for (Eigen::Index j = 0; j < u.size(); ++j) {
        if (!is_held_at_edge(u(j), products.gradient(j))) continue;
        products.gradient(j) = 0;
        products.gram.row(j).setZero();
        products.gram.col(j).setZero();
      }
      return true;
    }
  }
  VectorXd r;
  MatrixXd jacobian;
  if (!residuals(u, r, &jacobian)) return false;
  products.rss = r.squaredNorm();
  products.gradient = jacobian.transpose() * r;
  products.gram = jacobian.transpose().lazyProduct(jacobian);
  return true;
}

double ArimaLikelihood::residual_sum(const VectorXd& u) const {
  if (has_products() && regression_count_ > 0) {
    ArmaPolynomials arma = expand(data_.order, parameters_.to_natural(u));
    const ArmaProducts value =
        arma_products({std::move(arma.ar), std::move(arma.ma), {}, {}}, differenced_);
    if (value.ok) return std::exp(value.log_determinant / nobs_) * value.rss;
  }
  VectorXd r;
  return residuals(u, r, nullptr) && r.size() > 0 ? r.squaredNorm() : INFINITY;
}

bool ArimaLikelihood::numeric_jacobian(const VectorXd& u, MatrixXd& jacobian) const {
  jacobian.resize(nobs_, u.size());
  VectorXd at = u, up, down;
  for (Eigen::Index i = 0; i < u.size(); ++i) {
    const double h = 1e-5 * std::max(1.0, std::fabs(u(i)));
    at(i) = u(i) + h;
    if (!residuals(at, up, nullptr)) return false;
    at(i) = u(i) - h;
    if (!residuals(at, down, nullptr)) return false;
    at(i) = u(i);
    jacobian.col(i) = (up - down) / (2 * h);
  }
  return jacobian.allFinite();
}

}  // namespace amnok
