#include "engine/evaluation/news.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "engine/scenario/ensemble.h"

namespace amnok {

namespace {

using Key = std::tuple<std::string, std::string, Period>;
using Medians = std::map<Key, double>;

Medians medians_of(const Study& study, const StudyData& data,
                   std::vector<BehaviouralEquation> equations, const NewsSettings& settings) {
  for (const BehaviouralEquation& equation : equations) {
    if (equation.fitted.result.status != FitStatus::failed) continue;
    throw InputError(
        fmt::format("the fit of {} failed: {}", equation.name, equation.fitted.result.message));
  }
  const System system = build_system(study, data, std::move(equations));
  SimulationSettings simulation;
  simulation.draws = settings.draws;
  simulation.seed = settings.seed;
  simulation.threads = settings.threads;
  const Ensemble ensemble = simulate_scenarios(study, data, system, simulation);
  Medians medians;
  for (const Projection& projection : project(ensemble, settings.threads)) {
    for (std::size_t h = 0; h < projection.periods.size(); ++h) {
      const Distribution& d = projection.periods[h];
      if (d.undefined > 0 || d.quantiles.empty()) continue;
      medians[{projection.scenario, projection.variable,
               data.horizon[static_cast<std::int64_t>(h)]}] = d.median();
    }
  }
  return medians;
}

// The earlier study's series as the later data have them: revised ones only where the earlier data
// had a figure, or all of them. Series that the later data lack stay as they were.
StudyData with_later_figures(const StudyData& earlier, const StudyData& later, bool all) {
  StudyData data = earlier;
  const PeriodRange &a = earlier.frame.range(), &b = later.frame.range();
  data.frame = Frame(range_between(std::min(a.first, b.first), std::max(a.last(), b.last())));
  for (const Series& before : earlier.frame.series()) {
    Series series = before.window(data.frame.range());
    if (const Series* found = later.frame.find(before.name)) {
      const Series now = found->window(data.frame.range());
      for (Eigen::Index t = 0; t < series.values.size(); ++t) {
        const bool old = series.first + t <= earlier.sample.last() && !std::isnan(series.values(t));
        if (all || old) series.values(t) = now.values(t);
      }
      if (all) {
        series.sums = now.sums;
        series.measurement_sd = now.measurement_sd;
      }
    }
    data.frame.add(std::move(series));
  }
  if (!all) return data;
  data.sample = range_between(earlier.sample.first, later.sample.last());
  const Period last = std::max(earlier.horizon.last(), later.horizon.last());
  data.horizon = {data.sample.last() + 1, last - data.sample.last()};
  return data;
}

// Equations as they were estimated, on other data: states and lags are those of the data.
std::vector<BehaviouralEquation> on_data(const Study& study, const StudyData& data,
                                         const std::vector<BehaviouralEquation>& equations) {
  std::vector<BehaviouralEquation> moved = equations;
  for (std::size_t e = 0; e < moved.size(); ++e) {
    const auto spec = std::find_if(study.equations.begin(), study.equations.end(),
                                   [&](const EquationSpec& s) { return s.name == moved[e].name; });
    EquationSpec fixed = *spec;
    fixed.target = equations[e].target;  // a lambda that was chosen stays
    moved[e].sample = make_sample(fixed, study, data);
    moved[e].fitted.model = equations[e].model->bind(moved[e].sample);
  }
  return moved;
}

// The earlier study with as long a horizon as the data that it is given.
Study with_horizon(const Study& study, const StudyData& data) {
  Study longer = study;
  longer.run.sample_last = data.sample.last();
  longer.run.horizon = static_cast<int>(data.horizon.count);
  return longer;
}

double difference(const Medians& to, const Medians& from, const Key& key) {
  const auto a = to.find(key), b = from.find(key);
  return a == to.end() || b == from.end() ? kMissing : a->second - b->second;
}

}  // namespace

News projection_news(const LoadedStudy& earlier, const LoadedStudy& later,
                     const PluginList& plugins, const NewsSettings& settings) {
  News news;
  if (earlier.data.horizon.count == 0 || later.data.horizon.count == 0) {
    news.problem = "a config without a horizon projects nothing";
    return news;
  }
  if (later.data.sample.last() < earlier.data.sample.last()) {
    news.problem = fmt::format("the later run's sample ends in {}, before that of the earlier, {}",
                               format_period(later.data.sample.last()),
                               format_period(earlier.data.sample.last()));
    return news;
  }
  std::string step = "the earlier run";
  try {
    const Study& study = earlier.study;
    const std::vector<BehaviouralEquation> then = estimate(study, earlier.data, plugins);
    const Medians before = medians_of(study, earlier.data, then, settings);
    step = "revised figures with the earlier estimates";
    const StudyData revised_data = with_later_figures(earlier.data, later.data, false);
    const Medians revised =
        medians_of(study, revised_data, on_data(study, revised_data, then), settings);
    step = "new figures with the earlier estimates";
    const StudyData added_data = with_later_figures(earlier.data, later.data, true);
    const Study longer = with_horizon(study, added_data);
    const Medians added =
        medians_of(longer, added_data, on_data(longer, added_data, then), settings);
    step = "the earlier equations estimated anew";
    const Medians estimated =
        medians_of(longer, added_data, estimate(longer, added_data, plugins), settings);
    step = "the later run";
    const Medians after =
        medians_of(later.study, later.data, estimate(later.study, later.data, plugins), settings);
    for (const auto& [key, value] : before) {
      if (!after.contains(key)) continue;
      NewsLine line{std::get<0>(key), std::get<1>(key), std::get<2>(key), value, after.at(key)};
      line.revised = difference(revised, before, key);
      line.added = difference(added, revised, key);
      line.estimates = difference(estimated, added, key);
      line.assumptions = difference(after, estimated, key);
      news.lines.push_back(std::move(line));
    }
    if (news.lines.empty()) news.problem = "no period of a scenario is projected by both runs";
  } catch (const InputError& error) {
    news.lines.clear();
    news.problem = fmt::format("{}: {}", step, error.problems().front().message);
  }
  return news;
}

}  // namespace amnok
