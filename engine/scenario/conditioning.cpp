#include "engine/scenario/conditioning.h"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <limits>

#include "engine/base/text.h"
#include "engine/scenario/distribution.h"

namespace amnok {

namespace {

constexpr double kMet = 1e-10;   // of a condition's own standard deviation and size
constexpr int kLinearSteps = 2;  // along the slope at the reference: enough where g is linear
constexpr int kNewtonSteps = 40;
constexpr double kStep = 1e-3;  // of derivatives, in standard deviations of a shock
constexpr double kLargeStep = 2;
constexpr double kLongestMove = 2;  // of any shock in one of Newton's steps
constexpr double kMoves = 1e-12;    // of the largest: a condition that something moves
constexpr double kSingular = 1e-8;  // of correlations between conditions

[[noreturn]] void fail_at(const PeriodCondition& condition, const std::string& message,
                          const std::string& hint) {
  throw InputError({{Severity::error, condition.change->where, message, hint}});
}

std::string text_of(const PeriodCondition& c, const PeriodRange& horizon) {
  return fmt::format("{} {} {} in {}", trim(c.condition->relation.left.text()),
                     c.condition->relation.relation, trim(c.condition->relation.right.text()),
                     format_period(horizon[c.h]));
}

class Conditioner {
 public:
  Conditioner(const System& system, const SystemDraws& draws, const SystemInputs& inputs,
              const std::vector<PeriodCondition>& conditions)
      : system_(system), inputs_(inputs), draws_(draws), count_(draws.count) {
    for (const PeriodCondition& condition : conditions) {
      (condition.is_equation() ? equations_ : inequalities_).push_back(condition);
    }
    result_.log_weights = VectorXd::Zero(count_);
    result_.distance = VectorXd::Zero(count_);
  }

  ConditionedPaths run() {
    paths_ = system_.simulate(draws_, inputs_);
    if (!equations_.empty()) meet_equations();
    for (const PeriodCondition& condition : inequalities_) apply_inequality(condition);
    result_.paths = std::move(paths_);
    return std::move(result_);
  }

 private:
  Eigen::Index size() const { return static_cast<Eigen::Index>(equations_.size()); }

  // The transform in which an equation x = v is taken.
  const Transform* transform_of(const Condition& condition) const {
    const Expression& left = condition.relation.left;
    if (left.nodes().size() != 1 || left.variables().size() != 1 || condition.sd > 0)
      return nullptr;
    for (const BehaviouralEquation& equation : system_.equations()) {
      if (equation.target.variable == left.variables()[0]) return &equation.target.transform;
    }
    return nullptr;
  }

  // Left less right, 1 x R.
  Eigen::RowVectorXd gap(const PeriodCondition& c, const std::vector<DrawMatrix>& paths) const {
    const auto side = [&](const Expression& expression) {
      const DrawRow row = system_.evaluate(expression, paths, inputs_, c.h);
      return Eigen::RowVectorXd(row.expand(count_));
    };
    Eigen::RowVectorXd left = side(c.condition->relation.left);
    Eigen::RowVectorXd right = side(c.condition->relation.right);
    if (c.is_equation()) {
      if (const Transform* transform = transform_of(*c.condition)) {
        const auto forward = [&](double x) { return transform->forward(x); };
        left = left.unaryExpr(forward).eval();
        right = right.unaryExpr(forward).eval();
      }
    }
    return left - right;
  }

  DrawMatrix gaps(const std::vector<DrawMatrix>& paths) const {
    DrawMatrix result(size(), count_);
    for (Eigen::Index k = 0; k < size(); ++k) {
      result.row(k) = gap(equations_[static_cast<std::size_t>(k)], paths);
    }
    return result;
  }

  void check_gaussian() const {
    for (const BehaviouralEquation& equation : system_.equations()) {
      if (equation.shocks.kind() == Innovations::gaussian) continue;
      fail_at(
          equations_[0],
          fmt::format("conditions that are equations need gaussian shocks, but those of `{}` are "
                      "{}",
                      equation.name, equation.shocks.words()),
          "say innovations = \"gaussian\", or use fix");
    }
  }

