#include "engine/scenario/scenario_simulator.h"

#include <fmt/format.h>

#include <Eigen/LU>
#include <algorithm>
#include <cmath>

#include "engine/base/text.h"

namespace amnok {

namespace {

constexpr int kMaxTargetSteps = 40;
constexpr double kTargetMet = 1e-10;
constexpr double kProbe = 0.1;  // of the equation's sigma, for the first derivative

}  // namespace

ScenarioSimulator::ScenarioSimulator(const ScenarioSpec& scenario, const Study& study,
                                     const StudyData& data, const System& system,
                                     ProblemList& problems)
    : scenario_(&scenario),
      study_(&study),
      data_(&data),
      system_(&system),
      drawn_(has_drawn_inputs(scenario, study)) {
  shared_ = resolve_scenario(scenario, study, data, system.equations(), problems);
  conditions_ = conditions_of(scenario, system.horizon());
  find_instruments(problems);
}

SourceRange ScenarioSimulator::conditions_where() const {
  return conditions_.empty() ? scenario_->where : conditions_[0].change->where;
}

void ScenarioSimulator::find_instruments(ProblemList& problems) {
  for (const Change& change : scenario_->changes) {
    const auto* target = std::get_if<HitTarget>(&change.what);
    if (target == nullptr || !system_->horizon().contains(target->at)) continue;
    Instrument instrument{&change, target, 0, 0, system_->index_of(target->variable)};
    const auto& equations = system_->equations();
    const auto equation = std::find_if(equations.begin(), equations.end(),
                                       [&](const auto& e) { return e.name == target->instrument; });
    if (equation == equations.end() || instrument.variable < 0) continue;
    instrument.equation = static_cast<std::size_t>(equation - equations.begin());
    instrument.h = static_cast<int>(system_->horizon().index_of(target->at));
    instruments_.push_back(instrument);
  }
  if (!instruments_.empty() && !conditions_.empty()) {
    problems.error(
        conditions_where(),
        fmt::format("scenario `{}` has a target and a condition, but must have one or the "
                    "other",
                    scenario_->name),
        "a condition says what is known, a target solves for an add-factor: split them "
        "into two scenarios");
  }
  add_factors_ = VectorXd::Zero(static_cast<Eigen::Index>(instruments_.size()));
}

void ScenarioSimulator::add(const VectorXd& add_factors, SystemInputs& inputs) const {
  const PeriodRange& horizon = system_->horizon();
  for (std::size_t i = 0; i < instruments_.size(); ++i) {
    DrawMatrix& path =
        inputs.add_factors.try_emplace(instruments_[i].equation, DrawMatrix::Zero(horizon.count, 1))
            .first->second;
    for (std::int64_t h = 0; h < horizon.count; ++h) {
      if (instruments_[i].change->covers(horizon[h])) {
        path.row(h).array() += add_factors(static_cast<Eigen::Index>(i));
      }
    }
  }
}

SystemInputs ScenarioSimulator::inputs(const DrawBlock& block) const {
  SystemInputs inputs = drawn_ && block.count > 0 ? resolve_scenario(*scenario_, *study_, *data_,
                                                                     system_->equations(), block)
                                                  : shared_;
  add(add_factors_, inputs);
  return inputs;
}

ConditionedPaths ScenarioSimulator::simulate(const SystemDraws& draws) const {
  const bool deterministic = draws.first < 0;
  const SystemInputs in =
      inputs(deterministic ? DrawBlock{} : DrawBlock{draws.seed, draws.first, draws.count});
  if (conditions_.empty()) return {system_->simulate(draws, in), {}, 0, {}};
  return simulate_conditioned(*system_, draws, in, conditions_);
}

VectorXd ScenarioSimulator::means(const VectorXd& add_factors, std::uint64_t seed, int draws,
                                  const BlockLoop& loop) const {
  const int blocks = (draws + kDrawBlock - 1) / kDrawBlock;
  MatrixXd sums(add_factors.size(), blocks);
  loop(blocks, [&](int block) {
    const int first = block * kDrawBlock, count = std::min(kDrawBlock, draws - first);
    SystemInputs in = inputs({seed, first, count});
    add(add_factors - add_factors_, in);
    const std::vector<DrawMatrix> paths = system_->simulate(system_->draw(seed, first, count), in);
    for (std::size_t i = 0; i < instruments_.size(); ++i) {
      sums(static_cast<Eigen::Index>(i), block) =
          paths[static_cast<std::size_t>(instruments_[i].variable)].row(instruments_[i].h).sum();
    }
  });
  return sums.rowwise().sum() / draws;
}

void ScenarioSimulator::solve_targets(std::uint64_t seed, int draws, const BlockLoop& loop) {
  if (instruments_.empty()) return;
  const Eigen::Index k = add_factors_.size();
  VectorXd x = VectorXd::Zero(k), goal(k), scale(k);
  for (Eigen::Index i = 0; i < k; ++i) {
    goal(i) = instruments_[static_cast<std::size_t>(i)].target->value;
  }
  VectorXd now = means(x, seed, draws, loop);
  scale = goal.cwiseAbs().cwiseMax(now.cwiseAbs());
  MatrixXd jacobian(k, k);
  for (Eigen::Index i = 0; i < k; ++i) {
    const Instrument& instrument = instruments_[static_cast<std::size_t>(i)];
    VectorXd moved = x;
    const double step =
        kProbe * std::sqrt(system_->equations()[instrument.equation].fitted.result.sigma2);
    moved(i) += step;
    jacobian.col(i) = (means(moved, seed, draws, loop) - now) / step;
    if (jacobian(i, i) == 0 || !jacobian.col(i).allFinite()) {
      throw InputError({{Severity::error, instrument.change->where,
                         fmt::format("an add-factor on `{}` does not move `{}` in {}",
                                     instrument.target->instrument, instrument.target->variable,
                                     format_period(instrument.target->at)),
                         "choose an instrument on which the target depends, and periods up to the "
                         "target's"}});
    }
  }
  const auto met = [&] {
    return ((goal - now).cwiseAbs().array() <= kTargetMet * scale.array()).all();
  };
  for (int i = 0; i < kMaxTargetSteps && !met(); ++i) {
    const VectorXd step = jacobian.fullPivLu().solve(goal - now);
    VectorXd next = means(x + step, seed, draws, loop);
    double share = 1;
    while (!next.allFinite() && share > 1e-3) {
      share /= 2;
      next = means(x + share * step, seed, draws, loop);
    }
    const VectorXd taken = share * step;
    // Broyden's (1965) update: the least change that explains what the step did.
    if (next.allFinite()) {
      jacobian += (next - now - jacobian * taken) * taken.transpose() / taken.squaredNorm();
    }
    x += taken;
    now = next;
  }
  if (!met()) {
    throw InputError(
        {{Severity::error, instruments_[0].change->where,
          fmt::format("the target of scenario `{}` cannot be met: after {} steps the mean "
                      "of `{}` is {}, not {}",
                      scenario_->name, kMaxTargetSteps, instruments_[0].target->variable,
                      format_significant(now(0), 8), format_significant(goal(0), 8)),
          "it may lie beyond what the instrument can reach"}});
  }
  add_factors_ = x;
  for (Eigen::Index i = 0; i < k; ++i) {
    const HitTarget& target = *instruments_[static_cast<std::size_t>(i)].target;
    TargetSolution solution{
        target.variable, target.instrument, target.at, target.value, x(i), now(i), {}};
    for (Eigen::Index j = 0; j < k; ++j) solution.multipliers.push_back(jacobian(j, i));
    targets_.push_back(std::move(solution));
  }
}

}  // namespace amnok
