#include "engine/system/system.h"

#include <fmt/format.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "engine/base/check.h"
#include "engine/base/lane_math.h"
#include "engine/base/text.h"
#include "engine/data/evaluate.h"
#include "engine/stats/random_stream.h"
#include "engine/system/block_order.h"
#include "engine/system/block_solver.h"
#include "engine/system/draw_row.h"

namespace amnok {

namespace {

constexpr int kMinOverlap = 12;  // periods in common before a correlation is estimated
constexpr int kMaxShockSteps = 40;
constexpr double kShockTolerance = 1e-9;  // of what a shock has to do
constexpr double kRounding = 1e-13;

const VectorXd& scores_of(const BehaviouralEquation& equation) {
  return equation.scores.size() > 0 ? equation.scores : equation.fitted.result.residuals;
}

}  // namespace

System::System(std::vector<BehaviouralEquation> equations, std::vector<Identity> identities,
               Frame history, PeriodRange horizon)
    : equations_(std::move(equations)),
      identities_(std::move(identities)),
      history_(std::move(history)),
      horizon_(horizon) {
  build_graph();
  order_blocks();
  if (equations_.empty()) return;
  correlation_ = residual_correlation();
  const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(correlation_);
  // Pairwise estimates need not fit together: the nearest positive semidefinite matrix, rescaled.
  const MatrixXd clipped = eigen.eigenvectors() * eigen.eigenvalues().cwiseMax(1e-10).asDiagonal() *
                           eigen.eigenvectors().transpose();
  const VectorXd scale = clipped.diagonal().cwiseSqrt().cwiseInverse();
  correlation_ = scale.asDiagonal() * clipped * scale.asDiagonal();
  correlation_root_ = correlation_.llt().matrixL();
}

void System::build_graph() {
  for (const BehaviouralEquation& equation : equations_) {
    variables_.push_back(equation.target.variable);
  }
  for (const Identity& identity : identities_) variables_.push_back(identity.name);
  const auto add_uses = [&](Node& node, const Expression& expression) {
    for (const std::string& name : expression.variables()) {
      const int v = index_of(name);
      if (v < 0) continue;
      node.uses.push_back(v);
      if (expression.uses_now(name)) node.uses_now.push_back(v);
    }
  };
  for (std::size_t e = 0; e < equations_.size(); ++e) {
    Node node;
    node.equation = static_cast<int>(e);
    for (const Expression& regressor : equations_[e].regressors) add_uses(node, regressor);
    nodes_.push_back(node);
  }
  for (std::size_t i = 0; i < identities_.size(); ++i) {
    Node node;
    node.identity = static_cast<int>(i);
    add_uses(node, identities_[i].expression);
    nodes_.push_back(node);
  }
}

void System::order_blocks() {
  std::vector<std::vector<int>> uses, uses_now;
  for (const Node& node : nodes_) {
    uses.push_back(node.uses);
    uses_now.push_back(node.uses_now);
  }
  blocks_ = strongly_connected(uses);
  std::vector<std::size_t> block_of(nodes_.size());
  for (std::size_t b = 0; b < blocks_.size(); ++b) {
    for (int v : blocks_[b]) block_of[static_cast<std::size_t>(v)] = b;
    blocks_[b].clear();
  }
  // Within a block, the order of dependence in the same period.
  period_blocks_.resize(blocks_.size());
  for (const std::vector<int>& component : strongly_connected(uses_now)) {
    const std::size_t b = block_of[static_cast<std::size_t>(component[0])];
    period_blocks_[b].push_back(component);
    blocks_[b].insert(blocks_[b].end(), component.begin(), component.end());
  }
}

int System::index_of(std::string_view variable) const {
  const auto at = std::find(variables_.begin(), variables_.end(), variable);
  return at == variables_.end() ? -1 : static_cast<int>(at - variables_.begin());
}

std::vector<std::vector<std::string>> System::blocks() const {
  std::vector<std::vector<std::string>> result;
  for (const std::vector<int>& block : blocks_) {
    std::vector<std::string> names;
    for (int v : block) names.push_back(variables_[static_cast<std::size_t>(v)]);
    result.push_back(names);
  }
  return result;
}

MatrixXd System::residual_correlation() const {
  const auto n = static_cast<Eigen::Index>(equations_.size());
  MatrixXd correlation = MatrixXd::Identity(n, n);
  for (Eigen::Index a = 0; a < n; ++a) {
    for (Eigen::Index b = 0; b < a; ++b) {
      const auto& first = equations_[static_cast<std::size_t>(a)];
      const auto& second = equations_[static_cast<std::size_t>(b)];
      const VectorXd &u = scores_of(first), &v = scores_of(second);
      double xx = 0, yy = 0, xy = 0;
      int count = 0;
      for (Eigen::Index t = 0; t < u.size(); ++t) {
        const std::int64_t s = second.sample.range.index_of(first.sample.range[t]);
        if (s < 0 || s >= v.size()) continue;
        const double x = u(t), y = v(s);
        if (std::isnan(x) || std::isnan(y)) continue;
        xx += x * x;
        yy += y * y;
        xy += x * y;
        ++count;
      }
      if (count >= kMinOverlap && xx > 0 && yy > 0) {
        correlation(a, b) = correlation(b, a) = xy / std::sqrt(xx * yy);
      }
    }
  }
  return correlation;
}

namespace {

// Draws that all have the estimates.
ParameterDraws estimates(const FittedModel& fitted, int count) {
  return {fitted.result.parameters.values().replicate(1, count),
          VectorXd::Constant(count, std::sqrt(fitted.result.sigma2))};
}

}  // namespace

SystemDraws System::draw(std::uint64_t seed, int first, int count) const {
  SystemDraws draws;
  draws.seed = seed;
  draws.first = first;
  draws.count = count;
  const auto horizon = static_cast<Eigen::Index>(horizon_.count);
  std::vector<DrawMatrix> independent;
  for (std::size_t e = 0; e < equations_.size(); ++e) {
    const FittedModel& fitted = equations_[e].fitted;
    const auto id = static_cast<std::uint32_t>(e);
    draws.parameters.push_back(
        equations_[e].parameters_drawn
            ? fitted.model->draw_parameters(fitted.result, seed, id, first, count)
            : estimates(fitted, count));
    draws.past.push_back(
        fitted.model->past_state(fitted.result, draws.parameters.back(), seed, id, first));
    independent.push_back(normal_paths({seed, Purpose::innovation, id},
                                       static_cast<std::uint32_t>(first), static_cast<int>(horizon),
                                       count));
  }
  for (std::size_t e = 0; e < equations_.size(); ++e) {
    DrawMatrix shocks = DrawMatrix::Zero(horizon, count);
    for (std::size_t j = 0; j <= e; ++j) {
      const double weight =
          correlation_root_(static_cast<Eigen::Index>(e), static_cast<Eigen::Index>(j));
      if (weight != 0) shocks += weight * independent[j];
    }
    equations_[e].shocks.apply(shocks);
    draws.shocks.push_back(std::move(shocks));
  }
  return draws;
}

SystemDraws System::draw(std::uint64_t seed, int first, int count, Sources sources) const {
  SystemDraws draws = draw(seed, first, count);
  for (std::size_t e = 0; e < equations_.size(); ++e) {
    const FittedModel& fitted = equations_[e].fitted;
    if (!sources.shocks) draws.shocks[e].setZero();
    if (sources.parameters) continue;
    draws.parameters[e] = estimates(fitted, count);
    draws.past[e] = fitted.model->past_state(fitted.result, draws.parameters[e], 0,
                                             static_cast<std::uint32_t>(e), -1);
  }
  return draws;
}

SystemDraws System::at_estimates() const {
  SystemDraws draws;
  draws.first = -1;  // the expected past, also where a changed parameter asks for it again
  draws.count = 1;
  for (std::size_t e = 0; e < equations_.size(); ++e) {
    const FittedModel& fitted = equations_[e].fitted;
    draws.parameters.push_back(estimates(fitted, 1));
    draws.past.push_back(fitted.model->past_state(fitted.result, draws.parameters.back(), 0,
                                                  static_cast<std::uint32_t>(e), -1));
    draws.shocks.push_back(DrawMatrix::Zero(horizon_.count, 1));
  }
  return draws;
}

// One simulation: a block of draws under one scenario.
class System::Run {
 public:
  Run(const System& system, const SystemDraws& draws, const SystemInputs& inputs,
      std::vector<DrawMatrix>* implied)
      : system_(system),
        draws_(draws),
        inputs_(inputs),
        horizon_(static_cast<int>(system.horizon_.count)),
        shocks_(draws.shocks),
        parameters_(draws.parameters),
        past_(draws.past) {
    const auto count = static_cast<Eigen::Index>(draws.count);
    for (std::size_t v = 0; v < system.variables_.size(); ++v) {
      values_.push_back(DrawMatrix::Constant(horizon_, count, kMissing));
    }
    for (const BehaviouralEquation& equation : system.equations_) {
      transformed_.emplace_back(horizon_, count);
      DrawnFuture future;
      future.range = system.horizon_;
      future.events = inputs.events;
      future.regressors.resize(equation.regressors.size());
      futures_.push_back(std::move(future));
      offsets_.push_back(DrawMatrix());
      undefined_.emplace_back();
    }
    find_lag_sources();
    for (const SystemInputs::ParameterChange& change : inputs.parameters) change_parameter(change);
    for (std::size_t b = 0; b < system.blocks_.size(); ++b) solve(b);
    if (implied != nullptr) *implied = shocks_;
  }

