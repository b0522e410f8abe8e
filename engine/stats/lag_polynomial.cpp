#include "engine/stats/lag_polynomial.h"

#include <Eigen/Eigenvalues>
#include <algorithm>

namespace amnok {

std::vector<double> difference_coefficients(int d, int seasonal_d, int period) {
  std::vector<double> polynomial = {1.0};  // 1 + a_1 B + ...
  const auto times_one_minus = [&](int lag) {
    std::vector<double> result(polynomial.size() + static_cast<std::size_t>(lag), 0.0);
    for (std::size_t i = 0; i < polynomial.size(); ++i) {
      result[i] += polynomial[i];
      result[i + static_cast<std::size_t>(lag)] -= polynomial[i];
    }
    polynomial = result;
  };
  for (int i = 0; i < d; ++i) times_one_minus(1);
  for (int i = 0; i < seasonal_d; ++i) times_one_minus(period);
  std::vector<double> coefficients(polynomial.size() - 1);
  for (std::size_t i = 0; i < coefficients.size(); ++i) coefficients[i] = -polynomial[i + 1];
  return coefficients;
}

VectorXd difference(const VectorView& y, int d, int seasonal_d, int period) {
  VectorXd w = y;
  const auto once = [&](int lag) {
    const Eigen::Index n = w.size() - lag;
    w = n > 0 ? VectorXd(w.tail(n) - w.head(n)) : VectorXd(0);
  };
  for (int i = 0; i < seasonal_d; ++i) once(period);
  for (int i = 0; i < d; ++i) once(1);
  return w;
}

bool partial_from_stationary(const std::vector<double>& phi, std::vector<double>& partial) {
  std::vector<double> a = phi;
  partial.assign(phi.size(), 0.0);
  for (std::size_t m = phi.size(); m >= 1; --m) {
    const double k = a[m - 1];
    if (!(std::fabs(k) < 1)) return false;
    partial[m - 1] = k;
    std::vector<double> lower(m - 1);
    for (std::size_t j = 0; j + 1 < m; ++j) lower[j] = (a[j] + k * a[m - 2 - j]) / (1 - k * k);
    a = lower;
  }
  return true;
}

bool is_stationary(const std::vector<double>& phi) {
  if (phi.size() == 1) return std::fabs(phi[0]) < 1;
  std::vector<double> partial;
  return partial_from_stationary(phi, partial);
}

VectorXd psi_weights(const std::vector<double>& ar, const std::vector<double>& ma, int count) {
  VectorXd psi = VectorXd::Zero(count);
  for (int j = 0; j < count; ++j) {
    double value = j == 0                             ? 1.0
                   : j <= static_cast<int>(ma.size()) ? ma[static_cast<std::size_t>(j - 1)]
                                                      : 0.0;
    for (int i = 1; i <= std::min<int>(j, static_cast<int>(ar.size())); ++i) {
      value += ar[static_cast<std::size_t>(i - 1)] * psi(j - i);
    }
    psi(j) = value;
  }
  return psi;
}

std::vector<std::complex<double>> inverse_roots(const std::vector<double>& coefficients) {
  std::size_t degree = coefficients.size();
  while (degree > 0 && coefficients[degree - 1] == 0) --degree;
  if (degree == 0) return {};
  // They are the eigenvalues of the companion matrix.
  const auto n = static_cast<Eigen::Index>(degree);
  MatrixXd companion = MatrixXd::Zero(n, n);
  for (Eigen::Index j = 0; j < n; ++j) companion(0, j) = coefficients[static_cast<std::size_t>(j)];
  for (Eigen::Index i = 1; i < n; ++i) companion(i, i - 1) = 1;
  const Eigen::EigenSolver<MatrixXd> solver(companion, false);
  return {solver.eigenvalues().begin(), solver.eigenvalues().end()};
}

std::vector<double> root_moduli(const std::vector<double>& coefficients) {
  std::vector<double> moduli;
  for (const std::complex<double>& root : inverse_roots(coefficients)) {
    moduli.push_back(1 / std::abs(root));
  }
  std::sort(moduli.begin(), moduli.end());
  return moduli;
}

}  // namespace amnok
