#include "engine/evaluation/rolling_origin.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/base/input_error.h"
#include "engine/stats/distributions.h"
#include "engine/stats/random_stream.h"

namespace amnok {

namespace {

VectorXd random_walk(int n) {
  VectorXd y(n);
  fill_normals({3, Purpose::simulation, 4}, 0, {y.data(), static_cast<std::size_t>(n)});
  for (int t = 1; t < n; ++t) y(t) += y(t - 1);
  return y;
}

// The truth of a random walk with unit steps.
QuantileForecast last_value(const VectorXd& history, int horizon,
                            const std::vector<double>& probabilities) {
  QuantileForecast f{VectorXd::Constant(horizon, history(history.size() - 1)),
                     MatrixXd(horizon, static_cast<Eigen::Index>(probabilities.size()))};
  for (int h = 0; h < horizon; ++h) {
    for (std::size_t i = 0; i < probabilities.size(); ++i) {
      f.quantiles(h, static_cast<Eigen::Index>(i)) =
          f.mean(h) + std::sqrt(h + 1.0) * normal_quantile(probabilities[i]);
    }
  }
  return f;
}

}  // namespace

TEST_CASE("rolling origin: a forecaster sees the past only, and actuals fall in place",
          "[rolling]") {
  VectorXd y(10);
  for (int t = 0; t < 10; ++t) y(t) = t;
  RollingOriginPlan plan{3, 4, 2, 0};
  const RollingForecasts r = rolling_origin(y, 1, plan, {0.5}, last_value);
  CHECK(r.origins == std::vector<int>{4, 6, 8});
  CHECK(r.actual(0, 0) == 4);
  CHECK(r.mean(0, 2) == 3);
  CHECK(r.actual(2, 1) == 9);
  CHECK(std::isnan(r.actual(2, 2)));
  plan.window = 2;
  rolling_origin(y, 1, plan, {}, [](const VectorXd& history, int h, const std::vector<double>&) {
    CHECK(history.size() == 2);
    return QuantileForecast{VectorXd::Zero(h), MatrixXd(h, 0)};
  });
}

TEST_CASE("rolling origin: a failing forecaster is counted and told", "[rolling]") {
  const VectorXd y = random_walk(12);
  const RollingForecasts r = rolling_origin(
      y, 1, {1, 5, 1, 0}, {0.5}, [](const VectorXd& history, int h, const std::vector<double>& p) {
        if (history.size() < 8) throw InputError("too short");
        return last_value(history, h, p);
      });
  CHECK(r.failures == 3);
  CHECK(r.failure == "too short");
  CHECK(std::isnan(r.mean(0, 0)));
}

TEST_CASE("rolling origin: the truth is calibrated and beats a worse forecast", "[rolling]") {
  const VectorXd y = random_walk(800);
  const std::vector<double> levels = {0.8, 0.95};
  const auto probabilities = scoring_probabilities(levels);
  const RollingOriginPlan plan{3, 50, 1, 0};
  const RollingForecasts truth = rolling_origin(y, 1, plan, probabilities, last_value, 2);
  const RollingForecasts worse = rolling_origin(
      y, 1, plan, probabilities, [](const VectorXd& history, int h, const std::vector<double>& p) {
        return last_value(history.head(history.size() - 3), h, p);
      });
  const auto scores = score_by_horizon(truth, levels);
  REQUIRE(scores.size() == 4);
  CHECK(scores[0].bands[0].coverage.low < 0.8);
  CHECK(scores[0].bands[0].coverage.high > 0.8);
  CHECK(scores[0].rmse == Approx(1).margin(0.1));
  // E CRPS of N(0, 1) about its own draws is 1 / sqrt(pi).
  CHECK(scores[0].crps == Approx(0.5642).margin(0.04));
  CHECK(score_by_horizon(worse, levels)[0].crps > scores[0].crps);
  CHECK(compare_at_horizon(worse, truth, 1).p_value < 1e-6);
  CHECK(compare_at_horizon(worse, truth, 1).statistic > 0);
}

}  // namespace amnok