  std::vector<DrawMatrix> take() { return std::move(values_); }

 private:
  const Node& node(int v) const { return system_.nodes_[static_cast<std::size_t>(v)]; }

  DrawRow value(const std::string& name, int h, int lag) const {
    return system_.value(values_, inputs_, name, h, lag);
  }
  DrawRow evaluate_at(const Expression& expression, int h) const {
    return system_.evaluate(expression, values_, inputs_, h);
  }

  void solve(std::size_t b) {
    const std::vector<int>& block = system_.blocks_[b];
    const bool alone = block.size() == 1 && !uses(node(block[0]).uses, block[0]);
    const bool fixed = std::any_of(block.begin(), block.end(), [&](int v) {
      return inputs_.fixed.contains(system_.variables_[static_cast<std::size_t>(v)]);
    });
    if (alone && !fixed) {
      fill(block[0], 0, horizon_);
      return;
    }
    for (int h = 0; h < horizon_; ++h) {
      for (const std::vector<int>& together : system_.period_blocks_[b]) {
        if (together.size() > 1 || uses(node(together[0]).uses_now, together[0])) {
          solve_together(together, h);
        } else {
          fill(together[0], h, h + 1);
        }
      }
    }
  }

  static bool uses(const std::vector<int>& list, int v) {
    return std::find(list.begin(), list.end(), v) != list.end();
  }

