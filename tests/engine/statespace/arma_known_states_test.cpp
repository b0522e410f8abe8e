#include "engine/statespace/arma_known_states.h"

#include <Eigen/Cholesky>
#include <catch2/catch.hpp>
#include <cmath>

#include "engine/stats/lag_polynomial.h"

using namespace amnok;

namespace {

using V = std::vector<double>;

// y_{n+1} .. y_{n+h} given y_1 .. y_n, by the joint normal.
VectorXd conditional_mean(const V& phi, const V& theta, const VectorXd& y, int h) {
  const auto n = static_cast<int>(y.size());
  V gamma;
  REQUIRE(arma_autocovariances(phi, theta, n + h, gamma));
  MatrixXd v(n + h, n + h);
  for (int i = 0; i < n + h; ++i) {
    for (int j = 0; j < n + h; ++j) v(i, j) = gamma[static_cast<std::size_t>(std::abs(i - j))];
  }
  return v.bottomLeftCorner(h, n) * Eigen::LLT<MatrixXd>(v.topLeftCorner(n, n)).solve(y);
}

VectorXd wave(int n, double speed) {
  VectorXd y(n);
  for (int t = 0; t < n; ++t) y(t) = 3 * std::sin(speed * t) + 0.02 * t;
  return y;
}

}  // namespace

TEST_CASE("arma known states: forecasts from them are the joint normal's") {
  // MA(1) with 0.3 is steady soon, the others are not or late.
  const std::pair<V, V> models[] = {{{0.7}, {}},
                                    {{}, {0.3}},
                                    {{0.5}, {-0.4}},
                                    {{1.2, -0.5}, {0.3, 0.2}},
                                    {{0.4}, {-0.4, 0, 0, -0.6, 0.24}},
                                    {{0.3, 0, 0, 0.5, -0.15}, {0.2}}};
  constexpr int kRows = 45, kAhead = 8, kSeries = 10;
  for (const auto& [phi, theta] : models) {
    const auto p = std::ssize(phi), q = std::ssize(theta);
    DrawMatrix ar(p, kSeries), ma(q, kSeries), data(kRows, kSeries), known;
    for (int d = 0; d < kSeries; ++d) {  // d = 9: the smallest coefficients
      for (Eigen::Index i = 0; i < p; ++i)
        ar(i, d) = phi[static_cast<std::size_t>(i)] * (1 - 0.1 * d);
      for (Eigen::Index i = 0; i < q; ++i)
        ma(i, d) = theta[static_cast<std::size_t>(i)] * (1 - 0.1 * d);
      data.col(d) = wave(kRows, 0.3 + 0.1 * d);
    }
    REQUIRE(arma_known_states(ar, ma, data, known));
    REQUIRE(known.rows() == std::max(p, q + 1));
    for (int d = 0; d < kSeries; ++d) {
      const V a(ar.col(d).begin(), ar.col(d).end()), b(ma.col(d).begin(), ma.col(d).end());
      const VectorXd expected = conditional_mean(a, b, data.col(d), kAhead);
      VectorXd y = VectorXd::Zero(kAhead);
      for (int h = 0; h < kAhead; ++h) {
        if (h < known.rows()) y(h) = known(h, d);
        for (Eigen::Index j = 0; j < p && j < h; ++j) y(h) += ar(j, d) * y(h - 1 - j);
      }
      INFO(d);
      CHECK((y - expected).cwiseAbs().maxCoeff() < 1e-10);
    }
  }
}

TEST_CASE("arma known states: the same bits whichever processes stand beside") {
  constexpr int kRows = 300, kSeries = 19;
  DrawMatrix ar(1, kSeries), ma(3, kSeries), data(kRows, kSeries), all, one;
  for (int d = 0; d < kSeries; ++d) {  // steady after a few steps, or never
    ar(0, d) = 0.9 - 0.09 * d;
    ma.col(d) << 0.05 * d, 0.02, 0.3 - 0.01 * d;
    data.col(d) = wave(kRows, 0.2 + 0.07 * d);
  }
  REQUIRE(arma_known_states(ar, ma, data, all));
  for (int d = 0; d < kSeries; ++d) {
    REQUIRE(arma_known_states(ar.col(d), ma.col(d), data.col(d), one));
    CHECK(one.col(0) == all.col(d));
  }
}

TEST_CASE("arma known states: one that is not stationary is refused") {
  DrawMatrix ar(1, 3), known;
  ar << 0.5, 1.01, 0.2;
  CHECK_FALSE(arma_known_states(ar, DrawMatrix(0, 3), DrawMatrix::Ones(20, 3), known));
}
