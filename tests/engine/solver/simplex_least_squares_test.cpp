#include "engine/solver/simplex_least_squares.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/solver/nelder_mead.h"
#include "engine/stats/random_stream.h"

namespace amnok {

namespace {

MatrixXd normals(Eigen::Index rows, Eigen::Index columns, std::uint32_t draw) {
  MatrixXd x(rows, columns);
  fill_normals({5, Purpose::simulation, 3}, draw, {x.data(), static_cast<std::size_t>(x.size())});
  return x;
}

}  // namespace

TEST_CASE("simplex least squares: the optimality conditions hold", "[simplex]") {
  for (std::uint32_t draw = 0; draw < 60; ++draw) {
    const Eigen::Index rows = 2 + draw % 9, columns = 1 + (7 * draw) % 40;
    const MatrixXd x = normals(rows, columns, draw);
    const VectorXd y = 2 * normals(rows, 1, 1000 + draw);
    const SimplexFit fit = simplex_least_squares(x, y);
    CHECK(fit.weights.minCoeff() >= 0);
    CHECK(fit.weights.sum() == Approx(1));
    // No column promises a gain over the mixture: gradient_j >= gradient' w.
    const VectorXd gradient = -(x.transpose() * fit.residuals);
    CHECK(gradient.minCoeff() > gradient.dot(fit.weights) - 1e-9);
  }
}

TEST_CASE("simplex least squares: two columns in closed form", "[simplex]") {
  MatrixXd x(2, 2);
  x << 0, 1, 0, 0;
  CHECK(simplex_least_squares(x, Eigen::Vector2d(0.3, 5)).weights(1) == Approx(0.3));
  CHECK(simplex_least_squares(x, Eigen::Vector2d(-2, 5)).weights(1) == 0);
  CHECK(simplex_least_squares(x, Eigen::Vector2d(4, -1)).weights(1) == 1);
}

TEST_CASE("simplex least squares: a point of the hull is met", "[simplex]") {
  const MatrixXd x = normals(4, 12, 7);
  const VectorXd y = x.rowwise().mean();
  CHECK(simplex_least_squares(x, y).rss < 1e-20);
}

TEST_CASE("nelder-mead: Rosenbrock's valley and a kink", "[nelder_mead]") {
  const auto valley = [](const VectorXd& x) {
    return 100 * std::pow(x(1) - x(0) * x(0), 2) + std::pow(1 - x(0), 2);
  };
  const NelderMeadResult found = nelder_mead(valley, Eigen::Vector2d(-1.2, 1));
  CHECK((found.x - VectorXd::Ones(2)).norm() < 1e-4);
  const auto kink = [](const VectorXd& x) { return std::fabs(x(0) - 2) + 3 * std::fabs(x(1) + 1); };
  CHECK((nelder_mead(kink, VectorXd::Zero(2)).x - Eigen::Vector2d(2, -1)).norm() < 1e-5);
}

}  // namespace amnok
