#include "engine/scenario/attribution.h"

#include <fmt/format.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "engine/base/text.h"
#include "engine/scenario/scenario_simulator.h"

namespace amnok {

namespace {

// Changes that are made together: one player.
struct Player {
  ChangeText text;
  std::vector<const Change*> added;    // of the scenario
  std::vector<const Change*> removed;  // of the one it is compared with
};

bool same_place(const Change& a, const Change& b) {
  return a.where.file == b.where.file && a.where.line == b.where.line &&
         a.where.column == b.where.column;
}

bool contains(const std::vector<Change>& changes, const Change& change) {
  return std::any_of(changes.begin(), changes.end(),
                     [&](const Change& other) { return same_place(other, change); });
}

bool is_assumption(const Change& change) {
  return std::holds_alternative<Assume>(change.what);
}

std::vector<Player> players_of(const ScenarioSpec& a, const ScenarioSpec& b) {
  std::vector<Player> players;
  const auto player = [&](const Change& change) -> Player& {
    const ChangeText text = describe(change);
    for (Player& p : players) {
      if (p.text.kind == text.kind && p.text.subject == text.subject) return p;
    }
    players.push_back({text, {}, {}});
    return players.back();
  };
  for (const Change& change : a.changes) {
    if (!is_assumption(change) && !contains(b.changes, change)) {
      player(change).added.push_back(&change);
    }
  }
  for (const Change& change : b.changes) {
    if (is_assumption(change) || contains(a.changes, change)) continue;
    Player& p = player(change);
    if (p.added.empty()) p.text.detail = "without: " + p.text.detail;
    p.removed.push_back(&change);
  }
  return players;
}

// `b` with the changes of the players in `made`; of all players it is `a`.
ScenarioSpec combination_of(const ScenarioSpec& a, const ScenarioSpec& b,
                            const std::vector<Player>& players, unsigned made) {
  ScenarioSpec result = b;
  result.changes.clear();
  const auto is_made = [&](const Change& change) {
    for (std::size_t i = 0; i < players.size(); ++i) {
      for (const auto* list : {&players[i].added, &players[i].removed}) {
        for (const Change* c : *list) {
          if (same_place(*c, change)) return ((made >> i) & 1u) != 0;
        }
      }
    }
    return false;
  };
  for (const ScenarioSpec* scenario : {&b, &a}) {
    for (const Change& change : scenario->changes) {
      if (is_assumption(change)) result.changes.push_back(change);
    }
  }
  for (const Change& change : b.changes) {
    if (is_assumption(change)) continue;
    if (contains(a.changes, change) || !is_made(change)) result.changes.push_back(change);
  }
  for (const Change& change : a.changes) {
    if (is_assumption(change) || contains(b.changes, change)) continue;
    if (is_made(change)) result.changes.push_back(change);
  }
  return result;
}

double factorial(int n) {
  return std::tgamma(n + 1.0);
}

class Attribution {
 public:
  Attribution(const Study& study, const StudyData& data, const System& system,
              const SimulationSettings& settings, const EffectSpec& effect)
      : study_(study), data_(data), system_(system), settings_(settings), effect_(effect) {}

  std::vector<Contribution> run() {
    const ScenarioSpec &a = *study_.scenario(effect_.scenario),
                       &b = *study_.scenario(effect_.against);
    players_ = players_of(a, b);
    check(a, b);
    simulate(a, b);
    std::vector<Contribution> result;
    const auto& variables = effect_.variables.empty() ? system_.variables() : effect_.variables;
    for (std::size_t i = 0; i < players_.size(); ++i) {
      for (const std::string& variable : variables) {
        result.push_back(contribution(i, static_cast<std::size_t>(system_.index_of(variable))));
      }
    }
    return result;
  }

 private:
  void check(const ScenarioSpec& a, const ScenarioSpec& b) const {
    for (const ScenarioSpec* scenario : {&a, &b}) {
      if (conditions_of(*scenario, system_.horizon()).empty()) continue;
      throw InputError({{Severity::error, effect_.where,
                         fmt::format("effects.{}.attribution: scenario `{}` has a condition, whose "
                                     "share cannot be told from what it conditions",
                                     effect_.name, scenario->name),
                         "compare scenarios without conditions"}});
    }
    if (std::ssize(players_) <= kMaxAttributed) return;
    throw InputError(
        {{Severity::error, effect_.where,
          fmt::format("effects.{}: the scenarios differ in {} changes, but an attribution takes at "
                      "most {}",
                      effect_.name, players_.size(), kMaxAttributed),
          "compare with a scenario in between"}});
  }

