#include "engine/statespace/arma_state.h"

#include <algorithm>

#include "engine/statespace/arma_filter_detail.h"
#include "engine/stats/lag_polynomial.h"

namespace amnok {

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

bool arma_state_covariance_after(const std::vector<double>& ar, const std::vector<double>& ma,
                                 int n, MatrixXd& covariance) {
  const int r = std::max(static_cast<int>(ar.size()), static_cast<int>(ma.size()) + 1);
  std::vector<double> gain;
  if (!arma_state_covariance(ar, ma, r, covariance) || !arma_detail::initial_gain(ar, ma, r, gain))
    return false;
  const double first_f = gain.back();
  if (!(first_f > 0)) return false;
  double f = first_f;
  VectorXd phi = VectorXd::Zero(r), k = Eigen::Map<const VectorXd>(gain.data(), r), l = k;
  std::copy(ar.begin(), ar.end(), phi.begin());
  for (int t = 0; t < n && !arma_detail::is_steady(f, l.data(), r); ++t) {
    const double m = -f / (first_f * first_f), z = l(0);
    covariance.noalias() += (m * l) * l.transpose();
    VectorXd moved = z * phi;
    moved.head(r - 1) += l.tail(r - 1);
    k += m * z * moved;
    f += m * z * z;
    l = moved - z / f * k;
  }
  return true;
}

}  // namespace amnok
