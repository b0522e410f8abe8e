// Antithetic and Sobol draws, and the Monte-Carlo errors that go with them.
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "engine/scenario/distribution.h"
#include "engine/stats/random_stream.h"
#include "engine/stats/sobol.h"

namespace amnok {

namespace {

std::vector<double> normals(std::uint64_t seed, Purpose purpose, std::uint32_t equation,
                            std::uint32_t draw, std::size_t count = 6, std::uint32_t first = 0) {
  std::vector<double> out(count);
  fill_normals({seed, purpose, equation}, draw, out, first);
  return out;
}

// A smooth function of a path of shocks: what a run's means and quantiles are made of.
Eigen::RowVectorXd sums_of_shocks(std::uint64_t seed, int draws) {
  Eigen::RowVectorXd sums(draws);
  for (int r = 0; r < draws; ++r) {
    double sum = 0, level = 0;
    for (double e : normals(seed, Purpose::innovation, 0, static_cast<std::uint32_t>(r), 4)) {
      level = 0.7 * level + e;
      sum += std::exp(0.3 * level);
    }
    sums(r) = sum;
  }
  return sums;
}

struct Errors {
  double said_mean = 0, true_mean = 0, said_median = 0, true_median = 0;
};

// What the Monte-Carlo errors say, and how far results are spread over seeds.
Errors errors_of(Sampling sampling) {
  constexpr int kSeeds = 60, kDraws = 1600;
  VectorXd means(kSeeds), medians(kSeeds);
  Errors errors;
  for (int s = 0; s < kSeeds; ++s) {
    const Eigen::RowVectorXd draws =
        sums_of_shocks(sampled_seed(static_cast<std::uint64_t>(s) + 1, sampling), kDraws);
    const Distribution d = summarise(draws, {}, DrawScheme{sampling, kDraws});
    means(s) = d.mean;
    medians(s) = d.median();
    errors.said_mean += d.mean_error / kSeeds;
    errors.said_median += d.quantile_errors[5] / kSeeds;
  }
  const auto sd = [](const VectorXd& x) {
    return std::sqrt((x.array() - x.mean()).square().sum() / (kSeeds - 1));
  };
  errors.true_mean = sd(means);
  errors.true_median = sd(medians);
  return errors;
}

}  // namespace

TEST_CASE("sobol: the first points are those of the published sequence", "[sampling]") {
  const double expected[6][3] = {{0, 0, 0},          {0.5, 0.5, 0.5},       {0.75, 0.25, 0.25},
                                 {0.25, 0.75, 0.75}, {0.375, 0.375, 0.625}, {0.875, 0.875, 0.125}};
  for (std::uint32_t i = 0; i < 6; ++i) {
    for (int d = 0; d < 3; ++d) CHECK(sobol(i, d) / 4294967296.0 == expected[i][d]);
  }
  // Each of the first 2^k points has a stratum of its own in every dimension.
  for (int d : {0, 17, 900, kSobolDimensions - 1}) {
    std::vector<int> seen(64, 0);
    for (std::uint32_t i = 0; i < 64; ++i) ++seen[sobol(i, d) >> 26];
    CHECK(std::count(seen.begin(), seen.end(), 1) == 64);
  }
}

TEST_CASE("sampling: antithetic draws mirror their partner in every stream", "[sampling]") {
  const std::uint64_t seed = sampled_seed(7, Sampling::antithetic);
  for (const Purpose purpose : {Purpose::innovation, Purpose::parameter, Purpose::state}) {
    const auto even = normals(seed, purpose, 3, 10), odd = normals(seed, purpose, 3, 11);
    for (std::size_t i = 0; i < even.size(); ++i) CHECK(even[i] == -odd[i]);
    CHECK(even == normals(7, purpose, 3, 5));  // the fifth independent draw
  }
  double a = 0, b = 0;
  fill_uniforms({seed, Purpose::assumption, 1}, 10, {&a, 1});
  fill_uniforms({seed, Purpose::assumption, 1}, 11, {&b, 1});
  CHECK(a + b == Approx(1).epsilon(1e-15));
  CHECK(sampling_batch(Sampling::antithetic, 10) == sampling_batch(Sampling::antithetic, 11));
}

TEST_CASE("sampling: sobol draws do not depend on how they are asked for", "[sampling]") {
  const std::uint64_t seed = sampled_seed(7, Sampling::sobol);
  const auto all = normals(seed, Purpose::innovation, 2, 33, 9);
  const auto late = normals(seed, Purpose::innovation, 2, 33, 4, 5);
  for (std::size_t i = 0; i < 4; ++i) CHECK(all[5 + i] == late[i]);
  CHECK(all != normals(seed, Purpose::innovation, 3, 33, 9));
  CHECK(all != normals(sampled_seed(8, Sampling::sobol), Purpose::innovation, 2, 33, 9));
  // Beyond the table they are the independent ones.
  CHECK(normals(seed, Purpose::innovation, 16, 33) == normals(7, Purpose::innovation, 16, 33));
  // Standard normal.
  double mean = 0, square = 0;
  for (std::uint32_t r = 0; r < 4096; ++r) {
    const double z = normals(seed, Purpose::parameter, 1, r, 1)[0];
    mean += z / 4096;
    square += z * z / 4096;
  }
  CHECK(mean == Approx(0).margin(0.003));
  CHECK(square == Approx(1).margin(0.01));
}

TEST_CASE("sampling: Monte-Carlo errors are true, and smaller than those of independent draws",
          "[sampling][slow]") {
  const Errors plain = errors_of(Sampling::independent);
  const Errors mirrored = errors_of(Sampling::antithetic), even = errors_of(Sampling::sobol);
  for (const Errors& e : {plain, mirrored, even}) {
    CHECK(e.said_mean / e.true_mean == Approx(1).margin(0.35));
    CHECK(e.said_median / e.true_median == Approx(1).margin(0.35));
  }
  CHECK(mirrored.true_mean < 0.5 * plain.true_mean);
  CHECK(even.true_mean < 0.4 * plain.true_mean);
  CHECK(even.true_median < 0.7 * plain.true_median);
}

}  // namespace amnok
