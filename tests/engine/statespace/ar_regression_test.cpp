#include "engine/statespace/ar_regression.h"

#include <Eigen/Cholesky>
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "engine/stats/lag_polynomial.h"
#include "engine/stats/random_stream.h"

namespace amnok {

namespace {

ObservedPeriods every(int n) {
  ObservedPeriods observed{{}, n};
  for (int t = 0; t < n; ++t) observed.at.push_back(t);
  return observed;
}

// y = 2 + 0.5 x + z, z an AR(1) with 0.6.
struct Series {
  VectorXd y;
  MatrixXd x;
};
Series simulated(int n, std::uint32_t draw) {
  std::vector<double> e(static_cast<std::size_t>(2 * n));
  fill_normals({77, Purpose::simulation, 1}, draw, e);
  Series series{VectorXd(n), MatrixXd::Ones(n, 2)};
  double z = e[0] / 0.8;
  for (int t = 0; t < n; ++t) {
    if (t > 0) z = 0.6 * z + e[static_cast<std::size_t>(t)];
    series.x(t, 1) = e[static_cast<std::size_t>(n + t)];
    series.y(t) = 2 + 0.5 * series.x(t, 1) + z;
  }
  return series;
}

// The concentrated log-likelihood by the dense covariance of what is observed.
double dense_log_likelihood(const std::vector<double>& phi, const ObservedPeriods& observed,
                            const VectorXd& y, const MatrixXd& x) {
  std::vector<double> gamma;
  arma_autocovariances<double>(phi, {}, observed.periods, gamma);
  const auto n = static_cast<Eigen::Index>(observed.at.size());
  MatrixXd v(n, n);
  for (Eigen::Index i = 0; i < n; ++i) {
    for (Eigen::Index j = 0; j < n; ++j) {
      v(i, j) = gamma[static_cast<std::size_t>(std::abs(observed.at[static_cast<std::size_t>(i)] -
                                                        observed.at[static_cast<std::size_t>(j)]))];
    }
  }
  const Eigen::LLT<MatrixXd> root(v);
  const MatrixXd wx = root.matrixL().solve(x);
  const VectorXd wy = root.matrixL().solve(y);
  const VectorXd b = (wx.transpose() * wx).ldlt().solve(wx.transpose() * wy);
  const double log_det = 2 * MatrixXd(root.matrixL()).diagonal().array().log().sum();
  return ar_log_likelihood((wy - wx * b).squaredNorm(), log_det, static_cast<int>(n));
}

}  // namespace

TEST_CASE("ar regression: the likelihood is that of the dense normal, gaps or none") {
  const Series series = simulated(40, 1);
  for (const std::vector<double>& phi :
       {std::vector<double>{0.6}, {0.5, -0.3}, {0.4, 0.2, 0.25}, {}}) {
    CHECK(ar_regression_at(phi, every(40), series.y, series.x).log_likelihood ==
          Approx(dense_log_likelihood(phi, every(40), series.y, series.x)).epsilon(1e-10));
    ObservedPeriods some{{}, 40};
    for (int t = 2; t < 37; ++t) {
      if (t % 5 != 0 && (t < 20 || t > 26)) some.at.push_back(t);
    }
    const VectorXd y = series.y(some.at);
    const MatrixXd x = series.x(some.at, Eigen::all);
    CHECK(ar_regression_at(phi, some, y, x).log_likelihood ==
          Approx(dense_log_likelihood(phi, some, y, x)).epsilon(1e-10));
  }
}

TEST_CASE("ar regression: at the estimate no neighbour is likelier") {
  const Series series = simulated(80, 2);
  const ArRegressionFit fit = fit_ar_regression(2, every(80), series.y, series.x);
  REQUIRE(fit.status == FitStatus::converged);
  for (std::size_t j = 0; j < 2; ++j) {
    for (double step : {-0.01, 0.01}) {
      std::vector<double> phi = fit.phi;
      phi[j] += step;
      CHECK(dense_log_likelihood(phi, every(80), series.y, series.x) < fit.log_likelihood);
    }
  }
}

TEST_CASE("ar regression: parameters are recovered, also from half of the periods") {
  const Series series = simulated(1000, 3);
  const ArRegressionFit full = fit_ar_regression(1, every(1000), series.y, series.x);
  CHECK(full.phi[0] == Approx(0.6).margin(0.08));
  CHECK(full.coefficients(1) == Approx(0.5).margin(0.1));
  CHECK(full.sigma2 == Approx(1).margin(0.15));
  ObservedPeriods some{{}, 1000};
  for (int t = 0; t < 1000; ++t) {
    if (t % 3 != 1) some.at.push_back(t);
  }
  const ArRegressionFit part =
      fit_ar_regression(1, some, series.y(some.at), series.x(some.at, Eigen::all));
  CHECK(part.phi[0] == Approx(0.6).margin(0.12));
  CHECK(part.coefficients(0) == Approx(2).margin(0.3));
}

TEST_CASE("ar regression: phi outside the stationary region is refused, not computed") {
  const Series series = simulated(30, 4);
  CHECK(ar_regression_at({1.1}, every(30), series.y, series.x).status == FitStatus::failed);
}

}  // namespace amnok
