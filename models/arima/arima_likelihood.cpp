#include "models/arima/arima_likelihood.h"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/base/check.h"
#include "engine/solver/jet.h"
#include "engine/solver/linear_least_squares.h"
#include "engine/solver/transforms.h"
#include "engine/statespace/arma_recursions.h"

namespace amnok {

namespace {

template <class T>
struct ArmaPolynomials {
  std::vector<T> ar, ma;
};

// Expands the four blocks at the head of theta (natural units).
template <class T>
ArmaPolynomials<T> expand(const ArimaOrder& o, const std::vector<T>& theta) {
  const auto take = [&](int first, int count) {
    return std::vector<T>(theta.begin() + first, theta.begin() + first + count);
  };
  const auto ar = take(0, o.p), ma = take(o.p, o.q);
  const auto sar = take(o.p + o.q, o.seasonal_p);
  const auto sma = take(o.p + o.q + o.seasonal_p, o.seasonal_q);
  return {expand_seasonal(ar, sar, o.period, -1.0), expand_seasonal(ma, sma, o.period, 1.0)};
}

std::vector<double> as_vector(const VectorXd& v) {
  return {v.begin(), v.end()};
}

// u_{t-shift} / (1 - delta B), its last n values.
template <class T>
std::vector<T> filter_input(const TransferInput& input, int shift, const T& delta, int n) {
  const auto size = static_cast<int>(input.values.size());
  const int lead = size - n;
  std::vector<T> column(static_cast<std::size_t>(n), T(0.0));
  T state(0.0);
  for (int t = 0; t < size; ++t) {
    const double u = t - shift >= 0 ? input.values(t - shift) : 0.0;
    state = input.denominator > 0 ? delta * state + T(u) : T(u);
    if (t >= lead) column[static_cast<std::size_t>(t - lead)] = state;
  }
  return column;
}

template <class T>
void difference_in_place(std::vector<T>& values, const ArimaOrder& o) {
  const auto once = [&](std::size_t lag) {
    for (std::size_t t = 0; t + lag < values.size(); ++t) values[t] = values[t + lag] - values[t];
    values.resize(values.size() > lag ? values.size() - lag : 0);
  };
  for (int i = 0; i < o.seasonal_d; ++i) once(static_cast<std::size_t>(o.period));
  for (int i = 0; i < o.d; ++i) once(1);
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
}

double ArimaLikelihood::sigma_of(const VectorXd& theta) const {
  return noisy_ ? theta(theta.size() - 1) : 1.0;
}

std::vector<double> ArimaLikelihood::ar_polynomial(const VectorXd& theta) const {
  return expand(data_.order, as_vector(theta)).ar;
}

std::vector<double> ArimaLikelihood::ma_polynomial(const VectorXd& theta) const {
  return expand(data_.order, as_vector(theta)).ma;
}

MatrixXd ArimaLikelihood::regression_matrix(const VectorXd& theta) const {
  MatrixXd x(data_.n(), regression_count_);
  x.leftCols(data_.x.cols()) = data_.x;
  Eigen::Index column = data_.x.cols();
  int delta = data_.order.arma_count();
  for (const TransferInput& input : data_.inputs) {
    const double d = input.denominator > 0 ? theta(delta++) : 0.0;
    for (int j = 0; j <= input.numerator; ++j) {
      const std::vector<double> values = filter_input(input, input.delay + j, d, data_.n());
      x.col(column++) = Eigen::Map<const VectorXd>(values.data(), data_.n());
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
  const ArmaPolynomials<double> arma = expand(data_.order, as_vector(theta));
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

ArimaLikelihood::Whitened ArimaLikelihood::whiten(const VectorXd& theta,
                                                  const MatrixXd& columns) const {
  Whitened result;
  if (complete_) {
    const ArmaPolynomials<double> arma = expand(data_.order, as_vector(theta));
    ArmaWhitener<double> whitener;
    if (!whitener.prepare(arma.ar, arma.ma, nobs_)) return result;
    result.rows.resize(nobs_, columns.cols());
    for (Eigen::Index j = 0; j < columns.cols(); ++j) {
      std::vector<double> values = as_vector(columns.col(j));
      difference_in_place(values, data_.order);
      whitener.whiten(values.data(), result.rows.col(j).data());
    }
    result.log_determinant = whitener.log_determinant();
    for (int t = 0; t < nobs_; ++t) result.time.push_back(t + data_.order.differences());
  } else {
    const StateSpace model = state_space(theta);
    if (model.size() == 0) return result;
    FilterResult filtered = kalman_filter(model, observations(columns), data_.n());
    result.rows = std::move(filtered.whitened);
    result.log_determinant = filtered.sum_log_variance;
    result.log_diffuse = filtered.sum_log_diffuse;
    result.time = std::move(filtered.time);
    if (result.rows.rows() != nobs_) return result;
  }
  result.ok = result.rows.allFinite() && std::isfinite(result.log_determinant);
  return result;
}

ArimaEvaluation ArimaLikelihood::evaluate(const VectorXd& theta) const {
  ArimaEvaluation result;
  const Whitened white = whiten(theta, columns(theta));
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
  for (std::size_t i = 0; i < white.time.size(); ++i) {
    result.residuals(white.time[i]) = scale * ls.residuals(static_cast<Eigen::Index>(i));
  }
  result.ok = true;
  return result;
}

template <int N>
bool ArimaLikelihood::jacobian_columns(const VectorXd& u, const VectorXd& beta, int first,
                                       const VectorXd& residuals, double scale,
                                       MatrixXd& jacobian) const {
  using Dual = Jet<N>;
  const ArimaOrder& o = data_.order;
  const auto dual = [&](int i) {
    return i >= first && i < first + N ? Dual(u(i), i - first) : Dual(u(i));
  };
  // Natural parameters with derivatives, block by block.
  std::vector<Dual> theta;
  for (const ParameterVector::Block& block : parameters_.blocks()) {
    std::vector<Dual> part;
    for (int i = 0; i < block.count; ++i) part.push_back(dual(block.first + i));
    if (block.constraint == Constraint::stationary || block.constraint == Constraint::invertible) {
      part = coefficients_from_unconstrained(
          part, block.constraint == Constraint::stationary ? 1.0 : -1.0);
    } else {
      part[0] =
          Dual(block.lower) + Dual((block.upper - block.lower) / 2) * (Dual(1.0) + squash(part[0]));
    }
    theta.insert(theta.end(), part.begin(), part.end());
  }
  // z = y - X(delta) beta, differenced.
  std::vector<Dual> z(static_cast<std::size_t>(data_.n()));
  const VectorXd fixed = data_.y - data_.x * beta.head(data_.x.cols());
  for (std::size_t t = 0; t < z.size(); ++t) z[t] = Dual(fixed(static_cast<Eigen::Index>(t)));
  Eigen::Index column = data_.x.cols();
  int delta = o.arma_count();
  for (const TransferInput& input : data_.inputs) {
    const Dual d = input.denominator > 0 ? theta[static_cast<std::size_t>(delta++)] : Dual(0.0);
    for (int j = 0; j <= input.numerator; ++j, ++column) {
      const std::vector<Dual> values = filter_input(input, input.delay + j, d, data_.n());
      for (std::size_t t = 0; t < z.size(); ++t) z[t] -= values[t] * beta(column);
    }
  }
  difference_in_place(z, o);
  const ArmaPolynomials<Dual> arma = expand(o, theta);
  ArmaWhitener<Dual> whitener;
  if (!whitener.prepare(arma.ar, arma.ma, nobs_)) return false;
  std::vector<Dual> e(static_cast<std::size_t>(nobs_));
  whitener.whiten(z.data(), e.data());
  const Dual log_determinant = whitener.log_determinant();
  const int last = std::min<int>(first + N, static_cast<int>(u.size()));
  for (int i = first; i < last; ++i) {
    const double share = log_determinant.v(i - first) / (2.0 * nobs_);
    for (int t = 0; t < nobs_; ++t) {
      jacobian(t, i) = scale * (e[static_cast<std::size_t>(t)].v(i - first) + residuals(t) * share);
    }
  }
  return true;
}

bool ArimaLikelihood::residuals(const VectorXd& u, VectorXd& r, MatrixXd* jacobian) const {
  const VectorXd theta = parameters_.to_natural(u);
  const Whitened white = whiten(theta, columns(theta));
  if (!white.ok) return false;
  VectorXd beta(regression_count_);
  MatrixXd basis;  // orthonormal columns that span X~
  VectorXd e = white.rows.col(0);
  if (regression_count_ > 0) {
    const Eigen::HouseholderQR<MatrixXd> qr(white.rows.rightCols(regression_count_));
    beta = qr.solve(e);
    e -= white.rows.rightCols(regression_count_) * beta;
    if (jacobian != nullptr) {
      basis = qr.householderQ() * MatrixXd::Identity(nobs_, regression_count_);
    }
  }
  const double scale = std::exp(white.log_determinant / (2.0 * nobs_));
  r = scale * e;
  if (!r.allFinite()) return false;
  if (jacobian == nullptr) return true;

  const int k = static_cast<int>(u.size());
  jacobian->resize(nobs_, k);
  if (complete_) {
    bool ok = true;
    for (int first = 0; ok && first < k; first += 8) {
      const int width = std::min(8, k - first);
      ok = width <= 1   ? jacobian_columns<1>(u, beta, first, e, scale, *jacobian)
           : width <= 2 ? jacobian_columns<2>(u, beta, first, e, scale, *jacobian)
           : width <= 4 ? jacobian_columns<4>(u, beta, first, e, scale, *jacobian)
                        : jacobian_columns<8>(u, beta, first, e, scale, *jacobian);
    }
    if (!ok) return false;
    if (basis.size() > 0) *jacobian -= basis * (basis.transpose() * *jacobian);
  } else {
    VectorXd at = u, up, down;
    for (int i = 0; i < k; ++i) {
      const double h = 1e-5 * std::max(1.0, std::fabs(u(i)));
      at(i) = u(i) + h;
      if (!residuals(at, up, nullptr)) return false;
      at(i) = u(i) - h;
      if (!residuals(at, down, nullptr)) return false;
      at(i) = u(i);
      jacobian->col(i) = (up - down) / (2 * h);
    }
  }
  return jacobian->allFinite();
}

MatrixXd ArimaLikelihood::information(const VectorXd& theta, const VectorXd& beta) const {
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
    const Whitened white = whiten(value, columns(value));
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
  // Steps that stay inside the admissible region.
  VectorXd step(k);
  for (int i = 0; i < k; ++i) {
    double h = 1e-3 * std::max(std::fabs(theta(i)), 0.1);
    for (int halving = 0; halving < 12; ++halving, h /= 2) {
      VectorXd up = theta, down = theta;
      up(i) += h;
      down(i) -= h;
      if (parameters_.is_admissible(up) && parameters_.is_admissible(down)) break;
    }
    step(i) = h;
  }
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
