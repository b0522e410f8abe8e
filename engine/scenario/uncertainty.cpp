#include "engine/scenario/uncertainty.h"

#include <tbb/global_control.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "engine/scenario/scenario_simulator.h"

namespace amnok {

namespace {

constexpr unsigned kSources = kUncertaintySources.size();
constexpr unsigned kCombinations = 1u << kSources;

// Sums over a block of draws, about the first draw of all so that no digits are lost.
struct Moments {
  MatrixXd sum, squares;  // H x variables
};

class Splitter {
 public:
  Splitter(const ScenarioSimulator& simulator, const System& system,
           const SimulationSettings& settings)
      : simulator_(simulator), system_(system), settings_(settings) {
    const std::vector<DrawMatrix> centre =
        system.simulate(system.at_estimates(), simulator.inputs({}));
    centre_.resize(system.horizon().count, static_cast<Eigen::Index>(centre.size()));
    for (std::size_t v = 0; v < centre.size(); ++v) {
      centre_.col(static_cast<Eigen::Index>(v)) = centre[v].col(0);
    }
  }

  // The variance of every cell with the sources `on`, H x variables.
  std::array<MatrixXd, kCombinations> variances() const {
    const int draws = settings_.draws, blocks = (draws + kDrawBlock - 1) / kDrawBlock;
    std::vector<std::array<Moments, kCombinations>> parts(static_cast<std::size_t>(blocks));
    tbb::parallel_for(0, blocks, [&](int block) {
      const int first = block * kDrawBlock, count = std::min(kDrawBlock, draws - first);
      for (unsigned on = 1; on < kCombinations; ++on) {
        parts[static_cast<std::size_t>(block)][on] = moments(on, first, count);
      }
    });
    std::array<MatrixXd, kCombinations> result;
    result[0] = MatrixXd::Zero(centre_.rows(), centre_.cols());
    for (unsigned on = 1; on < kCombinations; ++on) {
      MatrixXd sum = result[0], squares = result[0];
      for (const auto& part : parts) {
        sum += part[on].sum;
        squares += part[on].squares;
      }
      result[on] = ((squares - sum.cwiseAbs2() / draws) / (draws - 1)).cwiseMax(0);
    }
    return result;
  }

 private:
  Moments moments(unsigned on, int first, int count) const {
    const System::Sources sources{(on & 1u) != 0, (on & 2u) != 0};
    const bool assumptions = (on & 4u) != 0;
    const SystemInputs inputs =
        simulator_.inputs(assumptions ? DrawBlock{settings_.seed, first, count} : DrawBlock{});
    const std::vector<DrawMatrix> paths =
        system_.simulate(system_.draw(settings_.seed, first, count, sources), inputs);
    Moments result{MatrixXd(centre_.rows(), centre_.cols()), {}};
    result.squares = result.sum;
    for (std::size_t v = 0; v < paths.size(); ++v) {
      const auto c = static_cast<Eigen::Index>(v);
      const DrawMatrix about = paths[v].colwise() - centre_.col(c);
      result.sum.col(c) = about.rowwise().sum();
      result.squares.col(c) = about.rowwise().squaredNorm();
    }
    return result;
  }

  const ScenarioSimulator& simulator_;
  const System& system_;
  const SimulationSettings& settings_;
  MatrixXd centre_;
};

// The Shapley weight of joining `size` of the other sources.
double weight(int size) {
  constexpr double kAll = kSources;
  return std::tgamma(size + 1.0) * std::tgamma(kAll - size) / std::tgamma(kAll + 1);
}

}  // namespace

std::vector<UncertaintyShare> split_uncertainty(const Study& study, const StudyData& data,
                                                const System& system,
                                                const SimulationSettings& settings) {
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                  thread_count(settings.threads));
  const BlockLoop loop = [](int blocks, const std::function<void(int)>& work) {
    tbb::parallel_for(0, blocks, work);
  };
  std::vector<UncertaintyShare> result;
  for (const ScenarioSpec& scenario : study.scenarios) {
    const auto& only = settings.scenarios;
    if (!only.empty() && std::find(only.begin(), only.end(), scenario.name) == only.end()) continue;
    ProblemList problems;
    ScenarioSimulator simulator(scenario, study, data, system, problems);
    problems.throw_if_errors();
    simulator.solve_targets(settings.seed, settings.draws, loop);
    const auto variances = Splitter(simulator, system, settings).variances();
    for (std::size_t v = 0; v < system.variables().size(); ++v) {
      const auto c = static_cast<Eigen::Index>(v);
      const VectorXd all = variances[kCombinations - 1].col(c);
      for (unsigned source = 0; source < kSources; ++source) {
        VectorXd own = VectorXd::Zero(all.size());
        for (unsigned on = 0; on < kCombinations; ++on) {
          if (((on >> source) & 1u) != 0) continue;
          own += weight(std::popcount(on)) *
                 (variances[on | (1u << source)].col(c) - variances[on].col(c));
        }
        UncertaintyShare share{
            scenario.name, system.variables()[v], kUncertaintySources[source], {}, {}};
        for (Eigen::Index h = 0; h < all.size(); ++h) {
          share.variance.push_back(own(h));
          share.share.push_back(all(h) > 0 ? own(h) / all(h) : kMissing);
        }
        result.push_back(std::move(share));
      }
    }
  }
  return result;
}

}  // namespace amnok