  // The equations whose shocks move the conditions, and the last period whose shocks do.
  void find_cells() {
    std::vector<std::string> names;
    for (const PeriodCondition& c : equations_) {
      for (const Expression* side : {&c.condition->relation.left, &c.condition->relation.right}) {
        names.insert(names.end(), side->variables().begin(), side->variables().end());
      }
      last_ = std::max(last_, c.h);
    }
    const std::vector<bool> moves = system_.upstream(names);
    for (std::size_t e = 0; e < moves.size(); ++e) {
      if (moves[e]) movers_.push_back(e);
    }
  }

  // Row k of element (mover m, period s): d g_k / d shock at `reference`, by draw.
  std::vector<DrawMatrix> derivatives(const SystemDraws& reference, double step) const {
    const DrawMatrix base = gaps(system_.simulate(reference, inputs_));
    std::vector<DrawMatrix> result(movers_.size() * periods());
    SystemDraws moved = reference;
    for (std::size_t m = 0; m < movers_.size(); ++m) {
      for (std::size_t s = 0; s < periods(); ++s) {
        auto row = moved.shocks[movers_[m]].row(static_cast<Eigen::Index>(s));
        row.array() += step;
        result[m * periods() + s] = (gaps(system_.simulate(moved, inputs_)) - base) / step;
        row = reference.shocks[movers_[m]].row(static_cast<Eigen::Index>(s));
      }
    }
    return result;
  }

  std::size_t periods() const { return static_cast<std::size_t>(last_) + 1; }

  // J of one draw, conditions x (period-major: all movers of period 0, then of 1, ...).
  MatrixXd jacobian_of(const std::vector<DrawMatrix>& derivative, Eigen::Index r) const {
    const auto movers = static_cast<Eigen::Index>(movers_.size());
    MatrixXd j(size(), movers * static_cast<Eigen::Index>(periods()));
    for (Eigen::Index s = 0; s < static_cast<Eigen::Index>(periods()); ++s) {
      for (Eigen::Index m = 0; m < movers; ++m) {
        j.col(s * movers + m) =
            derivative[static_cast<std::size_t>(m) * periods() + static_cast<std::size_t>(s)].col(
                r);
      }
    }
    return j;
  }

  // S J' of all equations' shocks, (equations x periods) x conditions, period-major.
  MatrixXd spread(const MatrixXd& j) const {
    const auto movers = static_cast<Eigen::Index>(movers_.size());
    const MatrixXd& correlation = system_.correlation();
    MatrixXd columns(correlation.rows(), movers);
    for (Eigen::Index m = 0; m < movers; ++m) {
      columns.col(m) =
          correlation.col(static_cast<Eigen::Index>(movers_[static_cast<std::size_t>(m)]));
    }
    MatrixXd result(correlation.rows() * static_cast<Eigen::Index>(periods()), size());
    for (Eigen::Index s = 0; s < static_cast<Eigen::Index>(periods()); ++s) {
      result.middleRows(s * correlation.rows(), correlation.rows()) =
          columns * j.middleCols(s * movers, movers).transpose();
    }
    return result;
  }

  MatrixXd covariance(const MatrixXd& j, const MatrixXd& sj) const {
    const auto movers = static_cast<Eigen::Index>(movers_.size());
    const Eigen::Index all = system_.correlation().rows();
    MatrixXd result = MatrixXd::Zero(size(), size());
    for (Eigen::Index s = 0; s < static_cast<Eigen::Index>(periods()); ++s) {
      for (Eigen::Index m = 0; m < movers; ++m) {
        const auto e = static_cast<Eigen::Index>(movers_[static_cast<std::size_t>(m)]);
        result += j.col(s * movers + m) * sj.row(s * all + e);
      }
    }
    result.diagonal() += soft_;
    return result;
  }

  // The errors u of soft conditions, conditions x R.
  void draw_errors() {
    soft_ = VectorXd::Zero(size());
    errors_ = DrawMatrix::Zero(size(), count_);
    const boost::math::normal normal;
    for (Eigen::Index k = 0; k < size(); ++k) {
      const PeriodCondition& c = equations_[static_cast<std::size_t>(k)];
      if (c.condition->sd == 0) continue;
      soft_(k) = c.condition->sd * c.condition->sd;
      if (draws_.first < 0) continue;  // one solution at the estimates
      errors_.row(k) =
          c.condition->sd * named_uniforms("condition " + text_of(c, system_.horizon()),
                                           draws_.seed, draws_.first, draws_.count)
                                .unaryExpr([&](double u) { return quantile(normal, u); });
    }
  }

