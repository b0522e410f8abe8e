#include "engine/stats/residual_tests.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

#include "engine/stats/distributions.h"

namespace amnok {

namespace {

int count_present(const VectorView& x) {
  return static_cast<int>(
      std::count_if(x.begin(), x.end(), [](double v) { return !std::isnan(v); }));
}

double mean_of(const VectorView& x) {
  double sum = 0;
  for (double v : x) sum += std::isnan(v) ? 0 : v;
  return sum / std::max(count_present(x), 1);
}

}  // namespace

VectorXd autocorrelations(const VectorView& x, int max_lag) {
  const double mean = mean_of(x);
  // A pair with a gap adds nothing.
  const VectorXd z = x.unaryExpr([mean](double v) { return std::isnan(v) ? 0.0 : v - mean; });
  const double variance = z.squaredNorm();
  const Eigen::Index n = z.size();
  VectorXd r(max_lag);
  for (Eigen::Index k = 1; k <= max_lag; ++k) {
    r(k - 1) = k < n ? z.head(n - k).dot(z.tail(n - k)) / variance : 0.0 / variance;
  }
  return r;
}

VectorXd partial_autocorrelations(const VectorView& x, int max_lag) {
  const VectorXd r = autocorrelations(x, max_lag);
  VectorXd partial(max_lag), phi = VectorXd::Zero(max_lag);
  double variance = 1;
  for (int k = 0; k < max_lag; ++k) {
    double value = r(k);
    for (int j = 0; j < k; ++j) value -= phi(j) * r(k - 1 - j);
    partial(k) = value / variance;
    VectorXd next = phi;
    for (int j = 0; j < k; ++j) next(j) = phi(j) - partial(k) * phi(k - 1 - j);
    next(k) = partial(k);
    phi = next;
    variance *= 1 - partial(k) * partial(k);
  }
  return partial;
}

Diagnostic ljung_box(const VectorView& residuals, int lag, int fitted) {
  const int n = count_present(residuals);
  const VectorXd r = autocorrelations(residuals, lag);
  Diagnostic test{"ljung_box", lag, 0, static_cast<double>(lag - fitted), kMissing, kMissing, ""};
  for (int k = 1; k <= lag; ++k) test.statistic += r(k - 1) * r(k - 1) / (n - k);
  test.statistic *= n * (n + 2.0);
  test.p_value = chi_squared_sf(test.statistic, test.df);
  return test;
}

Diagnostic box_pierce(const VectorView& residuals, int lag, int fitted) {
  const int n = count_present(residuals);
  Diagnostic test{"box_pierce", lag, 0, static_cast<double>(lag - fitted), kMissing, kMissing, ""};
  test.statistic = n * autocorrelations(residuals, lag).squaredNorm();
  test.p_value = chi_squared_sf(test.statistic, test.df);
  return test;
}

Diagnostic jarque_bera(const VectorView& residuals) {
  const int n = count_present(residuals);
  const double mean = mean_of(residuals);
  double m2 = 0, m3 = 0, m4 = 0;
  for (double v : residuals) {
    if (std::isnan(v)) continue;
    const double e = v - mean;
    m2 += e * e / n;
    m3 += e * e * e / n;
    m4 += e * e * e * e / n;
  }
  Diagnostic test{"jarque_bera", 0, 0, 2, kMissing, kMissing, ""};
  const double skewness = m3 / std::pow(m2, 1.5), kurtosis = m4 / (m2 * m2);
  test.statistic = n * (skewness * skewness / 6 + (kurtosis - 3) * (kurtosis - 3) / 24);
  test.p_value = chi_squared_sf(test.statistic, 2);
  return test;
}

Diagnostic arch_lm(const VectorView& residuals, int lag) {
  std::vector<Eigen::Index> rows;
  for (Eigen::Index t = lag; t < residuals.size(); ++t) {
    bool complete = true;
    for (int k = 0; k <= lag; ++k) complete = complete && !std::isnan(residuals(t - k));
    if (complete) rows.push_back(t);
  }
  const auto n = static_cast<Eigen::Index>(rows.size());
  Diagnostic test{"arch_lm", lag, kMissing, static_cast<double>(lag), kMissing, kMissing, ""};
  if (n <= lag + 1) return test;
  // About their means; normal equations do for columns that are one series at different lags.
  MatrixXd x(n, lag);
  VectorXd y(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    const Eigen::Index t = rows[static_cast<std::size_t>(i)];
    y(i) = residuals(t) * residuals(t);
    for (int k = 1; k <= lag; ++k) x(i, k - 1) = residuals(t - k) * residuals(t - k);
  }
  y.array() -= y.mean();
  x.rowwise() -= x.colwise().mean().eval();
  const Eigen::LDLT<MatrixXd> gram(x.transpose() * x);
  const VectorXd e = y - x * gram.solve(x.transpose() * y);
  test.statistic = static_cast<double>(n) * (1 - e.squaredNorm() / y.squaredNorm());
  test.p_value = chi_squared_sf(test.statistic, lag);
  return test;
}

}  // namespace amnok
