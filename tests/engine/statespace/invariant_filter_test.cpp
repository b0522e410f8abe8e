#include "engine/statespace/invariant_filter.h"

#include <Eigen/LU>
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "engine/statespace/kalman_filter.h"
#include "engine/stats/random_stream.h"

namespace amnok {

namespace {

// A local linear trend.
InvariantModel trend(double irregular, double level, double slope) {
  InvariantModel model;
  StateSpace& s = model.states;
  s.transition.resize(2, 2);
  s.transition.insert(0, 0) = 1;
  s.transition.insert(0, 1) = 1;
  s.transition.insert(1, 1) = 1;
  s.noise = Eigen::Vector2d(level, slope).asDiagonal();
  s.initial_mean = VectorXd::Zero(2);
  s.initial_covariance = MatrixXd::Zero(2, 2);
  s.initial_diffuse = MatrixXd::Identity(2, 2);
  model.loading = Eigen::Vector2d(1, 0);
  model.observation_variance = irregular;
  return model;
}

MatrixXd data_of(int n) {
  MatrixXd data(n, 2);
  fill_normals({9, Purpose::simulation, 5}, 0, {data.data(), static_cast<std::size_t>(2 * n)});
  for (int t = 1; t < n; ++t) data(t, 0) += data(t - 1, 0);
  return data;
}

}  // namespace

TEST_CASE("invariant filter: the same errors as the general filter, with gaps and regressors",
          "[invariant_filter]") {
  const InvariantModel model = trend(1.3, 0.4, 0.01);
  MatrixXd data = data_of(150);
  for (int t : {1, 40, 41, 42, 120, 149}) data(t, 0) = kMissing;
  std::vector<Observation> observations;
  for (int t = 0; t < data.rows(); ++t) {
    if (std::isnan(data(t, 0))) continue;
    observations.push_back({t, model.loading, data(t, 0), model.observation_variance,
                            VectorXd::Constant(1, data(t, 1))});
  }
  const FilterResult general = kalman_filter(model.states, observations, 150);
  const InvariantFilterResult fast = invariant_filter(model, data);
  CHECK(fast.count == general.whitened.rows());
  CHECK(fast.diffuse_count == general.diffuse_count);
  CHECK(fast.sum_log_variance == Approx(general.sum_log_variance).epsilon(1e-10));
  CHECK(fast.sum_log_diffuse == Approx(general.sum_log_diffuse));
  for (std::size_t i = 0; i < general.time.size(); ++i) {
    const auto t = general.time[i];
    const double sd = std::sqrt(fast.variance(t));
    CHECK(fast.errors(t, 0) / sd ==
          Approx(general.whitened(static_cast<Eigen::Index>(i), 0)).epsilon(1e-8).margin(1e-9));
    CHECK(fast.errors(t, 1) / sd ==
          Approx(general.whitened(static_cast<Eigen::Index>(i), 1)).epsilon(1e-8).margin(1e-9));
  }
  CHECK((fast.mean - general.mean).norm() < 1e-8 * general.mean.norm());
  CHECK((fast.covariance - general.covariance).norm() < 1e-8 * general.covariance.norm());
}

TEST_CASE("invariant filter: the level's steady state is the golden ratio", "[invariant_filter]") {
  // Local level with q = 1: P = P - P^2 / (P + 1) + 1, P = (1 + sqrt 5) / 2.
  const SteadyState steady = steady_state(trend(1, 1, 0));
  CHECK(steady.covariance(0, 0) == Approx(std::numbers::phi).epsilon(1e-12));
  CHECK(steady.variance == Approx(1 + std::numbers::phi).epsilon(1e-12));
  CHECK(steady.gain(0) == Approx(std::numbers::phi / (1 + std::numbers::phi)).epsilon(1e-12));
  CHECK(steady.covariance(1, 1) == 0);  // a slope without noise is known
  const InvariantFilterResult filtered = invariant_filter(trend(1, 1, 1), data_of(400));
  CHECK(filtered.steady_from > 0);
  CHECK(filtered.steady_from < 200);
  CHECK((filtered.covariance - steady_state(trend(1, 1, 1)).covariance).norm() < 1e-10);
}

TEST_CASE("invariant filter: what the smoother says of disturbances", "[invariant_filter]") {
  const InvariantModel model = trend(1, 0.5, 0.1);
  const MatrixXd data = data_of(40);
  std::vector<Observation> observations;
  for (int t = 0; t < 40; ++t) observations.push_back({t, model.loading, data(t, 0), 1, {}});
  const SmootherResult smoothed = kalman_smoother(model.states, observations, 40);
  for (int t = 1; t < 40; ++t) {
    const VectorXd moved =
        smoothed.mean.col(t) - model.states.transition * smoothed.mean.col(t - 1);
    CHECK((model.states.noise * smoothed.adjoint.col(t) - moved).norm() < 1e-8);
  }
}

TEST_CASE("kalman smoother: variances are those of the generalised least-squares predictor",
          "[invariant_filter]") {
  // alpha = Phi delta + c: levels and slopes of a trend with a diffuse start, by dense matrices.
  const int n = 12;
  const InvariantModel model = trend(1, 0.5, 0.2);
  const MatrixXd data = data_of(n), t_matrix = MatrixXd(model.states.transition);
  MatrixXd start(2 * n, 2), noise = MatrixXd::Zero(2 * n, 2 * n);
  MatrixXd power = MatrixXd::Identity(2, 2), covariance = MatrixXd::Zero(2, 2);
  std::vector<Observation> observations;
  MatrixXd z = MatrixXd::Zero(n, 2 * n);
  for (int t = 0; t < n; ++t) {
    start.middleRows(2 * t, 2) = power;
    MatrixXd ahead = covariance;
    for (int s = t; s < n; ++s) {
      noise.block(2 * s, 2 * t, 2, 2) = ahead;
      noise.block(2 * t, 2 * s, 2, 2) = ahead.transpose();
      ahead = t_matrix * ahead;
    }
    power = t_matrix * power;
    covariance = t_matrix * covariance * t_matrix.transpose() + model.states.noise;
    z(t, 2 * t) = 1;
    observations.push_back({t, model.loading, data(t, 0), 1, {}});
  }
  const MatrixXd v = z * noise * z.transpose() + MatrixXd::Identity(n, n), x = z * start;
  const MatrixXd v_inverse = v.inverse();
  const MatrixXd gls = (x.transpose() * v_inverse * x).inverse();
  const MatrixXd gain = noise * z.transpose() * v_inverse;
  const MatrixXd left = start - gain * x;
  const MatrixXd exact = noise - gain * z * noise + left * gls * left.transpose();
  const SmootherResult smoothed = kalman_smoother(model.states, observations, n);
  for (int t = 0; t < n; ++t) {
    CHECK((smoothed.covariance[static_cast<std::size_t>(t)] - exact.block(2 * t, 2 * t, 2, 2))
              .norm() < 1e-9);
  }
}

}  // namespace amnok
