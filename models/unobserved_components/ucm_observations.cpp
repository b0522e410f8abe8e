#include "models/unobserved_components/ucm_observations.h"

#include <algorithm>
#include <cmath>

namespace amnok {

namespace {

int reach_of(const UcmData& data) {
  int reach = 0;
  for (const SumObservation& sum : data.sums) {
    for (const auto& [lag, weight] : sum.parts) reach = std::max(reach, lag);
  }
  return reach;
}

// y_{t-lag} in the extended state, times `weight`.
void load(const InvariantModel& model, int lag, double weight, VectorXd& loading) {
  const Eigen::Index m = model.loading.size();
  if (lag == 0) {
    loading.head(m) += weight * model.loading;
    loading(m) += weight;
  } else {
    loading(m + lag) += weight;
  }
}

}  // namespace

StateSpace ucm_state_space(const InvariantModel& model, const UcmData& data) {
  const StateSpace& own = model.states;
  const int m = own.size(), reach = reach_of(data), size = m + 1 + reach;
  StateSpace result;
  std::vector<Eigen::Triplet<double>> entries;
  for (int row = 0; row < m; ++row) {
    for (decltype(own.transition)::InnerIterator it(own.transition, row); it; ++it) {
      entries.emplace_back(row, static_cast<int>(it.col()), it.value());
    }
  }
  if (reach > 0) {  // the first lag of the next period is y_t
    for (int j = 0; j < m; ++j) {
      if (model.loading(j) != 0) entries.emplace_back(m + 1, j, model.loading(j));
    }
    entries.emplace_back(m + 1, m, 1.0);
    for (int j = 1; j < reach; ++j) entries.emplace_back(m + 1 + j, m + j, 1.0);
  }
  result.transition.resize(size, size);
  result.transition.setFromTriplets(entries.begin(), entries.end());
  const auto extended = [&](const MatrixXd& block) {
    MatrixXd whole = MatrixXd::Zero(size, size);
    if (block.size() > 0) whole.topLeftCorner(m, m) = block;
    return whole;
  };
  result.noise = extended(own.noise);
  result.initial_covariance = extended(own.initial_covariance);
  result.initial_diffuse = extended(own.initial_diffuse);
  result.noise(m, m) = result.initial_covariance(m, m) = model.observation_variance;
  result.initial_mean = VectorXd::Zero(size);
  result.initial_mean.head(m) = own.initial_mean;
  return result;
}

std::vector<Observation> ucm_observations(const InvariantModel& model, const UcmData& data,
                                          const VectorXd* coefficients) {
  const Eigen::Index size = model.loading.size() + 1 + reach_of(data);
  const Eigen::Index k = data.columns.cols() - 1;
  std::vector<Observation> result;
  const auto add = [&](int time, double value, double variance, VectorXd loading,
                       VectorXd regressors) {
    Observation o{time, std::move(loading), value, variance, std::move(regressors)};
    if (coefficients != nullptr) {
      o.value -= o.regressors.dot(*coefficients);
      o.regressors.resize(0);
    }
    result.push_back(std::move(o));
  };
  std::size_t next_sum = 0;
  for (int t = 0; t < static_cast<int>(data.columns.rows()); ++t) {
    const auto row = data.columns.row(t);
    if (!row.array().isNaN().any()) {
      VectorXd loading = VectorXd::Zero(size);
      load(model, 0, 1, loading);
      const double sd = data.sd.size() > 0 ? data.sd(t) : 0;
      add(t, row(0), sd * sd, std::move(loading), row.tail(k).transpose());
    }
    for (; next_sum < data.sums.size() && data.sums[next_sum].last == t; ++next_sum) {
      const SumObservation& sum = data.sums[next_sum];
      VectorXd loading = VectorXd::Zero(size), regressors = VectorXd::Zero(k);
      for (const auto& [lag, weight] : sum.parts) {
        load(model, lag, weight, loading);
        regressors += weight * data.columns.row(t - lag).tail(k).transpose();
      }
      add(t, sum.value, sum.variance, std::move(loading), std::move(regressors));
    }
  }
  return result;
}

InvariantFilterResult filter_inexact(const InvariantModel& model, const UcmData& data) {
  const auto n = static_cast<int>(data.columns.rows());
  const Eigen::Index m = model.states.size();
  const FilterResult filter =
      kalman_filter(ucm_state_space(model, data), ucm_observations(model, data, nullptr), n);
  InvariantFilterResult result;
  result.errors = MatrixXd::Constant(n, data.columns.cols(), kMissing);
  result.variance = VectorXd::Constant(n, kMissing);
  for (std::size_t i = 0; i < filter.time.size(); ++i) {
    result.variance(filter.time[i]) = filter.variance[i];
    result.errors.row(filter.time[i]) =
        filter.whitened.row(static_cast<Eigen::Index>(i)) * std::sqrt(filter.variance[i]);
  }
  result.count = static_cast<int>(filter.time.size());
  result.sum_log_variance = filter.sum_log_variance;
  result.sum_log_diffuse = filter.sum_log_diffuse;
  result.diffuse_count = filter.diffuse_count;
  result.mean = filter.mean.topRows(m);
  result.covariance = filter.covariance.topLeftCorner(m, m);
  result.diffuse = filter.diffuse.topLeftCorner(m, m);
  return result;
}

}  // namespace amnok
