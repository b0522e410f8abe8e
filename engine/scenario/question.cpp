#include "engine/scenario/question.h"

#include <fmt/format.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>

#include "engine/base/text.h"
#include "engine/scenario/mixture.h"
#include "engine/scenario/scenario_simulator.h"

namespace amnok {

namespace {

constexpr int kBisections = 40;

struct Share {
  double probability = 0, mc_error = 0;
};

// Of draws that hold (1) or do not (0).
Share share_of(const Eigen::RowVectorXd& holds, const VectorXd& weights, Sampling sampling) {
  const double p = weights.size() == 0 ? holds.mean() : holds.dot(weights);
  return {p, error_of_mean(holds, weights, {sampling, holds.size()})};
}

// Paths of one scenario with what its expressions need.
struct Paths {
  const System& system;
  const std::vector<DrawMatrix>& values;
  const SystemInputs& inputs;
  Eigen::Index count;
};

bool meets(const std::string& relation, double left, double right) {
  if (relation == "<=") return left <= right;
  if (relation == ">=") return left >= right;
  return left == right;
}

Eigen::RowVectorXd claim_holds(const QuestionSpec& question, const Paths& paths) {
  const Relation& claim = *question.claim;
  const PeriodRange& horizon = paths.system.horizon();
  Eigen::RowVectorXd holds = Eigen::RowVectorXd::Constant(paths.count, question.any ? 0 : 1);
  for (std::int64_t h = 0; h < horizon.count; ++h) {
    if ((question.from && horizon[h] < *question.from) ||
        (question.to && horizon[h] > *question.to)) {
      continue;
    }
    const int at = static_cast<int>(h);
    const auto side = [&](const Expression& expression) {
      return paths.system.evaluate(expression, paths.values, paths.inputs, at).expand(paths.count);
    };
    const DrawRow::Array left = side(claim.left), right = side(claim.right);
    for (Eigen::Index r = 0; r < paths.count; ++r) {
      const bool here = meets(claim.relation, left(r), right(r));
      holds(r) = question.any ? (holds(r) > 0 || here) : (holds(r) > 0 && here);
    }
  }
  return holds;
}

// Periods until recovery, by draw; H + 1: not within the horizon.
Eigen::RowVectorXd recovery_times(const QuestionSpec& question, const Paths& paths, double level) {
  const int horizon = static_cast<int>(paths.system.horizon().count);
  Eigen::RowVectorXd times = Eigen::RowVectorXd::Constant(paths.count, horizon + 1);
  for (int h = horizon - 1; h >= 0; --h) {
    Eigen::RowVectorXd sum = Eigen::RowVectorXd::Zero(paths.count);
    for (int lag = 0; lag < question.smooth; ++lag) {
      sum += paths.system.value(paths.values, paths.inputs, question.recovery, h, lag)
                 .expand(paths.count)
                 .matrix();
    }
    for (Eigen::Index r = 0; r < paths.count; ++r) {
      if (sum(r) / question.smooth >= level) times(r) = h + 1;
    }
  }
  return times;
}

// How much of the draws has each time, 0 to H + 1.
VectorXd mass_of(const Eigen::RowVectorXd& times, const VectorXd& weights, int horizon) {
  VectorXd mass = VectorXd::Zero(horizon + 2);
  for (Eigen::Index r = 0; r < times.size(); ++r) {
    mass(static_cast<Eigen::Index>(times(r))) +=
        weights.size() == 0 ? 1.0 / static_cast<double>(times.size()) : weights(r);
  }
  return mass;
}

// NaN: not within the horizon.
double quantile_of(const VectorXd& mass, double p) {
  double sum = 0;
  for (Eigen::Index t = 0; t + 1 < mass.size(); ++t) {
    sum += mass(t);
    if (sum >= p - 1e-12) return static_cast<double>(t);
  }
  return kMissing;
}

void set_quantiles(RecoveryAnswer& answer, const VectorXd& mass) {
  answer.p10 = quantile_of(mass, 0.1);
  answer.median = quantile_of(mass, 0.5);
  answer.p90 = quantile_of(mass, 0.9);
}

class Examiner {
 public:
  Examiner(const Study& study, const StudyData& data, const System& system,
           const Ensemble& ensemble, const SimulationSettings& settings)
      : study_(study), data_(data), system_(system), ensemble_(ensemble), settings_(settings) {
    ProblemList problems;
    for (const std::string& name : ensemble.scenarios) {
      simulators_.emplace_back(*study.scenario(name), study, data, system, problems);
      inputs_.push_back(simulators_.back().inputs({settings.seed, 0, settings.draws}));
    }
  }

