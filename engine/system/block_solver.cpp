#include "engine/system/block_solver.h"

#include <fmt/format.h>

#include <Eigen/LU>
#include <algorithm>
#include <cmath>

#include "engine/base/check.h"

namespace amnok {

namespace {

constexpr int kMaxSteps = 100;
constexpr int kMaxHalvings = 40;
constexpr double kConverged = 1e-12;  // what is asked for
constexpr double kAccepted = 1e-10;   // where rounding allows no more
constexpr double kDifference = 1e-6;  // of 1 + |x|: half the digits, a little wide
constexpr double kSingular = 1e-8;    // 1 / |(I - G)^-1| over max(1, |I - G|), scaled

// The state of a draw; one that is not searching stays as it is.
enum class State { searching, done, singular, stuck };

VectorXd scale_of(const VectorXd& x) {
  return x.cwiseAbs().array() + 1;
}

double residual_of(const VectorXd& x, const VectorXd& g, const VectorXd& scale) {
  const double residual = (x - g).cwiseQuotient(scale).cwiseAbs().maxCoeff();
  return x.allFinite() && g.allFinite() ? residual : INFINITY;
}

class Search {
 public:
  Search(const BlockMap& map, const MatrixXd& start)
      : map_(map),
        x_(start.unaryExpr([](double v) { return std::isfinite(v) ? v : 1.0; })),
        g_(map(x_)),
        states_(static_cast<std::size_t>(x_.cols()), State::searching),
        residuals_(x_.cols()) {
    for (Eigen::Index r = 0; r < x_.cols(); ++r) {
      residuals_(r) = residual_of(x_.col(r), g_.col(r), scale_of(x_.col(r)));
      settle(r);
    }
  }

  BlockSolution run() {
    int steps = 0;
    while (steps < kMaxSteps && searching()) {
      step();
      ++steps;
    }
    BlockSolution solution;
    solution.iterations = steps;
    solution.x = x_;
    residuals_.maxCoeff(&solution.draw);
    solution.residual = residuals_(solution.draw);
    (x_.col(solution.draw) - g_.col(solution.draw)).cwiseAbs().maxCoeff(&solution.equation);
    solution.converged = solution.residual <= kAccepted;
    if (!solution.converged) {
      const State state = states_[static_cast<std::size_t>(solution.draw)];
      solution.reason = state == State::singular ? "the slopes are singular"
                        : state == State::stuck  ? "no shorter step lowers it"
                                                 : "too many steps";
    }
    return solution;
  }

 private:
  State& state(Eigen::Index r) { return states_[static_cast<std::size_t>(r)]; }

  bool searching() const {
    for (const State state : states_) {
      if (state == State::searching) return true;
    }
    return false;
  }

  void settle(Eigen::Index r) {
    if (residuals_(r) <= kConverged) state(r) = State::done;
  }

  // Column r of slopes[j] is dg/dx_j of draw r.
  std::vector<MatrixXd> slopes() const {
    std::vector<MatrixXd> result;
    for (Eigen::Index j = 0; j < x_.rows(); ++j) {
      MatrixXd moved = x_;
      moved.row(j).array() += kDifference * (1 + x_.row(j).array().abs());
      const Eigen::RowVectorXd width = moved.row(j) - x_.row(j);
      result.push_back((map_(moved) - g_) * width.cwiseInverse().asDiagonal());
    }
    return result;
  }

  // The Newton step of draw r; false when I - G is singular in units of 1 + |x|.
  bool newton_step(const std::vector<MatrixXd>& slopes, Eigen::Index r, VectorXd& direction) const {
    const Eigen::Index k = x_.rows();
    const VectorXd scale = scale_of(x_.col(r));
    MatrixXd system = MatrixXd::Identity(k, k);
    for (Eigen::Index j = 0; j < k; ++j) {
      const VectorXd column = slopes[static_cast<std::size_t>(j)].col(r);
      system.col(j) -= column.cwiseQuotient(scale) * scale(j);
    }
    if (!system.allFinite()) return false;
    const Eigen::PartialPivLU<MatrixXd> lu(system);
    const double norm = system.colwise().lpNorm<1>().maxCoeff();
    if (!(lu.rcond() * norm > kSingular * std::max(1.0, norm))) return false;
    direction = scale.cwiseProduct(lu.solve((g_.col(r) - x_.col(r)).cwiseQuotient(scale)));
    return direction.allFinite();
  }

  void step() {
    const std::vector<MatrixXd> by_variable = slopes();
    MatrixXd directions = MatrixXd::Zero(x_.rows(), x_.cols());
    for (Eigen::Index r = 0; r < x_.cols(); ++r) {
      VectorXd direction;
      if (state(r) != State::searching) continue;
      if (newton_step(by_variable, r, direction)) {
        directions.col(r) = direction;
      } else {
        state(r) = State::singular;
      }
    }
    move(directions);
  }

  // Draws take their step as soon as it lowers their residual.
  void move(const MatrixXd& directions) {
    std::vector<bool> open(states_.size());
    for (std::size_t r = 0; r < open.size(); ++r) open[r] = states_[r] == State::searching;
    double length = 1;
    for (int half = 0; half < kMaxHalvings; ++half, length /= 2) {
      if (std::find(open.begin(), open.end(), true) == open.end()) return;
      MatrixXd trial = x_;
      for (Eigen::Index r = 0; r < x_.cols(); ++r) {
        if (open[static_cast<std::size_t>(r)]) trial.col(r) += length * directions.col(r);
      }
      const MatrixXd value = map_(trial);
      for (Eigen::Index r = 0; r < x_.cols(); ++r) {
        if (!open[static_cast<std::size_t>(r)]) continue;
        // In the units of the point before: those of a point far off make any residual small.
        const VectorXd scale = scale_of(x_.col(r));
        if (!(residual_of(trial.col(r), value.col(r), scale) < residuals_(r))) continue;
        x_.col(r) = trial.col(r);
        g_.col(r) = value.col(r);
        residuals_(r) = residual_of(x_.col(r), g_.col(r), scale_of(x_.col(r)));
        open[static_cast<std::size_t>(r)] = false;
        settle(r);
      }
    }
    for (std::size_t r = 0; r < open.size(); ++r) {
      if (open[r]) states_[r] = State::stuck;
    }
  }

  const BlockMap& map_;
  MatrixXd x_, g_;
  std::vector<State> states_;
  VectorXd residuals_;
};

}  // namespace

std::string BlockSolution::message(const std::vector<std::string>& names) const {
  if (converged) return fmt::format("residual {:.1e} after {} steps", residual, iterations);
  return fmt::format("residual {:.1e} of {} after {} steps: {}", residual,
                     names.at(static_cast<std::size_t>(equation)), iterations, reason);
}

BlockSolution solve_block(const BlockMap& map, const MatrixXd& start) {
  AMNOK_CHECK(start.size() > 0, "an empty block");
  return Search(map, start).run();
}

}  // namespace amnok
