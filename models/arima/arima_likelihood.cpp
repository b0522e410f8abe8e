#include "models/arima/arima_likelihood.h"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/base/check.h"
#include "engine/solver/linear_least_squares.h"
#include "engine/statespace/arma_filter.h"
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

ArmaCoefficients expand_with_derivatives(const ArimaOrder& o, const VectorXd& theta,
                                         const MatrixXd& to_natural) {
  ArmaPolynomials arma = expand(o, theta);
  const int seasonal = o.p + o.q;
  return {std::move(arma.ar), std::move(arma.ma),
          expanded_derivative(theta, to_natural, 0, o.p, seasonal, o.seasonal_p, o.period, -1.0),
          expanded_derivative(theta, to_natural, o.p, o.q, seasonal + o.seasonal_p, o.seasonal_q,
                              o.period, 1.0)};
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

// Differences every column; the first rows are lost.
MatrixXd difference_columns(const MatrixXd& columns, const ArimaOrder& o) {
  MatrixXd result = columns;
  Eigen::Index rows = result.rows();
  const auto once = [&](Eigen::Index lag) {
    for (Eigen::Index j = 0; j < result.cols(); ++j) {
      double* v = result.col(j).data();
      for (Eigen::Index t = 0; t + lag < rows; ++t) v[t] = v[t + lag] - v[t];
    }
    rows -= lag;
  };
  for (int i = 0; i < o.seasonal_d; ++i) once(o.period);
  for (int i = 0; i < o.d; ++i) once(1);
  return result.topRows(rows);
}

// The whole covariance of Harvey's ARMA state, from its first column upwards:
//   P_ij = phi_{i+1} phi_{j+1} P_00 + phi_{i+1} P_{0,j+1} + phi_{j+1} P_{i+1,0} + P_{i+1,j+1} + R_i
//   R_j
bool arma_state_covariance(const std::vector<double>& ar, const std::vector<double>& ma, int r,
                           MatrixXd& p) {
  std::vector<double> gamma;
  if (!arma_autocovariances(ar, ma, r, gamma)) return false;
  const auto phi = [&](int j) {
    return j >= 1 && j <= static_cast<int>(ar.size()) ? ar[static_cast<std::size_t>(j - 1)] : 0.0;
  };
  const auto noise = [&](int j) {
    if (j == 0) return 1.0;
    return j <= static_cast<int>(ma.size()) ? ma[static_cast<std::size_t>(j - 1)] : 0.0;
  };
  VectorXd g = VectorXd::Zero(r + 1);
  for (int i = 0; i < r; ++i) {
    g(i) = gamma[static_cast<std::size_t>(i)];
    for (int j = 1; j <= i; ++j) g(i) -= phi(j) * gamma[static_cast<std::size_t>(i - j)];
  }
  p = MatrixXd::Zero(r, r);
  p.row(0) = g.head(r).transpose();
  p.col(0) = g.head(r);
  for (int i = r - 1; i >= 1; --i) {
    for (int j = r - 1; j >= 1; --j) {
      p(i, j) = phi(i + 1) * phi(j + 1) * g(0) + phi(i + 1) * g(j + 1) + phi(j + 1) * g(i + 1) +
                (i + 1 < r && j + 1 < r ? p(i + 1, j + 1) : 0.0) + noise(i) * noise(j);
    }
  }
  return true;
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
  regression_count_ = static_cast<int>(regression_names(data_).size());
  const bool filtered = std::any_of(data_.inputs.begin(), data_.inputs.end(),
                                    [](const TransferInput& i) { return i.denominator > 0; });
  if (complete_ && !filtered && nobs_ > 0) {
    differenced_ = difference_columns(columns(VectorXd::Zero(parameters_.size())), data_.order);
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

std::vector<Observation> ArimaLikelihood::observations(const MatrixXd& columns) const {
  const int m = arma_size_ + lag_count_;
  VectorXd now = VectorXd::Zero(m);
  now(0) = 1;
  for (std::size_t j = 0; j < difference_.size(); ++j) {
    now(arma_size_ + static_cast<Eigen::Index>(j)) = difference_[j];
  }
  std::vector<Observation> result;
  std::size_t next_sum = 0;
  for (int t = 0; t < data_.n(); ++t) {
    if (!std::isnan(columns(t, 0))) {
      const double sd = data_.sd.size() > 0 ? data_.sd(t) : 0.0;
      result.push_back(
          {t, now, columns(t, 0), sd * sd, columns.row(t).tail(columns.cols() - 1).transpose()});
    }
    for (; next_sum < data_.sums.size() && data_.sums[next_sum].last == t; ++next_sum) {
      const SumObservation& sum = data_.sums[next_sum];
      Observation o{t, VectorXd::Zero(m), sum.value, sum.variance,
                    VectorXd::Zero(columns.cols() - 1)};
      for (const auto& [lag, weight] : sum.parts) {
        if (lag == 0) {
          o.loading += weight * now;
        } else {
          o.loading(arma_size_ + lag - 1) += weight;
        }
        o.regressors += weight * columns.row(t - lag).tail(columns.cols() - 1).transpose();
      }
      result.push_back(o);
    }
  }
  return result;
}

StateSpace ArimaLikelihood::state_space(const VectorXd& theta) const {
  ArmaPolynomials arma = expand(data_.order, theta);
  const int r = arma_size_, m = r + lag_count_;
  StateSpace model;
  MatrixXd covariance;
  if (!arma_state_covariance(arma.ar, arma.ma, r, covariance)) return model;
  std::vector<Eigen::Triplet<double>> t;
  for (std::size_t i = 0; i < arma.ar.size(); ++i) {
    if (arma.ar[i] != 0) t.emplace_back(static_cast<int>(i), 0, arma.ar[i]);
  }
  for (int i = 0; i + 1 < r; ++i) t.emplace_back(i, i + 1, 1.0);
  if (lag_count_ > 0) {  // the first lag of the next period is z_t = alpha_0 + sum delta_j lag_j
    t.emplace_back(r, 0, 1.0);
    for (std::size_t j = 0; j < difference_.size(); ++j) {
      if (difference_[j] != 0) t.emplace_back(r, r + static_cast<int>(j), difference_[j]);
    }
    for (int j = 0; j + 1 < lag_count_; ++j) t.emplace_back(r + j + 1, r + j, 1.0);
  }
  model.transition.resize(m, m);
  model.transition.setFromTriplets(t.begin(), t.end());
  VectorXd noise = VectorXd::Zero(m);
  noise(0) = 1;
  for (std::size_t j = 0; j < arma.ma.size(); ++j)
    noise(static_cast<Eigen::Index>(j) + 1) = arma.ma[j];
  const double variance = sigma_of(theta) * sigma_of(theta);
  model.noise = variance * noise * noise.transpose();
  model.initial_mean = VectorXd::Zero(m);
  model.initial_covariance = MatrixXd::Zero(m, m);
  model.initial_covariance.topLeftCorner(r, r) = variance * covariance;
  model.initial_diffuse = MatrixXd::Zero(m, m);
  for (std::size_t j = 0; j < difference_.size(); ++j) {
    const auto at = r + static_cast<Eigen::Index>(j);
    model.initial_diffuse(at, at) = 1;
  }
  return model;
}

ArimaLikelihood::Whitened ArimaLikelihood::whiten(const VectorXd& theta) const {
  Whitened result;
  if (complete_) {
    ArmaPolynomials arma = expand(data_.order, theta);
    const ArmaCoefficients coefficients{std::move(arma.ar), std::move(arma.ma), {}, {}};
    const ArmaErrors errors =
        differenced_.size() > 0
            ? arma_errors(coefficients, differenced_, result.rows)
            : arma_errors(coefficients, difference_columns(columns(theta), data_.order),
                          result.rows);
    if (!errors.ok) return result;
    result.log_determinant = errors.log_determinant;
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
  result.ok = result.rows.allFinite() && std::isfinite(result.log_determinant);
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
        complete_ ? i + data_.order.differences() : white.time[static_cast<std::size_t>(i)];
    result.residuals(t) = scale * ls.residuals(i);
  }
  result.ok = true;
  return result;
}

ArimaLikelihood::ErrorDerivatives ArimaLikelihood::error_derivatives(const VectorXd& theta,
                                                                     const MatrixXd& to_natural,
                                                                     const VectorXd& beta) const {
  const ArmaCoefficients arma = expand_with_derivatives(data_.order, theta, to_natural);
  ErrorDerivatives result;
  ArmaErrors errors;
  if (differenced_.size() > 0) {
    const VectorXd z =
        beta.size() == 0
            ? VectorXd(differenced_.col(0))
            : VectorXd(differenced_.col(0) - differenced_.rightCols(beta.size()) * beta);
    errors = arma_errors_with_derivatives(arma, z, MatrixXd(nobs_, 0), result.errors,
                                          result.derivatives, result.log_determinant_derivative);
  } else {
    VectorXd z = data_.y - data_.x * beta.head(data_.x.cols());
    MatrixXd dz = MatrixXd::Zero(data_.n(), to_natural.cols());
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
    errors = arma_errors_with_derivatives(arma, difference_columns(z, data_.order),
                                          difference_columns(dz, data_.order), result.errors,
                                          result.derivatives, result.log_determinant_derivative);
  }
  result.ok = errors.ok;
  result.log_determinant = errors.log_determinant;
  return result;
}

namespace {

// A partial autocorrelation within 0.00005 of one, and pushed against it: there it stays, and no
// longer counts in the search.
void hold_at_boundary(const VectorXd& u, const VectorXd& r, MatrixXd& jacobian) {
  constexpr double kAtBoundary = 100;
  for (Eigen::Index j = 0; j < u.size(); ++j) {
    if (std::fabs(u(j)) > kAtBoundary && r.dot(jacobian.col(j)) * u(j) < 0)
      jacobian.col(j).setZero();
  }
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
    if (!r.allFinite()) return false;
  }
  if (jacobian == nullptr) return true;
  if (!complete_) {
    if (!numeric_jacobian(u, *jacobian)) return false;
    hold_at_boundary(u, r, *jacobian);
    return true;
  }

  const ErrorDerivatives d = error_derivatives(theta, parameters_.natural_jacobian(u), beta);
  if (!d.ok) return false;
  const double scale = std::exp(d.log_determinant / (2.0 * nobs_));
  if (regression_count_ == 0) r = scale * d.errors;
  *jacobian = scale * d.derivatives;
  jacobian->noalias() += r * (d.log_determinant_derivative.transpose() / (2.0 * nobs_));
  if (basis.size() > 0) *jacobian -= basis * (basis.transpose() * *jacobian);
  hold_at_boundary(u, r, *jacobian);
  return r.allFinite() && jacobian->allFinite();
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

VectorXd ArimaLikelihood::admissible_steps(const VectorXd& theta, double relative) const {
  VectorXd step(theta.size());
  for (Eigen::Index i = 0; i < theta.size(); ++i) {
    double h = relative * std::max(std::fabs(theta(i)), 0.1);
    for (int halving = 0; halving < 12; ++halving, h /= 2) {
      VectorXd up = theta, down = theta;
      up(i) += h;
      down(i) -= h;
      if (parameters_.is_admissible(up) && parameters_.is_admissible(down)) break;
    }
    step(i) = h;
  }
  return step;
}

MatrixXd ArimaLikelihood::information(const VectorXd& theta, const VectorXd& beta) const {
  return complete_ ? information_from_scores(theta, beta) : information_from_values(theta, beta);
}

MatrixXd ArimaLikelihood::information_from_scores(const VectorXd& theta,
                                                  const VectorXd& beta) const {
  const auto k = theta.size(), kb = beta.size();
  const double n = nobs_;
  MatrixXd information = MatrixXd::Constant(k + kb, k + kb, kMissing);
  const MatrixXd identity = MatrixXd::Identity(k, k);
  // d log L / d (theta, beta) with sigma^2 concentrated out.
  const auto score = [&](const VectorXd& at, VectorXd& gradient) {
    const ErrorDerivatives d = error_derivatives(at, identity, beta);
    if (!d.ok) return false;
    const double weight = n / d.errors.squaredNorm();
    gradient.resize(k + kb);
    gradient.head(k) =
        -0.5 * d.log_determinant_derivative - weight * (d.derivatives.transpose() * d.errors);
    if (kb == 0) return true;
    const Whitened white = whiten(at);
    if (!white.ok) return false;
    gradient.tail(kb) = weight * (white.rows.rightCols(kb).transpose() * d.errors);
    return true;
  };
  if (kb > 0) {
    const Whitened white = whiten(theta);
    if (!white.ok) return information;
    const auto x = white.rows.rightCols(kb);
    const double rss = (white.rows.col(0) - x * beta).squaredNorm();
    information.bottomRightCorner(kb, kb) = n / rss * (x.transpose() * x);
  }
  const VectorXd step = admissible_steps(theta, 1e-4);
  VectorXd moved = theta, up, down;
  for (Eigen::Index i = 0; i < k; ++i) {
    moved(i) = theta(i) + step(i);
    const bool above = score(moved, up);
    moved(i) = theta(i) - step(i);
    if (!above || !score(moved, down)) return MatrixXd::Constant(k + kb, k + kb, kMissing);
    moved(i) = theta(i);
    information.col(i) = -(up - down) / (2 * step(i));
  }
  information.topRightCorner(k, kb) = information.bottomLeftCorner(kb, k).transpose();
  information.topLeftCorner(k, k) =
      (0.5 * (information.topLeftCorner(k, k) + information.topLeftCorner(k, k).transpose()))
          .eval();
  return information;
}

MatrixXd ArimaLikelihood::information_from_values(const VectorXd& theta,
                                                  const VectorXd& beta) const {
  const int k = static_cast<int>(theta.size()), kb = regression_count_;
  struct Point {
    bool ok = false;
    double log_likelihood = 0;
    VectorXd score;  // d log L / d beta
    MatrixXd cross;  // - d2 log L / d beta2
  };
  const double n = nobs_;
  const auto at = [&](const VectorXd& value) {
    Point point;
    const Whitened white = whiten(value);
    if (!white.ok) return point;
    const auto x = white.rows.rightCols(kb);
    const VectorXd e = white.rows.col(0) - x * beta;
    const double rss = e.squaredNorm(), weight = noisy_ ? 1.0 : n / rss;
    point.ok = true;
    point.log_likelihood =
        -0.5 * white.log_determinant - (noisy_ ? 0.5 * rss : 0.5 * n * std::log(rss));
    point.score = weight * (x.transpose() * e);
    point.cross = weight * (x.transpose() * x);
    return point;
  };
  const VectorXd step = admissible_steps(theta, 1e-3);
  MatrixXd information = MatrixXd::Constant(k + kb, k + kb, kMissing);
  const Point centre = at(theta);
  if (!centre.ok) return information;
  information.bottomRightCorner(kb, kb) = centre.cross;
  VectorXd moved = theta;
  std::vector<Point> up(static_cast<std::size_t>(k)), down(static_cast<std::size_t>(k));
  for (int i = 0; i < k; ++i) {
    const auto index = static_cast<std::size_t>(i);
    moved(i) = theta(i) + step(i);
    up[index] = at(moved);
    moved(i) = theta(i) - step(i);
    down[index] = at(moved);
    moved(i) = theta(i);
    if (!up[index].ok || !down[index].ok) return information;
    information(i, i) =
        -(up[index].log_likelihood - 2 * centre.log_likelihood + down[index].log_likelihood) /
        (step(i) * step(i));
    const VectorXd mixed = -(up[index].score - down[index].score) / (2 * step(i));
    information.row(i).tail(kb) = mixed.transpose();
    information.col(i).tail(kb) = mixed;
  }
  for (int i = 0; i < k; ++i) {
    for (int j = 0; j < i; ++j) {
      double sum = 0;
      for (int signs = 0; signs < 4; ++signs) {
        const double si = signs % 2 == 0 ? 1 : -1, sj = signs < 2 ? 1 : -1;
        moved(i) = theta(i) + si * step(i);
        moved(j) = theta(j) + sj * step(j);
        const Point corner = at(moved);
        sum += corner.ok ? si * sj * corner.log_likelihood : kMissing;
      }
      moved(i) = theta(i);
      moved(j) = theta(j);
      information(i, j) = information(j, i) = -sum / (4 * step(i) * step(j));
    }
  }
  return information;
}

bool ArimaLikelihood::known_state(const VectorXd& theta, const VectorXd& beta, VectorXd& known,
                                  bool& steady) const {
  ArmaPolynomials arma = expand(data_.order, theta);
  VectorXd w = differenced_.size() > 0 ? VectorXd(differenced_.col(0))
                                       : VectorXd(difference_columns(data_.y, data_.order).col(0));
  if (beta.size() > 0) {
    w -= differenced_.size() > 0
             ? VectorXd(differenced_.rightCols(beta.size()) * beta)
             : VectorXd(difference_columns(regression_matrix(theta) * beta, data_.order).col(0));
  }
  MatrixXd errors, state;
  const ArmaErrors result =
      arma_errors({std::move(arma.ar), std::move(arma.ma), {}, {}}, w, errors, &state);
  if (!result.ok) return false;
  known = state.col(0);
  steady = result.steady;
  return true;
}

FilterResult ArimaLikelihood::filter(const VectorXd& theta, const VectorXd& beta) const {
  const StateSpace model = state_space(theta);
  if (model.size() == 0) return {};
  std::vector<Observation> all = observations(columns(theta));
  for (Observation& o : all) {
    o.value -= o.regressors.dot(beta);
    o.regressors.resize(0);
  }
  return kalman_filter(model, all, data_.n());
}

VectorXd ArimaLikelihood::smoothed(const VectorXd& theta, const VectorXd& beta,
                                   double sigma2) const {
  StateSpace model = state_space(theta);
  AMNOK_CHECK(model.size() > 0, "parameters are not stationary");
  if (!noisy_) {
    model.noise *= sigma2;
    model.initial_covariance *= sigma2;
  }
  std::vector<Observation> all = observations(columns(theta));
  for (Observation& o : all) {
    o.value -= o.regressors.dot(beta);
    o.regressors.resize(0);
  }
  const SmootherResult smooth = kalman_smoother(model, all, data_.n());
  VectorXd y = regression_matrix(theta) * beta;
  for (int t = 0; t < data_.n(); ++t) {
    y(t) += smooth.mean(0, t);
    for (std::size_t j = 0; j < difference_.size(); ++j) {
      y(t) += difference_[j] * smooth.mean(arma_size_ + static_cast<Eigen::Index>(j), t);
    }
  }
  return y;
}

}  // namespace amnok
