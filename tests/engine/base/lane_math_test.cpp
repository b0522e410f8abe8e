#include "engine/base/lane_math.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "engine/base/lane_dot.h"

namespace amnok {

namespace {

// How far x is from an exact value, in units of the exact value's last place.
double units(double x, long double exact) {
  const double nearest = static_cast<double>(exact);
  const double unit = std::nextafter(std::fabs(nearest), INFINITY) - std::fabs(nearest);
  return std::fabs(static_cast<double>((static_cast<long double>(x) - exact) / unit));
}

}  // namespace

TEST_CASE("lane math: exp and log are within two units in the last place") {
  std::vector<double> x, y;
  for (int i = 0; i <= 20011; ++i) {
    x.push_back(-690 + 1380 * i / 20011.0);
    y.push_back(std::exp(-600 + 1200 * i / 20011.0));
    x.push_back(i * 1e-4 - 1);
    y.push_back(0.5 + i * 1e-4);
  }
  y.push_back(1 + 1e-15);
  y.push_back(1 - 1e-15);
  y.push_back(1);
  std::vector<double> exponential = x, logarithm = y;
  lane_exp(exponential.data(), std::ssize(exponential));
  lane_log(logarithm.data(), std::ssize(logarithm));
  double worst_exp = 0, worst_log = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    worst_exp =
        std::max(worst_exp, units(exponential[i], std::exp(static_cast<long double>(x[i]))));
  }
  for (std::size_t i = 0; i < y.size(); ++i) {
    worst_log = std::max(worst_log, units(logarithm[i], std::log(static_cast<long double>(y[i]))));
  }
  CHECK(worst_exp < 2);
  CHECK(worst_log < 2);
  CHECK(logarithm.back() == 0);
}

TEST_CASE("lane math: arguments without an ordinary result are those of the standard library") {
  const double inf = std::numeric_limits<double>::infinity();
  for (double v : {-inf, -800.0, 800.0, inf, std::nan("")}) {
    std::vector<double> x = {0.5, v, 2};  // beside ordinary ones
    lane_exp(x.data(), 3);
    CHECK((x[1] == std::exp(v) || (std::isnan(x[1]) && std::isnan(v))));
    CHECK(x[0] == Approx(std::exp(0.5)).epsilon(1e-15));
  }
  for (double v : {-inf, -1.0, -0.0, 0.0, 5e-324, 1e308, inf, std::nan("")}) {
    std::vector<double> x = {0.5, v, 2};
    lane_log(x.data(), 3);
    CHECK((x[1] == std::log(v) || (std::isnan(x[1]) && !(v >= 0))));
    CHECK(x[2] == Approx(std::log(2.0)).epsilon(1e-15));
  }
}

TEST_CASE("lane math: normals are those of Box and Muller") {
  double a[kNormalPairs], u[kNormalPairs], normals[2 * kNormalPairs], worst = 0;
  constexpr long double kPi = 3.14159265358979323846264338327950288L;
  for (int block = 0; block < 2000; ++block) {
    for (int i = 0; i < kNormalPairs; ++i) {
      const int at = kNormalPairs * block + i;
      a[i] = -1 + 2.0 * at / (2000 * kNormalPairs - 1);
      u[i] = at % 3 == 0 ? std::ldexp(1.0, -(at % 50)) : (at % 997 + 0.5) / 997;
    }
    lane_normals(a, u, normals);
    for (int i = 0; i < kNormalPairs; ++i) {
      const long double r = std::sqrt(-2 * std::log(static_cast<long double>(u[i])));
      const long double scale = r > 0 ? r : 1;
      worst = std::max(
          worst, static_cast<double>(std::fabs(normals[2 * i] - r * std::sin(kPi * a[i])) / scale));
      worst = std::max(
          worst,
          static_cast<double>(std::fabs(normals[2 * i + 1] - r * std::cos(kPi * a[i])) / scale));
    }
  }
  CHECK(worst < 4e-16);
}

TEST_CASE("lane dot: sums of products of any length") {
  for (int n : {0, 1, 7, 8, 15, 16, 17, 40}) {
    VectorXd a(n), b(n);
    double expected = 0;
    for (int i = 0; i < n; ++i) {
      a(i) = i + 1;
      b(i) = 2 * i - 3;
      expected += a(i) * b(i);
    }
    CHECK(lane_dot(a.data(), b.data(), n) == expected);  // integers: exact in any order
  }
  MatrixXd j(20, 3);
  for (int i = 0; i < 60; ++i) j.data()[i] = i % 7 - 3;
  const VectorXd r = j.col(0) - j.col(2);
  CHECK(lane_gram(j) == MatrixXd(j.transpose() * j));
  CHECK(lane_products(j, r) == VectorXd(j.transpose() * r));
}

}  // namespace amnok
