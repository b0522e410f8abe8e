#include "engine/scenario/simulated_results.h"

#include <algorithm>
#include <cmath>

#include "engine/base/check.h"

namespace amnok {

namespace {

// The weighted mean over parts of one number, which `number(part)` refers to.
class Pooling {
 public:
  Pooling(std::vector<SimulatedResults>& parts, const std::vector<double>& weights)
      : parts_(parts), weights_(weights) {}

  void run() {
    each(&SimulatedResults::projections, &Pooling::projection);
    each(&SimulatedResults::mixture, &Pooling::projection);
    each(&SimulatedResults::effects, &Pooling::effect);
    each(&SimulatedResults::accounts, &Pooling::account);
    each(&SimulatedResults::attribution, &Pooling::contribution);
    each(&SimulatedResults::uncertainty, &Pooling::share);
    each(&SimulatedResults::annual, &Pooling::annual);
    answers();
  }

 private:
  template <class T>
  using Column = std::vector<T*>;  // the same thing in every part; the first takes the result

  template <class T>
  void each(std::vector<T> SimulatedResults::*list, void (Pooling::*pool)(const Column<T>&)) {
    for (std::size_t i = 0; i < (parts_[0].*list).size(); ++i) {
      Column<T> column;
      for (SimulatedResults& part : parts_) column.push_back(&(part.*list)[i]);
      (this->*pool)(column);
    }
  }

  template <class T, class Number>
  void mean(const Column<T>& column, const Number& number) {
    double sum = 0;
    for (std::size_t p = 0; p < column.size(); ++p) sum += weights_[p] * number(*column[p]);
    number(*column[0]) = sum;
  }

  // Of independent errors.
  template <class T, class Number>
  void error(const Column<T>& column, const Number& number) {
    double sum = 0;
    for (std::size_t p = 0; p < column.size(); ++p) {
      sum += std::pow(weights_[p] * number(*column[p]), 2);
    }
    number(*column[0]) = std::sqrt(sum);
  }

  // Of what need not exist in a draw: of the parts where it does, if most have it.
  template <class T, class Number>
  void mean_of_most(const Column<T>& column, const Number& number) {
    double sum = 0, weight = 0;
    for (std::size_t p = 0; p < column.size(); ++p) {
      const double value = number(*column[p]);
      if (std::isnan(value)) continue;
      sum += weights_[p] * value;
      weight += weights_[p];
    }
    number(*column[0]) = weight > 0.5 ? sum / weight : kMissing;
  }

  void distribution(const Column<Distribution>& column) {
    double whole = 0, square = 0;
    for (std::size_t p = 0; p < column.size(); ++p) {
      whole += weights_[p] * column[p]->mean;
      square += weights_[p] * (column[p]->sd * column[p]->sd + column[p]->mean * column[p]->mean);
    }
    mean(column, [](Distribution& d) -> double& { return d.undefined; });
    error(column, [](Distribution& d) -> double& { return d.mean_error; });
    for (std::size_t i = 0; i < column[0]->quantiles.size(); ++i) {
      mean(column, [i](Distribution& d) -> double& { return d.quantiles[i]; });
      error(column, [i](Distribution& d) -> double& { return d.quantile_errors[i]; });
    }
    column[0]->mean = whole;
    column[0]->sd = std::sqrt(std::max(square - whole * whole, 0.0));
  }

  template <class T>
  void distributions(const Column<T>& column) {
    for (std::size_t h = 0; h < column[0]->periods.size(); ++h) {
      Column<Distribution> cell;
      for (T* path : column) cell.push_back(&path->periods[h]);
      distribution(cell);
    }
  }

  void projection(const Column<Projection>& column) { distributions(column); }

  void effect(const Column<EffectPath>& column) {
    distributions(column);
    for (std::size_t h = 0; h < column[0]->periods.size(); ++h) {
      mean(column, [h](EffectPath& e) -> double& { return e.probability_positive[h]; });
    }
  }

  void account(const Column<ScenarioAccount>& column) {
    ScenarioAccount& all = *column[0];
    for (std::size_t p = 1; p < column.size(); ++p) {
      all.effective_draws += column[p]->effective_draws;
      all.unsolved += column[p]->unsolved;
    }
    for (std::size_t i = 0; i < all.targets.size(); ++i) {
      mean(column, [i](ScenarioAccount& a) -> double& { return a.targets[i].add_factor; });
      mean(column, [i](ScenarioAccount& a) -> double& { return a.targets[i].mean; });
      for (std::size_t j = 0; j < all.targets[i].multipliers.size(); ++j) {
        mean(column, [i, j](ScenarioAccount& a) -> double& { return a.targets[i].multipliers[j]; });
      }
    }
  }

  void contribution(const Column<Contribution>& column) {
    for (std::size_t h = 0; h < column[0]->mean.size(); ++h) {
      mean(column, [h](Contribution& c) -> double& { return c.mean[h]; });
      error(column, [h](Contribution& c) -> double& { return c.mc_error[h]; });
    }
  }

  void share(const Column<UncertaintyShare>& column) {
    for (std::size_t h = 0; h < column[0]->variance.size(); ++h) {
      mean(column, [h](UncertaintyShare& s) -> double& { return s.variance[h]; });
      mean(column, [h](UncertaintyShare& s) -> double& { return s.share[h]; });
    }
  }

  void annual(const Column<AnnualPath>& column) {
    for (std::size_t y = 0; y < column[0]->years.size(); ++y) {
      if (column[0]->years[y].distribution.quantiles.empty()) continue;  // recorded
      Column<Distribution> cell;
      for (AnnualPath* path : column) cell.push_back(&path->years[y].distribution);
      distribution(cell);
    }
  }