  // Variables that depend on each other in period h.
  void solve_together(const std::vector<int>& block, int h) {
    const auto size = static_cast<Eigen::Index>(block.size());
    const auto row = [&](Eigen::Index i) {
      return values_[static_cast<std::size_t>(block[static_cast<std::size_t>(i)])].row(h);
    };
    const auto name = [&](Eigen::Index i) {
      return system_.variables_[static_cast<std::size_t>(block[static_cast<std::size_t>(i)])];
    };
    const auto explained = [&](const MatrixXd& x) {
      for (Eigen::Index i = 0; i < size; ++i) row(i) = x.row(i);
      MatrixXd result(size, draws_.count);
      for (Eigen::Index i = 0; i < size; ++i) {
        fill(block[static_cast<std::size_t>(i)], h, h + 1);
        result.row(i) = row(i);
        row(i) = x.row(i);
      }
      return result;
    };
    MatrixXd start(size, draws_.count);  // the period before
    for (Eigen::Index i = 0; i < size; ++i) {
      start.row(i) = value(name(i), h, 1).expand(draws_.count).matrix();
    }
    const BlockSolution solution = solve_block(explained, start);
    if (!solution.converged) {
      std::vector<std::string> names;
      for (Eigen::Index i = 0; i < size; ++i) names.push_back(name(i));
      throw InputError(fmt::format("the simultaneous block {} has no solution in {}: {}",
                                   join(names, ", "), format_period(system_.horizon_[h]),
                                   solution.message(names)));
    }
    // Once more in place, so that what an equation keeps of the period belongs to the solution.
    for (Eigen::Index i = 0; i < size; ++i) row(i) = solution.x.row(i);
    for (int v : block) fill(v, h, h + 1);
  }

  void fill(int v, int from, int to) {
    if (node(v).identity >= 0) {
      const Expression& expression =
          system_.identities_[static_cast<std::size_t>(node(v).identity)].expression;
      for (int h = from; h < to; ++h) {
        values_[static_cast<std::size_t>(v)].row(h) =
            evaluate_at(expression, h).expand(draws_.count).matrix();
      }
    } else {
      fill_equation(static_cast<std::size_t>(v), static_cast<std::size_t>(node(v).equation), from,
                    to);
    }
  }

