#include "engine/stats/lag_polynomial.h"

#include <Eigen/LU>
#include <catch2/catch.hpp>

#include "engine/solver/jet.h"

namespace amnok {

namespace {

using V = std::vector<double>;

// Autocovariances from the infinite moving average, by brute force.
V brute_force(const V& phi, const V& theta, int lags) {
  const VectorXd psi = psi_weights(phi, theta, 20000);
  V gamma;
  for (int k = 0; k <= lags; ++k) {
    gamma.push_back(psi.head(psi.size() - k).dot(psi.tail(psi.size() - k)));
  }
  return gamma;
}

}  // namespace

TEST_CASE("lag polynomial: seasonal factors multiply out") {
  // (1 - 0.5 B)(1 - 0.3 B^4) = 1 - 0.5 B - 0.3 B^4 + 0.15 B^5
  CHECK(expand_seasonal(V{0.5}, V{0.3}, 4, -1.0) == V{0.5, 0, 0, 0.3, -0.15});
  // (1 - 0.4 B)(1 - 0.6 B^4) as a moving average
  const V ma = expand_seasonal(V{-0.4}, V{-0.6}, 4, 1.0);
  CHECK(ma[0] == -0.4);
  CHECK(ma[3] == -0.6);
  CHECK(ma[4] == Approx(0.24));
}

TEST_CASE("lag polynomial: differencing undoes itself") {
  CHECK(difference_coefficients(1, 0, 1) == V{1});
  CHECK(difference_coefficients(2, 0, 1) == V{2, -1});
  CHECK(difference_coefficients(1, 1, 4) == V{1, 0, 0, 1, -1});
  VectorXd y(8);
  y << 1, 4, 9, 16, 25, 36, 49, 64;
  const VectorXd w = difference(y, 2, 0, 1);
  CHECK(w.size() == 6);
  CHECK((w.array() == 2).all());
}

TEST_CASE("lag polynomial: partial autocorrelations and coefficients are inverse maps") {
  const V partial = {0.7, -0.4, 0.2, 0.85};
  V back;
  REQUIRE(partial_from_stationary(stationary_from_partial(partial), back));
  for (std::size_t i = 0; i < partial.size(); ++i)
    CHECK(back[i] == Approx(partial[i]).epsilon(1e-12));
  CHECK_FALSE(is_stationary({1.2}));
  CHECK_FALSE(is_stationary({0.5, 0.5}));
  CHECK(is_stationary({1.2, -0.5}));
}

TEST_CASE("lag polynomial: ARMA autocovariances equal the brute-force sums") {
  const std::pair<V, V> models[] = {{{0.7}, {}},
                                    {{}, {0.5, -0.3}},
                                    {{0.6}, {0.4}},
                                    {{1.2, -0.5}, {0.3, 0.2, -0.1}},
                                    {{0.5, 0, 0, 0.3, -0.15}, {-0.4, 0, 0, -0.6, 0.24}}};
  for (const auto& [phi, theta] : models) {
    V gamma;
    REQUIRE(arma_autocovariances(phi, theta, 9, gamma));
    const V expected = brute_force(phi, theta, 9);
    for (std::size_t k = 0; k < gamma.size(); ++k) {
      CHECK(gamma[k] == Approx(expected[k]).epsilon(1e-10).margin(1e-12));
    }
  }
}

TEST_CASE("lag polynomial: a unit root has no autocovariances") {
  V gamma;
  CHECK_FALSE(arma_autocovariances(V{1.0}, V{}, 3, gamma));
  CHECK_FALSE(arma_autocovariances(V{0.4, 0.6}, V{}, 3, gamma));
}

TEST_CASE("lag polynomial: derivatives of autocovariances pass through dual numbers") {
  using Dual = Jet<2>;
  const std::vector<Dual> phi = {Dual(0.6, 0)}, theta = {Dual(-0.3, 1)};
  std::vector<Dual> gamma;
  REQUIRE(arma_autocovariances(phi, theta, 3, gamma));
  const double h = 1e-6;
  for (int k = 0; k <= 3; ++k) {
    V up, down;
    arma_autocovariances(V{0.6 + h}, V{-0.3}, 3, up);
    arma_autocovariances(V{0.6 - h}, V{-0.3}, 3, down);
    const auto at = static_cast<std::size_t>(k);
    CHECK(gamma[at].v(0) == Approx((up[at] - down[at]) / (2 * h)).epsilon(1e-7));
    arma_autocovariances(V{0.6}, V{-0.3 + h}, 3, up);
    arma_autocovariances(V{0.6}, V{-0.3 - h}, 3, down);
    CHECK(gamma[at].v(1) == Approx((up[at] - down[at]) / (2 * h)).epsilon(1e-7));
  }
}

TEST_CASE("lag polynomial: psi weights of an AR(1) are powers") {
  const VectorXd psi = psi_weights({0.5}, {}, 5);
  for (int j = 0; j < 5; ++j) CHECK(psi(j) == std::pow(0.5, j));
}

TEST_CASE("lag polynomial: root moduli") {
  const V moduli = root_moduli({0.5, 0.3});  // 1 - 0.5 z - 0.3 z^2
  REQUIRE(moduli.size() == 2);
  CHECK(moduli[0] == Approx((-0.5 + std::sqrt(0.25 + 1.2)) / 0.6));
  CHECK(root_moduli({}).empty());
  CHECK(root_moduli({0.5, 0.0}).size() == 1);
}

}  // namespace amnok
