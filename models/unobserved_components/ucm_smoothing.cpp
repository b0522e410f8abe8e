// Components given all observations, and what is shown of them.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/check.h"
#include "engine/stats/distributions.h"
#include "models/unobserved_components/bound_ucm.h"
#include "models/unobserved_components/ucm_observations.h"

namespace amnok {

namespace {

// NaN where the variance is zero but for rounding.
double standardised(double value, double variance, double scale) {
  return variance > 1e-9 * scale ? value / std::sqrt(variance) : kMissing;
}

// The largest auxiliary residuals, in words: outliers and steps.
void note_auxiliary(const VectorXd& residuals, const std::string& what, const PeriodRange& range,
                    FitResult& result) {
  constexpr double kLarge = 3.5;
  Eigen::Index at = -1;
  for (Eigen::Index t = 0; t < residuals.size(); ++t) {
    if (std::isnan(residuals(t)) || std::fabs(residuals(t)) < kLarge) continue;
    if (at < 0 || std::fabs(residuals(t)) > std::fabs(residuals(at))) at = t;
  }
  if (at < 0) return;
  result.notes.push_back(fmt::format("{} at {} (auxiliary residual {:.1f})", what,
                                     format_period(range.first + at), residuals(at)));
}

}  // namespace

SmoothedComponents BoundUcm::smooth(const FitResult& fit) const {
  const UcmFit at = filtered(fit);
  const int n = sample_.n();
  const Eigen::Index m = at.model.states.size();
  const VectorXd scaled = at.coefficients.cwiseProduct(data_.regressor_scale);
  const SmootherResult smoothed = kalman_smoother(ucm_state_space(at.model, data_),
                                                  ucm_observations(at.model, data_, &scaled), n);
  SmoothedComponents result;
  result.signal = smoothed.mean.topRows(m).transpose() * at.model.loading;
  result.signal_variance.resize(n);
  result.irregular = smoothed.mean.row(m).transpose();
  result.irregular_auxiliary = VectorXd::Constant(n, kMissing);
  const double h = at.model.observation_variance;
  for (int t = 0; t < n; ++t) {
    const MatrixXd& v = smoothed.covariance[static_cast<std::size_t>(t)];
    result.signal_variance(t) =
        std::max(at.model.loading.dot(v.topLeftCorner(m, m) * at.model.loading), 0.0);
    if (data_.columns.row(t).array().isNaN().any()) {
      if (!is_in_sum(t)) result.irregular(t) = kMissing;
    } else if (h > 0) {
      result.irregular_auxiliary(t) = standardised(result.irregular(t), h - v(m, m), h);
    }
  }
  for (const UcmPart& part : parts_of(spec_)) {
    SmoothedComponent component;
    component.name = part.name;
    component.mean = smoothed.mean.topRows(m).transpose() * part.loading;
    component.variance.resize(n);
    component.auxiliary = VectorXd::Constant(n, kMissing);
    const double q = at.model.states.noise(part.first, part.first);
    for (int t = 0; t < n; ++t) {
      const auto index = static_cast<std::size_t>(t);
      component.variance(t) = std::max(
          part.loading.dot(smoothed.covariance[index].topLeftCorner(m, m) * part.loading), 0.0);
      if (q > 0 && t > 0) {
        // The disturbance that led into period t: Q r_t, with variance Q N_t Q.
        const double information = smoothed.adjoint_information[index](part.first, part.first);
        component.auxiliary(t) =
            standardised(q * smoothed.adjoint(part.first, t), q * information * q, q);
      }
    }
    result.parts.push_back(std::move(component));
  }
  return result;
}

void BoundUcm::add_tables(FitResult& result) const {
  const SmoothedComponents smoothed = smooth(result);
  const double z = normal_quantile(0.975);
  ResultTable components{
      "components", "Components given all observations, 95 % bands", {"period"}, {}};
  ResultTable auxiliary{"auxiliary_residuals",
                        "Smoothed disturbances over their standard deviations",
                        {"period", "irregular"},
                        {}};
  for (const SmoothedComponent& part : smoothed.parts) {
    components.columns.insert(components.columns.end(),
                              {part.name, part.name + "_low", part.name + "_high"});
    auxiliary.columns.push_back(part.name);
  }
  for (int t = 0; t < sample_.n(); ++t) {
    const std::string period = format_period(sample_.range.first + t);
    std::vector<ResultTable::Cell> row = {period};
    std::vector<ResultTable::Cell> residuals = {period, smoothed.irregular_auxiliary(t)};
    for (const SmoothedComponent& part : smoothed.parts) {
      const double sd = std::sqrt(part.variance(t));
      row.insert(row.end(), {part.mean(t), part.mean(t) - z * sd, part.mean(t) + z * sd});
      residuals.emplace_back(part.auxiliary(t));
    }
    components.rows.push_back(std::move(row));
    auxiliary.rows.push_back(std::move(residuals));
  }
  result.tables.push_back(std::move(components));
  result.tables.push_back(std::move(auxiliary));
  note_auxiliary(smoothed.irregular_auxiliary, "an outlier", sample_.range, result);
  note_auxiliary(smoothed.parts.front().auxiliary, "a step of the level", sample_.range, result);
}

bool BoundUcm::is_in_sum(int t) const {
  return std::any_of(data_.sums.begin(), data_.sums.end(), [&](const SumObservation& sum) {
    return std::any_of(sum.parts.begin(), sum.parts.end(),
                       [&](const auto& part) { return sum.last - part.first == t; });
  });
}

VectorXd BoundUcm::completed(const FitResult& fit) const {
  const SmoothedComponents smoothed = smooth(fit);
  VectorXd filled = sample_.y;
  const VectorXd coefficients = fit.parameters.values().tail(sample_.regressors.cols());
  for (int t = 0; t < sample_.n(); ++t) {
    if (!std::isnan(filled(t))) continue;
    filled(t) = smoothed.signal(t);
    if (!std::isnan(smoothed.irregular(t))) filled(t) += smoothed.irregular(t);
    if (coefficients.size() > 0) filled(t) += sample_.regressors.row(t).dot(coefficients);
  }
  return filled;
}

SmoothedComponents smoothed_components(const BoundModel& model, const FitResult& fit) {
  return dynamic_cast<const BoundUcm&>(model).smooth(fit);
}

int diffuse_observations(const BoundModel& model, const FitResult& fit) {
  return dynamic_cast<const BoundUcm&>(model).filtered(fit).filter.diffuse_count;
}

}  // namespace amnok
