#include "engine/stats/residual_tests.h"

#include <catch2/catch.hpp>

#include "engine/stats/hac.h"
#include "engine/stats/random_stream.h"
#include "tests/support/numbers.h"

namespace amnok {

namespace {

VectorXd noise(int n, std::uint32_t draw) {
  std::vector<double> x(static_cast<std::size_t>(n));
  fill_normals({11, Purpose::simulation, 9}, draw, x);
  return Eigen::Map<const VectorXd>(x.data(), n);
}

}  // namespace

TEST_CASE("residual tests: autocorrelations by hand") {
  VectorXd x(4);
  x << 1, 2, 3, 4;  // deviations -1.5, -0.5, 0.5, 1.5
  const VectorXd r = autocorrelations(x, 2);
  CHECK_THAT(r(0), AgreesTo(1.25 / 5, 14));
  CHECK_THAT(r(1), AgreesTo(-1.5 / 5, 14));
}

TEST_CASE("residual tests: the first partial autocorrelation is the first autocorrelation") {
  const VectorXd x = noise(50, 1);
  const VectorXd r = autocorrelations(x, 2), p = partial_autocorrelations(x, 2);
  CHECK_THAT(p(0), AgreesTo(r(0), 14));
  CHECK_THAT(p(1), AgreesTo((r(1) - r(0) * r(0)) / (1 - r(0) * r(0)), 12));
}

TEST_CASE("residual tests: white noise is rejected at about the nominal rate") {
  int lb = 0, jb = 0, arch = 0;
  constexpr int kSeries = 400;
  for (std::uint32_t s = 0; s < kSeries; ++s) {
    const VectorXd x = noise(200, s);
    lb += ljung_box(x, 10, 0).p_value < 0.05 ? 1 : 0;
    jb += jarque_bera(x).p_value < 0.05 ? 1 : 0;
    arch += arch_lm(x, 4).p_value < 0.05 ? 1 : 0;
  }
  // 5 % of 400 is 20, with a binomial standard deviation of 4.4; Jarque-Bera is known to be
  // smaller.
  CHECK(lb > 6);
  CHECK(lb < 38);
  CHECK(jb > 3);
  CHECK(jb < 34);
  CHECK(arch > 4);
  CHECK(arch < 34);
}

TEST_CASE("residual tests: autocorrelation is found") {
  const VectorXd e = noise(200, 5);
  VectorXd x = e;
  for (int t = 1; t < 200; ++t) x(t) = 0.6 * x(t - 1) + e(t);
  CHECK(ljung_box(x, 10, 0).p_value < 1e-6);
  CHECK(box_pierce(x, 10, 0).statistic < ljung_box(x, 10, 0).statistic);
}

TEST_CASE("residual tests: missing values are left out") {
  VectorXd x = noise(100, 7);
  x(10) = x(50) = kMissing;
  CHECK(std::isfinite(ljung_box(x, 8, 0).p_value));
  CHECK(std::isfinite(jarque_bera(x).p_value));
  CHECK(std::isfinite(arch_lm(x, 2).p_value));
}

TEST_CASE("hac: no lags is White's sum, and the form is positive semidefinite") {
  MatrixXd scores(6, 2);
  scores << 1, 2, -1, 0.5, 0.3, -2, 1.5, 1, -0.7, 0.2, 0.4, -1;
  CHECK((newey_west(scores, 0) - scores.transpose() * scores).norm() < 1e-12);
  for (int lag = 0; lag < 6; ++lag) {
    const MatrixXd s = newey_west(scores, lag);
    CHECK((s - s.transpose()).norm() < 1e-12);
    CHECK(s.determinant() > -1e-12);
  }
}

TEST_CASE("hac: Newey-West by its definition") {
  MatrixXd scores(4, 1);
  scores << 1, 2, 3, 4;
  // G0 = 30, G1 = 2 + 6 + 12 = 20, G2 = 3 + 8 = 11
  CHECK_THAT(newey_west(scores, 2)(0, 0), AgreesTo(30 + 2 * (2.0 / 3 * 20 + 1.0 / 3 * 11), 14));
}

}  // namespace amnok
