#include "engine/evaluation/scores.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/stats/distributions.h"
#include "engine/stats/random_stream.h"

namespace amnok {

namespace {

VectorXd vector(std::initializer_list<double> values) {
  VectorXd v(static_cast<Eigen::Index>(values.size()));
  std::copy(values.begin(), values.end(), v.begin());
  return v;
}

std::vector<double> normals(int count) {
  std::vector<double> x(static_cast<std::size_t>(count));
  fill_normals({7, Purpose::simulation, 1}, 0, x);
  return x;
}

}  // namespace

TEST_CASE("scores: points by hand", "[scores]") {
  const VectorXd y = vector({10, 20, 40}), f = vector({12, 16, 40}),
                 training = vector({1, 3, 2, 6});
  CHECK(mean_error(y, f) == Approx(2.0 / 3));
  CHECK(mean_absolute_error(y, f) == Approx(2));
  CHECK(root_mean_squared_error(y, f) == Approx(std::sqrt(20.0 / 3)));
  CHECK(mean_percentage_error(y, f) == Approx(0));
  CHECK(mean_absolute_percentage_error(y, f) == Approx(40.0 / 3));
  CHECK(symmetric_percentage_error(y, f) == Approx((400.0 / 22 + 800.0 / 36) / 3));
  // |3-1|, |2-3|, |6-2|: 7/3; two apart |2-1|, |6-3|: 2.
  CHECK(mean_absolute_scaled_error(y, f, training, 1) == Approx(2 / (7.0 / 3)));
  CHECK(mean_absolute_scaled_error(y, f, training, 2) == Approx(1));
  CHECK(root_mean_squared_scaled_error(y, f, training, 2) ==
        Approx(std::sqrt(20.0 / 3) / std::sqrt(5.0)));
  // ((16-20)/10)^2 + 0 over 1 + 1.
  CHECK(theil_u(y, f) == Approx(std::sqrt(0.16 / 2)));
}

TEST_CASE("scores: the two symmetric errors differ where signs do", "[scores]") {
  const VectorXd y = vector({3}), f = vector({-1});
  CHECK(symmetric_percentage_error(y, f) == Approx(200));
  CHECK(symmetric_percentage_error(y, f, SymmetricError::plain) == Approx(400));
}

TEST_CASE("scores: missing pairs are left out", "[scores]") {
  const VectorXd y = vector({1, kMissing, 3}), f = vector({0, 5, kMissing});
  CHECK(mean_error(y, f) == 1);
  CHECK(point_scores(y, f, vector({1, 2}), 1).count == 1);
  CHECK(std::isnan(mean_error(vector({kMissing}), vector({1}))));
}

TEST_CASE("scores: the interval score is the sum of two quantile losses", "[scores]") {
  for (double y : {-3.0, 0.5, 4.0}) {
    const double losses = pinball_loss(y, -1, 0.1) + pinball_loss(y, 2, 0.9);
    CHECK(interval_score(y, -1, 2, 0.2) == Approx(2 / 0.2 * losses));
  }
}

TEST_CASE("scores: the CRPS of a normal is the integral of its quantile losses", "[scores]") {
  constexpr int kCells = 20000;
  for (double y : {-1.0, 0.3, 5.0}) {
    double sum = 0;
    for (int i = 0; i < kCells; ++i) {
      const double p = (i + 0.5) / kCells;
      sum += 2 * pinball_loss(y, 1 + 2 * normal_quantile(p), p) / kCells;
    }
    CHECK(crps_normal(y, 1, 2) == Approx(sum).epsilon(1e-3));
  }
  CHECK(crps_normal(3, 1, 0) == 2);
}

TEST_CASE("scores: the CRPS of a sample by its definition", "[scores]") {
  const std::vector<double> x = {3, -1, 4, 4};
  const double y = 2;
  double distance = 0, spread = 0;
  for (double a : x) {
    distance += std::fabs(a - y) / 4;
    for (double b : x) spread += std::fabs(a - b);
  }
  CHECK(crps_sample(y, x, SampleCrps::ecdf) == Approx(distance - spread / 32));
  CHECK(crps_sample(y, x, SampleCrps::fair) == Approx(distance - spread / 24));
  CHECK(crps_sample(0.4, normals(40000)) == Approx(crps_normal(0.4, 0, 1)).epsilon(0.02));
}

TEST_CASE("scores: truth has the best expected score", "[scores]") {
  double crps[3] = {}, log_score[3] = {}, interval[3] = {};
  const double sds[3] = {0.7, 1, 1.4};
  for (double y : normals(4000)) {
    for (int i = 0; i < 3; ++i) {
      crps[i] += crps_normal(y, 0, sds[i]);
      log_score[i] += log_score_normal(y, 0, sds[i]);
      const double half = sds[i] * normal_quantile(0.9);
      interval[i] += interval_score(y, -half, half, 0.2);
    }
  }
  for (int i : {0, 2}) {
    CHECK(crps[1] < crps[i]);
    CHECK(log_score[1] < log_score[i]);
    CHECK(interval[1] < interval[i]);
  }
}

TEST_CASE("scores: bands of a share, published", "[scores]") {
  // Newcombe (1998, Statist. Med. 17, 857-872), table I: 81 of 263, and 15 of 148.
  const Coverage wilson = coverage_of(81, 263),
                 exact = coverage_of(81, 263, 0.95, BinomialBand::exact);
  CHECK(wilson.low == Approx(0.2553).margin(5e-5));
  CHECK(wilson.high == Approx(0.3662).margin(5e-5));
  CHECK(exact.low == Approx(0.2527).margin(5e-5));
  CHECK(exact.high == Approx(0.3676).margin(5e-5));
  CHECK(coverage_of(0, 20, 0.95, BinomialBand::exact).high == Approx(1 - std::pow(0.025, 0.05)));
}

TEST_CASE("scores: probability integral transforms", "[scores]") {
  CHECK(pit_normal(1, 1, 3) == 0.5);
  CHECK(pit_sample(2, {1, 2, 3, 4}) == 0.375);
}

}  // namespace amnok