  Answers run() {
    for (const QuestionSpec& question : study_.questions) {
      if (!question.solve.empty()) {
        solve(question);
      } else if (!question.recovery.empty()) {
        recover(question);
      } else {
        judge(question);
      }
    }
    return std::move(answers_);
  }

 private:
  Paths paths_of(std::size_t s) const {
    return {system_, ensemble_.paths[s], inputs_[s], ensemble_.draws};
  }

  void judge(const QuestionSpec& question) {
    const std::vector<double> probabilities = scenario_probabilities(study_, ensemble_);
    Share mixed;
    for (std::size_t s = 0; s < ensemble_.scenarios.size(); ++s) {
      if (!question.scenario.empty() && question.scenario != ensemble_.scenarios[s]) continue;
      const Share share =
          share_of(claim_holds(question, paths_of(s)), ensemble_.weights[s], ensemble_.sampling);
      answers_.probabilities.push_back(
          {question.name, ensemble_.scenarios[s], share.probability, share.mc_error});
      if (probabilities.empty()) continue;
      mixed.probability += probabilities[s] * share.probability;
      mixed.mc_error += probabilities[s] * share.mc_error;  // at most: draws are the same
    }
    if (!probabilities.empty() && question.scenario.empty()) {
      answers_.probabilities.push_back(
          {question.name, kMixture, mixed.probability, mixed.mc_error});
    }
  }

  void recover(const QuestionSpec& question) {
    const Series reference = system_.history().get(question.recovery).window(*question.reference);
    double sum = 0;
    int count = 0;
    for (double value : reference.values) {
      if (std::isnan(value)) continue;
      sum += value;
      ++count;
    }
    RecoveryAnswer answer;
    answer.question = question.name;
    answer.variable = question.recovery;
    answer.reference = count > 0 ? sum / count : kMissing;
    answer.level = question.share * answer.reference;
    const int horizon = static_cast<int>(ensemble_.horizon.count);
    const std::vector<double> probabilities = scenario_probabilities(study_, ensemble_);
    Share mixed;
    VectorXd mixed_mass = VectorXd::Zero(horizon + 2);
    for (std::size_t s = 0; s < ensemble_.scenarios.size(); ++s) {
      if (!question.scenario.empty() && question.scenario != ensemble_.scenarios[s]) continue;
      const Eigen::RowVectorXd times = recovery_times(question, paths_of(s), answer.level);
      const VectorXd& weights = ensemble_.weights[s];
      const Share share =
          share_of((times.array() <= horizon).cast<double>().matrix(), weights, ensemble_.sampling);
      answer.scenario = ensemble_.scenarios[s];
      answer.probability = share.probability;
      answer.mc_error = share.mc_error;
      const VectorXd mass = mass_of(times, weights, horizon);
      set_quantiles(answer, mass);
      answers_.recoveries.push_back(answer);
      if (probabilities.empty()) continue;
      mixed.probability += probabilities[s] * share.probability;
      mixed.mc_error += probabilities[s] * share.mc_error;  // at most: draws are the same
      mixed_mass += probabilities[s] * mass;
    }
    if (probabilities.empty() || !question.scenario.empty()) return;
    answer.scenario = kMixture;
    answer.probability = mixed.probability;
    answer.mc_error = mixed.mc_error;
    set_quantiles(answer, mixed_mass);
    answers_.recoveries.push_back(answer);
  }

