// Simulated dynamic regressions and cointegrated series.
#pragma once

#include <algorithm>
#include <vector>

#include "engine/base/matrix.h"
#include "engine/regression/ardl.h"
#include "engine/stats/random_stream.h"

namespace amnok {

inline MatrixXd normal_matrix(std::uint64_t seed, std::uint32_t draw, int n, int k) {
  std::vector<double> z(static_cast<std::size_t>(n * k));
  fill_normals({seed, Purpose::simulation, 60}, draw, z);
  return Eigen::Map<const MatrixXd>(z.data(), n, k);
}

// x_t = rho x_{t-1} + v_t from zero; rho = 1: a random walk.
inline VectorXd autoregression(const VectorXd& v, double rho) {
  VectorXd x = v;
  for (Eigen::Index t = 1; t < x.size(); ++t) x(t) += rho * x(t - 1);
  return x;
}

// y_t = 1 + f y_{t-1} + b0 x_t + b1 x_{t-1} + e_t; x: an autoregression in its own shocks. The
// first 100 values are left out.
struct DynamicRegression {
  double f = 0.6, b0 = 0.5, b1 = 0.3, rho = 0.8, sigma = 1;

  double long_run() const { return (b0 + b1) / (1 - f); }
  ArdlData draw(std::uint64_t seed, std::uint32_t draw, int n) const {
    const int all = n + 100;
    const MatrixXd z = normal_matrix(seed, draw, all, 2);
    const VectorXd x = autoregression(z.col(0), rho);
    VectorXd y = VectorXd::Constant(all, 1 / (1 - f));
    for (int t = 1; t < all; ++t) {
      y(t) = 1 + f * y(t - 1) + b0 * x(t) + b1 * x(t - 1) + sigma * z(t, 1);
    }
    return {"y", y.tail(n), {"x"}, x.tail(n), {}, MatrixXd(n, 0)};
  }
};

}  // namespace amnok
