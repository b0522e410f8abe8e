#include "engine/regression/conditional_forecast.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/stats/distributions.h"
#include "tests/support/message_of.h"
#include "tests/support/numbers.h"
#include "tests/support/var_series.h"

namespace amnok {

namespace {

VectorAutoregression fitted(int lags = 2) {
  VarSpec spec;
  spec.lags = lags;
  return fit_var(SimulatedVar().draw(0, 120), {"a", "b"}, spec);
}

// By the covariance matrix itself.
struct BruteForce {
  VectorXd mean;
  MatrixXd covariance;
  double q = 0;
};
BruteForce brute_force(const GaussianPath& path, const std::vector<PathCondition>& conditions) {
  const auto m = static_cast<Eigen::Index>(conditions.size());
  MatrixXd r(m, path.mean.size()), w = MatrixXd::Zero(m, m);
  VectorXd value(m);
  for (Eigen::Index i = 0; i < m; ++i) {
    const PathCondition& condition = conditions[static_cast<std::size_t>(i)];
    r.row(i) = condition.weights.transpose();
    value(i) = condition.value;
    w(i, i) = condition.variance;
  }
  const MatrixXd v = path.covariance(), inverse = (r * v * r.transpose() + w).inverse();
  const VectorXd gap = value - r * path.mean;
  return {path.mean + v * r.transpose() * inverse * gap, v - v * r.transpose() * inverse * r * v,
          gap.dot(inverse * gap)};
}

}  // namespace

TEST_CASE("conditional forecast: agrees with the multivariate normal at every horizon") {
  const VectorAutoregression var = fitted();
  for (int h = 1; h <= 24; ++h) {
    const GaussianPath path = forecast_path(var, h);
    const Eigen::Index size = path.mean.size();
    std::vector<PathCondition> conditions{path_condition(size, 0, 2.0),
                                          path_condition(size, size - 1, -1.0)};
    PathCondition mean{VectorXd::Zero(size), 0.4, 0.09, "the mean of a"};
    for (Eigen::Index s = 0; s < h; ++s) mean.weights(2 * s) = 1.0 / h;
    if (h > 1) conditions.push_back(mean);
    const ConditionalPath result = condition_path(path, conditions);
    const BruteForce expected = brute_force(path, conditions);
    CHECK((result.mean - expected.mean).cwiseAbs().maxCoeff() < 1e-11);
    CHECK((result.covariance() - expected.covariance).cwiseAbs().maxCoeff() < 1e-11);
    CHECK_THAT(result.plausibility.statistic, AgreesTo(expected.q, 9));
    CHECK(std::fabs(result.mean(0) - 2) < 1e-13);
    CHECK(result.standard_deviations()(0) < 1e-13);
    // The gain turns the gaps into the path.
    VectorXd gaps(static_cast<Eigen::Index>(conditions.size()));
    for (std::size_t i = 0; i < conditions.size(); ++i) {
      gaps(static_cast<Eigen::Index>(i)) =
          conditions[i].value - conditions[i].weights.dot(path.mean);
    }
    CHECK((path.mean + result.gain * gaps - result.mean).norm() < 1e-10);
  }
}

TEST_CASE("conditional forecast: a condition equal to the mean leaves the mean") {
  const GaussianPath path = forecast_path(fitted(), 8);
  const ConditionalPath result = condition_path(
      path, {path_condition(16, 5, path.mean(5)), path_condition(16, 9, path.mean(9), 0.3)});
  CHECK((result.mean - path.mean).norm() < 1e-13);
  CHECK(result.plausibility.p_value == Approx(1));
  CHECK(result.standard_deviations()(4) < path.factor.row(4).norm());
}

TEST_CASE("conditional forecast: the order of the variables changes nothing but the shocks") {
  const MatrixXd y = SimulatedVar().draw(1, 100);
  MatrixXd turned(y.rows(), 2);
  turned << y.col(1), y.col(0);
  const GaussianPath path = forecast_path(fit_var(y, {"a", "b"}, {}), 6);
  const GaussianPath other = forecast_path(fit_var(turned, {"b", "a"}, {}), 6);
  const ConditionalPath one = condition_path(path, {path_condition(12, 4, 3.0)});
  const ConditionalPath two = condition_path(other, {path_condition(12, 5, 3.0)});
  for (Eigen::Index s = 0; s < 6; ++s) {
    CHECK(one.mean(2 * s) == Approx(two.mean(2 * s + 1)).epsilon(1e-10));
    CHECK(one.mean(2 * s + 1) == Approx(two.mean(2 * s)).epsilon(1e-10));
  }
  CHECK(one.plausibility.statistic == Approx(two.plausibility.statistic).epsilon(1e-10));
}

TEST_CASE("conditional forecast: hard conditions take the smallest shocks") {
  const GaussianPath path = forecast_path(fitted(), 4);
  const ConditionalPath result =
      condition_path(path, {path_condition(8, 3, 1.0), path_condition(8, 6, 0.5)});
  CHECK((path.mean + path.factor * result.shocks - result.mean).norm() < 1e-12);
  CHECK_THAT(result.shocks.squaredNorm(), AgreesTo(result.plausibility.statistic, 10));
  // Any other shocks that keep the conditions are larger.
  MatrixXd rows(2, 8);
  rows << path.factor.row(3), path.factor.row(6);
  const MatrixXd kernel = rows.fullPivLu().kernel();
  for (Eigen::Index j = 0; j < kernel.cols(); ++j) {
    CHECK(std::fabs(kernel.col(j).dot(result.shocks)) < 1e-10 * kernel.col(j).norm());
  }
}

TEST_CASE("conditional forecast: a soft condition grows hard as its error shrinks") {
  const GaussianPath path = forecast_path(fitted(), 4);
  const ConditionalPath hard = condition_path(path, {path_condition(8, 3, 1.0)});
  const ConditionalPath close = condition_path(path, {path_condition(8, 3, 1.0, 1e-6)});
  CHECK((hard.mean - close.mean).norm() < 1e-10);
  // Loose: half way for an error as large as the forecast's.
  const double sd = path.factor.row(3).norm();
  const ConditionalPath loose = condition_path(path, {path_condition(8, 3, 1.0, sd)});
  CHECK_THAT(loose.mean(3), AgreesTo(0.5 * (1 + path.mean(3)), 11));
  CHECK_THAT(loose.standard_deviations()(3), AgreesTo(sd / std::sqrt(2), 11));
}

TEST_CASE("conditional forecast: repeated conditions are dropped, contradictions named") {
  const GaussianPath path = forecast_path(fitted(), 3);
  const PathCondition first = path_condition(6, 2, 1.0);
  const ConditionalPath twice = condition_path(path, {first, first});
  CHECK(twice.kept == std::vector<int>{0});
  CHECK(twice.plausibility.df == 1);
  CHECK(message_of([&] {
          condition_path(path, {first, path_condition(6, 2, 2.0)});
        }) == "the condition on element 2 is 2, but must be 1 given the conditions before it");
  CHECK(message_of([&] { path_condition(6, 6, 1); }) ==
        "the place of a condition is 6, but must be in [0, 5]");
}

TEST_CASE("conditional forecast: plausibility is chi-squared over forecasts that come true",
          "[slow]") {
  const GaussianPath path = forecast_path(fitted(1), 4);
  const MatrixXd drawn = draw_paths(path.mean, path.factor, 7, 2000);
  int surprising = 0;
  for (Eigen::Index r = 0; r < drawn.cols(); ++r) {
    const ConditionalPath result = condition_path(
        path, {path_condition(8, 2, drawn(2, r)), path_condition(8, 7, drawn(7, r))});
    surprising += result.plausibility.p_value < 0.1;
  }
  CHECK(surprising / 2000.0 == Approx(0.1).margin(0.025));
}

TEST_CASE("conditional forecast: draws have the conditional moments and keep hard conditions",
          "[slow]") {
  const GaussianPath path = forecast_path(fitted(), 5);
  const ConditionalPath result =
      condition_path(path, {path_condition(10, 4, 1.0), path_condition(10, 7, 0.0, 0.5)});
  const MatrixXd drawn = draw_paths(result.mean, result.factor, 11, 20000);
  CHECK((drawn.row(4).array() - 1).abs().maxCoeff() < 1e-12);
  const MatrixXd centred = drawn.colwise() - result.mean;
  CHECK(drawn.rowwise().mean().isApprox(result.mean, 0.05));
  CHECK((centred * centred.transpose() / 20000.0 - result.covariance()).cwiseAbs().maxCoeff() <
        0.05 * result.covariance().diagonal().maxCoeff());
}

}  // namespace amnok