  // The probability of the claim when the assumption is a known number.
  Share probability_at(const QuestionSpec& question, double value) const {
    ScenarioSpec scenario = *study_.scenario(question.scenario);
    for (Change& change : scenario.changes) {
      auto* assume = std::get_if<Assume>(&change.what);
      if (assume == nullptr || assume->name != question.solve) continue;
      assume->distribution = {};
      assume->distribution.kind = AssumedDistribution::Kind::point;
      assume->distribution.mean = value;
    }
    ProblemList problems;
    ScenarioSimulator simulator(scenario, study_, data_, system_, problems);
    problems.throw_if_errors();
    const BlockLoop loop = [](int blocks, const std::function<void(int)>& work) {
      tbb::parallel_for(0, blocks, work);
    };
    simulator.solve_targets(settings_.seed, settings_.draws, loop);
    const int draws = settings_.draws, blocks = (draws + kDrawBlock - 1) / kDrawBlock;
    Eigen::RowVectorXd holds(draws);
    VectorXd log_weights = VectorXd::Zero(draws);
    loop(blocks, [&](int block) {
      const int first = block * kDrawBlock, count = std::min(kDrawBlock, draws - first);
      const SystemInputs inputs = simulator.inputs({settings_.seed, first, count});
      const ConditionedPaths simulated =
          simulator.simulate(system_.draw(settings_.seed, first, count));
      holds.segment(first, count) =
          claim_holds(question, {system_, simulated.paths, inputs, count});
      if (simulator.is_conditioned()) log_weights.segment(first, count) = simulated.log_weights;
    });
    const VectorXd weights =
        simulator.is_conditioned()
            ? normalised_weights(log_weights, simulator.conditions_where(), scenario.name)
            : VectorXd();
    return share_of(holds, weights, ensemble_.sampling);
  }

  // Where the probability crosses `wanted`, between a and b at which it lies on either side.
  double crossing(const QuestionSpec& question, double a, double b, bool rising,
                  double wanted) const {
    for (int i = 0; i < kBisections && std::fabs(b - a) > 1e-4 * (std::fabs(a) + std::fabs(b));
         ++i) {
      const double middle = (a + b) / 2;
      const double p = probability_at(question, middle).probability;
      ((p < wanted) == rising ? a : b) = middle;
    }
    return (a + b) / 2;
  }

  void solve(const QuestionSpec& question) {
    SolvedAnswer answer;
    answer.question = question.name;
    answer.scenario = question.scenario;
    answer.assumption = question.solve;
    const double low = *question.low, high = *question.high;
    const Share first = probability_at(question, low), last = probability_at(question, high);
    answer.at_low = first.probability;
    answer.at_high = last.probability;
    const double wanted = question.probability;
    const bool rising = last.probability > first.probability;
    const auto between = [&](double p) {
      return p >= std::min(first.probability, last.probability) &&
             p <= std::max(first.probability, last.probability);
    };
    if (!between(wanted) || first.probability == last.probability) {
      answer.note = fmt::format(
          "no value from {} to {} gives a probability of {}: it is {} at one end and {} at the "
          "other",
          format_number(low), format_number(high), format_number(wanted),
          format_significant(first.probability, 3), format_significant(last.probability, 3));
    } else {
      answer.value = crossing(question, low, high, rising, wanted);
      const Share reached = probability_at(question, answer.value);
      answer.probability = reached.probability;
      // The simulated probability is uncertain by its error, and so is the answer.
      const double error = reached.mc_error;
      std::vector<double> ends;
      for (double p : {wanted - error, wanted + error}) {
        ends.push_back(between(p) ? crossing(question, low, high, rising, p)
                                  : ((p < wanted) == rising ? low : high));
      }
      answer.low = std::min(ends[0], ends[1]);
      answer.high = std::max(ends[0], ends[1]);
    }
    answers_.solved.push_back(std::move(answer));
  }

  const Study& study_;
  const StudyData& data_;
  const System& system_;
  const Ensemble& ensemble_;
  const SimulationSettings& settings_;
  std::vector<ScenarioSimulator> simulators_;
  std::vector<SystemInputs> inputs_;
  Answers answers_;
};

}  // namespace

Answers answer_questions(const Study& study, const StudyData& data, const System& system,
                         const Ensemble& ensemble, const SimulationSettings& settings) {
  if (study.questions.empty()) return {};
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                  thread_count(settings.threads));
  return Examiner(study, data, system, ensemble, settings).run();
}

}  // namespace amnok