  template <class T>
  Column<T> answer(std::vector<T> Answers::*list, std::size_t i) {
    Column<T> column;
    for (SimulatedResults& part : parts_) column.push_back(&(part.answers.*list)[i]);
    return column;
  }

  void answers() {
    const Answers& first = parts_[0].answers;
    for (std::size_t i = 0; i < first.probabilities.size(); ++i) {
      const auto column = answer(&Answers::probabilities, i);
      mean(column, [](ProbabilityAnswer& a) -> double& { return a.probability; });
      error(column, [](ProbabilityAnswer& a) -> double& { return a.mc_error; });
    }
    for (std::size_t i = 0; i < first.recoveries.size(); ++i) {
      const auto column = answer(&Answers::recoveries, i);
      mean(column, [](RecoveryAnswer& a) -> double& { return a.probability; });
      error(column, [](RecoveryAnswer& a) -> double& { return a.mc_error; });
      for (double RecoveryAnswer::*time :
           {&RecoveryAnswer::p10, &RecoveryAnswer::median, &RecoveryAnswer::p90}) {
        mean_of_most(column, [time](RecoveryAnswer& a) -> double& { return a.*time; });
      }
    }
    for (std::size_t i = 0; i < first.solved.size(); ++i) {
      const auto column = answer(&Answers::solved, i);
      for (double SolvedAnswer::*value :
           {&SolvedAnswer::value, &SolvedAnswer::low, &SolvedAnswer::high,
            &SolvedAnswer::probability, &SolvedAnswer::at_low, &SolvedAnswer::at_high}) {
        mean_of_most(column, [value](SolvedAnswer& a) -> double& { return a.*value; });
      }
      narrow(column);
    }
  }

  // A solution's band is one Monte-Carlo error wide, which shrinks with the number of parts.
  void narrow(const Column<SolvedAnswer>& column) const {
    SolvedAnswer& all = *column[0];
    double squares = 0;
    for (double w : weights_) squares += w * w;
    all.low = all.value - (all.value - all.low) * std::sqrt(squares);
    all.high = all.value + (all.high - all.value) * std::sqrt(squares);
  }

  std::vector<SimulatedResults>& parts_;
  const std::vector<double>& weights_;
};

SimulatedResults simulate_part(const Study& study, const StudyData& data, const System& system,
                               const Frame& observed, const SimulationSettings& settings) {
  SimulatedResults results;
  const Ensemble ensemble = simulate_scenarios(study, data, system, settings, &results.accounts);
  results.scenarios = ensemble.scenarios;
  results.variables = study.output.variables.empty() ? study.endogenous() : study.output.variables;
  results.projections = project(ensemble, settings.threads);
  results.paths = first_paths(ensemble, results.variables, study.run.paths);
  results.effects = compute_effects(study, ensemble, settings.threads);
  results.mixture = mix(study, ensemble, settings.threads);
  results.attribution = attribute_effects(study, data, system, settings);
  results.answers = answer_questions(study, data, system, ensemble, settings);
  if (study.output.uncertainty) {
    results.uncertainty = split_uncertainty(study, data, system, settings);
  }
  results.annual = annual_paths(study, observed, system.history(), ensemble, results.variables,
                                settings.threads);
  return results;
}

// Part 0 has the run's own seed.
std::uint64_t part_seed(std::uint64_t seed, std::size_t part) {
  constexpr std::uint64_t kStep = 0x9E3779B97F4A7C15;  // 2^64 over the golden ratio
  const std::uint64_t plain = ((seed & kMostSeed) + part * kStep) & kMostSeed;
  return sampled_seed(plain, sampling_of(seed));
}

}  // namespace

std::vector<int> parts_of(int draws) {
  if (draws <= 2 * kPartDraws) return {draws};
  std::vector<int> parts;
  for (int left = draws; left > 0; left -= parts.back()) {
    parts.push_back(std::min(left, kPartDraws));
  }
  // A short last part would have quantiles of few draws.
  if (parts.back() < kPartDraws / 2) {
    const int rest = parts.back();
    parts.pop_back();
    parts.back() += rest;
  }
  return parts;
}

SimulatedResults pooled(std::vector<SimulatedResults> parts, const std::vector<double>& weights,
                        const PeriodRange& horizon) {
  AMNOK_CHECK(!parts.empty() && parts.size() == weights.size(), "{} parts, {} weights",
              parts.size(), weights.size());
  if (parts.size() > 1) Pooling(parts, weights).run();
  parts[0].undefined = undefined_projections(parts[0].projections, horizon);
  return std::move(parts[0]);
}

SimulatedResults simulate_results(const Study& study, const StudyData& data, const System& system,
                                  const Frame& observed, const SimulationSettings& settings) {
  const std::vector<int> draws = parts_of(settings.draws);
  std::vector<SimulatedResults> parts;
  std::vector<double> weights;
  const auto count = static_cast<double>(draws.size());
  for (std::size_t p = 0; p < draws.size(); ++p) {
    SimulationSettings own = settings;
    own.draws = draws[p];
    own.seed = part_seed(settings.seed, p);
    if (settings.progress) {
      own.progress = [&](double share) {
        settings.progress((static_cast<double>(p) + share) / count);
      };
    }
    parts.push_back(simulate_part(study, data, system, observed, own));
    weights.push_back(static_cast<double>(draws[p]) / settings.draws);
  }
  return pooled(std::move(parts), weights, system.horizon());
}

}  // namespace amnok