  // The first condition that no shock moves in a draw; -1: each of them is moved.
  static Eigen::Index unmoved(const MatrixXd& covariance) {
    const double largest = covariance.diagonal().maxCoeff();
    for (Eigen::Index k = 0; k < covariance.rows(); ++k) {
      if (!(covariance(k, k) > kMoves * largest)) return k;
    }
    return -1;
  }

  void check_dependence(const MatrixXd& covariance) const {
    const VectorXd scale = covariance.diagonal().cwiseSqrt().cwiseInverse();
    const MatrixXd correlation = scale.asDiagonal() * covariance * scale.asDiagonal();
    const Eigen::LDLT<MatrixXd> ldlt(correlation);
    if (ldlt.vectorD().minCoeff() > kSingular) return;
    fail_at(equations_.back(),
            "the conditions of the scenario depend on each other: one of them follows from the "
            "others or contradicts them",
            "leave one out, or give it an sd");
  }

  // A draw's shocks split along the conditions: e = m + D t with D = S J', J taken where all shocks
  // are zero, so that m and t are independent whatever g is, and t ~ N(0, (J S J' + W)^-1).
  struct Split {
    MatrixXd direction;         // D, (equations x periods) x conditions, period-major
    Eigen::LLT<MatrixXd> root;  // of J S J' + W
    VectorXd sd;                // of each condition
    VectorXd t;
    MatrixXd slope;  // d (g + u) / dt at the solution; empty: J S J' + W
    bool open = false;
    bool exists() const { return direction.size() > 0; }
  };

  void meet_equations() {
    check_gaussian();
    find_cells();
    draw_errors();
    split_draws();
    for (int i = 0; i < kLinearSteps && any_open(); ++i) step_along_reference();
    if (any_open()) solve_by_newton();
    for (Eigen::Index r = 0; r < count_; ++r) weigh(r);
  }

  bool any_open() const {
    return std::any_of(splits_.begin(), splits_.end(), [](const Split& s) { return s.open; });
  }

  Split& split_of(Eigen::Index r) { return splits_[static_cast<std::size_t>(r)]; }

  // Where a path is at the edge of its transform (a square root at zero) a small shock moves nothing:
  // there the derivative is one of a large step.
  void split_draws() {
    splits_.resize(static_cast<std::size_t>(count_));
    SystemDraws reference = draws_;
    for (DrawMatrix& shocks : reference.shocks) shocks.setZero();
    Eigen::Index stuck = 0;
    bool any = false;
    for (const double step : {kStep, kLargeStep}) {
      const bool all =
          std::all_of(splits_.begin(), splits_.end(), [](const Split& s) { return s.exists(); });
      if (all) return;
      const std::vector<DrawMatrix> derivative = derivatives(reference, step);
      for (Eigen::Index r = 0; r < count_; ++r) {
        if (split_of(r).exists()) continue;
        const Eigen::Index unmoved_by = split_draw(r, jacobian_of(derivative, r), !any);
        if (unmoved_by >= 0) stuck = unmoved_by;
        any = any || split_of(r).exists();
      }
    }
    if (any) return;
    const PeriodCondition& c = equations_[static_cast<std::size_t>(stuck)];
    fail_at(c,
            fmt::format("nothing uncertain moves the condition {}", text_of(c, system_.horizon())),
            "its variables are fixed, or known from the data");
  }

