// The forecast distribution of several models: a weighted mixture, period by period.
//
//   F(x) = sum_i w_i Phi((f_i(x) - m_i) / s_i),   f_i the transform of model i
//
// with weights that add up to one. A single model keeps its Student-t quantiles; in a mixture each
// member's scale is widened by t_0.975 / z_0.975 instead.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "engine/model/target.h"

namespace amnok {

struct ForecastComponent {
  double weight = 1;
  Transform transform;
  VectorXd mean, sd;  // of the transformed variable; sd 0: known
  double df = 0;      // of Student's t; 0: normal
};

class ForecastMixture {
 public:
  explicit ForecastMixture(std::vector<ForecastComponent> components);

  int horizon() const { return static_cast<int>(components_.front().mean.size()); }
  // Of the untransformed variable. Under a logarithm, exp(m + s^2 / 2).
  VectorXd mean() const;
  VectorXd quantile(double p) const;

 private:
  // standard: the normal quantile of p.
  double mixture_quantile(double p, double standard, Eigen::Index h) const;

  std::vector<ForecastComponent> components_;
};

// Akaike's weights (Burnham & Anderson 2002, Model Selection and Multimodel Inference,
// section 2.9), with half the exponent: w_i ~ exp(-(c_i - min c) / 4). Criteria of fits to one
// short series are noisy, and the full exponent leans too far on the best of them. Infinite and NaN
// criteria weigh nothing.
std::vector<double> criterion_weights(std::span<const double> criteria);

// The at most eight members that weigh most and more than 0.01: position and weight, the heaviest
// first, adding up to one.
std::vector<std::pair<std::size_t, double>> heaviest(const std::vector<double>& weights);

}  // namespace amnok
