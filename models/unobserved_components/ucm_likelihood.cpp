#include "models/unobserved_components/ucm_likelihood.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/base/input_error.h"
#include "engine/solver/linear_least_squares.h"
#include "models/unobserved_components/ucm_observations.h"

namespace amnok {

namespace {

double mean_square(const VectorXd& x) {
  double sum = 0;
  int count = 0;
  for (double v : x) {
    if (std::isnan(v)) continue;
    sum += v * v;
    ++count;
  }
  return count > 0 ? sum / count : 0;
}

VectorXd difference(const VectorXd& x, int lag) {
  const Eigen::Index n = x.size() - lag;
  return n > 0 ? VectorXd(x.tail(n) - x.head(n)) : VectorXd();
}

// The size of what moves: changes of the series, of a seasonal one against the season before.
double unit_of(const VectorXd& y, int season) {
  const double seasonal = season > 1 ? mean_square(difference(difference(y, season), 1)) / 4 : 0;
  if (seasonal > 0) return std::sqrt(seasonal);
  const double changes = mean_square(difference(y, 1));
  return changes > 0 ? std::sqrt(changes) : 0;
}

// As R's StructTS counts: every observation with an error, the large first ones too.
double structts_likelihood(const UcmFit& fit) {
  const double used = fit.filter.count;
  return -0.5 *
         (static_cast<double>(fit.errors.size()) * (fit.rss + fit.filter.sum_log_variance) / used +
          used * std::log(2 * std::numbers::pi));
}

}  // namespace

namespace {

// Sums that begin in the sample and whose regressors are known in every part.
void add_sums(const Sample& sample, const VectorXd& path, UcmData& data, VectorXd& y) {
  if (sample.sums.empty()) return;
  const Eigen::Index k = sample.regressors.cols();
  for (SumObservation& sum : linearised_sums(sample, path)) {
    const bool known = std::all_of(sum.parts.begin(), sum.parts.end(), [&](const auto& part) {
      const int t = sum.last - part.first;
      return t >= 0 && data.columns.row(t).tail(k).allFinite();
    });
    if (!known) continue;
    for (const auto& [lag, weight] : sum.parts) y(sum.last - lag) = path(sum.last - lag);
    data.sums.push_back(std::move(sum));
  }
}

}  // namespace

UcmData ucm_data(const Sample& sample, const UcmSpec& spec, const VectorXd& path) {
  const Eigen::Index k = sample.regressors.cols();
  UcmData data;
  data.columns.resize(sample.n(), 1 + k);
  data.columns.col(0) = sample.y;
  data.regressor_scale = VectorXd::Ones(k);
  for (Eigen::Index j = 0; j < k; ++j) {
    const double size = std::sqrt(mean_square(sample.regressors.col(j)));
    if (size > 0) data.regressor_scale(j) = size;
    data.columns.col(1 + j) = sample.regressors.col(j) / data.regressor_scale(j);
  }
  data.sd = sample.y_sd;
  // What the size of things is judged by: figures, and equal parts of sums.
  VectorXd y = sample.y;
  for (Eigen::Index t = 0; t < y.size(); ++t) {
    if (data.columns.row(t).array().isNaN().any()) {
      y(t) = kMissing;
      continue;
    }
    if (data.observed++ == 0) data.first_value = y(t);
  }
  add_sums(sample, path, data, y);
  const auto known = y.size() - y.array().isNaN().count();
  const int states = state_count(spec) - (spec.cycle && spec.cycle_damped ? 2 : 0);
  const int needed =
      states + static_cast<int>(k) + static_cast<int>(moving_components(spec).size()) + 1;
  if (data.information() < needed) {
    throw InputError(
        fmt::format("{} has {} observations, but an unobserved-components model with {} states and "
                    "{} regressors needs at least {}",
                    sample.target.variable, data.information(), states, k, needed));
  }
  const double mean = y.array().isNaN().select(0, y).sum() / static_cast<double>(known);
  data.variance =
      mean_square(y.array() - mean) * static_cast<double>(known) / static_cast<double>(known - 1);
  if (!(data.variance > 0)) {
    throw InputError(
        fmt::format("{} is constant ({}), but must vary", sample.target.variable, mean));
  }
  data.unit = unit_of(y, spec.seasonal == UcmSpec::Seasonal::none ? 1 : spec.period);
  if (!(data.unit > 1e-12 * std::sqrt(data.variance))) data.unit = std::sqrt(data.variance);
  return data;
}

UcmFit evaluate_ucm(const UcmSpec& spec, const UcmData& data, const UcmValues& values,
                    const VectorXd* coefficients) {
  UcmFit fit;
  fit.values = values;
  fit.model = ucm_model(spec, values, data.first_value, data.variance);
  fit.filter =
      data.exact() ? invariant_filter(fit.model, data.columns) : filter_inexact(fit.model, data);
  const InvariantFilterResult& filter = fit.filter;
  const Eigen::Index n = data.columns.rows(), k = data.columns.cols() - 1;
  fit.errors = filter.errors.col(0);
  if (!filter.resolved() || filter.count <= k) return fit;
  if (k > 0 && coefficients == nullptr) {
    LinearLeastSquares whitened{MatrixXd(filter.count, k), VectorXd(filter.count)};
    Eigen::Index row = 0;
    for (Eigen::Index t = 0; t < n; ++t) {
      if (std::isnan(filter.variance(t))) continue;
      const double sd = std::sqrt(filter.variance(t));
      whitened.y(row) = filter.errors(t, 0) / sd;
      whitened.x.row(row++) = filter.errors.row(t).tail(k) / sd;
    }
    const LinearFit least = solve(whitened);
    const VectorXd inverse_scale = data.regressor_scale.cwiseInverse();
    fit.coefficients = least.coefficients.cwiseProduct(inverse_scale);
    fit.coefficient_covariance =
        inverse_scale.asDiagonal() * least.xtx_inverse * inverse_scale.asDiagonal();
  } else {
    fit.coefficients = coefficients != nullptr ? *coefficients : VectorXd();
  }
  if (k > 0) {
    fit.errors -= filter.errors.rightCols(k) * fit.coefficients.cwiseProduct(data.regressor_scale);
  }
  fit.rss = 0;
  for (Eigen::Index t = 0; t < n; ++t) {
    if (!std::isnan(filter.variance(t))) {
      fit.rss += fit.errors(t) * fit.errors(t) / filter.variance(t);
    }
  }
  if (spec.start == UcmSpec::Start::structts) {
    fit.log_likelihood = structts_likelihood(fit);
  } else {
    fit.log_likelihood = -0.5 * (filter.count * std::log(2 * std::numbers::pi) + fit.rss +
                                 filter.sum_log_variance + filter.sum_log_diffuse);
  }
  fit.ok = std::isfinite(fit.log_likelihood);
  return fit;
}

}  // namespace amnok
