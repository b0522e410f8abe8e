#include "engine/evaluation/forecast_comparison.h"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <cmath>

#include "engine/base/check.h"
#include "engine/stats/distributions.h"
#include "engine/stats/hac.h"

namespace amnok {

namespace {

VectorXd without_missing(const VectorView& x) {
  VectorXd kept(x.size());
  Eigen::Index n = 0;
  for (double v : x) {
    if (!std::isnan(v)) kept(n++) = v;
  }
  kept.conservativeResize(n);
  return kept;
}

// n times the variance of the mean of d.
double long_run_variance(const VectorXd& d, int horizon, LossVariance kind) {
  const Eigen::Index n = d.size();
  const VectorXd centred = d.array() - d.mean();
  double sum = centred.squaredNorm();
  for (Eigen::Index j = 1; j < std::min<Eigen::Index>(horizon, n); ++j) {
    const double weight =
        kind == LossVariance::bartlett ? 1 - static_cast<double>(j) / horizon : 1.0;
    sum += 2 * weight * centred.tail(n - j).dot(centred.head(n - j));
  }
  return sum / static_cast<double>(n);
}

double tail_probability(double statistic, double df, Alternative alternative) {
  switch (alternative) {
    case Alternative::two_sided:
      return student_t_two_sided_p(statistic, df);
    case Alternative::second_is_better:
      return student_t_cdf(-statistic, df);
    case Alternative::first_is_better:
      break;
  }
  return student_t_cdf(statistic, df);
}

// Is the mean of d zero?
ComparisonTest mean_test(const VectorXd& d, int horizon, LossVariance variance,
                         Alternative alternative) {
  ComparisonTest test;
  test.count = static_cast<int>(d.size());
  test.horizon = horizon;
  if (test.count < 2 || test.count <= horizon) {
    test.note = fmt::format("{} pairs of errors are too few at horizon {}", test.count, horizon);
    return test;
  }
  const double n = test.count;
  test.mean_difference = d.mean();
  double v = long_run_variance(d, horizon, variance);
  if (!(v > 0) && horizon > 1) {
    test.note = fmt::format("the variance at horizon {} is {:.3g}: without autocovariances instead",
                            horizon, v);
    test.horizon = 1;
    v = long_run_variance(d, 1, variance);
  }
  if (!(v > 1e-28 * d.squaredNorm() / n)) {
    test.note = "the differences of losses do not vary";
    return test;
  }
  const double h = test.horizon;
  test.df = n - 1;
  test.statistic =
      test.mean_difference / std::sqrt(v / n) * std::sqrt((n + 1 - 2 * h + h / n * (h - 1)) / n);
  test.p_value = tail_probability(test.statistic, test.df, alternative);
  return test;
}

VectorXd loss_differences(const VectorView& first, const VectorView& second, double power) {
  AMNOK_CHECK(first.size() == second.size(), "{} and {} errors", first.size(), second.size());
  return without_missing(first.array().abs().pow(power) - second.array().abs().pow(power));
}

}  // namespace

ComparisonTest diebold_mariano(const VectorView& first_errors, const VectorView& second_errors,
                               const ComparisonOptions& options) {
  return mean_test(loss_differences(first_errors, second_errors, options.power), options.horizon,
                   options.variance, options.alternative);
}

ComparisonTest encompassing_test(const VectorView& first_errors, const VectorView& second_errors,
                                 int horizon, LossVariance variance) {
  AMNOK_CHECK(first_errors.size() == second_errors.size(), "{} and {} errors", first_errors.size(),
              second_errors.size());
  const VectorXd d = without_missing((first_errors - second_errors).cwiseProduct(first_errors));
  return mean_test(d, horizon, variance, Alternative::second_is_better);
}

ComparisonTest giacomini_white(const VectorView& first_errors, const VectorView& second_errors,
                               const ComparisonOptions& options) {
  const VectorXd d = loss_differences(first_errors, second_errors, options.power);
  const int h = options.horizon;
  ComparisonTest test;
  test.horizon = h;
  const Eigen::Index n = d.size() - h;
  test.count = static_cast<int>(std::max<Eigen::Index>(n, 0));
  if (n < 4 + h) {
    test.note = fmt::format("{} pairs of errors are too few at horizon {}", d.size(), h);
    return test;
  }
  test.mean_difference = d.mean();
  MatrixXd scores(n, 2);  // (1, d_{t-h}) d_t
  scores.col(0) = d.tail(n);
  scores.col(1) = d.tail(n).cwiseProduct(d.head(n));
  const VectorXd mean = scores.colwise().mean().transpose();
  // Omega is about zero, as in the authors' statistic: the null says that the mean is.
  const MatrixXd omega = newey_west(scores, h - 1) / static_cast<double>(n);
  const Eigen::LLT<MatrixXd> factor(omega);
  if (factor.info() != Eigen::Success) {
    test.note = "the differences of losses do not vary";
    return test;
  }
  test.df = 2;
  test.statistic = static_cast<double>(n) * mean.dot(factor.solve(mean));
  test.p_value = chi_squared_sf(test.statistic, test.df);
  return test;
}

}  // namespace amnok