  // The condition that nothing moves in the draw; -1: there is none.
  Eigen::Index split_draw(Eigen::Index r, const MatrixXd& j, bool first) {
    const MatrixXd sj = spread(j), s = covariance(j, sj);
    if (!s.allFinite()) return -1;
    const Eigen::Index stuck = unmoved(s);
    if (stuck >= 0) return stuck;
    if (first) check_dependence(s);
    Split split;
    split.root.compute(s);
    if (split.root.info() != Eigen::Success) return -1;
    const auto movers = static_cast<Eigen::Index>(movers_.size());
    VectorXd along = errors_.col(r);
    for (Eigen::Index p = 0; p < static_cast<Eigen::Index>(periods()); ++p) {
      for (Eigen::Index m = 0; m < movers; ++m) {
        along += j.col(p * movers + m) * draws_.shocks[movers_[static_cast<std::size_t>(m)]](p, r);
      }
    }
    split.direction = sj;
    split.sd = s.diagonal().cwiseSqrt();
    split.t = split.root.solve(along);
    split.open = true;
    split_of(r) = std::move(split);
    return -1;
  }

  static void shift(SystemDraws& draws, Eigen::Index r, const VectorXd& move) {
    const auto all = static_cast<Eigen::Index>(draws.shocks.size());
    for (Eigen::Index i = 0; i < move.size(); ++i) {
      draws.shocks[static_cast<std::size_t>(i % all)](i / all, r) += move(i);
    }
  }

  // Moves the open draws and sees which of them meet their conditions then.
  template <class StepOf>
  void move_open(const StepOf& step_of) {
    const DrawMatrix missing = gaps(paths_) + errors_;
    for (Eigen::Index r = 0; r < count_; ++r) {
      Split& split = split_of(r);
      if (!split.open) continue;
      const VectorXd dt = step_of(r, VectorXd(missing.col(r)));
      split.t += dt;
      shift(draws_, r, split.direction * dt);
      errors_.col(r) += soft_.cwiseProduct(dt);
    }
    paths_ = system_.simulate(draws_, inputs_);
    const DrawMatrix left = gaps(paths_) + errors_;
    for (Eigen::Index r = 0; r < count_; ++r) {
      Split& split = split_of(r);
      split.open = split.open && !(left.col(r).array().abs() <= kMet * split.sd.array()).all();
    }
  }

  void step_along_reference() {
    move_open([&](Eigen::Index r, const VectorXd& missing) {
      return VectorXd(-split_of(r).root.solve(missing));
    });
  }

  // d (g + u) / dt of the wanted draws, where they stand.
  std::vector<MatrixXd> slopes(const std::vector<bool>& wanted) {
    const DrawMatrix base = gaps(paths_);
    std::vector<MatrixXd> result(static_cast<std::size_t>(count_));
    for (Eigen::Index k = 0; k < size(); ++k) {
      SystemDraws moved = draws_;
      VectorXd step = VectorXd::Zero(count_);
      for (Eigen::Index r = 0; r < count_; ++r) {
        if (!wanted[static_cast<std::size_t>(r)]) continue;
        const VectorXd along = split_of(r).direction.col(k);
        step(r) = kStep / along.cwiseAbs().maxCoeff();
        shift(moved, r, step(r) * along);
      }
      const DrawMatrix there = gaps(system_.simulate(moved, inputs_));
      for (Eigen::Index r = 0; r < count_; ++r) {
        if (!wanted[static_cast<std::size_t>(r)]) continue;
        MatrixXd& slope = result[static_cast<std::size_t>(r)];
        if (slope.size() == 0) slope = soft_.asDiagonal();
        slope.col(k) += (there.col(r) - base.col(r)) / step(r);
      }
    }
    return result;
  }

  void solve_by_newton() {
    std::vector<bool> nonlinear;
    for (const Split& split : splits_) nonlinear.push_back(split.open);
    for (int i = 0; i < kNewtonSteps && any_open(); ++i) {
      std::vector<bool> open;
      for (const Split& split : splits_) open.push_back(split.open);
      const std::vector<MatrixXd> slope = slopes(open);
      move_open([&](Eigen::Index r, const VectorXd& missing) {
        const Split& split = split_of(r);
        VectorXd dt = -slope[static_cast<std::size_t>(r)].fullPivLu().solve(missing);
        // At an edge, where nothing moves: as at the reference.
        if (!dt.allFinite() || dt.isZero(0)) dt = -split.root.solve(missing);
        const double longest = (split.direction * dt).cwiseAbs().maxCoeff();
        return VectorXd(longest > kLongestMove ? VectorXd(kLongestMove / longest * dt) : dt);
      });
    }
    const std::vector<MatrixXd> at_solution = slopes(nonlinear);
    for (Eigen::Index r = 0; r < count_; ++r) {
      if (nonlinear[static_cast<std::size_t>(r)]) {
        split_of(r).slope = at_solution[static_cast<std::size_t>(r)];
      }
    }
  }

