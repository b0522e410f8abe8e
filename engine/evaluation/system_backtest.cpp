#include "engine/evaluation/system_backtest.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/check.h"
#include "engine/evaluation/as_of.h"
#include "engine/model/linearised_sums.h"
#include "engine/model/parallel.h"
#include "engine/study/estimation.h"

namespace amnok {

namespace {

constexpr int kBlock = 500;  // draws that are simulated at once

// The study with the interventions that can be estimated on what was known.
Study study_as_of(const Study& study, const StudyData& known) {
  Study earlier = study;
  for (EquationSpec& equation : earlier.equations) {
    std::erase_if(equation.interventions, [&](const Intervention& intervention) {
      return !acts_by(intervention, known, known.sample.last());
    });
  }
  return earlier;
}

// What exogenous series did; gaps by straight lines, the last figure carried on.
std::map<std::string, DrawMatrix> realised_paths(const Study& study, const StudyData& data,
                                                 const PeriodRange& horizon) {
  std::map<std::string, DrawMatrix> paths;
  for (const std::string& name : study.exogenous()) {
    const Series& series = data.frame.get(name);
    const PeriodRange whole =
        range_between(series.first, std::max(series.range().last(), horizon.last()));
    const VectorXd filled = interpolate(series.window(whole).values);
    paths[name] = filled.segment(whole.index_of(horizon.first), horizon.count);
  }
  for (const UnrecordedSpec& unrecorded : study.unrecorded) {  // at its mean
    paths[unrecorded.factor] = data.frame.get(unrecorded.factor).window(horizon).values;
  }
  return paths;
}

// Draws of every variable, H x R, by variable.
std::vector<DrawMatrix> simulated(const System& system, const SystemInputs& inputs,
                                  const SystemBacktestPlan& plan) {
  std::vector<DrawMatrix> all;
  for (std::size_t v = 0; v < system.variables().size(); ++v) {
    all.emplace_back(plan.horizon, plan.draws);
  }
  for (int first = 0; first < plan.draws; first += kBlock) {
    const int count = std::min(kBlock, plan.draws - first);
    const std::vector<DrawMatrix> paths =
        system.simulate(system.draw(plan.seed, first, count), inputs);
    for (std::size_t v = 0; v < paths.size(); ++v) all[v].middleCols(first, count) = paths[v];
  }
  return all;
}

double quantile_of_sorted(const VectorXd& sorted, double p) {
  const double at = p * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<Eigen::Index>(at);
  const Eigen::Index high = std::min(low + 1, sorted.size() - 1);
  return sorted(low) + (at - static_cast<double>(low)) * (sorted(high) - sorted(low));
}

// A period with a draw that is not defined has no forecast.
void record(const DrawMatrix& draws, Eigen::Index row, RollingForecasts& forecasts) {
  for (Eigen::Index h = 0; h < draws.rows(); ++h) {
    VectorXd sorted = draws.row(h).transpose();
    if (!sorted.allFinite()) continue;
    forecasts.mean(row, h) = sorted.mean();
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t i = 0; i < forecasts.probabilities.size(); ++i) {
      forecasts.quantiles[i](row, h) = quantile_of_sorted(sorted, forecasts.probabilities[i]);
    }
  }
}

struct OriginDraws {
  std::vector<std::string> variables;
  std::vector<DrawMatrix> informed, blind;
};

OriginDraws draws_at(const Study& study, const StudyData& data, const PluginList& plugins,
                     const SystemBacktestPlan& plan, Period origin) {
  StudyData known = data_as_of(data, origin, plan.horizon);
  detect_regimes(study, plugins, known);
  const Study earlier = study_as_of(study, known);
  std::vector<BehaviouralEquation> equations = estimate(earlier, known, plugins);
  for (const BehaviouralEquation& equation : equations) {
    if (equation.fitted.result.usable()) continue;
    throw InputError(fmt::format("the fit of {} is not usable: {}", equation.name,
                                 equation.fitted.result.message));
  }
  const System system = build_system(earlier, known, std::move(equations));
  SystemInputs inputs;
  inputs.exogenous = realised_paths(earlier, data, known.horizon);
  inputs.events = shared_events(known.events);
  OriginDraws result;
  result.variables = system.variables();
  result.blind = simulated(system, inputs, plan);
  inputs.events = shared_events(data.events);
  result.informed = simulated(system, inputs, plan);
  return result;
}

}  // namespace

RollingForecasts rolling_frame(const Series& observed, int season, const SystemBacktestPlan& plan,
                               const std::vector<double>& probabilities) {
  RollingForecasts frame;
  const auto rows = static_cast<Eigen::Index>(plan.origins.size());
  frame.probabilities = probabilities;
  frame.actual = frame.mean = MatrixXd::Constant(rows, plan.horizon, kMissing);
  frame.quantiles.assign(probabilities.size(), frame.mean);
  frame.scale = VectorXd::Constant(rows, kMissing);
  for (Eigen::Index row = 0; row < rows; ++row) {
    const Period origin = plan.origins[static_cast<std::size_t>(row)];
    const VectorXd history = observed.window(range_between(observed.first, origin)).values;
    frame.origins.push_back(static_cast<int>(history.size()));
    frame.actual.row(row) = observed.window({origin + 1, plan.horizon}).values.transpose();
    frame.scale(row) = seasonal_absolute_scale(history, season);
    if (std::isnan(frame.scale(row))) frame.scale(row) = seasonal_absolute_scale(history, 1);
  }
  return frame;
}

std::vector<VariableBacktest> backtest_system(const Study& study, const StudyData& data,
                                              const PluginList& plugins,
                                              const SystemBacktestPlan& plan,
                                              const std::vector<double>& probabilities) {
  AMNOK_CHECK(plan.horizon >= 1 && plan.draws >= 2 && !plan.origins.empty(),
              "horizon {}, {} draws, {} origins", plan.horizon, plan.draws, plan.origins.size());
  const Frame observed = observed_values(study, data);
  const int season = season_length(study.run.frequency);
  std::vector<VariableBacktest> result;
  for (const std::string& variable : study.endogenous()) {
    const RollingForecasts frame =
        rolling_frame(observed.get(variable), season, plan, probabilities);
    result.push_back({variable, frame, frame});
  }
  std::vector<std::string> reasons(plan.origins.size());
  in_parallel(static_cast<int>(plan.origins.size()), plan.threads, [&](int row) {
    const auto index = static_cast<std::size_t>(row);
    try {
      const OriginDraws draws = draws_at(study, data, plugins, plan, plan.origins[index]);
      for (VariableBacktest& variable : result) {
        const auto at =
            std::find(draws.variables.begin(), draws.variables.end(), variable.variable) -
            draws.variables.begin();
        AMNOK_CHECK(at < static_cast<std::ptrdiff_t>(draws.variables.size()), "{}",
                    variable.variable);
        record(draws.informed[static_cast<std::size_t>(at)], row, variable.informed);
        record(draws.blind[static_cast<std::size_t>(at)], row, variable.blind);
      }
    } catch (const InputError& error) {
      reasons[index] = fmt::format("{}: {}", format_period(plan.origins[index]),
                                   error.problems().front().message);
    }
  });
  for (VariableBacktest& variable : result) {
    for (RollingForecasts* forecasts : {&variable.informed, &variable.blind}) {
      for (const std::string& reason : reasons) {
        if (!reason.empty() && forecasts->failures++ == 0) forecasts->failure = reason;
      }
    }
  }
  return result;
}

}  // namespace amnok