  // Where a column lag(x, k) can be copied from: row h is row h - shift of lag(x, k - shift), in
  // whichever equation has it first.
  struct LagSource {
    const DrawMatrix* column = nullptr;  // null: it is evaluated
    int shift = 0;
    const int* filled = nullptr;  // rows of the column that are there
  };

  void find_lag_sources() {
    struct First {
      std::size_t equation = 0, column = 0;
      int lag = 0;
    };
    std::map<std::string_view, First> first;
    for (std::size_t e = 0; e < system_.equations_.size(); ++e) {
      const auto& regressors = system_.equations_[e].regressors;
      filled_.emplace_back(regressors.size(), 0);
      sources_.emplace_back(regressors.size());
      for (std::size_t j = 0; j < regressors.size(); ++j) {
        const Expression& regressor = regressors[j];
        const Expression::Node& root =
            regressor.nodes()[static_cast<std::size_t>(regressor.root())];
        if (root.op != Op::lag) continue;
        const Expression::Node& inner = regressor.nodes()[static_cast<std::size_t>(root.left)];
        const std::string_view text = std::string_view(regressor.text())
                                          .substr(static_cast<std::size_t>(inner.offset),
                                                  static_cast<std::size_t>(inner.length));
        const auto [at, is_new] = first.try_emplace(text, First{e, j, root.steps});
        const First& source = at->second;
        if (is_new || source.lag > root.steps) continue;
        sources_[e][j] = {&futures_[source.equation].regressors[source.column],
                          root.steps - source.lag, &filled_[source.equation][source.column]};
      }
    }
  }

  // Row h of a regressor. What a lag holds is settled, so that a copy is as good as another look.
  DrawRow regressor_row(std::size_t e, std::size_t j, int h) const {
    const LagSource& source = sources_[e][j];
    const int row = h - source.shift;
    if (source.column != nullptr && row >= 0 && row < *source.filled) {
      return DrawRow::of(*source.column, row);
    }
    return evaluate_at(system_.equations_[e].regressors[j], h);
  }

  void fill_regressors(std::size_t e, int from, int to) {
    const auto& regressors = system_.equations_[e].regressors;
    for (std::size_t j = 0; j < regressors.size(); ++j) {
      DrawMatrix& column = futures_[e].regressors[j];
      for (int h = from; h < to; ++h) {
        const DrawRow row = regressor_row(e, j, h);
        if (column.size() == 0) column.resize(horizon_, row.is_shared() ? 1 : draws_.count);
        if (column.cols() == 1 && !row.is_shared()) {
          // Lags reach from history (shared) into the horizon (by draw).
          column = column.replicate(1, draws_.count).eval();
        }
        column.row(h) = row.expand(column.cols()).matrix();
        filled_[e][j] = std::max(filled_[e][j], h + 1);
      }
    }
  }

  void fill_equation(std::size_t v, std::size_t e, int from, int to) {
    const BehaviouralEquation& equation = system_.equations_[e];
    fill_regressors(e, from, to);
    DrawMatrix& z = transformed_[e];
    equation.fitted.model->simulate(parameters_[e], *past_[e], futures_[e], shocks_[e], from, to,
                                    z);
    const Transform& transform = equation.target.transform;
    const auto fixed = inputs_.fixed.find(equation.target.variable);
    const auto add = inputs_.add_factors.find(e);
    const auto times = inputs_.multipliers.find(e);
    for (int h = from; h < to; ++h) {
      Eigen::RowVectorXd row = z.row(h);
      if (offsets_[e].size() > 0) row += offsets_[e].row(h);
      for (std::size_t r = 0; r < undefined_[e].size(); ++r) {
        if (undefined_[e][r]) row(static_cast<Eigen::Index>(r)) = kMissing;
      }
      if (add != inputs_.add_factors.end()) row += drawn(add->second, h);
      const bool forced = fixed != inputs_.fixed.end() && !std::isnan(fixed->second(h, 0));
      if (forced) {
        const Eigen::RowVectorXd target =
            drawn(fixed->second, h).unaryExpr([&](double x) { return transform.forward(x); });
        force(e, h, target - row);
        row = target;
      }
      if (transform.is_logarithm()) lane_exp(row.data(), row.size());
      if (transform.is_logarithm() || transform.kind == Transform::Kind::level) {
        values_[v].row(h) = row;
      } else {
        values_[v].row(h) = row.unaryExpr([&](double x) { return transform.inverse(x); });
      }
      if (!forced && times != inputs_.multipliers.end()) {
        values_[v].row(h).array() *= drawn(times->second, h).array();
      }
    }
  }