  // The density of t at the solution over the determinant of the slope there: what the draw's
  // parameters, and its m, say of v.
  void weigh(Eigen::Index r) {
    const Split& split = split_of(r);
    const auto out = [&] {
      ++result_.unsolved;
      result_.log_weights(r) = -std::numeric_limits<double>::infinity();
    };
    if (!split.exists() || split.open) return out();
    const MatrixXd l = split.root.matrixL();
    const double log_determinant = 2 * l.diagonal().array().log().sum();
    const double log_slope = split.slope.size() == 0
                                 ? log_determinant
                                 : std::log(std::fabs(split.slope.fullPivLu().determinant()));
    if (!std::isfinite(log_slope)) return out();
    result_.distance(r) = (l.transpose() * split.t).squaredNorm();
    result_.log_weights(r) = -0.5 * result_.distance(r) + 0.5 * log_determinant - log_slope;
  }

  void apply_inequality(const PeriodCondition& c) {
    const Eigen::RowVectorXd difference = gap(c, paths_);
    const double sign = c.condition->relation.relation == ">=" ? 1 : -1;
    for (Eigen::Index r = 0; r < count_; ++r) {
      if (!(sign * difference(r) >= 0)) {
        result_.log_weights(r) = -std::numeric_limits<double>::infinity();
      }
    }
  }

  const System& system_;
  const SystemInputs& inputs_;
  SystemDraws draws_;
  Eigen::Index count_;
  std::vector<PeriodCondition> equations_, inequalities_;
  std::vector<std::size_t> movers_;
  int last_ = 0;
  VectorXd soft_;      // W, of each condition
  DrawMatrix errors_;  // u, conditions x R
  std::vector<Split> splits_;
  std::vector<DrawMatrix> paths_;
  ConditionedPaths result_;
};

}  // namespace

double least_effective_draws(int draws) {
  return std::min(100.0, draws / 4.0);
}

std::vector<PeriodCondition> conditions_of(const ScenarioSpec& scenario,
                                           const PeriodRange& horizon) {
  std::vector<PeriodCondition> result;
  for (const Change& change : scenario.changes) {
    const auto* condition = std::get_if<Condition>(&change.what);
    if (condition == nullptr) continue;
    for (std::int64_t h = 0; h < horizon.count; ++h) {
      if (change.covers(horizon[h])) result.push_back({condition, &change, static_cast<int>(h)});
    }
  }
  return result;
}

ConditionedPaths simulate_conditioned(const System& system, const SystemDraws& draws,
                                      const SystemInputs& inputs,
                                      const std::vector<PeriodCondition>& conditions) {
  return Conditioner(system, draws, inputs, conditions).run();
}

VectorXd normalised_weights(const VectorXd& log_weights, const SourceRange& where,
                            const std::string& scenario) {
  const double largest = log_weights.maxCoeff();
  VectorXd weights = VectorXd::Zero(log_weights.size());
  if (std::isfinite(largest)) {
    // Eigen's own exponential of -inf is a denormal, not 0.
    weights = log_weights.unaryExpr([&](double x) { return std::exp(x - largest); });
    weights /= weights.sum();
  }
  const auto draws = static_cast<int>(log_weights.size());
  const double effective = weights.sum() > 0 ? effective_draws(weights) : 0;
  if (effective < least_effective_draws(draws)) {
    throw InputError(
        {{Severity::error, where,
          fmt::format(
              "the conditions of scenario `{}` leave {} effective draws of {}, but must leave "
              "at least {}",
              scenario, format_significant(effective, 3), draws,
              format_significant(least_effective_draws(draws), 3)),
          "what they say is implausible under the equations: change the scenario so that it is "
          "less "
          "so (an event, an add-factor), weaken them, or ask for more draws"}});
  }
  return weights;
}

}  // namespace amnok
