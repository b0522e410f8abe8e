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

constexpr double kMet = 1e-10;       // of a condition's own standard deviation and size
constexpr int kLinearisations = 12;  // of conditions that are not linear
constexpr int kStepsEach = 4;
constexpr double kStep = 1e-3;  // of derivatives, in standard deviations of a shock
constexpr double kLargeStep = 2;
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

  // Row k of element (mover m, period s): d g_k / d shock, by draw.
  std::vector<DrawMatrix> derivatives(const DrawMatrix& base, double step) const {
    std::vector<DrawMatrix> result(movers_.size() * periods());
    SystemDraws moved = draws_;
    for (std::size_t m = 0; m < movers_.size(); ++m) {
      for (std::size_t s = 0; s < periods(); ++s) {
        auto row = moved.shocks[movers_[m]].row(static_cast<Eigen::Index>(s));
        row.array() += step;
        result[m * periods() + s] = (gaps(system_.simulate(moved, inputs_)) - base) / step;
        row = draws_.shocks[movers_[m]].row(static_cast<Eigen::Index>(s));
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

  void meet_equations() {
    check_gaussian();
    find_cells();
    draw_errors();
    open_.assign(static_cast<std::size_t>(count_), true);
    // Where a path is at the edge of its transform (a square root at zero) small shocks move nothing:
    // every second linearisation takes a large step.
    for (int i = 0; i < kLinearisations && any_open(); ++i) {
      linearise_and_step(i % 2 == 0 ? kStep : kLargeStep);
    }
    for (Eigen::Index r = 0; r < count_; ++r) {
      if (!open_[static_cast<std::size_t>(r)]) continue;
      ++result_.unsolved;
      result_.log_weights(r) = -std::numeric_limits<double>::infinity();
    }
  }

  bool any_open() const { return std::find(open_.begin(), open_.end(), true) != open_.end(); }

  // One linearisation of every draw that does not meet its conditions yet, and steps along it.
  void linearise_and_step(double shock_step) {
    DrawMatrix now = gaps(paths_);
    const std::vector<DrawMatrix> derivative = derivatives(now, shock_step);
    std::vector<MatrixXd> gain(static_cast<std::size_t>(count_));
    std::vector<VectorXd> sd(static_cast<std::size_t>(count_));
    const Eigen::Index all = system_.correlation().rows();
    Eigen::Index stuck = 0;
    for (Eigen::Index r = 0; r < count_; ++r) {
      if (!open_[static_cast<std::size_t>(r)]) continue;
      const MatrixXd j = jacobian_of(derivative, r), sj = spread(j);
      const MatrixXd s = covariance(j, sj);
      if (!s.allFinite()) continue;
      stuck = unmoved(s);
      if (stuck >= 0) continue;
      if (!moved_) check_dependence(s);
      moved_ = true;
      const Eigen::LLT<MatrixXd> root(s);
      if (root.info() != Eigen::Success) continue;
      gain[static_cast<std::size_t>(r)] = root.solve(sj.transpose()).transpose();
      sd[static_cast<std::size_t>(r)] = s.diagonal().cwiseSqrt();
      weigh(r, j, root, now.col(r));
      const MatrixXd soft_gain =
          soft_.asDiagonal() * root.solve(MatrixXd::Identity(size(), size()));
      soft_gain_.resize(static_cast<std::size_t>(count_));
      soft_gain_[static_cast<std::size_t>(r)] = soft_gain;
    }
    if (!moved_ && shock_step == kLargeStep) {
      const PeriodCondition& c = equations_[static_cast<std::size_t>(stuck)];
      fail_at(
          c, fmt::format("nothing uncertain moves the condition {}", text_of(c, system_.horizon())),
          "its variables are fixed, or known from the data");
    }
    for (int step = 0; step < kStepsEach && any_open(); ++step) {
      for (Eigen::Index r = 0; r < count_; ++r) {
        const auto i = static_cast<std::size_t>(r);
        if (!open_[i] || gain[i].size() == 0) continue;
        const VectorXd d = -now.col(r) - errors_.col(r);
        const VectorXd move = gain[i] * d;
        for (Eigen::Index s = 0; s < static_cast<Eigen::Index>(periods()); ++s) {
          for (Eigen::Index e = 0; e < all; ++e) {
            draws_.shocks[static_cast<std::size_t>(e)](s, r) += move(s * all + e);
          }
        }
        errors_.col(r) += soft_gain_[i] * d;
      }
      paths_ = system_.simulate(draws_, inputs_);
      now = gaps(paths_);
      for (Eigen::Index r = 0; r < count_; ++r) {
        const auto i = static_cast<std::size_t>(r);
        if (!open_[i] || gain[i].size() == 0) continue;
        const VectorXd left = (now.col(r) + errors_.col(r)).cwiseAbs();
        open_[i] = !(left.array() <= kMet * sd[i].array()).all();
      }
    }
  }

  // The density of v given the draw's parameters: v is as far from the forecast as the gap is, less
  // what the draw's own shocks have done to it.
  void weigh(Eigen::Index r, const MatrixXd& j, const Eigen::LLT<MatrixXd>& root,
             const VectorXd& gap_now) {
    const auto movers = static_cast<Eigen::Index>(movers_.size());
    VectorXd shocks(j.cols());
    for (Eigen::Index s = 0; s < static_cast<Eigen::Index>(periods()); ++s) {
      for (Eigen::Index m = 0; m < movers; ++m) {
        shocks(s * movers + m) = draws_.shocks[movers_[static_cast<std::size_t>(m)]](s, r);
      }
    }
    const VectorXd d = j * shocks - gap_now;
    const double distance = d.dot(root.solve(d));
    const double log_determinant = 2 * MatrixXd(root.matrixL()).diagonal().array().log().sum();
    result_.distance(r) = distance;
    result_.log_weights(r) = -0.5 * (distance + log_determinant);
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
  std::vector<MatrixXd> soft_gain_;
  std::vector<bool> open_;
  bool moved_ = false;  // every condition, in some draw
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