  // Sums over each block of draws, of every combination.
  void simulate(const ScenarioSpec& a, const ScenarioSpec& b) {
    const unsigned combinations = 1u << players_.size();
    const int blocks = (settings_.draws + kDrawBlock - 1) / kDrawBlock;
    std::vector<ScenarioSpec> specs;
    for (unsigned made = 0; made < combinations; ++made) {
      specs.push_back(combination_of(a, b, players_, made));
    }
    const BlockLoop loop = [](int count, const std::function<void(int)>& work) {
      tbb::parallel_for(0, count, work);
    };
    std::vector<ScenarioSimulator> simulators;
    ProblemList problems;
    for (const ScenarioSpec& spec : specs) {
      simulators.emplace_back(spec, study_, data_, system_, problems);
      problems.throw_if_errors();
      simulators.back().solve_targets(settings_.seed, settings_.draws, loop);
    }
    sums_.assign(static_cast<std::size_t>(blocks), {});
    loop(blocks, [&](int block) {
      const int first = block * kDrawBlock, count = std::min(kDrawBlock, settings_.draws - first);
      const SystemDraws draws = system_.draw(settings_.seed, first, count);
      auto& sums = sums_[static_cast<std::size_t>(block)];
      for (const ScenarioSimulator& simulator : simulators) {
        const std::vector<DrawMatrix> paths = simulator.simulate(draws).paths;
        MatrixXd sum(system_.horizon().count, static_cast<Eigen::Index>(paths.size()));
        for (std::size_t v = 0; v < paths.size(); ++v) {
          sum.col(static_cast<Eigen::Index>(v)) = paths[v].rowwise().sum();
        }
        sums.push_back(std::move(sum));
      }
    });
  }

  Contribution contribution(std::size_t i, std::size_t v) const {
    const Player& player = players_[i];
    Contribution result{effect_.name,
                        player.text.kind,
                        player.text.subject,
                        player.text.detail,
                        system_.variables()[v],
                        {},
                        {}};
    const auto column = static_cast<Eigen::Index>(v);
    const int k = static_cast<int>(players_.size());
    std::vector<VectorXd> by_block;
    for (const auto& sums : sums_) {
      VectorXd phi = VectorXd::Zero(system_.horizon().count);
      for (unsigned made = 0; made < sums.size(); ++made) {
        if (((made >> i) & 1u) != 0) continue;
        const int size = std::popcount(made);
        const double weight = factorial(size) * factorial(k - size - 1) / factorial(k);
        phi += weight * (sums[made | (1u << i)].col(column) - sums[made].col(column));
      }
      by_block.push_back(std::move(phi));
    }
    const auto blocks = static_cast<double>(by_block.size());
    VectorXd total = VectorXd::Zero(system_.horizon().count);
    for (const VectorXd& phi : by_block) total += phi;
    const VectorXd mean = total / settings_.draws;
    VectorXd squares = VectorXd::Zero(mean.size());
    for (const VectorXd& phi : by_block) {
      squares += (phi - total / blocks).cwiseAbs2();
    }
    const VectorXd error =
        by_block.size() > 1
            ? VectorXd((squares * blocks / (blocks - 1)).cwiseSqrt() / settings_.draws)
            : VectorXd::Constant(mean.size(), kMissing);
    result.mean.assign(mean.data(), mean.data() + mean.size());
    result.mc_error.assign(error.data(), error.data() + error.size());
    return result;
  }

  const Study& study_;
  const StudyData& data_;
  const System& system_;
  const SimulationSettings& settings_;
  const EffectSpec& effect_;
  std::vector<Player> players_;
  std::vector<std::vector<MatrixXd>> sums_;  // [block][combination], H x variables
};

}  // namespace

std::vector<Contribution> attribute_effects(const Study& study, const StudyData& data,
                                            const System& system,
                                            const SimulationSettings& settings) {
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                  thread_count(settings.threads));
  std::vector<Contribution> result;
  const auto simulated = [&](const std::string& name) {
    return settings.scenarios.empty() ||
           std::find(settings.scenarios.begin(), settings.scenarios.end(), name) !=
               settings.scenarios.end();
  };
  for (const EffectSpec& effect : study.effects) {
    if (!effect.attribution || !simulated(effect.scenario) || !simulated(effect.against)) continue;
    for (Contribution& c : Attribution(study, data, system, settings, effect).run()) {
      result.push_back(std::move(c));
    }
  }
  return result;
}

}  // namespace amnok
