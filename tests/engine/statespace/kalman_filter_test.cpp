#include "engine/statespace/kalman_filter.h"

#include <Eigen/Cholesky>
#include <Eigen/LU>
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "engine/stats/lag_polynomial.h"
#include "tests/support/numbers.h"

namespace amnok {

namespace {

// A local level: y = mu + eps, mu' = mu + eta, diffuse start.
StateSpace local_level(double q) {
  StateSpace model;
  model.transition.resize(1, 1);
  model.transition.insert(0, 0) = 1;
  model.noise = MatrixXd::Constant(1, 1, q);
  model.initial_mean = VectorXd::Zero(1);
  model.initial_covariance = MatrixXd::Zero(1, 1);
  model.initial_diffuse = MatrixXd::Identity(1, 1);
  return model;
}

std::vector<Observation> observe(const VectorXd& y, double h) {
  std::vector<Observation> result;
  for (int t = 0; t < y.size(); ++t) {
    if (!std::isnan(y(t))) result.push_back({t, VectorXd::Ones(1), y(t), h, {}});
  }
  return result;
}

// log density of N(0, V).
double normal_log_density(const VectorXd& x, const MatrixXd& v) {
  const Eigen::LLT<MatrixXd> llt(v);
  const VectorXd z = llt.matrixL().solve(x);
  return -0.5 * (static_cast<double>(x.size()) * std::log(2 * std::numbers::pi) + z.squaredNorm()) -
         llt.matrixL().toDenseMatrix().diagonal().array().log().sum();
}

double filter_log_likelihood(const FilterResult& f) {
  return -0.5 * (static_cast<double>(f.whitened.rows()) * std::log(2 * std::numbers::pi) +
                 f.sum_log_variance + f.whitened.col(0).squaredNorm());
}

}  // namespace

TEST_CASE("kalman filter: a diffuse local level has the likelihood of its differences") {
  VectorXd y(6);
  y << 3, 5, 4, 8, 7, 9;
  const double q = 0.7, h = 1.3;
  const FilterResult f = kalman_filter(local_level(q), observe(y, h), 6);
  CHECK(f.diffuse_count == 1);
  // Differences: variance q + 2h, neighbours -h.
  MatrixXd v = MatrixXd::Zero(5, 5);
  for (int i = 0; i < 5; ++i) {
    v(i, i) = q + 2 * h;
    if (i > 0) v(i, i - 1) = v(i - 1, i) = -h;
  }
  CHECK_THAT(filter_log_likelihood(f), AgreesTo(normal_log_density(y.tail(5) - y.head(5), v), 12));
}

TEST_CASE("kalman filter: gaps only remove observations") {
  VectorXd y(7);
  y << 3, kMissing, 4, 8, kMissing, kMissing, 9;
  const double q = 0.7, h = 1.3;
  const FilterResult f = kalman_filter(local_level(q), observe(y, h), 7);
  // Contrasts to the first observation: cov = q min(t, s) + h (1 + [t = s]).
  const std::vector<int> t = {2, 3, 6};
  VectorXd x(3);
  MatrixXd v(3, 3);
  for (int i = 0; i < 3; ++i) {
    x(i) = y(t[static_cast<std::size_t>(i)]) - y(0);
    for (int j = 0; j < 3; ++j) {
      v(i, j) = q * std::min(t[static_cast<std::size_t>(i)], t[static_cast<std::size_t>(j)]) + h +
                (i == j ? h : 0);
    }
  }
  CHECK_THAT(filter_log_likelihood(f), AgreesTo(normal_log_density(x, v), 12));
}

TEST_CASE("kalman filter: regressor columns are filtered alongside") {
  VectorXd y(5);
  y << 1, 2, 4, 3, 6;
  auto observations = observe(y, 1);
  for (std::size_t i = 0; i < observations.size(); ++i) {
    observations[i].regressors = VectorXd::Constant(1, static_cast<double>(i * i));
  }
  const FilterResult both = kalman_filter(local_level(0.5), observations, 5);
  auto shifted = observe(y, 1);
  for (std::size_t i = 0; i < shifted.size(); ++i)
    shifted[i].value -= 0.3 * static_cast<double>(i * i);
  const FilterResult one = kalman_filter(local_level(0.5), shifted, 5);
  CHECK((both.whitened.col(0) - 0.3 * both.whitened.col(1) - one.whitened.col(0)).norm() < 1e-12);
  CHECK((both.mean.col(0) - 0.3 * both.mean.col(1) - one.mean.col(0)).norm() < 1e-12);
}

TEST_CASE("kalman smoother: equals the conditional mean and variance of a joint normal") {
  VectorXd y(5);
  y << 3, kMissing, 4, 8, 7;
  const double q = 0.7, h = 1.3, kappa = 1e7;
  const SmootherResult s = kalman_smoother(local_level(q), observe(y, h), 5);
  // mu_t = mu_1 + random walk, with a huge prior on mu_1 in place of a diffuse one.
  MatrixXd state(5, 5);
  for (int i = 0; i < 5; ++i) {
    for (int j = 0; j < 5; ++j) state(i, j) = kappa + q * std::min(i, j);
  }
  const std::vector<int> seen = {0, 2, 3, 4};
  const MatrixXd v = MatrixXd(state(seen, seen)) + h * MatrixXd::Identity(4, 4);
  const MatrixXd cross = state(Eigen::all, seen);
  const VectorXd mean = cross * v.ldlt().solve(VectorXd(y(seen)));
  const MatrixXd variance = state - cross * v.ldlt().solve(cross.transpose());
  for (int t = 0; t < 5; ++t) {
    CHECK(s.mean(0, t) == Approx(mean(t)).epsilon(1e-5));
    CHECK(s.covariance[static_cast<std::size_t>(t)](0, 0) == Approx(variance(t, t)).epsilon(1e-4));
  }
}

TEST_CASE("kalman filter: a sum observed exactly is met exactly by the smoothed parts") {
  // Two states that follow random walks of one another: level and its lag.
  StateSpace model;
  model.transition.resize(2, 2);
  model.transition.insert(0, 0) = 1;
  model.transition.insert(1, 0) = 1;
  model.noise = MatrixXd::Zero(2, 2);
  model.noise(0, 0) = 1;
  model.initial_mean = VectorXd::Zero(2);
  model.initial_covariance = MatrixXd::Zero(2, 2);
  model.initial_diffuse = MatrixXd::Zero(2, 2);
  model.initial_diffuse(0, 0) = 1;
  const std::vector<Observation> observations = {{0, Eigen::Vector2d(1, 0), 10, 0, {}},
                                                 {2, Eigen::Vector2d(1, 1), 26, 0, {}},
                                                 {3, Eigen::Vector2d(1, 0), 16, 0, {}}};
  const SmootherResult s = kalman_smoother(model, observations, 4);
  CHECK(s.mean(0, 1) + s.mean(0, 2) == Approx(26).epsilon(1e-12));
  CHECK(s.mean(0, 3) == Approx(16));
}

}  // namespace amnok
