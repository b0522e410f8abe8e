// The state space form of an arima model: what the filter sees, and the state it ends in.
#include <algorithm>
#include <cmath>

#include "engine/base/check.h"
#include "engine/statespace/arma_known_states.h"
#include "engine/statespace/arma_state.h"
#include "models/arima/arima_likelihood.h"

namespace amnok {

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
  std::vector<double> ar = ar_polynomial(theta), ma = ma_polynomial(theta);
  const int r = arma_size_, m = r + lag_count_;
  StateSpace model;
  MatrixXd covariance;
  if (!arma_state_covariance(ar, ma, r, covariance)) return model;
  std::vector<Eigen::Triplet<double>> t;
  for (std::size_t i = 0; i < ar.size(); ++i) {
    if (ar[i] != 0) t.emplace_back(static_cast<int>(i), 0, ar[i]);
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
  for (std::size_t j = 0; j < ma.size(); ++j) noise(static_cast<Eigen::Index>(j) + 1) = ma[j];
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

bool ArimaLikelihood::has_fixed_inputs() const {
  return std::all_of(data_.inputs.begin(), data_.inputs.end(),
                     [](const TransferInput& input) { return input.denominator == 0; });
}

bool ArimaLikelihood::ends_in_values() const {
  const Eigen::Index reach = data_.order.ar_lags() + data_.order.differences();
  return data_.order.ma_lags() == 0 && data_.n() >= reach && data_.y.tail(reach).allFinite() &&
         (data_.sd.size() == 0 || (data_.sd.tail(reach).array() == 0).all());
}

DrawMatrix ArimaLikelihood::last_noise(const DrawMatrix& theta, const DrawMatrix& beta,
                                       Eigen::Index periods) const {
  DrawMatrix z = data_.y.tail(periods).replicate(1, theta.cols());
  if (beta.rows() == 0 || periods == 0) return z;
  MatrixXd x;
  for (Eigen::Index d = 0; d < theta.cols(); ++d) {
    if (d == 0 || !has_fixed_inputs()) x = regression_matrix(theta.col(d)).bottomRows(periods);
    z.col(d) -= x * beta.col(d);
  }
  return z;
}

DrawMatrix ArimaLikelihood::differenced_noise(const DrawMatrix& theta,
                                              const DrawMatrix& beta) const {
  if (differenced_.size() == 0) {
    const DrawMatrix z = last_noise(theta, beta, data_.n());
    return differenced(z, data_.order);
  }
  DrawMatrix w = differenced_.col(0).replicate(1, theta.cols());
  for (Eigen::Index t = 0; t < w.rows(); ++t) {
    for (Eigen::Index j = 0; j < beta.rows(); ++j) w.row(t) -= differenced_(t, j + 1) * beta.row(j);
  }
  return w;
}

bool ArimaLikelihood::end_states(const DrawMatrix& theta, const DrawMatrix& beta,
                                 const DrawMatrix& ar, const DrawMatrix& ma,
                                 DrawMatrix& states) const {
  const bool values_suffice = ends_in_values();
  if (!values_suffice && !complete_) return false;
  const Eigen::Index p = ar.rows(), r = arma_size_, lags = std::ssize(difference_);
  const DrawMatrix z = last_noise(theta, beta, values_suffice ? p + lags : lags);
  states.setZero(r + lags, theta.cols());
  states.bottomRows(lags) = z.bottomRows(lags).colwise().reverse();
  if (!values_suffice) {
    DrawMatrix known;
    if (!arma_known_states(ar, ma, differenced_noise(theta, beta), known)) return false;
    states.topRows(r) = known;
    return true;
  }
  DrawMatrix w = z.bottomRows(p);
  for (Eigen::Index j = 1; j <= lags; ++j) {
    const double c = difference_[static_cast<std::size_t>(j - 1)];
    if (c != 0) w -= c * z.middleRows(lags - j, p);
  }
  for (Eigen::Index i = 0; i < p; ++i) {
    for (Eigen::Index j = i + 1; j <= p; ++j) {
      states.row(i) += ar.row(j - 1).cwiseProduct(w.row(p + i - j));
    }
  }
  return true;
}

FilterResult ArimaLikelihood::filter(const VectorXd& theta, const VectorXd& beta) const {
  return RepeatedFilter(*this)(theta, beta);
}

ArimaLikelihood::RepeatedFilter::RepeatedFilter(const ArimaLikelihood& likelihood)
    : likelihood_(likelihood), fixed_inputs_(likelihood.has_fixed_inputs()) {}

FilterResult ArimaLikelihood::RepeatedFilter::operator()(const VectorXd& theta,
                                                         const VectorXd& beta) {
  const StateSpace model = likelihood_.state_space(theta);
  if (model.size() == 0) return {};
  if (given_.empty() || !fixed_inputs_) {
    given_ = likelihood_.observations(likelihood_.columns(theta));
    reduced_ = given_;
    for (Observation& o : reduced_) o.regressors.resize(0);
  }
  for (std::size_t i = 0; i < given_.size(); ++i) {
    reduced_[i].value = given_[i].value - given_[i].regressors.dot(beta);
  }
  return kalman_filter(model, reduced_, likelihood_.data_.n());
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
