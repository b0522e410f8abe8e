#include "engine/system/block_solver.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/system/block_order.h"

namespace amnok {

TEST_CASE("block order: components come after what they use") {
  // 0 and 2 use each other; 1 uses them; 3 is used by 0.
  const auto found = strongly_connected({{2, 3}, {0}, {0}, {}});
  CHECK(found == std::vector<std::vector<int>>{{3}, {0, 2}, {1}});
}

TEST_CASE("block solver: a nonlinear block is solved to rounding in a few steps") {
  // x = sqrt(y) + 1, y = x^2 / 2 + c with c by draw.
  const Eigen::RowVector3d c(0.1, 0.5, 2);
  const BlockSolution solution = solve_block(
      [&](const MatrixXd& x) {
        MatrixXd g(2, 3);
        g.row(0) = x.row(1).array().sqrt() + 1;
        g.row(1) = 0.5 * x.row(0).cwiseAbs2() + c;
        return g;
      },
      Eigen::Vector2d(4, 8).replicate(1, 3));
  CHECK(solution.converged);
  CHECK(solution.iterations <= 8);
  for (int r = 0; r < 3; ++r) {
    // (x - 1)^2 = x^2 / 2 + c
    const double x = 2 + std::sqrt(2 + 2 * c(r));
    CHECK(solution.x(0, r) == Approx(x).epsilon(1e-11));
  }
}

TEST_CASE("block solver: a draw does not depend on the draws beside it") {
  const auto map = [](const MatrixXd& x) {
    return MatrixXd(x.array().unaryExpr([](double v) { return std::cos(v); }));
  };
  MatrixXd start(1, 3);
  start << 0.1, 3.0, 20.0;
  const BlockSolution together = solve_block(map, start);
  for (Eigen::Index r = 0; r < 3; ++r) {
    CHECK(solve_block(map, start.col(r)).x(0, 0) == together.x(0, r));
    CHECK(together.x(0, r) == Approx(0.7390851332151607).epsilon(1e-12));
  }
}

TEST_CASE("block solver: steps out of the domain are shortened") {
  // log x = 1 - x / 4 from a start where the full step is negative.
  const BlockSolution solution = solve_block(
      [](const MatrixXd& x) {
        return MatrixXd(x.array() + 1 - 0.25 * x.array() - x.array().log());
      },
      MatrixXd::Constant(1, 1, 60));
  CHECK(solution.converged);
  CHECK(std::log(solution.x(0, 0)) == Approx(1 - solution.x(0, 0) / 4));
}

TEST_CASE("block solver: failures say where and why") {
  // x = x^2 + 1 has no real solution.
  const BlockSolution none =
      solve_block([](const MatrixXd& x) { return MatrixXd(x.cwiseAbs2().array() + 1); },
                  MatrixXd::Constant(1, 1, 3));
  CHECK_FALSE(none.converged);
  CHECK_THAT(none.message({"x"}), Catch::Contains("residual") && Catch::Contains("of x after"));
  const BlockSolution singular =
      solve_block([](const MatrixXd& x) { return MatrixXd(x.array() + 1); }, MatrixXd::Zero(1, 1));
  CHECK(singular.reason == "the slopes are singular");
}

}  // namespace amnok