  // Row h of an input, by draw.
  Eigen::RowVectorXd drawn(const DrawMatrix& input, int h) const {
    return DrawRow::of(input, h).expand(draws_.count);
  }

  // The shocks that move the transformed target by `gap` in period h: by the scale at which they
  // enter it or, where they do not enter it linearly, by secant steps from there.
  void force(std::size_t e, int h, const Eigen::RowVectorXd& gap) {
    const BoundModel& model = *system_.equations_[e].fitted.model;
    DrawMatrix& z = transformed_[e];
    const Eigen::RowVectorXd scale = model.shock_scale(parameters_[e], shocks_[e], z, h);
    const Eigen::RowVectorXd target = z.row(h) + gap;
    Eigen::RowVectorXd step = gap.cwiseQuotient(scale), before = z.row(h);
    z.row(h) = target;
    for (int i = 0; i < kMaxShockSteps; ++i) {
      shocks_[e].row(h) += step;
      if (model.shocks_are_linear()) return;
      DrawMatrix trial = z;
      model.simulate(parameters_[e], *past_[e], futures_[e], shocks_[e], h, h + 1, trial);
      const Eigen::RowVectorXd left = target - trial.row(h);
      bool done = true;
      for (Eigen::Index r = 0; r < left.size(); ++r) {
        const double slope = (trial(h, r) - before(r)) / step(r);
        const double close = kShockTolerance * (std::fabs(gap(r)) + std::fabs(scale(r))) +
                             kRounding * std::fabs(target(r));
        const bool here = std::fabs(left(r)) <= close || !(slope > 0);
        step(r) = here ? 0 : left(r) / slope;
        done = done && here;
      }
      if (done) return;
      before = trial.row(h);
    }
  }

  void change_parameter(const SystemInputs::ParameterChange& change) {
    const std::size_t e = change.equation;
    const BehaviouralEquation& equation = system_.equations_[e];
    const Eigen::RowVectorXd before = parameters_[e].parameters.row(change.parameter);
    const Eigen::RowVectorXd after =
        change.factor.expand(draws_.count) * before.array() + change.shift.expand(draws_.count);
    parameters_[e].parameters.row(change.parameter) = after;
    const std::string& name =
        equation.fitted.result.parameters.names()[static_cast<std::size_t>(change.parameter)];
    for (const Expression& regressor : equation.regressors) {
      const std::string interaction = regressor.text() + " * ";
      const bool itself = regressor.text() == name;
      const std::string event =
          name.rfind(interaction, 0) == 0 ? name.substr(interaction.size()) : "";
      if (!itself && !inputs_.events.contains(event)) continue;
      if (change.recentre) recentre(e, regressor, event, before - after);
      return;
    }
    // A parameter of the dynamics changes what the past implies.
    refilter(e, change.parameter, before);
  }

  // Movements of the regressor from the forecast origin on count, while the event that it is
  // multiplied with is active (empty: always).
  void recentre(std::size_t e, const Expression& regressor, const std::string& event,
                const Eigen::RowVectorXd& less) {
    // Its value at the forecast origin; further back where that is missing.
    DrawRow reference = kMissing;
    const auto missing = [&] { return !reference.expand(draws_.count).isFinite().all(); };
    for (int back = 1; missing() && back <= 600; ++back) reference = evaluate_at(regressor, -back);
    if (missing()) return;
    if (offsets_[e].size() == 0) offsets_[e] = DrawMatrix::Zero(horizon_, draws_.count);
    const DrawRow::Array shift = less.array() * reference.expand(draws_.count);
    for (int h = 0; h < horizon_; ++h) {
      offsets_[e].row(h).array() +=
          event.empty() ? shift : DrawRow::Array(shift * value(event, h, 0).expand(draws_.count));
    }
  }

  // Draws that the change takes out of what the model allows (a root on the unit circle) are not
  // defined.
  void refilter(std::size_t e, int parameter, const Eigen::RowVectorXd& before) {
    const BehaviouralEquation& equation = system_.equations_[e];
    ParameterDraws& draws = parameters_[e];
    for (Eigen::Index r = 0; r < draws.parameters.cols(); ++r) {
      if (equation.fitted.result.parameters.is_admissible(draws.parameters.col(r))) continue;
      draws.parameters(parameter, r) = before(r);
      if (undefined_[e].empty())
        undefined_[e].assign(static_cast<std::size_t>(draws_.count), false);
      undefined_[e][static_cast<std::size_t>(r)] = true;
    }
    past_[e] = equation.fitted.model->past_state(equation.fitted.result, draws, draws_.seed,
                                                 static_cast<std::uint32_t>(e), draws_.first);
  }

  const System& system_;
  const SystemDraws& draws_;
  const SystemInputs& inputs_;
  int horizon_;
  std::vector<DrawMatrix> shocks_;
  std::vector<ParameterDraws> parameters_;
  std::vector<std::shared_ptr<const PastState>> past_;
  std::vector<DrawMatrix> values_;        // by variable, natural units
  std::vector<DrawMatrix> transformed_;   // by equation
  std::vector<DrawnFuture> futures_;      // by equation
  std::vector<std::vector<int>> filled_;  // rows of their regressors that are there
  std::vector<std::vector<LagSource>> sources_;
  std::vector<DrawMatrix> offsets_;           // by equation, H x R: from recentred parameters
  std::vector<std::vector<bool>> undefined_;  // by equation and draw; empty: all are defined
};

DrawRow System::value(const std::vector<DrawMatrix>& paths, const SystemInputs& inputs,
                      const std::string& name, int h, int lag) const {
  const int t = h - lag;
  const Period period = horizon_.first + t;
  const int v = index_of(name);
  if (v >= 0 && t >= 0) return DrawRow(DrawRow::Array(paths[static_cast<std::size_t>(v)].row(t)));
  if (const auto event = inputs.events.find(name); event != inputs.events.end()) {
    const DrawnActivity& activity = event->second;
    if (activity.is_shared()) return DrawRow(activity.of(0).at(period));
    DrawRow::Array row(static_cast<Eigen::Index>(activity.draws.size()));
    for (Eigen::Index r = 0; r < row.size(); ++r) {
      row(r) = activity.of(static_cast<std::size_t>(r)).at(period);
    }
    return DrawRow(std::move(row));
  }
  if (t >= 0) {
    const auto path = inputs.exogenous.find(name);
    AMNOK_CHECK(path != inputs.exogenous.end(), "no path for {}", name);
    // What a lead asks for beyond the horizon is the path's last value.
    return DrawRow::of(path->second, std::min<Eigen::Index>(t, path->second.rows() - 1));
  }
  return DrawRow(history_.get(name).at(period));
}

DrawRow System::evaluate(const Expression& expression, const std::vector<DrawMatrix>& paths,
                         const SystemInputs& inputs, int h) const {
  return amnok::evaluate<DrawRow>(expression, expression.root(), 0, [&](int variable, int lag) {
    return value(paths, inputs, expression.variables()[static_cast<std::size_t>(variable)], h, lag);
  });
}

std::vector<bool> System::upstream(const std::vector<std::string>& variables) const {
  std::vector<bool> seen(nodes_.size(), false);
  std::vector<int> open;
  const auto visit = [&](int v) {
    if (v < 0 || seen[static_cast<std::size_t>(v)]) return;
    seen[static_cast<std::size_t>(v)] = true;
    open.push_back(v);
  };
  for (const std::string& variable : variables) visit(index_of(variable));
  while (!open.empty()) {
    const int v = open.back();
    open.pop_back();
    for (int u : nodes_[static_cast<std::size_t>(v)].uses) visit(u);
  }
  std::vector<bool> result(equations_.size(), false);
  for (std::size_t v = 0; v < nodes_.size(); ++v) {
    if (seen[v] && nodes_[v].equation >= 0) {
      result[static_cast<std::size_t>(nodes_[v].equation)] = true;
    }
  }
  return result;
}

std::vector<DrawMatrix> System::simulate(const SystemDraws& draws, const SystemInputs& inputs,
                                         std::vector<DrawMatrix>* implied) const {
  return Run(*this, draws, inputs, implied).take();
}

}  // namespace amnok
